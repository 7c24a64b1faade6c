"""Words in verse: "Home", "Share" or "Next" may be a line of a poem, and stay unless a button stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Ints, Mask
    from .lines.split import Lines

LEAST_COMMAS, LEAST_RUNS = 2, 3
_COMMAS, _SMALL = (np.isin(np.arange(256), list(marks)) for marks in (b",;", b"abcdefghijklmnopqrstuvwxyz"))


def find_verse_words(lines: Lines, prose: Mask, hits: Ints) -> Mask:
    """Return which of the lines `hits` that a rule knows are words of a poem.

    A text is verse if it has no prose, and if sentences run on from line to line: a line ends in a comma, or the next
    one begins with a small letter. Such a line of one word stays if no rule knows the line before or behind it.
    """
    words = np.zeros(len(lines), np.bool_)
    if not len(hits):
        return words
    known = np.zeros(len(lines), np.bool_)
    known[hits] = True
    row, rows = lines.row, lines.rows
    follows = np.append(False, row[1:] == row[:-1])  # a line of the same text stands before it
    comma = _COMMAS[lines.data[lines.end - 1]] & ~known
    # whether the next line begins with a small letter
    goes_on = np.append((follows & _SMALL[lines.data[lines.start]] & ~known)[1:], False)
    verse = np.bincount(row, prose, minlength=rows) == 0
    verse &= np.bincount(row, comma, minlength=rows) >= LEAST_COMMAS
    verse &= np.bincount(row, comma | goes_on, minlength=rows) >= LEAST_RUNS
    beside = follows & np.append(False, known[:-1])  # a rule knows the line before it, or the line behind it
    beside[:-1] |= (follows & known)[1:]
    for line in np.flatnonzero(known & verse[row] & ~beside).tolist():
        words[line] = len(lines.text(line).split()) == 1
    return words

"""The entries of live blogs: lines under a time stamp, which stay whatever is cut between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import regex

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Ints, Mask
    from .lines.split import Lines

LEAST_ENTRIES = 3
PROSE_SHARE = 0.5
"""The share of entries with a sentence. In a list of other articles, a headline follows each time stamp."""
# A time that heads an entry: alone in its line, or before a colon, a stroke or a dash and the text.
_STAMP = regex.compile(
    r"(?:\d{1,2}[:.h]\d\d(?::\d\d)?|\d{1,2}(?= ?[ap]\.?m))(?: ?(?:[ap]\.?m\b\.?|uhr|h|hrs|gmt|bst|utc|c?e[sd]?t|msk))*"
    r"(?:$|(?:: |\s?[|–—-]\s)(?=\S))",
    regex.IGNORECASE,
)
_SENTENCE = regex.compile(r"(?:\S+\s+){4,}\S+[.!?…][\"”’»)]?(?:\s|$)|[。！？]")
_END = regex.compile("[.!?…。！？]")
_DIGITS = np.isin(np.arange(256), list(b"0123456789"))
_MARKS = np.isin(np.arange(256), list(b":.h apAP"))


def find_entries(lines: Lines) -> tuple[Mask, Mask]:
    """Return which lines belong to the entries of a live blog, and which of them are the time stamps.

    An entry is a line with a time stamp and the lines below it, up to a blank line or the next time stamp. If a blank
    line follows the time stamp itself, the paragraph behind it belongs to the entry. A text is a live blog if it has at
    least `LEAST_ENTRIES` entries, `PROSE_SHARE` of them with a sentence.
    """
    found, stamps = np.zeros(len(lines), np.bool_), np.zeros(len(lines), np.bool_)
    heads = _find_candidates(lines)
    row = lines.row[heads]
    heads = heads[np.bincount(row, minlength=lines.rows)[row] >= LEAST_ENTRIES]
    heads = np.array([head for head in heads.tolist() if _STAMP.match(lines.text(head))], np.int64)
    if not len(heads):
        return found, stamps
    # an entry ends before the next line that has another text, a blank line or a time stamp before it
    opens = np.append(True, (np.diff(lines.number) > 1) | (np.diff(lines.row) > 0))
    opens[heads] = True
    bounds = np.append(np.flatnonzero(opens), len(lines))
    place = np.searchsorted(bounds, heads, side="right")
    ends, later = bounds[place], np.append(bounds, len(lines))[place + 1]
    behind = np.minimum(ends, len(lines) - 1)
    alone = (ends == heads + 1) & (lines.row[behind] == lines.row[heads]) & ~np.isin(ends, heads)
    ends = np.where(alone, later, ends)
    told = np.array([_has_sentence(lines, *span) for span in zip(heads.tolist(), ends.tolist(), strict=True)])
    row = lines.row[heads]
    entries, with_prose = np.bincount(row, minlength=lines.rows), np.bincount(row, told, minlength=lines.rows)
    live = (entries >= LEAST_ENTRIES) & (with_prose >= PROSE_SHARE * entries)
    for head, end in zip(heads[live[row]].tolist(), ends[live[row]].tolist(), strict=True):
        found[head:end] = True
        stamps[head] = True
    return found, stamps


def _find_candidates(lines: Lines) -> Ints:
    """Return the lines that begin with one or two digits and a mark that times have."""
    last = len(lines.data) - 1
    first, second, third = (lines.data[np.minimum(lines.start + step, last)] for step in range(3))
    begins = _DIGITS[first] & (_MARKS[second] | (_DIGITS[second] & _MARKS[third]))
    return np.flatnonzero(begins)


def _has_sentence(lines: Lines, head: int, end: int) -> bool:
    """Return whether an entry has a sentence of five words or more."""
    return any(map(_is_sentence, map(lines.text, range(head, end))))


def _is_sentence(text: str) -> bool:
    """Return whether a line has a sentence. Most lines of lists have no mark that ends one, or too few words."""
    if _END.search(text) is None or (text.isascii() and len(text.split(None, 4)) < 5):
        return False
    return _SENTENCE.search(text) is not None

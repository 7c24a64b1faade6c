"""Hard-wrapped lines (`wrapped`): a paragraph that was broken into lines of about the same width is one line to rules.

A line end is a wrap if the first word of the next line would not have fitted behind it. In a wrapped text most lines
that are not short end in a wrap, and in the middle of a sentence. In lists, verse and tables, they do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.split import Joined

NARROWEST, WIDEST = 40, 120  # characters of the longest line of a wrapped text
MOST_BYTES = 4 * WIDEST  # of its longest line
LEAST_WRAPS = 3
SHARE = 0.6  # of the lines of half the width and more that end in a wrap, and of the wraps within a sentence
_SMALL = np.isin(np.arange(256), list(b"abcdefghijklmnopqrstuvwxyz"))
_SPACE, _STOPS, _MARKS = (np.isin(np.arange(256), list(marks)) for marks in (b" \t", b".!?:;\"'", b"-*#>|+=~`\t "))


def find_wraps(joined: Joined, stop: Ints, after: Ints, named: Mask) -> Mask:
    r"""Return which line ends of a buffer are wraps. The texts of `named` are wrapped, the user says.

    >>> from ..lines.split import find_line_ends, join
    >>> import pyarrow as pa
    >>> text = "The ferry from the western quay leaves ten\nminutes later than the timetable says.\n" * 4
    >>> joined = join(pa.array([text], pa.large_string()))
    >>> find_wraps(joined, *find_line_ends(joined.data), np.array([True])).tolist()
    [True, False, True, False, True, False, True, False, False]
    """
    return _find(joined, stop, after, named, sentences_stay=True)


def find_long_wraps(joined: Joined, stop: Ints, after: Ints, named: Mask) -> Mask:
    """Return the same with those line ends that are the end of a sentence, too."""
    return _find(joined, stop, after, named, sentences_stay=False)


def _find(joined: Joined, stop: Ints, after: Ints, named: Mask, *, sentences_stay: bool) -> Mask:
    wraps = np.zeros(len(stop), np.bool_)
    if not joined.rows:
        return wraps
    begin = np.concatenate([np.zeros(1, np.int64), after[:-1]])
    bounds = np.append(np.searchsorted(begin, joined.text_start), len(begin))
    longest = np.maximum.reduceat(stop - begin, bounds[:-1])
    # a wrap has a line with words on both sides: in most texts a blank line follows each paragraph
    filled = np.append(stop > begin, False)
    neighbours = np.add.reduceat(filled[:-1] & filled[1:], bounds[:-1], dtype=np.int64)
    rows = np.flatnonzero(
        (longest >= NARROWEST) & (longest <= MOST_BYTES) & (np.diff(bounds) > LEAST_WRAPS)
        & ((neighbours >= LEAST_WRAPS) | named)
    )  # fmt: skip
    for row in rows.tolist():
        first, last = int(bounds[row]), int(bounds[row + 1])
        found = _find_in_text(
            joined.data, begin[first:last], stop[first:last], named=bool(named[row]), sentences_stay=sentences_stay
        )
        wraps[first : last - 1] = found
    return wraps


def _find_in_text(data: Bytes, begin: Ints, stop: Ints, *, named: bool, sentences_stay: bool) -> Mask:
    """Return which lines of a text, but for the last one, end in a wrap."""
    base, end = int(begin[0]), int(stop[-1])
    text = data[base : end + 1]
    characters = np.concatenate([np.zeros(1, np.int64), np.cumsum((text & 0xC0) != 0x80)])
    size = characters[stop - base] - characters[begin - base]
    spaces = np.append(np.flatnonzero(_SPACE[text]), len(text))
    space = spaces[np.searchsorted(spaces, begin - base)]
    has_space = space < stop - base
    first_word = characters[np.minimum(space, stop - base)] - characters[begin - base]
    width = int(size[has_space].max(initial=0))
    none = np.zeros(len(begin) - 1, np.bool_)
    if not NARROWEST <= width <= WIDEST:
        return none
    here, there = slice(None, -1), slice(1, None)
    joined = (size[here] > 0) & (size[there] > 0) & (size[here] <= width) & ~_MARKS[data[begin[there]]]
    wraps: Mask = joined & (size[here] + 1 + first_word[there] > width) & has_space[here]
    # the end of a sentence may be that of the paragraph, and nothing is lost if a paragraph is two
    full = wraps & _STOPS[data[stop[here] - 1]] & ~_SMALL[data[begin[there]]]
    long = joined & (2 * size[here] >= width)
    within = wraps & ~full
    count = int(wraps.sum())
    is_wrapped = count >= LEAST_WRAPS and count >= SHARE * long.sum() and within.sum() >= SHARE * count
    found = within if sentences_stay else wraps
    return found if is_wrapped or named else none


def join_wraps(data: Bytes, stop: Ints, after: Ints) -> Bytes:
    """Return a copy of a buffer in which wraps `[stop, after)` are spaces."""
    copied: Bytes = data.copy()
    for step in range(int((after - stop).max(initial=0))):
        copied[np.minimum(stop + step, after - 1)] = ord(" ")
    return copied

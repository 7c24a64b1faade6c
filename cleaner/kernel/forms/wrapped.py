"""Hard-wrapped lines (`wrapped`): a paragraph that was broken into lines of about the same width is one line to rules.

A line end is a wrap if the first word of the next line would not have fitted behind it. In a wrapped text most lines
that are not short end in a wrap, and in the middle of a sentence. In lists, verse and tables, they do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ....schemas.loops import load_loops
from ..lines.split import view
from ..loops.wraps import MARK, SMALL, SPACE, STOP

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.split import Joined

NARROWEST, WIDEST = 40, 120  # characters of the longest line of a wrapped text
MOST_BYTES = 4 * WIDEST  # of its longest line
LEAST_WRAPS = 3
_KINDS = np.zeros(256, np.uint8)
for _kind, _bytes in (
    (SPACE, b" \t"),
    (STOP, b".!?:;\"'"),
    (MARK, b"-*#>|+=~`\t "),
    (SMALL, b"abcdefghijklmnopqrstuvwxyz"),
):
    _KINDS[[*_bytes]] |= _kind


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
    loops = load_loops("copydesk.cleaner.kernel.loops.wraps")
    scratch = np.empty((2, len(stop)), np.int64)
    loops.find_wraps(
        *map(view, (joined.data, begin, stop, bounds.astype(np.int64), rows.astype(np.int64), named, _KINDS)),
        NARROWEST,
        WIDEST,
        sentences_stay,
        *map(view, (*scratch, wraps)),
    )
    return wraps


def join_wraps(data: Bytes, stop: Ints, after: Ints) -> Bytes:
    """Return a copy of a buffer in which wraps `[stop, after)` are spaces."""
    copied: Bytes = data.copy()
    for step in range(int((after - stop).max(initial=0))):
        copied[np.minimum(stop + step, after - 1)] = ord(" ")
    return copied

"""Tables in flow: "| Mill | Loads | | North | 12 |". Their cells are no lines of the page, and their rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Bytes, Ints, Mask

BAR = ord("|")
LEAST_BARS = 6
LEAST_ROWS = 3  # a menu has bars, too, and is one row
WIDEST_CELL = 160  # bytes


def find_inside_tables(data: Bytes, stop: Ints, after: Ints) -> Mask:
    """Return which places `[stop, after)` are in tables, and not between two rows. A line feed ends each text.

    >>> text = b"| Mill | Loads | | North | 12 | | South | 9 | It rained."
    >>> spaces = np.flatnonzero(np.frombuffer(text, np.uint8) == 32)
    >>> inside = find_inside_tables(np.frombuffer(text, np.uint8), spaces, spaces + 1)
    >>> [text[at - 3 : at + 4].decode() for at in spaces[~inside].tolist()]
    ['s | | N', '2 | | S', '9 | It ', ' It rai']
    """
    inside = np.zeros(len(stop), np.bool_)
    bars = np.flatnonzero(data == BAR)
    if len(bars) < LEAST_BARS:
        return inside
    text = np.searchsorted(np.flatnonzero(data == 10), bars)
    first = np.flatnonzero(np.append(True, (np.diff(bars) > WIDEST_CELL) | (np.diff(text) > 0)))
    counts = np.diff(np.append(first, len(bars)))
    ends_row = np.append((np.diff(bars) == 2) & (data[bars[:-1] + 1] == ord(" ")), False)
    is_table = (counts >= LEAST_BARS) & (np.add.reduceat(ends_row, first) >= LEAST_ROWS - 1)
    begins, ends = bars[first[is_table]], bars[first[is_table] + counts[is_table] - 1]
    if not len(begins):
        return inside
    run = np.searchsorted(begins, stop, side="right") - 1
    inside = (run >= 0) & (stop <= ends[np.maximum(run, 0)])
    between: Mask = (data[stop - 1] == BAR) & (data[after] == BAR)
    return inside & ~between

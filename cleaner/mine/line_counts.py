"""Count all lines of a data set in a table of fixed size, to know which ones are too rare to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .line_keys import key_lines, unique_in_rows

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from ...schemas.byte_arrays import Mask

CELLS = 1 << 24
_FULL = 255


class LineCounts:
    """A sketch of how many records have a line: never too low, and too high where lines share a cell.

    It is a count-min sketch of one row. Libraries of sketches add one item at a time, which would take longer than all
    the rest; this adds a batch at once.
    """

    def __init__(self) -> None:
        self._cells = np.zeros(CELLS, np.uint8)
        self.records = 0

    def add(self, texts: pa.LargeStringArray) -> None:
        """Count each line once for each text that has it."""
        self.records += len(texts)
        keyed = key_lines(texts)
        keys = keyed.keys[unique_in_rows(keyed.rows, keyed.keys)]
        cells, counts = np.unique(_cell(keys), return_counts=True)
        self._cells[cells] = np.minimum(self._cells[cells].astype(np.int64) + counts, _FULL)

    def may_reach(self, keys: npt.NDArray[np.uint64], least: int) -> Mask:
        """Return whether each line may be in at least so many records."""
        return self._cells[_cell(keys)] >= min(least, _FULL)


def _cell(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    cells: npt.NDArray[np.int64] = (keys >> np.uint64(40)).astype(np.int64)
    return cells

"""What the markup of texts said of their lines, once the texts of a batch are split into lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ....rules.markup.structure import LANES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....schemas.byte_arrays import Bytes
    from ..lines.split import Lines
    from ..types import RecordContext


def find_line_structure(lines: Lines, contexts: Sequence[RecordContext] | None) -> Bytes | None:
    """Return the lanes of all lines of a batch, zeros for those of texts without structure. None if no text has any.

    A line is found again by how many line feeds are before it. Breaks within flow and characters that were repaired
    do not change that.
    """
    rows = [row for row, context in enumerate(contexts or ()) if context.structure is not None]
    if not rows or contexts is None:
        return None
    feeds = np.flatnonzero(lines.data == 10)
    before = np.searchsorted(feeds, lines.text_start)
    bounds = np.searchsorted(lines.row, [rows, [row + 1 for row in rows]])
    out = np.zeros((len(lines), LANES), np.uint8)
    for row, first, last in zip(rows, *bounds.tolist(), strict=True):
        structure = contexts[row].structure
        count = np.searchsorted(feeds, lines.text_stop[row]) - before[row] + 1
        if structure is not None and count == len(structure):
            out[first:last] = structure[np.searchsorted(feeds, lines.start[first:last]) - before[row]]
    return out

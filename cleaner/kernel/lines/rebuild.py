"""The clean texts and their edits, made column by column from the spans to cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Ints
    from .split import Joined


@dataclass(frozen=True)
class Spans:
    """Spans of a batch's buffer, in bytes, sorted and disjoint: to cut, or to write anew as `after` says."""

    start: Ints
    end: Ints
    after: pa.LargeStringArray | None = None

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Rebuilt:
    """Clean texts, and for each span its text, what stood there, and where, in code points of the raw text."""

    clean: pa.LargeStringArray
    row: Ints
    start: Ints
    end: Ints
    before: pa.LargeStringArray


def rebuild(texts: Joined, spans: Spans) -> Rebuilt:
    """Cut the spans out of their texts, or put in their place what is to stand there."""
    row = np.searchsorted(texts.text_start, spans.start, side="right") - 1
    counts = np.bincount(row, minlength=texts.rows)
    # per text: its start, each span's start and end, its stop; between texts lies our own line feed
    width = 2 + 2 * counts
    first = np.cumsum(width) - width
    positions = np.empty(int(width.sum()), np.int64)
    positions[first] = texts.text_start
    positions[first + width - 1] = texts.text_stop
    rank = np.arange(len(spans)) - (np.cumsum(counts) - counts)[row]
    at = first[row] + 1 + 2 * rank
    positions[at] = spans.start
    positions[at + 1] = spans.end
    pieces = pa.LargeStringArray.from_buffers(
        max(len(positions) - 1, 0), pa.py_buffer(np.ascontiguousarray(positions)), pa.py_buffer(texts.data)
    )
    is_cut = np.zeros(len(pieces), np.bool_)
    is_cut[at] = True
    is_feed = np.zeros(len(pieces), np.bool_)
    is_feed[(first + width - 1)[:-1]] = True
    if spans.after is None:
        kept = pieces.filter(pa.array(~(is_cut | is_feed)))
        per_text = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts + 1)])
    else:
        kept = pc.replace_with_mask(pieces, pa.array(is_cut), spans.after).filter(pa.array(~is_feed))
        per_text = np.concatenate([np.zeros(1, np.int64), np.cumsum(width - 1)])
    # the kept pieces of a text lie one behind the other: what is missing is only where each text begins
    _, kept_offsets, kept_data = kept.buffers()
    bounds = np.frombuffer(kept_offsets, np.int64)[per_text]
    clean = pa.LargeStringArray.from_buffers(texts.rows, pa.py_buffer(bounds), kept_data)
    start, end = _code_points(pieces, at, first, row)
    return Rebuilt(clean, row, start, end, pieces.filter(pa.array(is_cut)))


def _code_points(pieces: pa.LargeStringArray, at: Ints, first: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Give the code points at which the pieces `at` start and end in their texts."""
    if not len(at):
        return at, at
    length = pc.utf8_length(pieces).to_numpy(zero_copy_only=False).astype(np.int64)
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)])
    base = before[first[row]]
    return before[at] - base, before[at + 1] - base

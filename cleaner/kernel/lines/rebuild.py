"""Make the clean texts and the columns of their edits from the spans to cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..arrays import offsets_of

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Ints
    from .split import Joined


@dataclass(frozen=True)
class Spans:
    """Spans of the buffer of a batch in bytes, sorted and disjoint: to cut, or to replace by `after`."""

    start: Ints
    end: Ints
    after: pa.LargeStringArray | None = None

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Rebuilt:
    """Clean texts, and for each span its text, its content, and its place in code points of the raw text."""

    clean: pa.LargeStringArray
    row: Ints
    start: Ints
    end: Ints
    before: pa.LargeStringArray


@dataclass(frozen=True)
class _Pieces:
    """The buffer of a batch, divided at the bounds of texts and spans.

    The pieces of a text are: kept, span, kept, span, ... kept. Between texts there is a piece for our line feed.
    """

    content: pa.LargeStringArray
    first: Ints
    """The first piece of each text."""
    line_feed: Ints
    """The line feed behind each text but the last."""
    span: Ints
    """The piece of each span."""


def rebuild(texts: Joined, spans: Spans) -> Rebuilt:
    """Cut the spans out of their texts, or replace them."""
    row = np.searchsorted(texts.text_start, spans.start, side="right") - 1
    counts = np.bincount(row, minlength=texts.rows)  # spans of each text
    pieces = _divide(texts, spans, row, counts)
    content = pieces.content
    is_span, is_left_out = np.zeros(len(content), np.bool_), np.zeros(len(content), np.bool_)
    is_span[pieces.span] = True
    is_left_out[pieces.line_feed] = True
    if spans.after is None:
        is_left_out |= is_span
        kept_counts = counts + 1
    else:
        content = pc.replace_with_mask(content, pa.array(is_span), spans.after)
        kept_counts = 2 * counts + 1
    kept = content.filter(pa.array(~is_left_out))
    # the kept pieces of a text lie one behind the other: only the bounds of the texts are missing
    _, offsets, data = kept.buffers()
    bounds = np.frombuffer(offsets, np.int64)[offsets_of(kept_counts)]
    clean = pa.LargeStringArray.from_buffers(texts.rows, pa.py_buffer(bounds), data)
    start, end = _to_code_points(pieces, row)
    return Rebuilt(clean, row, start, end, pieces.content.filter(pa.array(is_span)))


def _divide(texts: Joined, spans: Spans, row: Ints, counts: Ints) -> _Pieces:
    r"""Divide the buffer into pieces.

    Of two texts "abcd" and "ef", the span "bc" to cut: the pieces are "a", "bc", "d", "\n" and "ef".
    """
    # bounds of the pieces of each text: its start, the start and end of each span, its stop
    width = 2 + 2 * counts
    first = offsets_of(width)[:-1]
    bounds = np.empty(int(width.sum()), np.int64)
    bounds[first] = texts.text_start
    bounds[first + width - 1] = texts.text_stop
    rank = np.arange(len(spans)) - offsets_of(counts)[row]  # of each span in its text
    at = first[row] + 1 + 2 * rank
    bounds[at], bounds[at + 1] = spans.start, spans.end
    content = pa.LargeStringArray.from_buffers(
        max(len(bounds) - 1, 0), pa.py_buffer(np.ascontiguousarray(bounds)), pa.py_buffer(texts.data)
    )
    return _Pieces(content, first, (first + width - 1)[:-1], at)


def _to_code_points(pieces: _Pieces, row: Ints) -> tuple[Ints, Ints]:
    """Return where each span starts and ends in its text, in code points."""
    if not len(pieces.span):
        return pieces.span, pieces.span
    length = pc.utf8_length(pieces.content).to_numpy(zero_copy_only=False).astype(np.int64)
    offsets = offsets_of(length)
    text_start = offsets[pieces.first[row]]
    return offsets[pieces.span] - text_start, offsets[pieces.span + 1] - text_start

"""The bytes of many texts, looked at together: what stands in them is counted without a Python object for a text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

    from .reasons import Mask

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def encoded(texts: pa.LargeStringArray) -> tuple[Bytes, Ints]:
    """Give the bytes of texts in UTF-8, and where each begins (one entry more than there are texts)."""
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    buffer = texts.buffers()[2]
    return np.frombuffer(buffer, np.uint8) if buffer is not None else np.empty(0, np.uint8), offsets


def count_bytes(texts: pa.LargeStringArray, values: bytes | range) -> Ints:
    """Count some byte values in each text."""
    data, offsets = encoded(texts)
    return row_sums(is_among(data[: offsets[-1]], values), offsets)


def count_rare(texts: pa.LargeStringArray, values: bytes | range) -> Ints:
    """Count some byte values in each text, which is quicker so for values that most bytes do not have."""
    data, offsets = encoded(texts)
    at = np.flatnonzero(is_among(data[: offsets[-1]], values))
    counts: Ints = np.diff(np.searchsorted(at, offsets))
    return counts


def is_among(data: Bytes, values: bytes | range) -> Mask:
    """Say which bytes are of some values."""
    found: Mask | None = None
    for first, count in _runs(values):
        # a byte below the run becomes one above it
        mine = data == first if count == 1 else data - np.uint8(first) < count
        found = mine if found is None else np.logical_or(found, mine, out=found)
    assert found is not None
    return found


@lru_cache
def _runs(values: bytes | range) -> list[tuple[int, int]]:
    """Give the first of each run of values that follow each other, and their number."""
    runs: list[tuple[int, int]] = []
    for code in sorted(set(values)):
        follows = runs and code == sum(runs[-1])
        runs[-1:] = [(runs[-1][0], runs[-1][1] + 1)] if follows else [*runs[-1:], (code, 1)]
    return runs


def row_sums(chosen: Mask, offsets: Ints) -> Ints:
    """Count what is chosen in each row; `offsets` are where the rows begin, and the end."""
    sizes = np.diff(offsets)
    filled = np.flatnonzero(sizes)
    counts = np.zeros(len(sizes), np.int64)
    if len(filled):
        # the smaller the numbers, the more of them are added at once
        kind = np.uint16 if sizes.max() < 1 << 16 else np.int32
        counts[filled] = np.add.reduceat(chosen[: offsets[-1]], offsets[filled], dtype=kind)
    return counts


def lines_of(texts: pa.LargeStringArray) -> tuple[Ints, Ints]:
    """Give the row and the size in bytes of each line of texts, with the line feed that ends it, in their order."""
    data, offsets = encoded(texts)
    feeds = np.flatnonzero(data[offsets[0] : offsets[-1]] == 0x0A) + offsets[0]
    ends = np.sort(np.concatenate([feeds + 1, offsets[1:]]), kind="stable")
    row = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(feeds, offsets)) + 1)
    return row, np.diff(ends, prepend=offsets[0])

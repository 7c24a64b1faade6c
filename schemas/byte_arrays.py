"""Array types, and counts over the bytes of many texts at once, without a Python object for each text.

A column of texts is one buffer of UTF-8 bytes plus offsets. The texts "ab" and "c" are the bytes `abc` with the
offsets `[0, 2, 3]`: text `r` is `data[offsets[r]:offsets[r + 1]]`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .loops import load_loops

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


def encoded(texts: pa.LargeStringArray) -> tuple[Bytes, Ints]:
    """Return the UTF-8 bytes of texts, and the offset of each text with the end of the last one behind them."""
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    buffer = texts.buffers()[2]
    return np.frombuffer(buffer, np.uint8) if buffer is not None else np.empty(0, np.uint8), offsets


def count_values(texts: pa.LargeStringArray) -> npt.NDArray[np.int32]:
    """Count the bytes of each text by their value: shape (texts, 256). One pass counts them all."""
    data, offsets = encoded(texts)
    counts = np.zeros((len(texts), 256), np.int32)
    loops = load_loops("copydesk.schemas.loops.byte_counts")
    loops.count_values(data.data, offsets.data, counts.data)
    return counts


def sum_values(counts: npt.NDArray[np.int32], values: bytes | range) -> Ints:
    """Return the number of bytes of each text that have one of some values, from its counts by value."""
    sums = np.zeros(len(counts), np.int64)
    for first, count in _runs(values):
        sums += counts[:, first : first + count].sum(axis=1)
    return sums


def count_bytes(texts: pa.LargeStringArray, values: bytes | range) -> Ints:
    """Count the bytes of each text that have one of some values."""
    return sum_values(count_values(texts), values)


def is_among(data: Bytes, values: bytes | range) -> Mask:
    """Return which bytes have one of some values."""
    hits: Mask | None = None
    for first, count in _runs(values):
        # one comparison for a whole run: a byte below `first` wraps around to a large number
        in_run = data == first if count == 1 else data - np.uint8(first) < count
        hits = in_run if hits is None else np.logical_or(hits, in_run, out=hits)
    assert hits is not None
    return hits


@lru_cache
def _runs(values: bytes | range) -> list[tuple[int, int]]:
    """Return the runs of consecutive values as pairs (first value, length): (1, 3) and (9, 1) for 1, 2, 3, 9."""
    runs: list[tuple[int, int]] = []
    for code in sorted(set(values)):
        follows = runs and code == sum(runs[-1])
        runs[-1:] = [(runs[-1][0], runs[-1][1] + 1)] if follows else [*runs[-1:], (code, 1)]
    return runs


def row_sums(chosen: Mask, offsets: Ints) -> Ints:
    """Count the chosen elements of each row; row `r` is `chosen[offsets[r]:offsets[r + 1]]`.

    >>> row_sums(np.array([True, False, True, True]), np.array([0, 2, 2, 4])).tolist()
    [1, 0, 2]
    """
    sizes = np.diff(offsets)
    filled = np.flatnonzero(sizes)  # `reduceat` would count the next row for an empty one
    counts = np.zeros(len(sizes), np.int64)
    if len(filled):
        # numpy adds narrow numbers faster
        number = np.uint16 if sizes.max() < 1 << 16 else np.int32
        counts[filled] = np.add.reduceat(chosen[: offsets[-1]], offsets[filled], dtype=number)
    return counts


def lines_of(texts: pa.LargeStringArray) -> tuple[Ints, Ints]:
    r"""Return, for each line of the texts in order, its row and its size in bytes with the line feed that ends it.

    The texts "a\nbc" and "" have the lines "a\n", "bc" and "": rows `[0, 0, 1]`, sizes `[2, 2, 0]`.
    """
    data, offsets = encoded(texts)
    feeds = np.flatnonzero(data[offsets[0] : offsets[-1]] == 0x0A) + offsets[0]
    ends = np.sort(np.concatenate([feeds + 1, offsets[1:]]), kind="stable")
    row = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(feeds, offsets)) + 1)
    return row, np.diff(ends, prepend=offsets[0])

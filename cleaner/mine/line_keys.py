"""The lines of a batch as keys: lines that differ only in case, typography and digits have the same key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernel.arrays import starts_run
from ..kernel.lines.fold import flatten_lines
from ..kernel.lines.split import Joined, Lines, split

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from ...schemas.byte_arrays import Bytes, Ints, Mask

LONGEST = 300  # bytes of a flattened line that can be boilerplate of its own; longer ones are split at sentences
SHORTEST = 3
_POSITIONS = np.random.default_rng(20240301).integers(1, 2**63, LONGEST + 1, np.uint64) | np.uint64(1)
_ENDS = np.zeros(256, np.bool_)
_ENDS[[*b".!?"]] = True


@dataclass(frozen=True)
class KeyedLines:
    """The lines of a batch that are long enough and not too long, each with its key."""

    lines: Lines
    index: Ints
    """Which lines they are, of all."""
    keys: npt.NDArray[np.uint64]

    @property
    def rows(self) -> Ints:
        """The text of each line."""
        return self.lines.row[self.index]


def key_lines(texts: pa.LargeStringArray) -> KeyedLines:
    """Split texts into lines, and long lines into sentences, and return their keys."""
    lines = split(texts, _split_long)
    everything = np.arange(len(lines))
    flat = flatten_lines(lines, everything)
    data, starts, ends = _fold_digits(flat.data, flat.starts, flat.ends - 1)
    size = ends - starts
    index = np.flatnonzero((size >= SHORTEST) & (size <= LONGEST))
    return KeyedLines(lines, index, _hash(data, starts[index], size[index]))


def unique_in_rows(rows: Ints, keys: npt.NDArray[np.uint64]) -> Ints:
    """Return the positions of the first line of each key in each text, sorted by text and key."""
    order = np.lexsort((keys, rows))
    new = starts_run(rows[order]) | starts_run(keys[order])
    return order[new]


def _split_long(joined: Joined, stop: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Add a break behind each sentence of lines that are longer than boilerplate is."""
    begin = np.concatenate([np.zeros(1, np.int64), after[:-1]])
    long = np.zeros(len(joined.data) + 1, np.int64)
    wide = stop - begin > LONGEST
    np.add.at(long, begin[wide], 1)
    np.add.at(long, stop[wide], -1)
    inside = np.cumsum(long[:-1]) > 0
    space = np.flatnonzero(inside & (joined.data == 32))
    space = space[_ENDS[joined.data[np.maximum(space - 1, 0)]]]
    if not len(space):
        return stop, after
    stop, after = np.concatenate([stop, space]), np.concatenate([after, space + 1])
    order = np.argsort(stop, kind="stable")
    return stop[order], after[order]


def _fold_digits(data: Bytes, starts: Ints, ends: Ints) -> tuple[Bytes, Ints, Ints]:
    """Write each run of digits as one 0."""
    digit = (data >= 48) & (data <= 57)
    superfluous: Mask = np.zeros(len(data), np.bool_)
    np.logical_and(digit[1:], digit[:-1], out=superfluous[1:])
    folded = np.where(digit, np.uint8(48), data)
    gone = np.flatnonzero(superfluous)
    return folded[~superfluous], starts - np.searchsorted(gone, starts), ends - np.searchsorted(gone, ends)


def _hash(data: Bytes, starts: Ints, size: Ints) -> npt.NDArray[np.uint64]:
    """Return a number for each line: the sum of its bytes, each times a random number of its position."""
    if not len(starts):
        return np.empty(0, np.uint64)
    total = int(size.sum())
    bounds = np.cumsum(size) - size
    position = np.arange(total) - np.repeat(bounds, size)
    bytes_ = data[np.repeat(starts, size) + position].astype(np.uint64) + np.uint64(1)
    hashed: npt.NDArray[np.uint64] = np.add.reduceat(bytes_ * _POSITIONS[position], bounds)
    # the size in the low bits, since zeros behind a line would not change the sum
    mixed: npt.NDArray[np.uint64] = (hashed << np.uint64(9)) ^ (hashed >> np.uint64(55)) ^ size.astype(np.uint64)
    return mixed

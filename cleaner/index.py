"""Which lines may match which pattern, by how they begin: a few table look-ups a line, for any number of patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..rules.signatures import KEY_BYTES, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from .lines import Bytes, Ints

    Keys = npt.NDArray[np.uint64]

_BITS = 18
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Beginnings:
    """The beginnings of one length: sorted keys, and the patterns of each as `patterns[bounds[i]:bounds[i + 1]]`."""

    length: int
    keys: Keys
    bounds: Ints
    patterns: Ints

    @property
    def table(self) -> npt.NDArray[np.bool_]:
        """A table that says of a key's hash whether the key may be there."""
        table = np.zeros(1 << _BITS, np.bool_)
        table[_hash(self.keys)] = True
        return table


def _hash(keys: Keys) -> npt.NDArray[np.uint64]:
    hashed: Keys = (keys * _SPREAD) >> np.uint64(64 - _BITS)
    return hashed


def build(pairs: Iterable[tuple[bytes, int]]) -> list[Beginnings]:
    """Sort (beginning, pattern) pairs into tables, one for each length."""
    by_length: dict[int, dict[bytes, set[int]]] = {}
    for key, pattern in pairs:
        by_length.setdefault(len(key), {}).setdefault(key, set()).add(pattern)
    found = []
    for length, entries in sorted(by_length.items()):
        numbers = {int.from_bytes(key.ljust(8, b"\0"), "little"): sorted(patterns) for key, patterns in entries.items()}
        keys = np.array(sorted(numbers), np.uint64)
        lists = [numbers[int(key)] for key in keys]
        bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(patterns) for patterns in lists])])
        found.append(Beginnings(length, keys, bounds, np.array([p for patterns in lists for p in patterns], np.int64)))
    return found


class Index:
    """The tables of all lengths, ready to be asked."""

    def __init__(self, beginnings: list[Beginnings]) -> None:
        self._beginnings = [(part, part.table) for part in beginnings]

    def candidates(self, buffer: Bytes, starts: Ints) -> tuple[Ints, Ints]:
        """Give the pairs (line, pattern) of lines that go on at `starts` as matches of the pattern do.

        The buffer is folded, flattened, and without runs; each line ends in a line feed.
        """
        lines, patterns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        if len(starts) and self._beginnings:
            whole = _first_bytes(buffer, starts)
            for part, table in self._beginnings:
                mask = np.uint64((1 << 8 * part.length) - 1)
                line = np.flatnonzero(table[_hash(whole & mask)])
                keys = whole[line] & mask
                at = np.minimum(np.searchsorted(part.keys, keys), len(part.keys) - 1)
                real = part.keys[at] == keys
                line, at = line[real], at[real]
                counts = part.bounds[at + 1] - part.bounds[at]
                lines.append(np.repeat(line, counts))
                first = np.repeat(part.bounds[at] - (np.cumsum(counts) - counts), counts)
                patterns.append(part.patterns[first + np.arange(len(first))])
        return np.concatenate(lines), np.concatenate(patterns)


def _first_bytes(buffer: Bytes, starts: Ints) -> Keys:
    """Give the eight bytes at each start as one number; what follows a shorter line is there, too."""
    padded = np.concatenate([buffer, np.zeros(KEY_BYTES, np.uint8)])
    # numbers of eight bytes that begin at every byte, of which those at the starts are taken
    view = np.lib.stride_tricks.as_strided(padded, (len(buffer), KEY_BYTES), (1, 1), writeable=False)
    return np.ascontiguousarray(view[starts]).view("<u8").ravel()


def after_numbers(buffer: Bytes, starts: Ints) -> Ints:
    """Give where each line goes on after the number that it begins with, if it does."""
    starts = starts.copy()
    todo = np.arange(len(starts))
    while len(todo):
        todo = todo[_IN_NUMBER[buffer[starts[todo]]]]
        starts[todo] += 1
    return starts


_IN_NUMBER = np.isin(np.arange(256), np.frombuffer(NUMBER, np.uint8))

"""Which lines may match which pattern, by their first and last bytes: a few look-ups for any number of patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ....rules.patterns.prefilter import KEY_BYTES, NUMBER
from ..lines.split import SPREAD, eight_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.fold import FlatLines

    Keys = npt.NDArray[np.uint64]

_HEAD_BITS = 18
_TAIL_BITS = 22
_IN_NUMBER = np.isin(np.arange(256), np.frombuffer(NUMBER, np.uint8))


def _hash(keys: Keys, bits: int) -> Keys:
    hashed: Keys = (keys * SPREAD) >> np.uint64(64 - bits)
    return hashed


def _number(key: bytes) -> int:
    return int.from_bytes(key, "little")


@dataclass(frozen=True)
class PrefixTable:
    """The beginnings of one length: sorted keys, and the choices of each as `choices[bounds[i]:bounds[i + 1]]`."""

    length: int
    keys: Keys
    bounds: Ints
    choices: Ints


def build_prefixes(pairs: Iterable[tuple[bytes, int]]) -> list[PrefixTable]:
    """Sort (beginning, choice) pairs into tables, one for each length."""
    by_length: dict[int, dict[int, set[int]]] = {}
    for key, choice in pairs:
        by_length.setdefault(len(key), {}).setdefault(_number(key), set()).add(choice)
    found = []
    for length, entries in sorted(by_length.items()):
        keys = np.array(sorted(entries), np.uint64)
        lists = [sorted(entries[int(key)]) for key in keys]
        bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(choices) for choices in lists])])
        found.append(PrefixTable(length, keys, bounds, np.array([c for choices in lists for c in choices], np.int64)))
    return found


class PrefixIndex:
    """The beginnings of all lengths, ready to be asked."""

    def __init__(self, heads: list[PrefixTable]) -> None:
        self._heads = []
        for part in heads:
            table = np.zeros(1 << _HEAD_BITS, np.bool_)
            table[_hash(part.keys, _HEAD_BITS)] = True
            self._heads.append((part, table))

    def candidates(self, data: Bytes, starts: Ints) -> tuple[Ints, Ints]:
        """Give the pairs (line, choice) of lines that go on at `starts` as matches of the choice begin."""
        lines, choices = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        whole = eight_bytes(data, starts)
        for part, table in self._heads:
            mask = np.uint64((1 << 8 * part.length) - 1)
            line = np.flatnonzero(table[_hash(whole & mask, _HEAD_BITS)])
            keys = whole[line] & mask
            at = np.minimum(np.searchsorted(part.keys, keys), len(part.keys) - 1)
            real = part.keys[at] == keys
            line, at = line[real], at[real]
            counts = part.bounds[at + 1] - part.bounds[at]
            lines.append(np.repeat(line, counts))
            first = np.repeat(part.bounds[at] - (np.cumsum(counts) - counts), counts)
            choices.append(part.choices[first + np.arange(len(first))])
        return np.concatenate(lines), np.concatenate(choices)


@dataclass(frozen=True)
class SuffixTable:
    """The endings of choices, as a set of hashes, and the choices that have any."""

    lengths: list[int]
    hashes: Ints
    choices: Ints


def build_suffixes(pairs: list[tuple[bytes, int]]) -> SuffixTable:
    """Hash (ending, choice) pairs."""
    lengths = sorted({len(key) for key, _ in pairs})
    hashes = [np.empty(0, np.int64)]
    for length in lengths:
        found = [(_number(key), choice) for key, choice in pairs if len(key) == length]
        keys, choices = (np.array(column, np.uint64) for column in zip(*found, strict=True))
        hashes.append(_hash_pair(keys, choices, length).astype(np.int64))
    return SuffixTable(lengths, np.concatenate(hashes), np.array(sorted({choice for _, choice in pairs}), np.int64))


class SuffixIndex:
    """The endings of all choices, ready to be asked; it says of a few pairs too many that they end well."""

    def __init__(self, tails: SuffixTable) -> None:
        self._lengths = tails.lengths
        self._table = np.zeros(1 << _TAIL_BITS, np.bool_)
        self._table[tails.hashes] = True
        self._bounded = np.zeros(int(tails.choices.max(initial=-1)) + 2, np.bool_)
        self._bounded[tails.choices] = True

    def fits(self, lines: FlatLines, line: Ints, choice: Ints) -> Mask:
        """Say of each pair (line, choice) whether the line may end as the choice does."""
        fits: Mask = ~self._bounded[np.minimum(choice, len(self._bounded) - 1)]
        whole = eight_bytes(lines.data, lines.ends - KEY_BYTES)[line]
        choices = choice.astype(np.uint64)
        for length in self._lengths:
            fits |= self._table[_hash_pair(whole >> np.uint64(64 - 8 * length), choices, length)]
        return fits


def _hash_pair(keys: Keys, choices: Keys, length: int) -> Keys:
    return _hash(keys ^ (choices * SPREAD + np.uint64(length)), _TAIL_BITS)


def after_numbers(data: Bytes, starts: Ints) -> Ints:
    """Give where each line goes on after the number that it begins with, if it does."""
    starts = starts.copy()
    todo = np.arange(len(starts))
    while len(todo):
        todo = todo[_IN_NUMBER[data[starts[todo]]]]
        starts[todo] += 1
    return starts

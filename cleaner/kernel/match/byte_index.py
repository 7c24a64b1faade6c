"""Find the patterns that a line may match by its first and last bytes: a few look-ups for any number of patterns.

A *choice* is one alternative at the top of a pattern, by number. All that is found here are candidates: pairs of a line
and a choice that may match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ....rules.patterns.prefilter import KEY_BYTES, NUMBER
from ..arrays import offsets_of, ranges
from ..lines.split import SPREAD, eight_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.fold import FlatLines

    Keys = npt.NDArray[np.uint64]  # up to eight bytes each, the first byte lowest

_PREFIX_BITS = 18
_SUFFIX_BITS = 22
_IN_NUMBER = np.isin(np.arange(256), np.frombuffer(NUMBER, np.uint8))


def _hash(keys: Keys, bits: int) -> Keys:
    hashed: Keys = (keys * SPREAD) >> np.uint64(64 - bits)
    return hashed


def _to_key(literal: bytes) -> int:
    return int.from_bytes(literal, "little")


@dataclass(frozen=True)
class PrefixTable:
    """The prefix literals of one length in bytes.

    `keys` are sorted; the choices that may begin with `keys[i]` are `choices[bounds[i]:bounds[i + 1]]`.
    """

    length: int
    keys: Keys
    bounds: Ints
    choices: Ints


def build_prefixes(pairs: Iterable[tuple[bytes, int]]) -> list[PrefixTable]:
    """Sort (prefix literal, choice) pairs into tables, one for each length of a literal.

    >>> table, = build_prefixes([(b"b", 2), (b"a", 1), (b"b", 1)])
    >>> [bytes([key]) for key in table.keys], table.bounds.tolist(), table.choices.tolist()
    ([b'a', b'b'], [0, 1, 3], [1, 1, 2])
    """
    by_length: dict[int, dict[int, set[int]]] = {}
    for literal, choice in pairs:
        by_length.setdefault(len(literal), {}).setdefault(_to_key(literal), set()).add(choice)
    tables = []
    for length, choices_of in sorted(by_length.items()):
        keys = sorted(choices_of)
        bounds = offsets_of(np.array([len(choices_of[key]) for key in keys], np.int64))
        choices = [choice for key in keys for choice in sorted(choices_of[key])]
        tables.append(PrefixTable(length, np.array(keys, np.uint64), bounds, np.array(choices, np.int64)))
    return tables


class PrefixIndex:
    """The prefix literals of all lengths, ready for look-ups."""

    def __init__(self, tables: list[PrefixTable]) -> None:
        # beside each table, which hashes its keys have: that alone rules out most lines
        self._tables = [(table, _mark(_hash(table.keys, _PREFIX_BITS), _PREFIX_BITS)) for table in tables]

    def candidates(self, data: Bytes, starts: Ints) -> tuple[Ints, Ints]:
        """Return the pairs (line, choice) of which the text at `starts[line]` begins like a match of the choice.

        At least eight bytes follow each start.
        """
        lines, choices = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        first_bytes = eight_bytes(data, starts)
        for table, hashes in self._tables:
            mask = np.uint64((1 << 8 * table.length) - 1)
            line = np.flatnonzero(hashes[_hash(first_bytes & mask, _PREFIX_BITS)])
            keys = first_bytes[line] & mask
            position = np.minimum(np.searchsorted(table.keys, keys), len(table.keys) - 1)
            equal = table.keys[position] == keys
            line, position = line[equal], position[equal]
            counts = table.bounds[position + 1] - table.bounds[position]
            lines.append(np.repeat(line, counts))
            choices.append(table.choices[ranges(table.bounds[position], counts)])
        return np.concatenate(lines), np.concatenate(choices)


@dataclass(frozen=True)
class SuffixTable:
    """The suffix literals of choices as a set of hashes of (literal, choice), and the choices that have any."""

    lengths: list[int]
    hashes: Ints
    choices: Ints


def build_suffixes(pairs: list[tuple[bytes, int]]) -> SuffixTable:
    """Hash (suffix literal, choice) pairs."""
    lengths = sorted({len(literal) for literal, _ in pairs})
    hashes = [np.empty(0, np.int64)]
    for length in lengths:
        of_length = [(_to_key(literal), choice) for literal, choice in pairs if len(literal) == length]
        keys, choices = (np.array(column, np.uint64) for column in zip(*of_length, strict=True))
        hashes.append(_hash_pairs(keys, choices, length).astype(np.int64))
    return SuffixTable(lengths, np.concatenate(hashes), np.array(sorted({choice for _, choice in pairs}), np.int64))


class SuffixIndex:
    """The suffix literals of all choices, ready for look-ups. It lets a few pairs too many pass."""

    def __init__(self, table: SuffixTable) -> None:
        self._lengths = table.lengths
        self._hashes = _mark(table.hashes, _SUFFIX_BITS)
        # one entry more, for all choices above the last that has suffixes
        self._has_suffixes = np.zeros(int(table.choices.max(initial=-1)) + 2, np.bool_)
        self._has_suffixes[table.choices] = True

    def fits(self, lines: FlatLines, line: Ints, choice: Ints) -> Mask:
        """Return for each pair (line, choice) whether the line may end like a match of the choice."""
        fits: Mask = ~self._has_suffixes[np.minimum(choice, len(self._has_suffixes) - 1)]
        last_bytes = eight_bytes(lines.data, lines.ends - KEY_BYTES)[line]
        choices = choice.astype(np.uint64)
        for length in self._lengths:
            fits |= self._hashes[_hash_pairs(last_bytes >> np.uint64(64 - 8 * length), choices, length)]
        return fits


def _hash_pairs(keys: Keys, choices: Keys, length: int) -> Keys:
    return _hash(keys ^ (choices * SPREAD + np.uint64(length)), _SUFFIX_BITS)


def _mark(hashes: Keys | Ints, bits: int) -> Mask:
    """Return a table of all hashes of so many bits, in which the given ones are true."""
    table = np.zeros(1 << bits, np.bool_)
    table[hashes] = True
    return table


def skip_numbers(data: Bytes, starts: Ints) -> Ints:
    """Return where each line goes on behind the digits, commas and full stops that it begins with.

    A byte that is none of those follows each line.

    >>> skip_numbers(np.frombuffer(b"1,024 likes|likes|", np.uint8), np.array([0, 12])).tolist()
    [5, 12]
    """
    starts = starts.copy()
    pending = np.arange(len(starts))
    while len(pending):
        pending = pending[_IN_NUMBER[data[starts[pending]]]]
        starts[pending] += 1
    return starts

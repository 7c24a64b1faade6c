"""What a run has seen so far: keys of its records, and sketches of their texts, to find those that come twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ...schemas.checks.seen import DuplicateIndex, Keys
from ...schemas.checks.text.minhash import NEAR, deduplicator, dump_sketch, load_sketch

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...schemas.byte_arrays import Ints, Mask

_SIZE = 8  # bytes that tell the length of a noted question


class KeyIndex:
    """Keys of one kind: eight bytes a record, in sorted runs whose lengths fall."""

    def __init__(self) -> None:
        self._runs: list[Ints] = []

    def add(self, keys: Keys) -> Mask:
        """Say which keys came before, in an earlier batch or earlier in this one; remember them all."""
        hashes = keys.hashes[keys.present]
        unique, first = np.unique(hashes, return_index=True)
        known = np.ones(len(hashes), np.bool_)
        known[first] = False
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            known |= run[at] == hashes
        if len(unique):
            self._runs.append(unique)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._runs.append(np.union1d(self._runs.pop(), self._runs.pop()))
        found = np.zeros(len(keys.present), np.bool_)
        found[keys.present] = known
        return found


class RunDuplicateIndex(DuplicateIndex):
    """The records of a run so far."""

    def __init__(self) -> None:
        self._keys: dict[str, KeyIndex] = {}
        self._near: Any = None
        self._texts = 0

    def known(self, kind: str, keys: Keys) -> Mask:
        """Say which keys came before; remember them all."""
        return self._keys.setdefault(kind, KeyIndex()).add(keys)

    def near(self, sketches: list[Any]) -> Mask:
        """Say which texts are nearly those of earlier ones; remember those that are not."""
        self._near = self._near or deduplicator()
        found = np.zeros(len(sketches), np.bool_)
        filled = [row for row, one in enumerate(sketches) if one is not None]
        added = self._near.add_pairs([(str(self._texts + row), sketches[row]) for row in filled])
        self._texts += len(sketches)
        found[filled] = ~np.array(added, np.bool_)
        return found


class DeferredDuplicateIndex(DuplicateIndex):
    """Says of all that has a key that it came before, and keeps the keys, so that it can be found out later."""

    def __init__(self) -> None:
        self.keys: dict[str, list[int | bytes | None]] = {}
        """By kind, the key of each record of the batch."""

    def known(self, kind: str, keys: Keys) -> Mask:
        """Say which records have a key."""
        self.keys[kind] = _one_by_one(keys)
        return keys.present

    def near(self, sketches: list[Any]) -> Mask:
        """Say which texts have a sketch."""
        self.keys[NEAR] = _dumped(sketches)
        return np.array([one is not None for one in sketches], np.bool_)


class LookupDuplicateIndex(DuplicateIndex):
    """Asks of each key by itself whether it came before."""

    def __init__(self, came_before: Callable[[str, int | bytes | None], bool]) -> None:
        self._came_before = came_before

    def known(self, kind: str, keys: Keys) -> Mask:
        """Say which keys came before; remember them all."""
        return self._ask(kind, _one_by_one(keys))

    def near(self, sketches: list[Any]) -> Mask:
        """Say which texts are nearly those of earlier ones; remember those that are not."""
        return self._ask(NEAR, _dumped(sketches))

    def _ask(self, kind: str, keys: list[int | bytes | None]) -> Mask:
        return np.array([self._came_before(kind, key) for key in keys], np.bool_)


class RecordingDuplicateIndex(DuplicateIndex):
    """Passes questions on to another, and notes them, so that they can be asked again in a later process."""

    def __init__(self, other: DuplicateIndex) -> None:
        self._other = other
        self.noted: list[bytes] = []

    def known(self, kind: str, keys: Keys) -> Mask:
        """Say which keys came before; remember them all."""
        self._note(kind, keys.hashes.tobytes(), keys.present.tobytes())
        return self._other.known(kind, keys)

    def near(self, sketches: list[Any]) -> Mask:
        """Say which texts are nearly those of earlier ones; remember those that are not."""
        self._note(NEAR, _dumped(sketches))
        return self._other.near(sketches)

    def _note(self, *question: Any) -> None:
        data = msgspec.msgpack.encode(question)
        self.noted += [len(data).to_bytes(_SIZE, "little"), data]


def _one_by_one(keys: Keys) -> list[int | bytes | None]:
    """Give the key of each record, None for one without."""
    pairs = zip(keys.hashes.tolist(), keys.present.tolist(), strict=True)
    return [key if present else None for key, present in pairs]


def _dumped(sketches: list[Any]) -> list[int | bytes | None]:
    return [dump_sketch(one) if one is not None else None for one in sketches]


def ask_again(noted: bytes, seen: DuplicateIndex) -> None:
    """Ask what was noted, in its order."""
    data = memoryview(noted)
    while data:
        size = int.from_bytes(data[:_SIZE], "little")
        kind, *question = msgspec.msgpack.decode(data[_SIZE : _SIZE + size])
        data = data[_SIZE + size :]
        if kind == NEAR:
            seen.near([load_sketch(one) if one is not None else None for one in question[0]])
        else:
            hashes, present = question
            seen.known(kind, Keys(np.frombuffer(hashes, np.int64), np.frombuffer(present, np.bool_)))

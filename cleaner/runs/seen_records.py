"""The records of a run so far, as keys and sketches of their texts: a new record is a duplicate if its key is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ...schemas.checks.seen import DuplicateIndex, Keys
from ...schemas.checks.text.minhash import NEAR, deduplicator, dump_sketch, load_sketch

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...schemas.byte_arrays import Ints, Mask

_SIZE = 8  # bytes of the length before each recorded question


class KeyIndex:
    """Keys of one kind, in 8 bytes each.

    The keys are held in sorted arrays. Each is more than twice as long as the next one: shorter neighbours are merged,
    so that a look-up searches a handful of arrays.
    """

    def __init__(self) -> None:
        self._sorted: list[Ints] = []

    def add(self, keys: Keys) -> Mask:
        """Add the keys of a batch; return which of them occurred before, in an earlier batch or earlier in this one.

        >>> index = KeyIndex()
        >>> index.add(Keys(np.array([7, 5, 7, 0]), np.array([True, True, True, False]))).tolist()
        [False, False, True, False]
        """
        hashes = keys.hashes[keys.present]
        unique, first = np.unique(hashes, return_index=True)
        is_known = np.ones(len(hashes), np.bool_)
        is_known[first] = False
        for array in self._sorted:
            at = np.minimum(np.searchsorted(array, hashes), len(array) - 1)
            is_known |= array[at] == hashes
        if len(unique):
            self._sorted.append(unique)
        while len(self._sorted) > 1 and len(self._sorted[-2]) <= 2 * len(self._sorted[-1]):
            self._sorted.append(np.union1d(self._sorted.pop(), self._sorted.pop()))
        result = np.zeros(len(keys.present), np.bool_)
        result[keys.present] = is_known
        return result


class RunDuplicateIndex(DuplicateIndex):
    """The records of a run so far, in this process."""

    def __init__(self) -> None:
        self._keys: dict[str, KeyIndex] = {}
        self._near: Any = None
        self._texts = 0

    def known(self, kind: str, keys: Keys) -> Mask:
        """Return which keys occurred before; remember all of them."""
        return self._keys.setdefault(kind, KeyIndex()).add(keys)

    def near(self, sketches: list[Any]) -> Mask:
        """Return which texts are near an earlier one; remember the others."""
        self._near = self._near or deduplicator()
        result = np.zeros(len(sketches), np.bool_)
        rows = [row for row, sketch in enumerate(sketches) if sketch is not None]
        added = self._near.add_pairs([(str(self._texts + row), sketches[row]) for row in rows])
        self._texts += len(sketches)
        result[rows] = ~np.array(added, np.bool_)
        return result


class DeferredDuplicateIndex(DuplicateIndex):
    """Answers that every record with a key occurred before, and keeps the keys for a later look-up."""

    def __init__(self) -> None:
        self.keys: dict[str, list[int | bytes | None]] = {}
        """By kind, the key of each record of the batch."""

    def known(self, kind: str, keys: Keys) -> Mask:
        """Return which records have a key."""
        self.keys[kind] = _keys_of_rows(keys)
        return keys.present

    def near(self, sketches: list[Any]) -> Mask:
        """Return which texts have a sketch."""
        self.keys[NEAR] = _dump_sketches(sketches)
        return np.array([sketch is not None for sketch in sketches], np.bool_)


class LookupDuplicateIndex(DuplicateIndex):
    """Asks a function about each key."""

    def __init__(self, came_before: Callable[[str, int | bytes | None], bool]) -> None:
        self._came_before = came_before

    def known(self, kind: str, keys: Keys) -> Mask:
        """Return which keys occurred before."""
        return self._ask(kind, _keys_of_rows(keys))

    def near(self, sketches: list[Any]) -> Mask:
        """Return which texts are near an earlier one."""
        return self._ask(NEAR, _dump_sketches(sketches))

    def _ask(self, kind: str, keys: list[int | bytes | None]) -> Mask:
        return np.array([self._came_before(kind, key) for key in keys], np.bool_)


class RecordingDuplicateIndex(DuplicateIndex):
    """Passes questions on to another index, and records them, so that a later process can ask them again."""

    def __init__(self, other: DuplicateIndex) -> None:
        self._other = other
        self.recorded: list[bytes] = []

    def known(self, kind: str, keys: Keys) -> Mask:
        """Return which keys occurred before; remember all of them."""
        self._record(kind, keys.hashes.tobytes(), keys.present.tobytes())
        return self._other.known(kind, keys)

    def near(self, sketches: list[Any]) -> Mask:
        """Return which texts are near an earlier one; remember the others."""
        self._record(NEAR, _dump_sketches(sketches))
        return self._other.near(sketches)

    def _record(self, *question: Any) -> None:
        data = msgspec.msgpack.encode(question)
        self.recorded += [len(data).to_bytes(_SIZE, "little"), data]


def _keys_of_rows(keys: Keys) -> list[int | bytes | None]:
    """Return the key of each record, None for a record without one."""
    pairs = zip(keys.hashes.tolist(), keys.present.tolist(), strict=True)
    return [key if present else None for key, present in pairs]


def _dump_sketches(sketches: list[Any]) -> list[int | bytes | None]:
    return [dump_sketch(sketch) if sketch is not None else None for sketch in sketches]


def replay_questions(recorded: bytes, seen: DuplicateIndex) -> None:
    """Ask recorded questions again, in their order."""
    data = memoryview(recorded)
    while data:
        size = int.from_bytes(data[:_SIZE], "little")
        kind, *question = msgspec.msgpack.decode(data[_SIZE : _SIZE + size])
        data = data[_SIZE + size :]
        if kind == NEAR:
            seen.near([load_sketch(sketch) if sketch is not None else None for sketch in question[0]])
        else:
            hashes, present = question
            seen.known(kind, Keys(np.frombuffer(hashes, np.int64), np.frombuffer(present, np.bool_)))

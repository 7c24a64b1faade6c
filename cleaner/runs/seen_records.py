"""The records of a run so far, as keys and sketches of their texts: a new record is a duplicate if its key is there."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from ...schemas.checks.seen import DuplicateIndex, Keys, Repeats
from ...schemas.checks.text.minhash import NearIndex, dump_sketch, load_sketch, similarity_of
from ...schemas.twins import RecordNames, Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...schemas.byte_arrays import Ints

_SIZE = 8  # bytes of the length before each recorded question
_BODY = "body"  # the kind of key of texts that are the same
_NAMES = "names"


class KeyIndex:
    """Keys of one kind, each with the number of the record that has it first, in 16 bytes.

    The keys are held in sorted arrays. Each is more than twice as long as the next one: shorter neighbours are merged,
    so that a look-up searches a handful of arrays.
    """

    def __init__(self) -> None:
        self._sorted: list[tuple[Ints, Ints]] = []

    def add(self, keys: Keys, begin: int) -> Ints:
        """Add the keys of records that are numbered from `begin`; return the number of the first record with each key.

        It is -1 where that is the record itself, and for a record without a key.

        >>> index = KeyIndex()
        >>> index.add(Keys(np.array([7, 5, 7, 0]), np.array([True, True, True, False])), 100).tolist()
        [-1, -1, 100, -1]
        """
        rows = np.flatnonzero(keys.present)
        unique, first, inverse = np.unique(keys.hashes[rows], return_index=True, return_inverse=True)
        numbers = np.full(len(unique), -1, np.int64)
        for hashes, owners in self._sorted:
            at = np.minimum(np.searchsorted(hashes, unique), len(hashes) - 1)
            same = hashes[at] == unique
            numbers[same] = owners[at[same]]
        is_new = numbers < 0
        numbers[is_new] = begin + rows[first[is_new]]
        self._keep(unique[is_new], numbers[is_new])
        result = np.full(len(keys.present), -1, np.int64)
        found = numbers[inverse]
        result[rows] = np.where(found == begin + rows, -1, found)
        return result

    def _keep(self, hashes: Ints, owners: Ints) -> None:
        if len(hashes):
            self._sorted.append((hashes, owners))
        while len(self._sorted) > 1 and len(self._sorted[-2][0]) <= 2 * len(self._sorted[-1][0]):
            pairs = zip(self._sorted.pop(), self._sorted.pop(), strict=True)
            hashes, owners = (np.concatenate(pair) for pair in pairs)
            order = np.argsort(hashes)
            self._sorted.append((hashes[order], owners[order]))


class _NameStore:
    """The names of the records of a run, batch by batch."""

    def __init__(self) -> None:
        self.count = 0
        self._begins: list[int] = []
        self._names: list[RecordNames] = []

    def add(self, names: RecordNames) -> None:
        self._begins.append(self.count)
        # the files of a batch are mostly one
        self._names.append(names._replace(files=names.files.dictionary_encode()))
        self.count += len(names.ids)

    def twin(self, number: int, similarity: float | None) -> Twin:
        """Return the record of a number as a twin."""
        batch = bisect_right(self._begins, number) - 1
        return self._names[batch].twin(number - self._begins[batch], similarity)

    def twins(self, numbers: Ints, similarity: float | None) -> list[Twin]:
        """Return the records of some numbers as twins."""
        twins: list[Twin | None] = [None] * len(numbers)
        batches = np.searchsorted(np.array(self._begins, np.int64), numbers, side="right") - 1
        for batch in np.unique(batches).tolist():
            places = np.flatnonzero(batches == batch)
            rows = pa.array(numbers[places] - self._begins[batch])
            for place, twin in zip(places.tolist(), self._names[batch].twins(rows, similarity), strict=True):
                twins[place] = twin
        return [twin for twin in twins if twin is not None]


class RunDuplicateIndex(DuplicateIndex):
    """The records of a run so far, in this process."""

    def __init__(self) -> None:
        self._keys: dict[str, KeyIndex] = {}
        self._near: dict[str, NearIndex] = {}
        self._store = _NameStore()
        self._begin = 0

    def enter(self, names: RecordNames) -> None:
        """Take the names of the next records."""
        self._begin = self._store.count
        self._store.add(names)

    def known(self, kind: str, keys: Keys) -> Repeats:
        """Return which keys occurred before, and where first; remember all of them."""
        numbers = self._keys.setdefault(kind, KeyIndex()).add(keys, self._begin)
        rows = np.flatnonzero(numbers >= 0).tolist()
        similarity = 1.0 if kind == _BODY else None
        twins = self._store.twins(numbers[rows], similarity)
        return Repeats(numbers >= 0, dict(zip(rows, twins, strict=True)))

    def near(self, kind: str, sketches: list[Any]) -> Repeats:
        """Return which texts are near an earlier one, and which one; remember the others."""
        if kind not in self._near:
            self._near[kind] = NearIndex(similarity_of(kind) or 0.0)
        add = self._near[kind].add
        added = [None if one is None else add(one, self._begin + row) for row, one in enumerate(sketches)]
        found = {row: self._store.twin(*pair) for row, pair in enumerate(added) if pair is not None}
        return Repeats(np.array([pair is not None for pair in added], np.bool_), found)


class DeferredDuplicateIndex(DuplicateIndex):
    """Answers that every record with a key occurred before, and keeps the keys for a later look-up."""

    def __init__(self) -> None:
        self.keys: dict[str, list[int | bytes | None]] = {}
        """By kind, the key of each record of the batch."""

    def known(self, kind: str, keys: Keys) -> Repeats:
        """Return which records have a key."""
        self.keys[kind] = _keys_of_rows(keys)
        return Repeats(keys.present, {})

    def near(self, kind: str, sketches: list[Any]) -> Repeats:
        """Return which texts have a sketch."""
        self.keys[kind] = _dump_sketches(sketches)
        return Repeats(np.array([sketch is not None for sketch in sketches], np.bool_), {})


class LookupDuplicateIndex(DuplicateIndex):
    """Asks a function about each key, with the record that has it as a twin of later ones.

    The twins have the paths of `labels`, which are by the names of files.
    """

    def __init__(
        self, find_twin: Callable[[str, int | bytes | None, Twin], Twin | None], labels: Mapping[str, str]
    ) -> None:
        self._find_twin, self._labels = find_twin, labels
        self._names: RecordNames | None = None

    def enter(self, names: RecordNames) -> None:
        """Take the names of the next records."""
        self._names = names

    def known(self, kind: str, keys: Keys) -> Repeats:
        """Return which keys occurred before."""
        return self._ask(kind, _keys_of_rows(keys))

    def near(self, kind: str, sketches: list[Any]) -> Repeats:
        """Return which texts are near an earlier one."""
        return self._ask(kind, _dump_sketches(sketches))

    def _ask(self, kind: str, keys: list[int | bytes | None]) -> Repeats:
        assert self._names is not None
        records = [self._names.twin(row, None) for row in range(len(keys))]
        labelled = [replace(one, file=self._labels.get(one.file or "", one.file)) for one in records]
        answers = [self._find_twin(kind, key, one) for key, one in zip(keys, labelled, strict=True)]
        twins = {row: twin for row, twin in enumerate(answers) if twin is not None}
        return Repeats(np.array([twin is not None for twin in answers], np.bool_), twins)


class RecordingDuplicateIndex(DuplicateIndex):
    """Passes questions on to another index, and records them, so that a later process can ask them again."""

    def __init__(self, other: DuplicateIndex) -> None:
        self._other = other
        self.recorded: list[bytes] = []

    def enter(self, names: RecordNames) -> None:
        """Take the names of the next records."""
        self._record(_NAMES, *(column.to_pylist() for column in names))
        self._other.enter(names)

    def known(self, kind: str, keys: Keys) -> Repeats:
        """Return which keys occurred before; remember all of them."""
        self._record(kind, keys.hashes.tobytes(), keys.present.tobytes())
        return self._other.known(kind, keys)

    def near(self, kind: str, sketches: list[Any]) -> Repeats:
        """Return which texts are near an earlier one; remember the others."""
        self._record(kind, _dump_sketches(sketches))
        return self._other.near(kind, sketches)

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
        if kind == _NAMES:
            types = (pa.large_string(), pa.large_string(), pa.int64())
            seen.enter(RecordNames(*map(pa.array, question, types)))
        elif similarity_of(kind) is not None:
            seen.near(kind, [load_sketch(sketch) if sketch is not None else None for sketch in question[0]])
        else:
            hashes, present = question
            seen.known(kind, Keys(np.frombuffer(hashes, np.int64), np.frombuffer(present, np.bool_)))

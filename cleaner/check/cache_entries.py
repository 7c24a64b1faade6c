"""What is remembered of files that were checked: their findings, record by record.

What came before a file in a run is no part of that: whether a record comes twice is found out each time, from its keys.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ...schemas.findings import Described, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..runs.seen_records import RunDuplicateIndex

T = TypeVar("T")
_NEAR = "near"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FOREVER = datetime.max.replace(tzinfo=timezone.utc)


class CacheEntry(msgspec.Struct, array_like=True):
    """The findings of a file, record by record. Times are microseconds since 1970."""

    made: int
    valid_until: int
    """The time from which on they may be others."""
    names: list[str]
    """Names of `--map` that its records have."""
    duplicate_keys: dict[str, str | None]
    """Checks whose findings count only if a key came before, with its kind; None if there is more to it."""
    keys: dict[str, list[int | bytes | None]]
    """By kind, the key of each record."""
    findings: list[list[Finding]]

    @classmethod
    def empty(cls, now: datetime) -> CacheEntry:
        """Give that of a file without records."""
        return cls(microseconds(now), microseconds(_FOREVER), [], {}, {}, [])

    @property
    def deferrable(self) -> bool:
        """Whether it holds wherever the file stands in a run, once it is known which keys came before."""
        return None not in self.duplicate_keys.values()

    @property
    def lasting(self) -> bool:
        """Whether it is worth keeping."""
        return self.valid_until > self.made and self.deferrable

    def add(self, other: CacheEntry) -> None:
        """Add those of the part that follows."""
        self.valid_until = min(self.valid_until, other.valid_until)
        self.names += [name for name in other.names if name not in self.names]
        self.duplicate_keys |= other.duplicate_keys
        for kind in (*self.keys, *(kind for kind in other.keys if kind not in self.keys)):
            mine = self.keys.setdefault(kind, [None] * len(self.findings))
            mine += other.keys.get(kind, [None] * len(other.findings))
        self.findings += other.findings


class RuleDescriptions(msgspec.Struct, array_like=True):
    """What is known of rules and checks under some settings."""

    described: dict[str, Described]
    known: list[str]
    """The ids of all rules and checks, whether they run or not."""


def pack(value: CacheEntry | RuleDescriptions) -> bytes | None:
    """Give it as bytes, or None if it holds a text that is none."""
    try:
        return msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        return None


def unpack(data: bytes, kind: type[T]) -> T | None:
    """Give something of a kind back, or None if it is none."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.MsgspecError:
        return None


def microseconds(moment: datetime) -> int:
    """Give a time as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class EarlierKeys:
    """The keys of the records of a run so far. It asks for nothing that takes long to import, but for sketches."""

    def __init__(self) -> None:
        self._keys: dict[str, set[int | bytes]] = {}
        self._near: RunDuplicateIndex | None = None

    def sift(self, entry: CacheEntry, file: str) -> Iterator[list[Finding]]:
        """Give the findings of each record of a file that hold where it stands, and remember its keys."""
        for row, findings in enumerate(entry.findings):
            known = {kind for kind, keys in entry.keys.items() if self.came_before(kind, keys[row])}
            yield [
                found if found.file else msgspec.structs.replace(found, file=file)
                for found in findings
                if entry.duplicate_keys.get(found.code) in known or found.code not in entry.duplicate_keys
            ]

    def came_before(self, kind: str, key: int | bytes | None) -> bool:
        """Say whether a record had this key of a kind, and remember it; None is no key."""
        if key is None:
            return False
        if kind == _NEAR:
            return self._is_near(key)
        keys = self._keys.setdefault(kind, set())
        known = key in keys
        keys.add(key)
        return known

    def _is_near(self, key: int | bytes) -> bool:
        from ...schemas.checks.text.minhash import load_sketch
        from ..runs.seen_records import RunDuplicateIndex

        self._near = self._near or RunDuplicateIndex()
        return isinstance(key, bytes) and bool(self._near.near([load_sketch(key)])[0])

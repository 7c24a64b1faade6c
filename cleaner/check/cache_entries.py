"""Cache entries of `check`: the findings of a file, record by record.

An entry does not depend on the other files of the run. Duplicates are found again in each run, from the stored keys.
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
    """From this time on, the findings may differ."""
    names: list[str]
    """Names of `--map` that occur in its records."""
    duplicate_keys: dict[str, str | None]
    """Checks for duplicates, with the kind of key that decides; None if the key alone does not decide."""
    keys: dict[str, list[int | bytes | None]]
    """By kind of key, the key of each record."""
    findings: list[list[Finding]]

    @classmethod
    def empty(cls, now: datetime) -> CacheEntry:
        """Return the entry of a file without records."""
        return cls(microseconds(now), microseconds(_FOREVER), [], {}, {}, [])

    @property
    def deferrable(self) -> bool:
        """Whether the entry is valid in every run, given the keys of the earlier records."""
        return None not in self.duplicate_keys.values()

    @property
    def lasting(self) -> bool:
        """Whether the entry is worth keeping."""
        return self.valid_until > self.made and self.deferrable

    def add(self, other: CacheEntry) -> None:
        """Add the findings of the next part of the file."""
        self.valid_until = min(self.valid_until, other.valid_until)
        self.names += [name for name in other.names if name not in self.names]
        self.duplicate_keys |= other.duplicate_keys
        for kind in (*self.keys, *(kind for kind in other.keys if kind not in self.keys)):
            keys = self.keys.setdefault(kind, [None] * len(self.findings))
            keys += other.keys.get(kind, [None] * len(other.findings))
        self.findings += other.findings


class RuleDescriptions(msgspec.Struct, array_like=True):
    """The descriptions of rules and checks under some settings."""

    described: dict[str, Described]
    all_ids: list[str]
    """The ids of all rules and checks, also of those that do not run."""
    former: dict[str, list[str]]
    """For each id and family that rules had before, the selectors of the same rules today."""


def pack(value: CacheEntry | RuleDescriptions) -> bytes | None:
    """Return a value as bytes, or None if a text in it cannot be encoded (a lone surrogate)."""
    try:
        return msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        return None


def unpack(data: bytes, kind: type[T]) -> T | None:
    """Return a value of a type from its bytes, or None if they are not of that type."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.MsgspecError:
        return None


def microseconds(moment: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class EarlierKeys:
    """The keys of the records of a run so far. Slow imports happen only for sketches of near duplicates."""

    def __init__(self) -> None:
        self._keys: dict[str, set[int | bytes]] = {}
        self._near: RunDuplicateIndex | None = None

    def sift(self, entry: CacheEntry, file: str) -> Iterator[list[Finding]]:
        """Yield the findings of each record of a file. Those of checks for duplicates need a repeated key."""
        for row, findings in enumerate(entry.findings):
            repeated = {kind for kind, keys in entry.keys.items() if self.came_before(kind, keys[row])}
            yield [
                finding if finding.file else msgspec.structs.replace(finding, file=file)
                for finding in findings
                if entry.duplicate_keys.get(finding.code) in repeated or finding.code not in entry.duplicate_keys
            ]

    def came_before(self, kind: str, key: int | bytes | None) -> bool:
        """Return whether an earlier record had this key, and keep it. None stands for a record without a key."""
        if key is None:
            return False
        if kind == _NEAR:
            return self._is_near(key)
        keys = self._keys.setdefault(kind, set())
        repeated = key in keys
        keys.add(key)
        return repeated

    def _is_near(self, key: int | bytes) -> bool:
        from ...schemas.checks.text.minhash import load_sketch
        from ..runs.seen_records import RunDuplicateIndex

        self._near = self._near or RunDuplicateIndex()
        return isinstance(key, bytes) and bool(self._near.near([load_sketch(key)])[0])

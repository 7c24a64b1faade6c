"""Cache entries of `check`: the findings of a file, record by record.

An entry does not depend on the other files of the run. Duplicates are found again in each run, from the stored keys.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ...schemas.findings import Described, Finding
from ...schemas.twins import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...schemas.checks.text.minhash import NearIndex

T = TypeVar("T")
_NEAR, _BODY = "near", "body"  # kinds of keys
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FOREVER = datetime.max.replace(tzinfo=timezone.utc)


class CacheEntry(msgspec.Struct, array_like=True):
    """The findings of a file, record by record. Times are microseconds since 1970."""

    made: int
    valid_until: int
    """From this time on, the findings may differ."""
    mapped: list[str]
    """Names of `--map` that occur in its records."""
    duplicate_keys: dict[str, str | None]
    """Checks for duplicates, with the kind of key that decides; None if the key alone does not decide."""
    keys: dict[str, list[int | bytes | None]]
    """By kind of key, the key of each record."""
    findings: list[list[Finding]]
    names: list[tuple[str, int | None]]
    """By record, its id and line."""

    @classmethod
    def empty(cls, now: datetime) -> CacheEntry:
        """Return the entry of a file without records."""
        return cls(microseconds(now), microseconds(_FOREVER), [], {}, {}, [], [])

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
        self.mapped += [name for name in other.mapped if name not in self.mapped]
        self.duplicate_keys |= other.duplicate_keys
        for kind in (*self.keys, *(kind for kind in other.keys if kind not in self.keys)):
            keys = self.keys.setdefault(kind, [None] * len(self.findings))
            keys += other.keys.get(kind, [None] * len(other.findings))
        self.findings += other.findings
        self.names += other.names


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
        self._twins: dict[str, dict[int | bytes, Twin]] = {}
        self._near: dict[str, NearIndex] = {}
        self._near_twins: dict[str, list[Twin]] = {}

    def sift(self, entry: CacheEntry, file: str) -> Iterator[list[Finding]]:
        """Yield the findings of each record of a file. Those of checks for duplicates need a repeated key."""
        for row, findings in enumerate(entry.findings):
            twins: dict[str, Twin] = {}
            for kind, keys in entry.keys.items():
                name, line = entry.names[row]
                if twin := self.find_twin(kind, keys[row], Twin(name, file, line, None)):
                    twins[kind] = twin
            yield [
                _completed(finding, twins.get(entry.duplicate_keys.get(finding.code) or ""), file)
                for finding in findings
                if entry.duplicate_keys.get(finding.code) in twins or finding.code not in entry.duplicate_keys
            ]

    def find_twin(self, kind: str, key: int | bytes | None, record: Twin) -> Twin | None:
        """Return the earlier record that had this key, None if there was none. Else keep the key for this record."""
        if key is None:
            return None
        if kind.startswith(_NEAR):
            return self._find_near(kind, key, record)
        first = self._twins.setdefault(kind, {}).setdefault(key, record)
        similarity = 1.0 if kind == _BODY else None
        return None if first is record else replace(first, similarity=similarity)

    def _find_near(self, kind: str, key: int | bytes, record: Twin) -> Twin | None:
        from ...schemas.checks.text.minhash import NearIndex, load_sketch, similarity_of

        if kind not in self._near:
            self._near[kind] = NearIndex(similarity_of(kind) or 0.0)
        twins = self._near_twins.setdefault(kind, [])
        found = self._near[kind].add(load_sketch(key), len(twins)) if isinstance(key, bytes) else None
        if found is None:
            twins.append(record)
            return None
        number, similarity = found
        return replace(twins[number], similarity=similarity)


def _completed(finding: Finding, twin: Twin | None, file: str) -> Finding:
    """Return a finding with its file, and with the twin of a duplicate."""
    message = f"{finding.message}{twin or ''}"
    return msgspec.structs.replace(finding, file=finding.file or file, message=message)

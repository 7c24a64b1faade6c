"""The engine of `check`: compute the findings of files, or take those of unchanged files from the cache."""

from __future__ import annotations

import itertools
import operator
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ...schemas.cache.store import cache_directory
from ...schemas.errors import InputError
from ..readers.discovery import find_sources, name_inputs
from ..readers.dispatch import check_encoding
from .cache_entries import CacheEntry, EarlierKeys, RuleDescriptions, microseconds, pack, unpack
from .cache_keys import digest_settings, digest_source
from .cache_store import Store
from .findings import describe_all, findings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...schemas.checks.seen import DuplicateIndex
    from ...schemas.findings import Described, Finding
    from ..api import Cleaner
    from ..readers.batches import Unreadable
    from ..readers.source import Source
    from ..runs.judge import BatchResult
    from ..settings import Settings

LARGEST_FILE = 16 << 20  # bytes; a larger file is not cached, because its findings are in memory at once
LARGEST_INPUT = 512 << 20  # bytes; larger inputs are not cached, because their keys are in memory at once
_WINDOW = 2_000  # files per look-up; together they have at most `LARGEST_FILE` bytes


class Checker:
    """Runs `check` under some settings. With `cache`, files that were checked before are not checked again."""

    def __init__(
        self, settings: Settings, *, kind: str = "auto", encoding: str | None = None, cache: bool = False
    ) -> None:
        self._settings, self._kind, self._encoding = settings, kind, check_encoding(encoding)
        self._store = Store(cache_directory() / "findings.sqlite") if cache else None

    @cached_property
    def cleaner(self) -> Cleaner:
        """The cleaner, made on first use."""
        return self._settings.cleaner()

    @property
    def described(self) -> dict[str, Described]:
        """The descriptions of all rules and checks that a finding can have, by id."""
        return self._descriptions.described

    @property
    def all_ids(self) -> list[str]:
        """The ids of all rules and checks."""
        return self._descriptions.all_ids

    @property
    def former(self) -> dict[str, list[str]]:
        """For each id and family that rules had before, the selectors of the same rules today."""
        return self._descriptions.former

    def check(self, inputs: list[str]) -> Iterator[list[Finding]]:
        """Yield the findings of each record.

        Raises `InputError` for an input that cannot be read, and if the inputs contain no record.
        """
        sources = find_sources(inputs, self._kind, exclude=self._settings.exclusions)
        read = 0
        for findings in self._check_with_cache(sources) if self._uses_cache(sources) else self._check_all(sources):
            read += 1
            yield findings
        if not read:
            raise InputError("no record in it", where=name_inputs(inputs), hint="name a file that contains articles")

    def close(self) -> None:
        """Close the cache."""
        if self._store is not None:
            self._store.close()

    @cached_property
    def _digest(self) -> bytes:
        return digest_settings(self._settings, self._encoding)

    @cached_property
    def _descriptions(self) -> RuleDescriptions:
        if self._store is not None:
            data = self._store.find([self._digest]).get(self._digest)
            if data is not None and (cached := unpack(data, RuleDescriptions)) is not None:
                return cached
        from ...rules.ruleset.selection import former_names
        from ...schemas.checks.registry import load_checks
        from ...schemas.plugins import any_skipped

        infos = self.cleaner.ruleset.infos
        ids = [*infos, *load_checks(), *self.cleaner.ruleset.selection.own_checks]
        former = {name: [*names] for name, names in former_names(infos.values(), ids).items()}
        descriptions = RuleDescriptions(describe_all(self.cleaner), ids, former)
        data = pack(descriptions)
        # do not cache while a plugin is skipped: loading it again repeats the warning in each run
        if self._store is not None and data is not None and not any_skipped():
            self._store.add({self._digest: data})
        return descriptions

    def _uses_cache(self, sources: list[Source]) -> bool:
        return self._store is not None and sum(source.size for source in sources) <= LARGEST_INPUT

    def _check_all(self, sources: list[Source]) -> Iterator[list[Finding]]:
        from ..runs.judge import warn_of_unused_fields
        from ..runs.seen_records import RunDuplicateIndex

        yield from self._check_sources(sources, sources, RunDuplicateIndex(), datetime.now(timezone.utc))
        warn_of_unused_fields(self.cleaner.loader.unseen)

    def _check_with_cache(self, sources: list[Source]) -> Iterator[list[Finding]]:
        """Check only the files that the cache does not have, and cache their findings."""
        now = datetime.now(timezone.utc)
        unseen = set(self.cleaner.loader.wanted)
        earlier = EarlierKeys()
        deferrable = True
        for window in _windows(sources):
            entries: dict[str, CacheEntry] = {}
            if deferrable and _is_cacheable(window[0]):
                entries = self._entries(window, sources, now)
                deferrable = all(entry.deferrable for entry in entries.values())
            if deferrable and entries:
                for source in window:
                    unseen -= set(entries[source.name].mapped)
                    yield from earlier.sift(entries[source.name], source.label)
            else:
                from ..runs.judge import paths_by_name
                from ..runs.seen_records import LookupDuplicateIndex

                index = LookupDuplicateIndex(earlier.find_twin, paths_by_name(sources))
                yield from self._check_sources(window, sources, index, now)
                unseen &= self.cleaner.loader.unseen
        if unseen:
            from ..runs.judge import warn_of_unused_fields

            warn_of_unused_fields(unseen)

    def _check_sources(
        self, some: list[Source], sources: list[Source], seen: DuplicateIndex, now: datetime
    ) -> Iterator[list[Finding]]:
        """Check some of the sources; yield the findings of each record."""
        from ..runs.judge import judge_sources, paths_by_name

        cleaner, labels = self.cleaner, paths_by_name(sources)
        for result in judge_sources(some, cleaner, self._encoding, now=now, seen=seen):
            yield from findings_of(result, cleaner, labels)

    def _entries(self, window: list[Source], sources: list[Source], now: datetime) -> dict[str, CacheEntry]:
        """Return the cache entries of some files by their names; check the files that the cache does not have."""
        assert self._store is not None
        keys = {source.name: self._key(source) for source in window}
        cached = self._store.find(list(keys.values()))
        entries = {name: entry for name, key in keys.items() if (entry := _current(cached.get(key), now))}
        missing = [source for source in window if source.name not in entries]
        if missing:
            fresh = {source.name: CacheEntry.empty(now) for source in missing}
            for name, entry in self._make_entries(missing, sources, now):
                fresh[name].add(entry)
            packed = {keys[name]: pack(entry) for name, entry in fresh.items() if entry.lasting}
            self._store.add({key: data for key, data in packed.items() if data is not None})
            entries |= fresh
        return entries

    def _key(self, source: Source) -> bytes:
        assert source.path is not None
        try:
            content = source.path.read_bytes()
        except OSError:
            raise source.changed() from None
        selection = self._settings.selection
        ignored = selection.ignored_for(None, source.label) if selection.sources else ()
        dates = self._settings.dates
        of_file = (dates.zone_of(None, source.label), dates.order_of(None, source.label))
        return digest_source(source, self._digest, (*ignored, *filter(None, of_file)), content)

    def _make_entries(
        self, some: list[Source], sources: list[Source], now: datetime
    ) -> Iterator[tuple[str, CacheEntry]]:
        """Check some sources; yield the name of each with the entry of its records, perhaps in several parts."""
        from ..runs.judge import judge_sources, paths_by_name
        from ..runs.seen_records import DeferredDuplicateIndex

        cleaner, labels = self.cleaner, paths_by_name(sources)
        mapped = cleaner.loader.wanted
        seen = DeferredDuplicateIndex()
        for result in judge_sources(some, cleaner, self._encoding, now=now, seen=seen):
            items = list(result.in_order(range(result.records.count)))
            rows = zip(_files_of(items, result), items, findings_of(result, cleaner, labels), strict=True)
            for name, group in itertools.groupby(rows, operator.itemgetter(0)):
                entry = CacheEntry.empty(now)
                entry.valid_until, entry.duplicate_keys = (
                    microseconds(result.checked.valid_until),
                    dict(result.checked.duplicate_keys),
                )
                entry.keys = {kind: [] for kind in seen.keys}
                names: set[str] = set()
                for _, item, findings in group:
                    if mapped and isinstance(item, int):
                        names |= cleaner.loader.wanted_in(result.batch.names_of(item))
                    for kind, keys in seen.keys.items():
                        entry.keys[kind].append(keys[item] if isinstance(item, int) else None)
                    entry.names.append(_name_of(item, result))
                    entry.findings.append(_without_file(findings, labels[name]))
                entry.mapped = sorted(names)
                yield name, entry
            seen.keys = {}


def _files_of(items: list[int | Unreadable], result: BatchResult) -> list[str]:
    """Return the name of the file of each record, also of records that could not be read."""
    return [str(result.place_of(item).file) if isinstance(item, int) else item.file for item in items]


def _name_of(item: int | Unreadable, result: BatchResult) -> tuple[str, int | None]:
    """Return the id and the line of a record. One that could not be read is no twin of another one."""
    if isinstance(item, int):
        return result.records.ids[item].as_py(), result.place_of(item).line
    return "", item.line


def _without_file(findings: list[Finding], file: str) -> list[Finding]:
    return [msgspec.structs.replace(finding, file="") if finding.file == file else finding for finding in findings]


def _is_cacheable(source: Source) -> bool:
    """Return whether the bytes of a source are enough to find its findings in the cache."""
    return source.path is not None and source.kind != "quarantine" and source.size <= LARGEST_FILE


def _windows(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """Yield groups of sources to look up at once. A source that cannot be cached is a group of its own."""
    window: list[Source] = []
    room = LARGEST_FILE
    for source in sources:
        joins = _is_cacheable(source)
        if window and (not joins or source.size > room or len(window) == _WINDOW):
            yield window
            window, room = [], LARGEST_FILE
        if joins:
            window.append(source)
            room -= source.size
        else:
            yield [source]
    if window:
        yield window


def _current(data: bytes | None, now: datetime) -> CacheEntry | None:
    """Return a cache entry if it is one and is valid now."""
    entry = unpack(data, CacheEntry) if data is not None else None
    return entry if entry is not None and entry.made <= microseconds(now) < entry.valid_until else None

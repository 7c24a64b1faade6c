"""What the selection turns off: checks of a suite, and rules and checks for the records of some sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...rules.ruleset.selection import EVERYTHING, narrowness
from .loader import hosts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...rules.ruleset.ruleset import Ruleset
    from ...rules.ruleset.selection import Selection
    from ...schemas.byte_arrays import Mask
    from ...schemas.checks.suites import Suite, SuiteCheck
    from ...schemas.reasons import Reasons
    from .loader import Records


def select_checks(suite: Suite, selection: Selection) -> Suite:
    """Return a suite with only the selected checks, with the severities that the user chose."""
    if selection == EVERYTHING:
        return suite

    def wanted(entry: SuiteCheck) -> SuiteCheck:
        return replace(entry, severity=selection.severity_of(entry.id, entry.severity))

    def chosen(entries: Iterable[SuiteCheck]) -> tuple[SuiteCheck, ...]:
        return tuple(wanted(entry) for entry in entries if selection.takes(entry.id))

    overrides = [
        {check_id: entry and wanted(entry) for check_id, entry in override.entries.items() if selection.takes(check_id)}
        for override in suite.overrides
    ]
    return replace(
        suite,
        entries=chosen(suite.entries),
        set_entries=chosen(suite.set_entries),
        overrides=tuple(
            replace(override, entries=entries) for override, entries in zip(suite.overrides, overrides, strict=True)
        ),
    )


class SourceIgnores:
    """The rules and checks that are turned off for records of some hosts or files."""

    def __init__(self, ruleset: Ruleset, suite: Suite) -> None:
        self._selection = ruleset.selection
        self._ids = [*ruleset.infos, *(entry.id for entry in suite.columns())]
        self._seen: dict[tuple[str | None, str | None], frozenset[str]] = {}

    def of(self, records: Records, paths: Mapping[str, str]) -> list[frozenset[str]] | None:
        """Return what is turned off for each record, None if nothing is. `paths` are the paths of files by name."""
        if not self._selection.sources:
            return None
        hosts, file = hosts_of(records), records.place.file
        names = file if isinstance(file, list) else [file] * records.count
        files = [paths.get(name, name) if name is not None else None for name in names]
        pairs = zip(hosts.to_pylist() if hosts is not None else [None] * records.count, files, strict=True)
        ignored = [self._seen[pair] if pair in self._seen else self._find(*pair) for pair in pairs]
        return ignored if any(ignored) else None

    def _find(self, host: str | None, file: str | None) -> frozenset[str]:
        selectors = self._selection.ignored_for(host.lower().removeprefix("www.") if host else None, file)
        ignored = frozenset(rule_id for rule_id in self._ids if narrowness(selectors, rule_id))
        self._seen[host, file] = ignored
        return ignored


def apply_source_ignores(
    flags: dict[str, Mask], reasons: Reasons, ignored: Sequence[frozenset[str]] | None
) -> tuple[dict[str, Mask], Reasons]:
    """Remove the results of checks that are turned off for their record."""
    if ignored is None:
        return flags, reasons
    for check_id in set().union(*ignored) & flags.keys():
        spared = np.fromiter((check_id in ids for ids in ignored), np.bool_, len(ignored))
        flags[check_id] = flags[check_id] & ~spared
    return flags, reasons.without(ignored)

"""What the selection leaves out: checks of a suite, and rules and checks for the records of some sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..rules.selection import narrowness
from .articles import hosts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..rules.ruleset import Ruleset
    from ..rules.selection import Selection
    from ..schemas.checks import Check
    from ..schemas.reasons import Mask
    from .records import Records


def chosen_checks(suite: Iterable[Check], selection: Selection) -> tuple[Check, ...]:
    """Give the checks of a suite that are selected, with the severities that the user wants."""
    return tuple(
        replace(check, severity=selection.severity_of(check.id, check.severity))
        for check in suite
        if selection.takes(check.id)
    )


class Spared:
    """Which rules and checks are not to run on records of some hosts or files."""

    def __init__(self, ruleset: Ruleset, suite: Sequence[Check]) -> None:
        self._selection = ruleset.selection
        self._ids = [*ruleset.infos, *(check.id for check in suite)]
        self._seen: dict[tuple[str | None, str | None], frozenset[str]] = {}

    def of(self, records: Records, paths: Mapping[str, str]) -> list[frozenset[str]] | None:
        """Give what is not to run on each record; None if all is to run on all. `paths` of files go by their names."""
        hosts, file = hosts_of(records), records.place.file
        names = file if isinstance(file, list) else [file] * records.count
        files = [paths.get(name, name) if name is not None else None for name in names]
        pairs = zip(hosts.to_pylist() if hosts is not None else [None] * records.count, files, strict=True)
        found = [self._seen[pair] if pair in self._seen else self._find(*pair) for pair in pairs]
        return found if any(found) else None

    def _find(self, host: str | None, file: str | None) -> frozenset[str]:
        selectors = self._selection.ignored_for(host.lower().removeprefix("www.") if host else None, file)
        found = frozenset(rule_id for rule_id in self._ids if narrowness(selectors, rule_id))
        self._seen[host, file] = found
        return found


def spare_flags(flags: dict[str, Mask], ignored: Sequence[frozenset[str]]) -> None:
    """Take back the flags of checks that are not to run on their record."""
    for check_id in set().union(*ignored) & flags.keys():
        spared = np.fromiter((check_id in ids for ids in ignored), np.bool_, len(ignored))
        flags[check_id] = flags[check_id] & ~spared

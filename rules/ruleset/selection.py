"""Which rules and checks run: by id, by family, by the source of a record."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.errors import SettingError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...schemas.severity import Severity
    from .model import RuleInfo

ALL = "all"
_log = logging.getLogger("copydesk")
_noted: set[tuple[str, str]] = set()


@dataclass(frozen=True)
class Selection:
    """Selectors as the user wrote them: an id, a family, or `all`. The narrowest wins, and among equals `ignore`."""

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    sources: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Globs of hosts and of paths below `root`, each with the selectors of what does not run on their records."""
    severity: tuple[tuple[str, Severity], ...] = ()
    root: Path = field(default=Path(), compare=False)
    own_checks: tuple[str, ...] = field(default=(), compare=False)
    """Ids of checks that files of the user declare."""

    def takes(self, rule_id: str) -> bool:
        """Return whether a rule or check runs."""
        return narrowness(self.select, rule_id) > narrowness(self.ignore, rule_id)

    def names(self, rule_id: str) -> bool:
        """Return whether a rule is selected by its own id, as an unsafe rule must be."""
        return rule_id in self.select

    def severity_of(self, rule_id: str, declared: Severity) -> Severity:
        """Return the severity of a rule or check: the user's, else the one it declares."""
        best = max(self.severity, key=lambda pair: narrowness(pair[:1], rule_id), default=(ALL, declared))
        return best[1] if narrowness(best[:1], rule_id) else declared

    def ignored_for(self, host: str | None, file: str | None) -> tuple[str, ...]:
        """Return the selectors of what does not run on records of a host (in lower case) and a file."""
        names = [host] if host else []
        if file:
            names += [file, Path(os.path.relpath(file, self.root)).as_posix()]
        return tuple(
            selector
            for glob, selectors in self.sources
            if any(fnmatchcase(name, glob) for name in names)
            for selector in selectors
        )

    @property
    def choices(self) -> list[object]:
        """What of it can change the cuts, for a digest. Empty if nothing is chosen."""
        return [] if self == replace(EVERYTHING, severity=self.severity) else [self.select, self.ignore, self.sources]

    def resolve(self, ids: Iterable[str], former: Mapping[str, Sequence[str]]) -> Selection:
        """Return the selection with former names replaced; `ids` are those of all rules and checks.

        `former` is what `former_names` returns. Raises `SettingError` for a selector that names nothing.
        """
        ids = list(ids)

        def current(selectors: Iterable[str], key: str) -> tuple[str, ...]:
            return resolved(replace_former(selectors, key, former), key, ids)

        severity = [(name, level) for selector, level in self.severity for name in current([selector], "severity")]
        return replace(
            self,
            select=current(self.select, "select"),
            ignore=current(self.ignore, "ignore"),
            sources=tuple((glob, current(selectors, "per-source-ignores")) for glob, selectors in self.sources),
            severity=tuple(severity),
        )


EVERYTHING = Selection()


def former_names(infos: Iterable[RuleInfo], ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each id and family that rules had before, the selectors of the same rules today.

    `ids` are those of all rules and checks. A family that some of them still have selects these, too: `corpus` was the
    family of a rule and is one of checks, so it becomes `corpus` and the rule's new family.
    """
    families = {rule_id.partition("/")[0] for rule_id in ids}
    former: dict[str, tuple[str, ...]] = {}
    for info in infos:
        for alias in info.aliases:
            former[alias] = (info.id,)
            family = alias.partition("/")[0]
            if family != info.family:
                kept = former.get(family, (family,) if family in families else ())
                former[family] = tuple(dict.fromkeys((*kept, info.family)))
    return former


def replace_former(selectors: Iterable[str], key: str, former: Mapping[str, Sequence[str]]) -> list[str]:
    """Return selectors with former names replaced, as `former_names` returns them. Each is noted once a process.

    `key` is where the selectors stand, for the note.
    """
    current: list[str] = []
    for selector in selectors:
        names = former.get(selector, (selector,))
        if selector not in names and (key, selector) not in _noted:
            _noted.add((key, selector))
            _log.warning("%s: %s is called %s now", key, selector, " and ".join(names))
        current += names
    return current


def resolved(selectors: Iterable[str], key: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Return selectors as they are. Raises `SettingError` for one that names no rule, check or family of `ids`."""
    known = set(ids)
    valid = known | {rule_id.split("/")[0] for rule_id in known} | {ALL}
    checked = tuple(selectors)
    for selector in checked:
        if selector not in valid:
            raise SettingError(
                f"{key}: no rule, check or family {selector!r}{nearest(selector, sorted(valid))}",
                hint="see `copydesk rules list`",
            )
    return checked


def narrowness(selectors: Iterable[str], rule_id: str) -> int:
    """Return how closely the best of some selectors names an id: 3 by id, 2 by family, 1 by `all`, 0 not at all.

    >>> narrowness(["all", "comments"], "comments/form")
    2
    """
    ranks = {rule_id: 3, rule_id.split("/")[0]: 2, ALL: 1}
    return max((ranks.get(selector, 0) for selector in selectors), default=0)

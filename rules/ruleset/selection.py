"""Which rules and checks run: by id, by family, by the source of a record."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.errors import SettingError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...schemas.severity import Severity

ALL = "all"


@dataclass(frozen=True)
class Selection:
    """Selectors as the user wrote them: an id, a family, or `all`. The narrower one wins, `ignore` among equals."""

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    sources: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Globs of hosts and of paths below `root`, each with what is not to run on their records."""
    severity: tuple[tuple[str, Severity], ...] = ()
    root: Path = field(default=Path(), compare=False)

    def takes(self, rule_id: str) -> bool:
        """Say whether a rule or check is to run."""
        return narrowness(self.select, rule_id) > narrowness(self.ignore, rule_id)

    def names(self, rule_id: str) -> bool:
        """Say whether a rule is selected by its very id, as an unsafe one must be."""
        return rule_id in self.select

    def severity_of(self, rule_id: str, declared: Severity) -> Severity:
        """Give the severity of a rule or check: the user's, else the one it declares."""
        found = max(self.severity, key=lambda pair: narrowness(pair[:1], rule_id), default=(ALL, declared))
        return found[1] if narrowness(found[:1], rule_id) else declared

    def ignored_for(self, host: str | None, file: str | None) -> tuple[str, ...]:
        """Give the selectors of what is not to run on records of a host (in lower case) and a file."""
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
        """What of it makes a difference to cuts, for a digest; nothing if it chooses nothing."""
        return [] if self == replace(EVERYTHING, severity=self.severity) else [self.select, self.ignore, self.sources]

    def check(self, known: Iterable[str], aliases: Mapping[str, str]) -> Selection:
        """Give it with former ids replaced. Raises `SettingError` for a selector that means no known rule or check."""
        known = list(known)

        def current(selectors: Iterable[str], key: str) -> tuple[str, ...]:
            return resolved((aliases.get(selector, selector) for selector in selectors), key, known)

        severity = [(current([name], "severity")[0], level) for name, level in self.severity]
        return replace(
            self,
            select=current(self.select, "select"),
            ignore=current(self.ignore, "ignore"),
            sources=tuple((glob, current(selectors, "per-source-ignores")) for glob, selectors in self.sources),
            severity=tuple(severity),
        )


EVERYTHING = Selection()


def resolved(selectors: Iterable[str], key: str, known: Iterable[str]) -> tuple[str, ...]:
    """Give selectors as they are. Raises `SettingError` for one that means no known rule or check."""
    ids = set(known)
    valid = ids | {rule_id.split("/")[0] for rule_id in ids} | {ALL}
    found = tuple(selectors)
    for selector in found:
        if selector not in valid:
            raise SettingError(
                f"{key}: no rule, check or family {selector!r}{nearest(selector, sorted(valid))}",
                hint="see `copydesk rules list`",
            )
    return found


def narrowness(selectors: Iterable[str], rule_id: str) -> int:
    """Give how closely the best of some selectors means an id: 3 by id, 2 by family, 1 by `all`, 0 not at all.

    >>> narrowness(["all", "comments"], "comments/form")
    2
    """
    ranks = {rule_id: 3, rule_id.split("/")[0]: 2, ALL: 1}
    return max((ranks.get(selector, 0) for selector in selectors), default=0)

"""Rules of some sites: they cut only records of their hosts, and of the subdomains of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .match.zones import PhraseHits
from .site_templates import plain_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.ruleset.model import PhraseRule
    from .lines.split import Lines
    from .types import RecordContext


class SiteRules:
    """The hosts of phrase rules, by the number of the rule. A rule without hosts runs everywhere."""

    def __init__(self, rules: Sequence[PhraseRule]) -> None:
        self._hosts = [frozenset(rule.hosts) for rule in rules]
        self._has_hosts = np.array([bool(hosts) for hosts in self._hosts], np.bool_)

    def runs_on(self, rule: int, host: str | None) -> bool:
        """Return whether a rule runs on a record of a host."""
        hosts = self._hosts[rule]
        if not hosts:
            return True
        labels = plain_host(host or "").split(".")
        return any(".".join(labels[at:]) in hosts for at in range(len(labels)))

    def remaining(self, hits: PhraseHits, lines: Lines, contexts: Sequence[RecordContext] | None) -> PhraseHits:
        """Return the hits without those of rules that do not run on the record of their line."""
        at = np.flatnonzero(self._has_hosts[hits.rule]) if self._has_hosts.any() else ()
        if not len(at):
            return hits
        kept = np.ones(len(hits.line), np.bool_)
        for hit in at:
            host = contexts[lines.row[hits.line[hit]]].host if contexts is not None else None
            kept[hit] = self.runs_on(int(hits.rule[hit]), host)
        return PhraseHits(hits.line[kept], hits.rule[kept])

"""Which rules and lines the decisions of a project leave alone, for each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .loader import hosts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...schemas.decisions import Decisions, Keep, KeptLines
    from .loader import Records

_Scope = tuple[str, str]  # a host and the id of a record; empty: whatever they are


class DecidedRecords:
    """The decisions, found by host and id."""

    def __init__(self, decisions: Decisions) -> None:
        self._by_scope: dict[_Scope, list[Keep]] = {}
        for entry in decisions.entries:
            host = (entry.host or "").lower().removeprefix("www.")
            self._by_scope.setdefault((host, entry.record or ""), []).append(entry)
        self._has_hosts = any(host for host, _ in self._by_scope)
        self._has_records = any(record for _, record in self._by_scope)
        self._seen: dict[tuple[_Scope, ...], tuple[frozenset[str], KeptLines]] = {}

    def of(
        self, records: Records, ignored: list[frozenset[str]] | None
    ) -> tuple[list[frozenset[str]] | None, list[KeptLines] | None]:
        """Return for each record the rules that do not run on it, and the lines that rules leave alone.

        `ignored` are the rules that do not run for other reasons. Each list is None if it has nothing.
        """
        if not self._by_scope:
            return ignored, None
        found = [self._decide(scopes) for scopes in self._scopes(records)]
        rules = [own for own, _ in found]
        if ignored is not None:
            rules = [one | own if own else one for one, own in zip(ignored, rules, strict=True)]
        return rules if any(rules) else None, [kept for _, kept in found]

    def _scopes(self, records: Records) -> Iterable[tuple[_Scope, ...]]:
        """Yield the scopes of decisions that fit each record."""
        hosts = hosts_of(records) if self._has_hosts else None
        names = hosts.to_pylist() if hosts is not None else [None] * records.count
        ids = records.ids.to_pylist() if self._has_records else [""] * records.count
        for host, record in zip(names, ids, strict=True):
            plain = (host or "").lower().removeprefix("www.")
            scopes = dict.fromkeys([("", ""), (plain, ""), ("", record), (plain, record)])
            yield tuple(scope for scope in scopes if scope in self._by_scope)

    def _decide(self, scopes: tuple[_Scope, ...]) -> tuple[frozenset[str], KeptLines]:
        if scopes not in self._seen:
            entries = [entry for scope in scopes for entry in self._by_scope[scope]]
            lines: dict[str, set[str]] = {}
            for entry in entries:
                if entry.key is not None:
                    lines.setdefault(entry.rule, set()).add(entry.key)
            ignored = frozenset(entry.rule for entry in entries if entry.key is None)
            self._seen[scopes] = ignored, {rule: frozenset(digests) for rule, digests in lines.items()}
        return self._seen[scopes]

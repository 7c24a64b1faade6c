"""Templates of sites, learned from a corpus: which lines recur on the documents of one host, and how often.

A line is known by a hash of itself and its host, so the table holds no text, and its size is bounded: where a corpus
has more different lines than that, those that were seen least are forgotten.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Templates:
    """On how many documents of their host lines recur; made by `learn_templates`."""

    def __init__(self, lines: Mapping[int, int], hosts: Mapping[str, int]) -> None:
        self._lines = dict(lines)
        self._hosts = dict(hosts)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def digest(self) -> str:
        """SHA-256 over the table: with the same one, and the same ruleset, the same bytes come out."""
        content = repr((sorted(self._lines.items()), sorted(self._hosts.items())))
        return hashlib.sha256(content.encode()).hexdigest()

    def knows(self, host: str | None) -> bool:
        """Say whether anything recurs on a host."""
        return host is not None and plain_host(host) in self._hosts

    def find(self, host: str | None, line: str) -> tuple[int, int] | None:
        """Give the number of documents on which a line of a host stands, and that of all of the host."""
        name = plain_host(host or "")
        count = self._lines.get(_hash(name, line))
        return (count, self._hosts[name]) if count and name in self._hosts else None


def plain_host(host: str) -> str:
    """Give a host as it is counted."""
    return host.lower().removeprefix("www.")


def _split(text: str) -> list[str]:
    return text.replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n").split("\n")


def _hash(host: str, line: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{host}\n{line}".encode(), digest_size=8).digest(), "little")

"""Learned site templates: which lines recur on the documents of one host, and how often.

A line is identified by a hash of itself and its host, so the table holds no text. Its size is bounded: of too many
different lines, the least frequent ones are forgotten.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Templates:
    """The number of documents of their host that recurring lines are on; made by `learn_templates`."""

    def __init__(self, lines: Mapping[int, int], hosts: Mapping[str, int]) -> None:
        """Take the number of documents by the hash of each line, and by each host."""
        self._lines = dict(lines)
        self._hosts = dict(hosts)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def digest(self) -> str:
        """SHA-256 of the table. The same table and the same ruleset give the same bytes."""
        content = repr((sorted(self._lines.items()), sorted(self._hosts.items())))
        return hashlib.sha256(content.encode()).hexdigest()

    def knows(self, host: str | None) -> bool:
        """Return whether any line recurs on a host."""
        return host is not None and plain_host(host) in self._hosts

    def find(self, host: str | None, line: str) -> tuple[int, int] | None:
        """Return (documents with the line, documents of the host) for a recurring line of a host, else None."""
        name = plain_host(host or "")
        count = self._lines.get(hash_line(name, line))
        return (count, self._hosts[name]) if count and name in self._hosts else None


def plain_host(host: str) -> str:
    """Return a host as it is counted: in lower case, without `www.`."""
    return host.lower().removeprefix("www.")


def hash_line(host: str, line: str) -> int:
    """Return the 64-bit key of a line of a plain host."""
    return int.from_bytes(hashlib.blake2b(f"{host}\n{line}".encode(), digest_size=8).digest(), "little")

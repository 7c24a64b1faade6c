"""Many patterns over one buffer at once: databases of Hyperscan, kept on disk by the digest of what they are made of.

What is found so is a candidate and no more: expressions are compiled in Hyperscan's mode for filters, in which they may
find too much, never too little.
"""

from __future__ import annotations

import hashlib
import platform
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import hyperscan
import numpy as np

from .store import cache_directory, digest_of_code, load_or_make

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..byte_arrays import Bytes, Ints

ENGINE = (getattr(hyperscan, "__version__", ""), platform.machine())
"""What else a compiled database depends on: the version of the library, and the kind of processor."""
FILTER = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_PREFILTER


class Scanner:
    """A Hyperscan database, and the numbers that its expressions stand for. Threads may share it."""

    def __init__(self, database: bytes, owners: Sequence[int]) -> None:
        self._owners = np.array(owners, np.int64)
        self._database: Any = hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK) if database else None
        self._own = threading.local()

    def scan(self, data: Bytes, ends: Ints) -> tuple[Ints, Ints]:
        """Give the pairs (span, number) of what is found in spans that end before `ends`; one may come twice."""
        found: list[int] = []

        def on_match(expression: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            found.append(end << 24 | expression)

        if self._database is not None and len(data):
            scratch = self._own.__dict__.get("scratch")  # one for each thread
            if scratch is None:
                scratch = self._own.scratch = hyperscan.Scratch(self._database)
            self._database.scan(data, match_event_handler=on_match, scratch=scratch)
        hits = np.array(found, np.int64)
        return np.searchsorted(ends, hits >> 24), self._owners[hits & 0xFFFFFF]


def compile_database(expressions: Sequence[bytes], flags: Sequence[int]) -> bytes:
    """Compile expressions to a database. Raises `hyperscan.error` for one that cannot be."""
    if not expressions:
        return b""
    database = hyperscan.Database()
    database.compile(expressions=list(expressions), ids=list(range(len(expressions))), flags=list(flags))
    dump: bytes = hyperscan.dumpb(database)
    return dump


def is_sound(database: bytes) -> bool:
    """Say whether a database can be used here: it may be damaged, or made for another kind of processor."""
    try:
        if database:
            hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:
        return False
    return True


@lru_cache
def load_scanner(
    name: str, patterns: tuple[str, ...], *flags: int, loosen: Callable[[str], str] = str, code: str = __file__
) -> Scanner:
    """Give a scanner of some patterns, numbered in their order, from the user's cache if it is there and sound.

    `name` is the ending of its file; `flags` are Hyperscan's, for all of them, beside those of a filter. `loosen`, of
    the file `code`, makes of each pattern what Hyperscan is to look for.
    """
    digest = hashlib.sha256(repr((name, patterns, flags, digest_of_code(code), ENGINE)).encode()).hexdigest()
    path = cache_directory() / f"{digest}.{name}"

    def make() -> bytes:
        expressions = [loosen(pattern).encode() for pattern in patterns]
        return compile_database(expressions, [sum(flags, FILTER)] * len(patterns))

    database = load_or_make(path, lambda body: body if is_sound(body) else None, make, bytes)
    return Scanner(database, range(len(patterns)))

"""Scan one buffer for many patterns at once with a Hyperscan database, which is cached on disk.

The hits are only candidates. Hyperscan's mode for filters can return too many hits, but never too few.
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
"""Compiled databases also depend on the version of the library and on the kind of processor."""
FILTER = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_PREFILTER


class Scanner:
    """A Hyperscan database, and the number that each of its expressions stands for. Threads can share it."""

    def __init__(self, database: bytes, owners: Sequence[int]) -> None:
        self._owners = np.array(owners, np.int64)
        self._database: Any = hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK) if database else None
        self._local = threading.local()

    def scan(self, data: Bytes, ends: Ints) -> tuple[Ints, Ints]:
        """Return pairs (span, number) of hits in spans of the data that end before `ends`. A pair can occur twice."""
        matches: list[int] = []  # the end of the match and the number of the expression in one integer

        def on_match(expression: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            matches.append(end << 24 | expression)

        if self._database is not None and len(data):
            if not hasattr(self._local, "scratch"):  # the memory of a scan: one for each thread
                self._local.scratch = hyperscan.Scratch(self._database)
            self._database.scan(data, match_event_handler=on_match, scratch=self._local.scratch)
        hits = np.array(matches, np.int64)
        return np.searchsorted(ends, hits >> 24), self._owners[hits & 0xFFFFFF]


def compile_database(expressions: Sequence[bytes], flags: Sequence[int]) -> bytes:
    """Compile expressions to a database. Raises `hyperscan.error` if that fails."""
    if not expressions:
        return b""
    database = hyperscan.Database()
    database.compile(expressions=list(expressions), ids=list(range(len(expressions))), flags=list(flags))
    dump: bytes = hyperscan.dumpb(database)
    return dump


def is_sound(database: bytes) -> bool:
    """Return whether a database can be used: it may be damaged, or made for another kind of processor."""
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
    """Return a scanner of some patterns, numbered in their order, from the cache if it has one.

    `name` is the suffix of the cache file. `flags` are Hyperscan's flags for all patterns, added to those of a filter.
    `loosen`, a function of the source file `code`, turns each pattern into one that Hyperscan can compile.
    """
    digest = hashlib.sha256(repr((name, patterns, flags, digest_of_code(code), ENGINE)).encode()).hexdigest()
    path = cache_directory() / f"{digest}.{name}"

    def make() -> bytes:
        expressions = [loosen(pattern).encode() for pattern in patterns]
        return compile_database(expressions, [sum(flags, FILTER)] * len(patterns))

    database = load_or_make(path, lambda body: body if is_sound(body) else None, make, bytes)
    return Scanner(database, range(len(patterns)))

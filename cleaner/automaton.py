"""All patterns of a ruleset as one compiled Hyperscan database, kept on disk by digest.

Hyperscan only says which lines may match which rule. Whether they do is for `regex` to say, so that a pattern means
the same wherever it runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import tempfile
from typing import TYPE_CHECKING, Any

import hyperscan
import numpy as np
import regex

from ..rules.characters import fold
from ..rules.dialect import needs_unicode_classes, prefilter, translate
from ..schemas.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..rules.model import PhraseRule
    from .lines import Bytes, Ints

TIMEOUT = 1.0  # seconds that one pattern may spend on one line before it counts as no match
_MAGIC = b"copydesk-hs-1\n"
_CACHE_SIZE = 200_000


class Automaton:
    """The patterns of some rules: `whole` ones match a line's core, others match inside a line."""

    def __init__(self, rules: Sequence[PhraseRule], *, whole: bool, cache: Path | None = None) -> None:
        self.rules = rules
        self.whole = whole
        expressions: list[bytes] = []
        owners: list[int] = []
        flags: list[int] = []
        for index, rule in enumerate(rules):
            for pattern in rule.match:
                loose = prefilter(pattern, flattened=whole)
                expressions.append((rf"^(?:{loose})$" if whole else loose).encode())
                owners.append(index)
                flags.append(_flags(loose, folded=whole))
        self._owners = np.array(owners, np.int64)
        self._database = _load(expressions, flags, rules, owners, cache) if expressions else None
        self._match = [_join(rule.match) for rule in rules]
        self._unless = [_join(rule.unless) if rule.unless else None for rule in rules]
        self._known: dict[tuple[int, bytes], bool] = {}

    def candidates(self, buffer: Bytes, ends: Ints) -> tuple[Ints, Ints]:
        """Give the pairs (line, rule) that may match, sorted, for lines that end before `ends` in the buffer.

        For whole lines the buffer must be folded and flattened (`lines.fold_lines`, `lines.flatten`).
        """
        if self._database is None or not len(buffer):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        found: list[int] = []

        def on_match(pattern: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            found.append(end << 24 | pattern)

        self._database.scan(buffer, match_event_handler=on_match)
        hits = np.array(found, np.int64)
        # a match ends before its line feed, which `ends` is behind
        line = np.searchsorted(ends, (hits >> 24) + 1, side="left")
        pairs = np.unique(line << 24 | self._owners[hits & 0xFFFFFF])
        return pairs >> 24, pairs & 0xFFFFFF

    def confirm(self, core: bytes, rule: int) -> bool:
        """Say whether the whole of a line's core matches a rule."""
        key = (rule, core)
        known = self._known.get(key)
        if known is None:
            known = matches(fold(core.decode()), self._match[rule], self._unless[rule])
            if len(self._known) >= _CACHE_SIZE:
                self._known.clear()
            self._known[key] = known
        return known

    def spans(self, line: str, rule: int) -> list[tuple[int, int]]:
        """Give the spans of a line that a rule matches inside it, in code points."""
        folded = fold(line)
        unless = self._unless[rule]
        with contextlib.suppress(TimeoutError):
            if unless is not None and unless.search(folded, timeout=TIMEOUT):
                return []
            found = self._match[rule].finditer(folded, timeout=TIMEOUT)
            return [match.span() for match in found if match.end() > match.start()]
        return []


def matches(folded: str, match: Any, unless: Any) -> bool:
    """Say whether a folded core matches, and nothing rules it out. A pattern that takes too long does not match."""
    try:
        if not match.fullmatch(folded, timeout=TIMEOUT):
            return False
        return unless is None or not unless.fullmatch(folded, timeout=TIMEOUT)
    except TimeoutError:
        return False


def _join(patterns: Sequence[str]) -> Any:
    return regex.compile("|".join(f"(?:{translate(pattern)})" for pattern in patterns))


def _flags(translated: str, *, folded: bool) -> int:
    flags = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_MULTILINE
    if not folded:
        flags |= hyperscan.HS_FLAG_CASELESS
    if "(?=" in translated or "(?!" in translated or "(?<" in translated:
        flags |= hyperscan.HS_FLAG_PREFILTER
    if needs_unicode_classes(translated):
        flags |= hyperscan.HS_FLAG_UCP
    return int(flags)


def _load(
    expressions: list[bytes],
    flags: list[int],
    rules: Sequence[PhraseRule],
    owners: list[int],
    cache: Path | None,
) -> Any:
    """Give the compiled database, from the cache if a sound one is there."""
    recipe = repr((expressions, flags, hyperscan.__version__, platform.machine()))
    path = cache / f"{hashlib.sha256(recipe.encode()).hexdigest()}.hs" if cache else None
    database = _read_cache(path) if path else None
    if database is None:
        database = _compile(expressions, flags, rules, owners)
        if path:
            _write_cache(path, hyperscan.dumpb(database))
    return database


def _compile(expressions: list[bytes], flags: list[int], rules: Sequence[PhraseRule], owners: list[int]) -> Any:
    database = hyperscan.Database()
    try:
        database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=flags)
    except hyperscan.error as error:
        for expression, flag, owner in zip(expressions, flags, owners, strict=True):
            try:
                hyperscan.Database().compile(expressions=[expression], ids=[0], flags=[flag])
            except hyperscan.error as single:
                raise RuleError(
                    f"a pattern of {rules[owner].id} cannot be compiled: {single}", do="write it more simply"
                ) from None
        raise RuleError(f"the patterns cannot be compiled together: {error}", do="use fewer or shorter ones") from None
    return database


def _read_cache(path: Path) -> Any:
    """Give the database of a cache file, or None if it is missing, damaged or foreign."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    head, digest, dump = content[: len(_MAGIC)], content[len(_MAGIC) :][:32], content[len(_MAGIC) + 32 :]
    if head != _MAGIC or hashlib.sha256(dump).digest() != digest:
        return None
    try:
        database = hyperscan.loadb(dump, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except hyperscan.error:
        return None
    return database


def _write_cache(path: Path, dump: bytes) -> None:
    """Write a cache file at once or, where that is not possible, not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(dump).digest() + dump)
        os.replace(temporary, path)

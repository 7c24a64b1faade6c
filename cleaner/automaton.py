"""Which lines match which phrase rule: candidates by tables and one Hyperscan database, then `regex` to say.

How nearly all patterns begin is known, and lines that begin so are found by look-up. For patterns that may begin with
anything, and for those that match inside a line, Hyperscan finds the words that their matches hold. Both only say
which lines may match, and both are kept on disk by digest. Whether a line does match is for `regex` alone, so that a
pattern means the same wherever it runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import tempfile
from typing import TYPE_CHECKING, Any

import hyperscan
import msgspec
import numpy as np
import regex

from ..rules.characters import fold
from ..rules.dialect import loosened, needs_unicode_classes, translate
from ..rules.ruleset import ENGINE_VERSION
from ..rules.signatures import signatures
from ..schemas.errors import RuleError
from .index import Beginnings, Index, after_numbers, build
from .lines import unique_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..rules.model import PhraseRule
    from .lines import Bytes, Ints

TIMEOUT = 1.0  # seconds that one pattern may spend on one line before it counts as no match
_MAGIC = b"copydesk-patterns-5\n"  # another number whenever signatures or tables change
_CACHE_SIZE = 400_000


Table = tuple[int, bytes, bytes, bytes]  # the columns of `index.Beginnings`


class Compiled(msgspec.Struct):
    """What is kept on disk: two kinds of tables, and the Hyperscan database with the pattern of each expression."""

    beginnings: list[Table]
    after_number: list[Table]
    owners: list[int]
    database: bytes


class Automaton:
    """The patterns of some rules: `whole` ones match a line's core, others match inside a line."""

    def __init__(self, rules: Sequence[PhraseRule], *, whole: bool, cache: Path | None = None) -> None:
        self.rules = rules
        self.whole = whole
        self._patterns = [pattern for rule in rules for pattern in rule.match]
        self._rule_of = np.array([i for i, rule in enumerate(rules) for _ in rule.match], np.int64)
        compiled = self._load(cache)
        self._beginnings = _index(compiled.beginnings)
        self._after_number = _index(compiled.after_number)
        self._owners = np.array(compiled.owners, np.int64)
        self._database: Any = None
        if compiled.database:
            self._database = hyperscan.loadb(compiled.database, hyperscan.HS_MODE_BLOCK)
            self._database.scratch = hyperscan.Scratch(self._database)
        self._regexes: dict[int, Any] = {}
        self._unless = [_join(rule.unless) if rule.unless else None for rule in rules]
        self._known: dict[bytes, tuple[int, ...]] = {}

    def candidates(self, buffer: Bytes, ends: Ints) -> tuple[Ints, Ints]:
        """Give the pairs (line, pattern) that may match, sorted, for lines that end before `ends` in the buffer.

        For whole lines the buffer must be folded and flattened (`lines.fold_lines`, `lines.flatten`).
        """
        starts = np.concatenate([np.zeros(min(1, len(ends)), np.int64), ends[:-1]])
        line, pattern = self._beginnings.candidates(buffer, starts)
        more = self._after_number.candidates(buffer, after_numbers(buffer, starts))
        line, pattern = np.concatenate([line, more[0]]), np.concatenate([pattern, more[1]])
        if self._database is not None and len(buffer):
            found: list[int] = []

            def on_match(expression: int, _start: int, end: int, _flags: int, _context: Any) -> None:
                found.append(end << 24 | expression)

            self._database.scan(buffer, match_event_handler=on_match)
            hits = np.array(found, np.int64)
            # a match ends before its line feed, which `ends` is behind
            line = np.concatenate([line, np.searchsorted(ends, (hits >> 24) + 1)])
            pattern = np.concatenate([pattern, self._owners[hits & 0xFFFFFF]])
        return unique_pairs(line, pattern)

    def rule_of(self, patterns: Ints) -> Ints:
        """Give the rules that patterns belong to."""
        return self._rule_of[patterns]

    def confirm(self, core: bytes, patterns: Sequence[int]) -> tuple[int, ...]:
        """Give the rules that the whole of a line's core matches, of those of its candidates."""
        known = self._known.get(core)
        if known is None:
            folded = fold(core.decode())
            rules = {int(self._rule_of[p]) for p in patterns if matches(folded, self._regex(p))}
            known = tuple(sorted(rule for rule in rules if not self._ruled_out(folded, rule)))
            if len(self._known) >= _CACHE_SIZE:
                self._known.clear()
            self._known[core] = known
        return known

    def _ruled_out(self, folded: str, rule: int) -> bool:
        unless = self._unless[rule]
        return unless is not None and matches(folded, unless)

    def spans(self, line: str, rule: int) -> list[tuple[int, int]]:
        """Give the spans of a line that a rule matches inside it, in code points."""
        folded = fold(line)
        unless = self._unless[rule]
        with contextlib.suppress(TimeoutError):
            if unless is not None and unless.search(folded, timeout=TIMEOUT):
                return []
            found = _join(self.rules[rule].match).finditer(folded, timeout=TIMEOUT)
            return [match.span() for match in found if match.end() > match.start()]
        return []

    def _regex(self, pattern: int) -> Any:
        """Compile a pattern when it is first needed: most of them never are."""
        compiled = self._regexes.get(pattern)
        if compiled is None:
            compiled = self._regexes[pattern] = regex.compile(translate(self._patterns[pattern]))
        return compiled

    def _load(self, cache: Path | None) -> Compiled:
        """Give the tables and the database, from the cache if a sound one is there."""
        if not self._patterns:
            return Compiled([], [], [], b"")
        recipe = repr(
            (
                _MAGIC,
                self._patterns,
                self.whole,
                ENGINE_VERSION,
                getattr(hyperscan, "__version__", ""),
                platform.machine(),
            )
        )
        path = cache / f"{hashlib.sha256(recipe.encode()).hexdigest()}.patterns" if cache else None
        compiled = _read_cache(path) if path else None
        if compiled is None:
            compiled = self._compile()
            if path:
                _write_cache(path, msgspec.msgpack.encode(compiled))
        return compiled

    def _compile(self) -> Compiled:
        keys: list[tuple[bytes, int]] = []
        after_number: list[tuple[bytes, int]] = []
        expressions: list[str] = []
        owners: list[int] = []
        for number, pattern in enumerate(self._patterns):
            if not self.whole:
                expressions.append(loosened(pattern))
                owners.append(number)
                continue
            for signature in signatures(pattern):
                keys += [(key, number) for key in signature.keys]
                after_number += [(key, number) for key in signature.after_number]
                if signature.inner:
                    expressions.append(signature.inner)
                    owners.append(number)
        database = self._compile_database(expressions, owners) if expressions else b""
        return Compiled(_tables(keys), _tables(after_number), owners, database)

    def _compile_database(self, expressions: list[str], owners: list[int]) -> bytes:
        encoded = [expression.encode() for expression in expressions]
        flags = [_flags(expression, folded=self.whole) for expression in expressions]
        database = hyperscan.Database()
        try:
            database.compile(expressions=encoded, ids=list(range(len(encoded))), flags=flags)
        except hyperscan.error as error:
            for expression, flag, owner in zip(encoded, flags, owners, strict=True):
                try:
                    hyperscan.Database().compile(expressions=[expression], ids=[0], flags=[flag])
                except hyperscan.error as single:
                    rule = self.rules[self._rule_of[owner]].id
                    message = f"a pattern of {rule} cannot be compiled: {single}"
                    raise RuleError(message, do="write it more simply") from None
            raise RuleError(f"the patterns cannot be compiled together: {error}", do="use fewer of them") from None
        dump: bytes = hyperscan.dumpb(database)
        return dump


def _tables(pairs: list[tuple[bytes, int]]) -> list[Table]:
    return [(part.length, part.keys.tobytes(), part.bounds.tobytes(), part.patterns.tobytes()) for part in build(pairs)]


def _index(tables: list[Table]) -> Index:
    def numbers(column: bytes) -> Ints:
        return np.frombuffer(column, np.int64)

    return Index(
        [
            Beginnings(length, np.frombuffer(keys, np.uint64), numbers(bounds), numbers(patterns))
            for length, keys, bounds, patterns in tables
        ]
    )


def matches(folded: str, pattern: Any) -> bool:
    """Say whether the whole of a folded core matches. A pattern that takes too long does not match."""
    try:
        return bool(pattern.fullmatch(folded, timeout=TIMEOUT))
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


def _read_cache(path: Path) -> Compiled | None:
    """Give what a cache file holds, or None if it is missing, damaged or foreign."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    head, digest, dump = content[: len(_MAGIC)], content[len(_MAGIC) :][:32], content[len(_MAGIC) + 32 :]
    if head != _MAGIC or hashlib.sha256(dump).digest() != digest:
        return None
    try:
        compiled = msgspec.msgpack.decode(dump, type=Compiled)
        if compiled.database:
            hyperscan.loadb(compiled.database, hyperscan.HS_MODE_BLOCK)
    except (hyperscan.error, msgspec.DecodeError):
        return None
    return compiled


def _write_cache(path: Path, dump: bytes) -> None:
    """Write a cache file at once or, where that is not possible, not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(dump).digest() + dump)
        os.replace(temporary, path)

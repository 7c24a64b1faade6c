"""Which lines match which phrase rule: candidates by tables and one Hyperscan database, then `regex` to say.

How nearly all choices of a pattern begin and end is known, and lines that do so are found by look-up. For those that
may begin with anything, and for rules that match inside a line, one Hyperscan database finds the lines. All of that
only says which lines may match, and is kept on disk by digest. Whether a line does match is for `regex` alone, under
a timeout, so that a pattern means the same wherever it runs.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

import hyperscan
import msgspec
import numpy as np
import regex

from ....rules.patterns import alphabet, dialect, prefilter
from ....rules.patterns.alphabet import flatten_with_offsets
from ....rules.patterns.dialect import loosened, translate, widened
from ....rules.patterns.prefilter import KEY_BYTES, Prefilter, prefilters
from ....rules.ruleset.ruleset import ENGINE_VERSION
from ....schemas.cache.multi_pattern import ENGINE, FILTER, Scanner, compile_database, is_sound
from ....schemas.cache.regexes import LazyPatterns
from ....schemas.cache.store import digest_of_code, load_or_make
from ....schemas.errors import RuleError
from ..lines.split import unique_pairs
from .byte_index import (
    PrefixIndex,
    PrefixTable,
    SuffixIndex,
    SuffixTable,
    after_numbers,
    build_prefixes,
    build_suffixes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ....rules.ruleset.model import PhraseRule
    from ....schemas.byte_arrays import Bytes, Ints
    from ..lines.fold import FlatLines

TIMEOUT = 1.0  # seconds that one pattern may spend on one line before it counts as no match
_FORMAT = "12"  # another one whenever what is kept on disk changes
_UNICODE = regex.compile(r"\\[wWdDbB]")  # classes of an expression that need Unicode's properties
_MANY = 200  # patterns whose compilation is long enough to be told of
_log = logging.getLogger("copydesk")
_MEMORY = 400_000  # lines whose rules are remembered

Table = tuple[int, bytes, bytes, bytes]  # the columns of `index.PrefixTable`


class Compiled(msgspec.Struct):
    """What is kept on disk: the choices of all patterns, tables of how they begin and end, the Hyperscan database."""

    choices: list[str]
    """Of rules that match inside lines: the pattern of each rule."""
    rules: list[list[int]]
    """The rules that have each choice."""
    heads: list[Table]
    after_number: list[Table]
    tails: tuple[list[int], bytes, bytes]
    apart: list[str]
    """What each rule leaves alone."""
    owners: list[int]
    """The choice of each expression of the database."""
    database: bytes


class Phrases:
    """The patterns of rules that match the whole of a line; `numbers` are those of the rules in a run, -1 for none."""

    def __init__(self, rules: Sequence[PhraseRule], numbers: Sequence[int], cache: Path | None = None) -> None:
        compiled = _load("whole", rules, cache)
        self._rules_of = compiled.rules
        self._heads = _head_index(compiled.heads)
        self._after_number = _head_index(compiled.after_number)
        self._tails = _tail_index(compiled.tails)
        self._scanner = Scanner(compiled.database, compiled.owners)
        self._rules = rules
        self._numbers = numbers
        # those of the choices, then those of what each rule leaves alone
        self._patterns = LazyPatterns([*compiled.choices, *compiled.apart])
        self._choices = len(compiled.choices)
        self._known: dict[bytes, tuple[int, ...]] = {}

    def candidates(self, lines: FlatLines) -> tuple[Ints, Ints]:
        """Give the pairs (line, choice) that may match, sorted."""
        starts = lines.starts
        line, choice = self._heads.candidates(lines.data, starts)
        more = self._after_number.candidates(lines.data, after_numbers(lines.data, starts))
        line, choice = np.concatenate([line, more[0]]), np.concatenate([choice, more[1]])
        fits = self._tails.fits(lines, line, choice)
        # the first of the line feeds in front belongs to the first line, the last ones to none
        wild = self._scanner.scan(lines.data[KEY_BYTES - 1 : len(lines.data) - KEY_BYTES], lines.ends - KEY_BYTES + 1)
        return unique_pairs(np.concatenate([line[fits], wild[0]]), np.concatenate([choice[fits], wild[1]]))

    def confirm(self, flat: bytes, choices: Sequence[int]) -> tuple[int, ...]:
        """Give the numbers of the rules that the whole of a flattened line matches, of those of its candidates."""
        known = self._known.get(flat)
        if known is None:
            text = flat.decode()
            matching = (choice for choice in choices if matches(text, self._patterns[choice]))
            found = {rule for choice in matching for rule in self._rules_of[choice]}
            wanted = [rule for rule in found if self._numbers[rule] >= 0 and not self._ruled_out(text, rule)]
            known = tuple(sorted(self._numbers[rule] for rule in wanted))
            if len(self._known) >= _MEMORY:
                self._known.clear()
            self._known[flat] = known
        return known

    def _ruled_out(self, text: str, rule: int) -> bool:
        return bool(self._rules[rule].unless) and matches(text, self._patterns[self._choices + rule])


class InlinePhrases:
    """The patterns of rules that match inside a line."""

    def __init__(self, rules: Sequence[PhraseRule], cache: Path | None = None) -> None:
        compiled = _load("inline", rules, cache)
        self._scanner = Scanner(compiled.database, compiled.owners)
        self._rules = rules
        self._patterns = LazyPatterns([*compiled.choices, *compiled.apart])

    def candidates(self, data: Bytes, ends: Ints) -> tuple[Ints, Ints]:
        """Give the pairs (line, rule) that may match, sorted, for raw lines that end before `ends`."""
        return unique_pairs(*self._scanner.scan(data, ends - 1))

    def spans(self, line: str, rule: int) -> list[tuple[int, int]]:
        """Give the spans of a raw line that a rule matches inside it, in code points."""
        flat, offsets = flatten_with_offsets(line)
        try:
            if self._rules[rule].unless and self._patterns[len(self._rules) + rule].search(flat, timeout=TIMEOUT):
                return []
            found = [match.span() for match in self._patterns[rule].finditer(flat, timeout=TIMEOUT)]
        except TimeoutError:
            return []
        return [(offsets[start], offsets[end]) for start, end in found if start < end]


def _load(kind: str, rules: Sequence[PhraseRule], cache: Path | None) -> Compiled:
    """Give what the patterns of some rules compile to, from the cache if it is there and sound."""
    matched = [rule.match for rule in rules]
    unmatched = [rule.unless for rule in rules]
    made_by = digest_of_code(dialect.__file__, alphabet.__file__, prefilter.__file__)
    made_of = (kind, matched, unmatched, made_by, _FORMAT, ENGINE_VERSION, ENGINE)
    digest = hashlib.sha256(repr(made_of).encode()).hexdigest()
    path = cache / f"{digest}.patterns" if cache and any(matched) else None

    def make() -> Compiled:
        patterns = [(number, translate(pattern)) for number, match in enumerate(matched) for pattern in match]
        if len(patterns) >= _MANY:
            _log.info("compiling the rules for this machine, which is needed once")
        return _compile_whole(rules, patterns) if kind == "whole" else _compile_inline(rules, patterns)

    compiled: Compiled = load_or_make(path, _decoded, make, msgspec.msgpack.encode)
    return compiled


def _decoded(content: bytes) -> Compiled | None:
    """Give what a cache file holds, or None if it is damaged, or made for another kind of processor."""
    try:
        compiled = msgspec.msgpack.decode(content, type=Compiled)
    except msgspec.DecodeError:
        return None
    return compiled if is_sound(compiled.database) else None


def _compile_whole(rules: Sequence[PhraseRule], patterns: list[tuple[int, str]]) -> Compiled:
    rules_of: dict[Prefilter, list[int]] = {}
    for rule, pattern in patterns:
        for signature in prefilters(pattern):
            rules_of.setdefault(signature, []).append(rule)
    found = [*rules_of]
    heads = [(key, choice) for choice, signature in enumerate(found) for key in signature.heads]
    after_number = [(key, choice) for choice, signature in enumerate(found) for key in signature.after_number]
    found_tails = build_suffixes([(key, choice) for choice, signature in enumerate(found) for key in signature.tails])
    wild = [choice for choice, signature in enumerate(found) if not signature.heads | signature.after_number]
    expressions = [f"\\n(?:{widened(found[choice].choice)})\\n" for choice in wild]
    database = _compile_database(expressions, [rules[rules_of[found[choice]][0]].id for choice in wild])
    choices = [signature.choice for signature in found]
    columns = (found_tails.lengths, found_tails.hashes.tobytes(), found_tails.choices.tobytes())
    numbers = [*rules_of.values()]
    apart = [_join(rule.unless) for rule in rules]
    return Compiled(choices, numbers, _tables(heads), _tables(after_number), columns, apart, wild, database)


def _compile_inline(rules: Sequence[PhraseRule], patterns: list[tuple[int, str]]) -> Compiled:
    numbers = [rule for rule, _ in patterns]
    expressions = [loosened(pattern) for _, pattern in patterns]
    database = _compile_database(expressions, [rules[rule].id for rule in numbers], caseless=True)
    choices, apart = [_join(rule.match) for rule in rules], [_join(rule.unless) for rule in rules]
    return Compiled(choices, [], [], [], ([], b"", b""), apart, numbers, database)


def _compile_database(expressions: list[str], names: list[str], *, caseless: bool = False) -> bytes:
    """Compile expressions of the rules `names`. Raises `RuleError` that names the rule of one that cannot be."""
    encoded = [expression.encode() for expression in expressions]
    flag = FILTER | (hyperscan.HS_FLAG_CASELESS if caseless else 0)
    flags = [flag | (hyperscan.HS_FLAG_UCP if _UNICODE.search(text) else 0) for text in expressions]
    try:
        return compile_database(encoded, flags)
    except hyperscan.error as error:
        for expression, its_flags, name in zip(encoded, flags, names, strict=True):
            try:
                compile_database([expression], [its_flags])
            except hyperscan.error as single:
                message = f"a pattern of {name} cannot be compiled: {single}"
                raise RuleError(message, hint="write it more simply") from None
        raise RuleError(f"the patterns cannot be compiled together: {error}", hint="use fewer of them") from None


def _tables(pairs: list[tuple[bytes, int]]) -> list[Table]:
    heads = build_prefixes(pairs)
    return [(part.length, part.keys.tobytes(), part.bounds.tobytes(), part.choices.tobytes()) for part in heads]


def _head_index(tables: list[Table]) -> PrefixIndex:
    return PrefixIndex(
        [
            PrefixTable(length, np.frombuffer(keys, np.uint64), _numbers(bounds), _numbers(choices))
            for length, keys, bounds, choices in tables
        ]
    )


def _tail_index(columns: tuple[list[int], bytes, bytes]) -> SuffixIndex:
    lengths, hashes, choices = columns
    return SuffixIndex(SuffixTable(lengths, _numbers(hashes), _numbers(choices)))


def _numbers(column: bytes) -> Ints:
    return np.frombuffer(column, np.int64)


def matches(flat: str, pattern: Any) -> bool:
    """Say whether the whole of a flattened line matches. A pattern that takes too long does not match."""
    try:
        return bool(pattern.fullmatch(flat, timeout=TIMEOUT))
    except TimeoutError:
        return False


def _join(patterns: Sequence[str]) -> str:
    return "|".join(f"(?:{translate(pattern)})" for pattern in patterns)

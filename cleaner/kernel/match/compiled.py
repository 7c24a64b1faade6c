"""Compile the patterns of rules to an automaton and a Hyperscan database, and keep both on disk by their digest.

The automaton has nearly all choices. Where its loops are not compiled, prefix and suffix literals take its place: lines
that have them are found by look-up. One Hyperscan database finds the lines for the other choices, and for rules that
match inside a line.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import hyperscan
import msgspec
import numpy as np

from ....rules.patterns import alphabet, dialect, filters, positions, prefilter, syntax
from ....rules.patterns.dialect import translate
from ....rules.patterns.filters import loosen, widen_repeats
from ....rules.patterns.prefilter import prefilters
from ....rules.patterns.syntax import split_choices
from ....rules.ruleset.ruleset import ENGINE_VERSION
from ....schemas.cache.multi_pattern import ENGINE, FILTER, compile_database, is_sound
from ....schemas.cache.store import digest_of_code, load_or_make
from ....schemas.errors import RuleError
from ..loops import load_loops
from .byte_index import PrefixIndex, PrefixTable, SuffixIndex, SuffixTable, build_prefixes, build_suffixes
from .phrase_automaton import PackedAutomaton, pack_automaton

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ....rules.ruleset.model import PhraseRule
    from ....schemas.byte_arrays import Ints

_FORMAT = "14"  # raised whenever the content of the cache file changes
_MANY = 200  # patterns, which take long enough to compile for a message
_CODE = tuple(module.__file__ for module in (alphabet, dialect, filters, positions, prefilter, syntax))
_log = logging.getLogger("copydesk")

PackedPrefixes = tuple[int, bytes, bytes, bytes]  # the columns of a `PrefixTable`
PackedSuffixes = tuple[list[int], bytes, bytes]  # the columns of a `SuffixTable`


class Compiled(msgspec.Struct):
    """The content of the cache file."""

    choices: list[str]
    """The expression of each choice; of rules that match inside lines, one expression for each rule."""
    rules: list[list[int]]
    """The rules that have each choice."""
    prefixes: list[PackedPrefixes]
    number_prefixes: list[PackedPrefixes]
    suffixes: PackedSuffixes
    unless: list[str]
    """The expression of what each rule leaves alone."""
    owners: list[int]
    """The choice of each expression of the database."""
    database: bytes
    automaton: PackedAutomaton | None = None
    """The automaton of all choices but those of the database. If there is one, there are no prefixes and suffixes."""


def load_compiled(kind: str, rules: Sequence[PhraseRule], cache: Path | None) -> Compiled:
    """Return what the patterns of some rules compile to, from the cache if a sound file is there.

    `kind` is `whole` for rules that match whole lines, `inline` for the others. Raise `RuleError` for a pattern that
    cannot be compiled.
    """
    matched = [rule.match for rule in rules]
    unmatched = [rule.unless for rule in rules]
    is_compiled = load_loops("automaton") is not None
    key = (kind, matched, unmatched, digest_of_code(*_CODE), _FORMAT, ENGINE_VERSION, ENGINE, is_compiled)
    digest = hashlib.sha256(repr(key).encode()).hexdigest()
    path = cache / f"{digest}.patterns" if cache and any(matched) else None

    def make() -> Compiled:
        patterns = [(number, translate(pattern)) for number, match in enumerate(matched) for pattern in match]
        if len(patterns) >= _MANY:
            _log.info("compiling the rules for this machine, which is needed once")
        return _compile_whole(rules, patterns) if kind == "whole" else _compile_inline(rules, patterns)

    compiled: Compiled = load_or_make(path, _decode, make, msgspec.msgpack.encode)
    return compiled


def make_prefix_index(tables: list[PackedPrefixes]) -> PrefixIndex:
    """Unpack tables of prefixes to an index."""
    return PrefixIndex(
        [
            PrefixTable(length, np.frombuffer(keys, np.uint64), _unpack(bounds), _unpack(choices))
            for length, keys, bounds, choices in tables
        ]
    )


def make_suffix_index(table: PackedSuffixes) -> SuffixIndex:
    """Unpack a table of suffixes to an index."""
    lengths, hashes, choices = table
    return SuffixIndex(SuffixTable(lengths, _unpack(hashes), _unpack(choices)))


def _decode(content: bytes) -> Compiled | None:
    """Return the content of a cache file, or None if it is damaged, or made for another kind of processor."""
    try:
        compiled = msgspec.msgpack.decode(content, type=Compiled)
    except msgspec.DecodeError:
        return None
    return compiled if is_sound(compiled.database) else None


def _compile_whole(rules: Sequence[PhraseRule], patterns: list[tuple[int, str]]) -> Compiled:
    rules_of: dict[str, list[int]] = {}  # rules share a choice that several of them have
    for rule, pattern in patterns:
        for choice in split_choices(pattern):
            rules_of.setdefault(choice, []).append(rule)
    choices = [*rules_of]
    automaton = pack_automaton(choices) if load_loops("automaton") else None
    filters = [] if automaton else [filter_ for choice in choices for filter_ in prefilters(choice)]
    # choices that may begin with anything
    wild = automaton.left_out if automaton else [i for i, filter_ in enumerate(filters) if filter_.is_wild]
    expressions = [f"\\n(?:{widen_repeats(choices[choice])})\\n" for choice in wild]
    return Compiled(
        choices=choices,
        rules=[*rules_of.values()],
        prefixes=_pack_prefixes(_number_literals(filter_.prefixes for filter_ in filters)),
        number_prefixes=_pack_prefixes(_number_literals(filter_.number_prefixes for filter_ in filters)),
        suffixes=_pack_suffixes(_number_literals(filter_.suffixes for filter_ in filters)),
        unless=[_join(rule.unless) for rule in rules],
        owners=wild,
        database=_compile_database(expressions, [rules[rules_of[choices[choice]][0]].id for choice in wild]),
        automaton=automaton,
    )


def _compile_inline(rules: Sequence[PhraseRule], patterns: list[tuple[int, str]]) -> Compiled:
    owners = [rule for rule, _ in patterns]
    expressions = [loosen(pattern) for _, pattern in patterns]
    return Compiled(
        choices=[_join(rule.match) for rule in rules],
        rules=[],
        prefixes=[],
        number_prefixes=[],
        suffixes=([], b"", b""),
        unless=[_join(rule.unless) for rule in rules],
        owners=owners,
        database=_compile_database(expressions, [rules[rule].id for rule in owners], caseless=True),
    )


def _compile_database(expressions: list[str], names: list[str], *, caseless: bool = False) -> bytes:
    """Compile expressions of the rules `names`. Raise `RuleError` that names the rule of one that cannot be."""
    encoded = [expression.encode() for expression in expressions]
    flags = [FILTER | (hyperscan.HS_FLAG_CASELESS if caseless else 0)] * len(expressions)
    try:
        return compile_database(encoded, flags)
    except hyperscan.error as error:
        for expression, flag, name in zip(encoded, flags, names, strict=True):
            try:
                compile_database([expression], [flag])
            except hyperscan.error as single:
                message = f"a pattern of {name} cannot be compiled: {single}"
                raise RuleError(message, hint="write it more simply") from None
        raise RuleError(f"the patterns cannot be compiled together: {error}", hint="use fewer of them") from None


def _number_literals(literals: Iterable[Iterable[bytes]]) -> list[tuple[bytes, int]]:
    """Return pairs of a literal and the number of the choice that has it."""
    return [(literal, choice) for choice, of_choice in enumerate(literals) for literal in of_choice]


def _pack_prefixes(pairs: list[tuple[bytes, int]]) -> list[PackedPrefixes]:
    tables = build_prefixes(pairs)
    return [(table.length, table.keys.tobytes(), table.bounds.tobytes(), table.choices.tobytes()) for table in tables]


def _pack_suffixes(pairs: list[tuple[bytes, int]]) -> PackedSuffixes:
    table = build_suffixes(pairs)
    return table.lengths, table.hashes.tobytes(), table.choices.tobytes()


def _unpack(column: bytes) -> Ints:
    return np.frombuffer(column, np.int64)


def _join(patterns: Sequence[str]) -> str:
    return "|".join(f"(?:{translate(pattern)})" for pattern in patterns)

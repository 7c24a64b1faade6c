"""Find the lines that match phrase rules: fast candidates first, then `regex`, which decides.

The compiled automaton of the choices decides by itself where it is exact. Where it is not, and without it, tables and
Hyperscan only say which lines may match (see `compiled`), and `regex` decides whether a line does match. So a pattern
means the same on every machine. A rule fails on a line if one of its patterns takes too long there (see `budget`).
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ....rules.patterns.alphabet import flatten_with_offsets
from ....rules.patterns.prefilter import KEY_BYTES
from ....schemas.cache.multi_pattern import Scanner
from ....schemas.cache.regexes import LazyPatterns
from ..arrays import unique_pairs
from . import budget
from .budget import PatternBudget
from .byte_index import skip_numbers
from .compiled import load_compiled, make_prefix_index, make_suffix_index
from .phrase_automaton import load_automaton

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ....rules.ruleset.model import PhraseRule
    from ....schemas.byte_arrays import Bytes, Ints
    from ..lines.fold import FlatLines
    from ..types import Failure

_MEMORY = 400_000  # lines whose rules are remembered


class Phrases:
    """The patterns of rules that match the whole of a line."""

    def __init__(self, rules: Sequence[PhraseRule], numbers: Sequence[int], cache: Path | None = None) -> None:
        """Take rules and the number that each has in a run, -1 for a rule that does not run."""
        compiled = load_compiled("whole", rules, cache)
        self._prefixes = make_prefix_index(compiled.prefixes)
        self._number_prefixes = make_prefix_index(compiled.number_prefixes)
        self._suffixes = make_suffix_index(compiled.suffixes)
        self._scanner = Scanner(compiled.database, compiled.owners)
        self._automaton = load_automaton(compiled.automaton)
        # a line that the automaton has for such a choice does match
        self._exact = self._automaton.exact if self._automaton else frozenset()
        self._rules = rules
        self._numbers = numbers
        self.numbers = {rule.id: number for rule, number in zip(rules, numbers, strict=True) if number >= 0}
        """The number of each rule that runs, by its id."""
        self.colon, self.open = (_numbers_with_end(rules, numbers, end) for end in ("colon", "open"))
        # the rules that run, of each choice
        self._rules_of = [[rule for rule in of_choice if numbers[rule] >= 0] for of_choice in compiled.rules]
        # those of the choices, then what each rule leaves alone
        self._patterns = LazyPatterns([*compiled.choices, *compiled.unless])
        self._choices = len(compiled.choices)
        self._budget = PatternBudget([rule.id for rule in rules])
        self._matches: dict[bytes, tuple[int, ...]] = {}
        self.failures: dict[bytes, list[Failure]] = {}
        """The rules that failed, by the flattened line on which they did."""

    def candidates(self, lines: FlatLines) -> tuple[Ints, Ints]:
        """Return the pairs (line, choice) that may match, sorted."""
        line, choice = self._automaton.candidates(lines) if self._automaton else self._look_up(lines)
        # the last of the line feeds in front belongs to the first line, the last ones to no line
        wild = self._scanner.scan(lines.data[KEY_BYTES - 1 : len(lines.data) - KEY_BYTES], lines.ends - KEY_BYTES + 1)
        return unique_pairs(np.concatenate([line, wild[0]]), np.concatenate([choice, wild[1]]))

    def _look_up(self, lines: FlatLines) -> tuple[Ints, Ints]:
        """Return the pairs (line, choice) that may match by the first and last bytes of the line."""
        starts = lines.starts
        line, choice = self._prefixes.candidates(lines.data, starts)
        more = self._number_prefixes.candidates(lines.data, skip_numbers(lines.data, starts))
        line, choice = np.concatenate([line, more[0]]), np.concatenate([choice, more[1]])
        fits = self._suffixes.fits(lines, line, choice)
        return line[fits], choice[fits]

    def confirm(self, flat: bytes, choices: Sequence[int]) -> tuple[int, ...]:
        """Return the numbers of the rules that the whole of a flattened line matches, among those of its candidates."""
        numbers = self._matches.get(flat)
        if numbers is None:
            off = len(self._budget.off)
            rules, failed = self._match(flat.decode(), choices)
            if len(self._budget.off) > off or len(self._matches) >= _MEMORY:
                self._matches.clear()
                self.failures.clear()
            numbers = tuple(sorted(self._numbers[rule] for rule in rules))
            self._matches[flat] = numbers
            if failed:
                self.failures[flat] = [self._budget.fail(rule) for rule in sorted(failed)]
        return numbers

    def _match(self, text: str, choices: Sequence[int]) -> tuple[set[int], set[int]]:
        """Return the rules that match a text, and those that fail on it or are switched off."""
        matching: set[int] = set()
        failed: set[int] = set()
        for choice in choices:
            rules = self._rules_of[choice]
            failed.update(self._budget.off.intersection(rules))
            if failed.issuperset(rules):
                continue
            matched = choice in self._exact or self._try(choice, rules, text)
            if matched is None:
                failed.update(rules)
            elif matched:
                matching.update(rules)
        for rule in [rule for rule in matching if self._rules[rule].unless]:
            excepted = self._try(self._choices + rule, [rule], text)
            if excepted is None:
                failed.add(rule)
            elif excepted:
                matching.discard(rule)
        return matching - failed, failed

    def _try(self, pattern: int, rules: Sequence[int], text: str) -> bool | None:
        """Return whether the whole of a text matches a pattern, or None if that takes too long."""
        fullmatch = partial(self._patterns[pattern].fullmatch, text, timeout=budget.SECONDS)
        try:
            return self._budget.run(pattern, rules, len(text), fullmatch) is not None
        except TimeoutError:
            return None


def _numbers_with_end(rules: Sequence[PhraseRule], numbers: Sequence[int], end: str) -> Ints:
    """Return the numbers of the rules with `ends = end`."""
    return np.array([number for rule, number in zip(rules, numbers, strict=True) if rule.ends == end], np.int64)


class InlinePhrases:
    """The patterns of rules that match inside a line."""

    def __init__(self, rules: Sequence[PhraseRule], cache: Path | None = None) -> None:
        compiled = load_compiled("inline", rules, cache)
        self._scanner = Scanner(compiled.database, compiled.owners)
        self._rules = rules
        # those of the rules, then what each rule leaves alone
        self._patterns = LazyPatterns([*compiled.choices, *compiled.unless])
        self._budget = PatternBudget([rule.id for rule in rules])

    def candidates(self, data: Bytes, ends: Ints) -> tuple[Ints, Ints]:
        """Return the pairs (line, rule) that may match, sorted, for raw lines that end before `ends`."""
        return unique_pairs(*self._scanner.scan(data, ends - 1))

    def spans(self, line: str, rule: int) -> list[tuple[int, int]] | Failure:
        """Return the spans of a raw line that a rule matches inside it, in code points, or that the rule failed."""
        if rule in self._budget.off:
            return self._budget.fail(rule)
        flat, offsets = flatten_with_offsets(line)
        try:
            if self._rules[rule].unless and self._find(len(self._rules) + rule, rule, flat, first=True):
                return []
            spans = self._find(rule, rule, flat)
        except TimeoutError:
            return self._budget.fail(rule)
        return [(offsets[start], offsets[end]) for start, end in spans if start < end]

    def _find(self, pattern: int, rule: int, flat: str, *, first: bool = False) -> list[tuple[int, int]]:
        """Return the spans of all matches, or of the `first` one. Raise `TimeoutError` if that takes too long."""
        expression = self._patterns[pattern]

        def find() -> list[tuple[int, int]]:
            matches = expression.finditer(flat, timeout=budget.SECONDS)
            return [match.span() for match in (islice(matches, 1) if first else matches)]

        return self._budget.run(pattern, [rule], len(flat), find)

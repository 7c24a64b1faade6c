"""Find the lines that match phrase rules: fast candidates first, then `regex`, which decides.

Tables and Hyperscan only say which lines may match (see `compiled`). `regex` alone decides whether a line does match,
under a timeout, so that a pattern means the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....rules.patterns.alphabet import flatten_with_offsets
from ....rules.patterns.prefilter import KEY_BYTES
from ....schemas.cache.multi_pattern import Scanner
from ....schemas.cache.regexes import LazyPatterns
from ..arrays import unique_pairs
from .byte_index import skip_numbers
from .compiled import load_compiled, make_prefix_index, make_suffix_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ....rules.ruleset.model import PhraseRule
    from ....schemas.byte_arrays import Bytes, Ints
    from ..lines.fold import FlatLines

TIMEOUT = 1.0  # seconds that one pattern may spend on one line before it counts as no match
_MEMORY = 400_000  # lines whose rules are remembered


class Phrases:
    """The patterns of rules that match the whole of a line."""

    def __init__(self, rules: Sequence[PhraseRule], numbers: Sequence[int], cache: Path | None = None) -> None:
        """Take rules and the number that each has in a run, -1 for a rule that does not run."""
        compiled = load_compiled("whole", rules, cache)
        self._rules_of = compiled.rules
        self._prefixes = make_prefix_index(compiled.prefixes)
        self._number_prefixes = make_prefix_index(compiled.number_prefixes)
        self._suffixes = make_suffix_index(compiled.suffixes)
        self._scanner = Scanner(compiled.database, compiled.owners)
        self._rules = rules
        self._numbers = numbers
        self.colon, self.open = (_numbers_with_end(rules, numbers, end) for end in ("colon", "open"))
        # those of the choices, then what each rule leaves alone
        self._patterns = LazyPatterns([*compiled.choices, *compiled.unless])
        self._choices = len(compiled.choices)
        self._matches: dict[bytes, tuple[int, ...]] = {}

    def candidates(self, lines: FlatLines) -> tuple[Ints, Ints]:
        """Return the pairs (line, choice) that may match, sorted."""
        starts = lines.starts
        line, choice = self._prefixes.candidates(lines.data, starts)
        more = self._number_prefixes.candidates(lines.data, skip_numbers(lines.data, starts))
        line, choice = np.concatenate([line, more[0]]), np.concatenate([choice, more[1]])
        fits = self._suffixes.fits(lines, line, choice)
        # the last of the line feeds in front belongs to the first line, the last ones to no line
        wild = self._scanner.scan(lines.data[KEY_BYTES - 1 : len(lines.data) - KEY_BYTES], lines.ends - KEY_BYTES + 1)
        return unique_pairs(np.concatenate([line[fits], wild[0]]), np.concatenate([choice[fits], wild[1]]))

    def confirm(self, flat: bytes, choices: Sequence[int]) -> tuple[int, ...]:
        """Return the numbers of the rules that the whole of a flattened line matches, among those of its candidates."""
        numbers = self._matches.get(flat)
        if numbers is None:
            text = flat.decode()
            matching = (choice for choice in choices if matches(text, self._patterns[choice]))
            rules = {rule for choice in matching for rule in self._rules_of[choice]}
            kept = [rule for rule in rules if self._numbers[rule] >= 0 and not self._is_excepted(text, rule)]
            numbers = tuple(sorted(self._numbers[rule] for rule in kept))
            if len(self._matches) >= _MEMORY:
                self._matches.clear()
            self._matches[flat] = numbers
        return numbers

    def _is_excepted(self, text: str, rule: int) -> bool:
        return bool(self._rules[rule].unless) and matches(text, self._patterns[self._choices + rule])


def _numbers_with_end(rules: Sequence[PhraseRule], numbers: Sequence[int], end: str) -> Ints:
    """Return the numbers of the rules with `ends = end`."""
    return np.array([number for rule, number in zip(rules, numbers, strict=True) if rule.ends == end], np.int64)


class InlinePhrases:
    """The patterns of rules that match inside a line."""

    def __init__(self, rules: Sequence[PhraseRule], cache: Path | None = None) -> None:
        compiled = load_compiled("inline", rules, cache)
        self._scanner = Scanner(compiled.database, compiled.owners)
        self._rules = rules
        self._patterns = LazyPatterns([*compiled.choices, *compiled.unless])

    def candidates(self, data: Bytes, ends: Ints) -> tuple[Ints, Ints]:
        """Return the pairs (line, rule) that may match, sorted, for raw lines that end before `ends`."""
        return unique_pairs(*self._scanner.scan(data, ends - 1))

    def spans(self, line: str, rule: int) -> list[tuple[int, int]]:
        """Return the spans of a raw line that a rule matches inside it, in code points."""
        flat, offsets = flatten_with_offsets(line)
        try:
            if self._rules[rule].unless and self._patterns[len(self._rules) + rule].search(flat, timeout=TIMEOUT):
                return []
            spans = [match.span() for match in self._patterns[rule].finditer(flat, timeout=TIMEOUT)]
        except TimeoutError:
            return []
        return [(offsets[start], offsets[end]) for start, end in spans if start < end]


def matches(flat: str, pattern: Any) -> bool:
    """Return whether the whole of a flattened line matches. A pattern that takes too long does not match."""
    try:
        return bool(pattern.fullmatch(flat, timeout=TIMEOUT))
    except TimeoutError:
        return False

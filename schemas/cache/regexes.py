"""Regular expressions that are compiled on first use: of thousands of rules, a run needs a few hundred.

They are not cached on disk. A compiled expression is code for the engine of `regex`: it cannot be checked as data, and
a wrong one crashes the interpreter. A start takes about 0.15 s longer without such a cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    from collections.abc import Sequence


class LazyPatterns:
    """A sequence of regular expressions, each compiled when it is first used."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._expressions = expressions
        self._compiled: dict[int, Any] = {}

    def __getitem__(self, number: int) -> Any:
        """Return one expression as `regex` compiles it."""
        pattern = self._compiled.get(number)
        if pattern is None:
            pattern = self._compiled[number] = regex.compile(self._expressions[number])
        return pattern

"""Regular expressions of a suite, run by `regex` under a time limit for each value and for the whole run."""

from __future__ import annotations

import time
from typing import Any

from ...schemas.errors import SettingError
from ...schemas.safe_patterns import MAX_LENGTH, compile_safely

MAX_TOTAL = 100_000  # characters of all patterns of a suite
VALUE_SECONDS = 1.0  # for one value
BASE_SECONDS, MEAN_SECONDS = 10.0, 0.005  # for the whole run: in all, and for each value
_HINT = "write it so that it does not backtrack: without nested repeats such as (a+)+ or (a|aa)*"


class SlowPatternError(Exception):
    """A pattern took too long."""

    def __init__(self, pattern: str) -> None:
        shown = pattern if len(pattern) <= 60 else f"{pattern[:59]}…"
        super().__init__(f"the pattern {shown!r} takes too long on these data")
        self.hint = _HINT


class Patterns:
    """The patterns of a suite, and the time that they have taken."""

    def __init__(self) -> None:
        self._compiled: dict[str, Any] = {}
        self._seconds = 0.0
        self._searches = 0

    def add(self, pattern: Any) -> None:
        """Compile a pattern. Raises `SettingError` for one that Python's `re` cannot compile, or that is too long."""
        if not isinstance(pattern, str):
            raise SettingError(f"a pattern must be a text, not {pattern!r:.40}", hint="write it in quotation marks")
        if pattern in self._compiled:
            return
        if len(pattern) > MAX_LENGTH or sum(map(len, self._compiled)) + len(pattern) > MAX_TOTAL:
            limits = f"{MAX_LENGTH:,} characters each, {MAX_TOTAL:,} in a suite"
            raise SettingError("the patterns are too long", hint=f"write shorter ones: {limits}")
        try:
            self._compiled[pattern] = compile_safely(pattern)
        except ValueError as error:
            hint = "write it in the syntax of Python's `re`"
            raise SettingError(f"the pattern {pattern!r:.60} {error}", hint=hint) from None

    def search(self, pattern: str, text: str) -> bool:
        """Return whether an added pattern is found in a text. Raises `SlowPatternError`."""
        start = time.perf_counter()
        try:
            found = self._compiled[pattern].search(text, timeout=VALUE_SECONDS) is not None
        except (TimeoutError, MemoryError, RecursionError):
            raise SlowPatternError(pattern) from None
        self._seconds += time.perf_counter() - start
        self._searches += 1
        if self._seconds > BASE_SECONDS + MEAN_SECONDS * self._searches:
            raise SlowPatternError(pattern)
        return found

"""How much time patterns may take: a limit for each line, and a budget for each pattern in one process.

The loader refuses large patterns, and `copydesk rules test` finds most of those that explode. What still gets through
must not stop a run. A pattern that exceeds the limit on a line has failed there. When a pattern has used up its budget,
its rules are switched off for the rest of the process.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from ..types import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
SECONDS = 1.0  # of processor time that a pattern may take on one line
BUDGET = 5.0  # seconds that a pattern may take in one process beyond what is free
FREE = 0.001  # seconds for each 1,000 characters of a line, or part of them
_clock: Callable[[], float] = getattr(time, "thread_time", time.process_time)
_log = logging.getLogger("copydesk")


class PatternBudget:
    """Keeps account of the time that patterns take. Patterns and rules have numbers; `ids` are those of the rules."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids
        self._spent: defaultdict[int, float] = defaultdict(float)
        # The patterns that were slow once. The others are timed by a clock that is much cheaper to read, but goes on
        # while the process waits for a processor.
        self._watched: set[int] = set()
        self.off: set[int] = set()
        """The rules that are switched off."""

    def run(self, pattern: int, rules: Iterable[int], size: int, work: Callable[[], T]) -> T:
        """Try a pattern of some rules on a line of `size` characters. Raise `TimeoutError` if `work` does."""
        clock = _clock if pattern in self._watched else time.perf_counter
        started = clock()
        try:
            result = work()
        except TimeoutError:
            self._watched.add(pattern)
            self._charge(pattern, rules, SECONDS)
            raise
        excess = clock() - started - FREE * (1 + size // 1000)
        if excess > 0:
            if pattern in self._watched:
                self._charge(pattern, rules, excess)
            self._watched.add(pattern)
        return result

    def fail(self, rule: int) -> Failure:
        """Return the failure of a rule that is switched off, or that has just exceeded the limit on a line."""
        if rule in self.off:
            return Failure(self._ids[rule], "it was switched off after a pattern of it took too long", off=True)
        return Failure(self._ids[rule], f"a pattern of it took longer than {SECONDS:g} s on a line", slow=True)

    def _charge(self, pattern: int, rules: Iterable[int], seconds: float) -> None:
        self._spent[pattern] += seconds
        if self._spent[pattern] < BUDGET:
            return
        for rule in {*rules} - self.off:
            self.off.add(rule)
            _log.warning(
                "the rule %s is switched off, and records are cleaned without it: a pattern of it took more than %g s",
                self._ids[rule],
                BUDGET,
            )

"""The time that patterns may take in one process, by a clock that the tests move."""

from __future__ import annotations

import logging

import pytest

from copydesk.cleaner.kernel.match import budget
from copydesk.cleaner.kernel.match.budget import BUDGET, FREE, SECONDS, PatternBudget
from copydesk.cleaner.kernel.types import Failure


@pytest.fixture
def clock(monkeypatch):
    """Stop both clocks. What is tried moves them by a list, whose sum is the time."""
    moved = []
    monkeypatch.setattr(budget, "_clock", lambda: sum(moved))
    monkeypatch.setattr(budget.time, "perf_counter", lambda: sum(moved))
    return moved


def run(patterns, clock, seconds, pattern=0, rules=(0,), size=10):
    return patterns.run(pattern, rules, size, lambda: clock.append(seconds) or "result")


def time_out():
    raise TimeoutError


def test_quick_patterns_cost_nothing(clock):
    patterns = PatternBudget(["a/one"])
    for _ in range(50_000):
        assert run(patterns, clock, FREE * 0.9) == "result"
        clock.clear()
    assert not patterns.off


def test_the_first_slow_line_is_not_charged(clock):
    # the cheap clock goes on while the process waits
    patterns = PatternBudget(["a/one"])
    run(patterns, clock, 2 * BUDGET)
    assert not patterns.off
    run(patterns, clock, BUDGET + 2 * FREE)
    assert patterns.off == {0}


def test_slow_lines_add_up(clock, caplog):
    patterns = PatternBudget(["a/one", "a/two", "a/three"])
    caplog.set_level(logging.WARNING, "copydesk")
    lines = 0
    while not patterns.off:
        run(patterns, clock, 0.1 + FREE, rules=[0, 2])
        lines += 1
    assert lines == pytest.approx(BUDGET / 0.1 + 1, abs=1)
    assert patterns.off == {0, 2}
    run(patterns, clock, 1, rules=[0, 2])
    assert [record.args[0] for record in caplog.records] == ["a/one", "a/three"]


def test_each_pattern_has_its_own_budget(clock):
    patterns = PatternBudget(["a/one"])
    for pattern in range(4):
        for _ in range(5):
            run(patterns, clock, BUDGET / 5, pattern=pattern)
    assert not patterns.off


def test_long_lines_are_worth_more(clock):
    patterns = PatternBudget(["a/one"])
    for _ in range(10_000):
        run(patterns, clock, 100 * FREE, size=100_000)
        clock.clear()
    assert not patterns.off


def test_time_limits_are_charged(clock):
    patterns = PatternBudget(["a/one", "a/two"])
    for _ in range(int(BUDGET / SECONDS)):
        assert not patterns.off
        with pytest.raises(TimeoutError):
            patterns.run(0, [1], 10, time_out)
    assert patterns.off == {1}


def test_failures_say_why():
    patterns = PatternBudget(["a/one"])
    assert patterns.fail(0) == Failure("a/one", "a pattern of it took longer than 1 s on a line", slow=True)
    patterns.off.add(0)
    assert patterns.fail(0) == Failure("a/one", "it was switched off after a pattern of it took too long", off=True)

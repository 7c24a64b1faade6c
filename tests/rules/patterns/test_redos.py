"""Lines on which a pattern takes too long."""

from __future__ import annotations

import re

import pytest

from copydesk.cleaner.kernel.timebox import time_box
from copydesk.rules.patterns.redos import (
    WHOLE_LINE,
    _count_ways,
    _find_pumps,
    _make_lines,
    _sample_atom,
    find_explosion,
)
from copydesk.rules.patterns.syntax import parse


@pytest.mark.parametrize("pattern", ["(a+)+b", "x(a|a)*b", "(.*)*x", "( ?(and|,)+)*!", "share( ?[a-z]+)*:"])
def test_an_explosion_is_found(pattern):
    line = find_explosion(pattern)
    assert line
    assert len(line) <= WHOLE_LINE


@pytest.mark.parametrize("pattern", ["share", "(a|b)+c", "read .{0,40} more", "(ab?)+c", "[a-z]+ [a-z]+"])
def test_patterns_that_match_in_one_way_pass(pattern):
    assert find_explosion(pattern) is None


def test_a_pattern_may_explode_inside_a_line_only():
    assert find_explosion("(a+)+b", inside=True)


@pytest.mark.parametrize(("pattern", "ways"), [("abc", 0), ("a*b*", 2), ("(a|b)*", 3), ("((a|b)*c?)*", 6)])
def test_ways_are_counted(pattern, ways):
    assert _count_ways(parse(pattern)) == ways


def test_pumps_lead_to_each_repeat():
    assert list(_find_pumps(parse("ab{2}(c|d)*e"), "", "")) == [("abb", "c", "e"), ("abb", "d", "e")] * 2
    assert ("x", "yz", "") in _find_pumps(parse("x(y(z)?)+"), "", "")


def test_lines_go_through_a_repeat_ever_more_often():
    lines = [*_make_lines(parse("xa*b")[0], 12)]
    assert lines[:4] == ["xaaaa\x00", "xaaaaaa\x00", "xaaaaaaaa\x00", "xaaaaaaaaaa\x00"]
    assert "xaaaa\x00b" in lines
    assert max(map(len, lines)) == 12


@pytest.mark.parametrize(
    ("atom", "sample"), [("b", "b"), ("[^a]", " "), (".", "a"), (r"\d", "0"), ("[ж]", "ж"), (r"[\]]", "]"), ("𐀀", "𐀀")]
)
def test_samples_match_their_atom(atom, sample):
    assert _sample_atom(atom) == sample


def test_a_match_that_takes_for_ever_is_ended():
    # it goes from far below the limit to hours in one step
    pattern = "((ab?|a|b?)(a|b)*){0,9}(a|b){0,9}c|(x?|y?){9}(x?|y?){9}(x?|y?){9}(x?|y?){9}z"
    with time_box(0.5) as box:
        line = find_explosion(pattern, run=lambda work: box.run(work, "a pattern"))
    assert line
    with pytest.raises(TimeoutError), time_box(0.5) as box:
        box.run(lambda: re.fullmatch(pattern, line), "a pattern")

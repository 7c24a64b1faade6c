"""Which hits count: zones, runs, and the rest below a marker."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from copydesk.cleaner.kernel.lines.remaining import Cuts, RemainingLines
from copydesk.cleaner.kernel.lines.split import looks_like_prose, split
from copydesk.cleaner.kernel.match.matcher import Phrases
from copydesk.cleaner.kernel.match.zones import MAX_BYTES, PhraseHits, PhraseRules, _pair_lines_with_rules, find_hits
from copydesk.rules.ruleset.model import PhraseRule

PROSE = "The ferry from Skarnes left the quay an hour late on Monday, they say."


def rule(name, *match, **declared):
    return PhraseRule(
        id=name, summary="A line of a test.", match=[*match], removes=["x"], keeps=["y"], since="0.1", **declared
    )


def decide(text, rules, cut=()):
    """Match rules against a text and let them cut once; return the rule of each line, or None."""
    lines = split(pa.array([text], pa.large_string()))
    hits = find_hits(lines, [Phrases(rules, range(len(rules)))])
    cuts = Cuts.none(len(lines))
    prose = looks_like_prose(lines)
    prose[hits.line] = False
    alive = np.ones(len(lines), np.bool_)
    alive[list(cut)] = False
    PhraseRules(rules).decide(RemainingLines(lines, prose, alive), hits.remaining(alive), cuts)
    return [rules[number].id if number >= 0 else None for number in cuts.rule.tolist()]


def test_hits():
    rules = [rule("a/one", "share"), rule("a/two", "share|print", unless=["print"]), rule("a/off", "share")]
    lines = split(pa.array(["Share\nprint", "“Share”\n* SHARE *\n" + "share " * MAX_BYTES], pa.large_string()))
    hits = find_hits(lines, [Phrases(rules, [0, 1, -1])])
    # not the line in quotation marks, and not the long one
    assert [*zip(hits.line.tolist(), hits.rule.tolist(), strict=True)] == [(0, 0), (0, 1), (3, 0), (3, 1)]


def test_hits_of_long_lines_in_scripts_of_three_bytes():
    texts = ["यह भी पढ़ें: " + "घाट " * 35, "यह भी पढ़ें: " + "घाट " * 60, "see: " + "quay " * 60]
    lines = split(pa.array(["\n".join(texts)], pa.large_string()))
    assert find_hits(lines, [Phrases([rule("a/one", "(यह भी पढ़ें|see): .*")], [0])]).line.tolist() == [0]


def test_hits_of_lines_that_end_in_another_way():
    rules = [rule("a/colon", "read more", ends="colon"), rule("a/open", "see also.*", ends="open")]
    texts = [
        "Read more:",
        "Read more**:**",
        "Read more",
        "See also: the mill",
        "See also: it is there.",
        "See also the mill,",
    ]
    lines = split(pa.array(["\n".join(texts)], pa.large_string()))
    hits = find_hits(lines, [Phrases(rules, [0, 1])])
    assert [*zip(hits.line.tolist(), hits.rule.tolist(), strict=True)] == [(0, 0), (1, 0), (3, 1)]


def test_hits_of_several_groups_are_sorted():
    lines = split(pa.array(["print\nshare"], pa.large_string()))
    groups = [Phrases([rule("a/one", "share|print")], [1]), Phrases([rule("a/two", "share")], [0])]
    hits = find_hits(lines, groups)
    assert [*zip(hits.line.tolist(), hits.rule.tolist(), strict=True)] == [(0, 1), (1, 0), (1, 1)]


def test_hits_that_remain():
    hits = PhraseHits(np.array([0, 2, 2]), np.array([1, 0, 1])).remaining(np.array([True, True, False]))
    assert (hits.line.tolist(), hits.rule.tolist()) == ([0], [1])


def test_lines_with_the_same_text_have_the_same_rules():
    line, number = _pair_lines_with_rules(np.array([3, 5, 8, 9]), np.array([0, 1, 0, 2]), [(7,), (), (4, 6)])
    assert [*zip(line.tolist(), number.tolist(), strict=True)] == [(3, 7), (8, 7), (9, 4), (9, 6)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("anywhere", [True, True, True]),
        ("head", [True, False, False]),
        ("tail", [False, False, True]),
        ("margin", [True, False, True]),
    ],
)
def test_zones(where, expected):
    found = decide(f"share\n{PROSE}\nshare\n{PROSE}\nshare", [rule("a/share", "share", where=where)])
    assert [found[0], found[2], found[4]] == ["a/share" if cut else None for cut in expected]


@pytest.mark.parametrize("where", ["head", "tail", "margin"])
def test_without_prose_every_line_is_head_and_tail(where):
    assert decide("share\nmenu", [rule("a/share", "share", where=where)]) == ["a/share", None]


def test_the_first_rule_takes_a_line():
    assert decide("share", [rule("a/one", "share"), rule("a/two", "share")]) == ["a/one"]


def test_runs():
    rules = [rule("a/two", "share|print", min_run=2), rule("b/one", "print")]
    assert decide("share\nprint\nother\nshare", rules) == ["a/two", "a/two", None, None]
    # lines that are cut do not divide a run, other lines do
    assert decide("share\nother\nprint", rules, cut=[1]) == ["a/two", None, "a/two"]
    assert decide("share\nother\nprint", rules) == [None, None, "b/one"]


def test_runs_are_of_one_family_and_one_text():
    rules = [rule("a/two", "share", min_run=2), rule("b/one", "print")]
    assert decide("share\nprint", rules) == [None, "b/one"]
    family = [rule("a/two", "share", min_run=2), rule("a/one", "print")]
    assert decide("share\nprint", family) == ["a/two", "a/one"]
    lines = split(pa.array(["share", "share"], pa.large_string()))
    hits = find_hits(lines, [Phrases(rules[:1], [0])])
    cuts = Cuts.none(2)
    nothing = np.zeros(2, np.bool_)
    assert not PhraseRules(rules[:1]).decide(RemainingLines(lines, nothing, ~nothing), hits, cuts)


def test_the_rest_below_a_marker():
    rules = [rule("a/below", "related", where="below"), rule("b/own", "share")]
    text = "\n".join([PROSE] * 4 + ["related", PROSE, "share", "menu"])
    assert decide(text, rules) == [None] * 4 + ["a/below", "a/below", "b/own", "a/below"]


def test_a_marker_above_much_prose_cuts_nothing():
    rules = [rule("a/below", "related", where="below")]
    assert decide("\n".join([PROSE] * 4 + ["related"] + [PROSE] * 2), rules) == [None] * 7
    assert decide(f"{PROSE}\nrelated\nmenu", rules) == [None] * 3  # too little prose above

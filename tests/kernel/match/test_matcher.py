"""Candidates and their confirmation, against plain `regex`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.lines.fold import flatten_lines
from copydesk.cleaner.kernel.lines.split import split
from copydesk.cleaner.kernel.match import phrase_automaton
from copydesk.cleaner.kernel.match.matcher import InlinePhrases, Phrases
from copydesk.rules.patterns.alphabet import DECORATION, flatten
from copydesk.rules.patterns.dialect import translate
from copydesk.rules.ruleset.model import PhraseRule
from copydesk.schemas.errors import RuleError

MATCH = [["share( this)?", "print"], ["[0-9]+ (comments?|likes)"], [".{1,9} said"], ["share|.*e"], ["(a|bc){2,}"]]


def rule(name, *match, **declared):
    return PhraseRule(
        id=name, summary="A line of a test.", match=[*match], removes=["x"], keeps=["y"], since="0.1", **declared
    )


RULES = [rule(f"a/rule-{number}", *match) for number, match in enumerate(MATCH)]
PHRASES = Phrases(RULES, range(len(RULES)))
WORDS = ["share", "share this", "print", "12 comments", "1 like", "ada said", "bcbc", "aabc", "abca", "the"]


def hits(phrases, texts):
    """Return the rules of each line, as numbers."""
    lines = split(pa.array(texts, pa.large_string()))
    flat = flatten_lines(lines, np.arange(len(lines)))
    line, choice = phrases.candidates(flat)
    found = {}
    for at in range(len(lines)):
        content = flat.data[flat.starts[at] : flat.ends[at] - 1].tobytes()
        found[lines.text(at)] = phrases.confirm(content, choice[line == at].tolist())
    return found


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text("abcs 1é", min_size=1, max_size=6)), min_size=1, max_size=6))
def test_matching_agrees_with_regex(texts):
    for line, numbers in hits(PHRASES, texts).items():
        flat = flatten(line.strip(DECORATION))
        expected = [n for n, match in enumerate(MATCH) if any(regex.fullmatch(translate(p), flat) for p in match)]
        assert [*numbers] == expected


def test_an_automaton_that_explodes_is_left_out(monkeypatch):
    monkeypatch.setattr(phrase_automaton, "MOST_POSITIONS", 3)
    looked_up = Phrases(RULES, range(len(RULES)))
    assert looked_up._automaton is None
    assert hits(looked_up, WORDS) == hits(PHRASES, WORDS)


def test_exceptions_rule_a_match_out():
    phrases = Phrases([rule("a/one", "share.*", unless=["share .* ride"]), rule("a/two", "share.*")], [0, 1])
    assert hits(phrases, ["Share it", "share my ride"]) == {"Share it": (0, 1), "share my ride": (1,)}


def test_rules_that_do_not_run_match_nothing():
    assert hits(Phrases(RULES, [-1, -1, 7, -1, -1]), ["Ada said", "share"]) == {"Ada said": (7,), "share": ()}


def test_compiled_patterns_come_from_the_cache(tmp_path):
    for _ in range(2):
        assert hits(Phrases(RULES, range(5), tmp_path), ["Print"]) == {"Print": (0,)}
    [file] = tmp_path.glob("*.patterns")
    Phrases(RULES[:2], range(2), tmp_path)
    assert len([*tmp_path.glob("*.patterns")]) == 2
    assert file.exists()


def test_spans_inside_a_line():
    rules = [
        rule("a/ad", "[(]ad[)]", "advert…", where="inline"),
        rule("a/tag", "#[a-z]+", unless=["keep"], where="inline"),
    ]
    phrases = InlinePhrases(rules)
    line = "One (AD) two – “Advert…” #tag"
    lines = split(pa.array([line, "nothing"], pa.large_string()))
    found = [column.tolist() for column in phrases.candidates(lines.data, lines.stop + 1)]
    assert found == [[0, 0], [0, 1]]
    assert [line[start:end] for start, end in phrases.spans(line, 0)] == ["(AD)", "Advert…"]
    assert [line[start:end] for start, end in phrases.spans(line, 1)] == ["#tag"]
    assert phrases.spans(f"keep {line}", 1) == []


def test_a_pattern_that_hyperscan_refuses_names_its_rule():
    with pytest.raises(RuleError, match="a pattern of a/empty cannot be compiled"):
        InlinePhrases([rule("a/fine", "share"), rule("a/empty", "x*")])

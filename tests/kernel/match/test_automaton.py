"""The automaton of all patterns: it misses no match, and where it is exact it finds nothing else."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.lines.fold import flatten_lines
from copydesk.cleaner.kernel.lines.split import split
from copydesk.cleaner.kernel.loops import automaton as loops
from copydesk.cleaner.kernel.loops import load_loops
from copydesk.cleaner.kernel.match import phrase_automaton
from copydesk.cleaner.kernel.match.matcher import Phrases
from copydesk.cleaner.kernel.match.phrase_automaton import PhraseAutomaton, pack_automaton
from copydesk.rules.patterns.dialect import translate
from copydesk.rules.patterns.positions import Automaton, byte_sequences
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory


def load_plain():
    """Load the loops as Python runs them without a compiler."""
    path = Path(phrase_automaton.__file__).parent.parent / "loops" / "automaton.py"
    spec = importlib.util.spec_from_file_location("plain_automaton", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert not module.COMPILED
    return module


PLAIN = load_plain()


class Flat:
    """Lines that are flat already."""

    def __init__(self, lines: list[str]) -> None:
        encoded = [line.encode() + b"\n" for line in lines]
        pad = b"\n" * 8
        self.data = np.frombuffer(pad + b"".join(encoded) + pad, np.uint8)
        self.ends = 8 + np.cumsum(np.array([len(line) for line in encoded], np.int64))


def make(module, patterns: list[str], **limits: int) -> PhraseAutomaton:
    packed = pack_automaton(patterns)
    class_of, takes = np.frombuffer(packed.class_of, np.uint8), np.frombuffer(packed.takes, np.uint8)
    columns = (packed.set_of, packed.follow, packed.follow_at, packed.accepts)
    automaton = module.LazyAutomaton(
        class_of,
        takes.reshape(-1, int(class_of.max(initial=0)) + 1),
        *(np.frombuffer(column, np.int32) for column in columns),
        **limits,
    )
    return PhraseAutomaton(packed, automaton)


def pairs(automaton: PhraseAutomaton, lines: list[str]) -> set[tuple[int, int]]:
    line, choice = automaton.candidates(Flat(lines))
    left_out = {(i, k) for i in range(len(lines)) for k in automaton.left_out}
    return set(zip(line.tolist(), choice.tolist(), strict=True)) | left_out


ATOMS = st.sampled_from(["a", "b", "é", ".", "[ab]", "[^a]", "[aé]", "[^é]", r"\w", r"\d", r"\b", "[0-9]", "中", " "])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("({}){}".format, inner, st.sampled_from(["?", "*", "+", "{2}", "{1,3}", "{0,40}", "*?"])),
    ),
    max_leaves=6,
)
LINES = st.lists(st.text("abé中1 -", min_size=1, max_size=8), min_size=1, max_size=8)


@given(st.lists(PATTERNS, min_size=1, max_size=5), LINES)
def test_no_match_is_missed_and_exact_patterns_find_nothing_else(patterns, lines):
    expressions = [translate(pattern) for pattern in patterns]
    matching = {(i, k) for i, line in enumerate(lines) for k, e in enumerate(expressions) if regex.fullmatch(e, line)}
    plain, compiled = make(PLAIN, expressions), make(loops, expressions)
    found = pairs(plain, lines)
    assert pairs(compiled, lines) == found
    assert matching <= found
    assert {pair for pair in found if pair[1] in plain.exact} == {pair for pair in matching if pair[1] in plain.exact}


@given(st.lists(PATTERNS, min_size=1, max_size=5), LINES)
def test_states_that_do_not_fit_are_made_again(patterns, lines):
    expressions = [translate(pattern) for pattern in patterns]
    whole = make(loops, expressions)
    expected = pairs(whole, lines)
    small = make(loops, expressions, max_states=4, max_pool=1)
    assert pairs(small, lines * 2) == expected | {(line + len(lines), choice) for line, choice in expected}


def test_memory_is_bounded():
    """Each count of letters is a state of its own."""
    automaton = make(loops, ["[ab]{20}[ac]{20}x"], max_states=16)
    assert pairs(automaton, ["ab" * 10 + "ac" * 10 + "x", "a" * 39 + "x"]) == {(0, 0)}
    assert automaton._automaton.resets > 0
    assert automaton._automaton.states <= 16


def test_one_line_may_have_many_patterns(monkeypatch):
    monkeypatch.setattr(phrase_automaton, "ROOM", 2)
    assert pairs(make(loops, ["a"] * 9), ["b", "a", "a"]) == {(line, k) for line in (1, 2) for k in range(9)}


def test_patterns_that_nearly_any_line_begins_to_match_are_left_out():
    assert pack_automaton(["a.*", ".*b", "[0-9]+ b", "[a-z]+ b"]).left_out == [1, 3]


@pytest.mark.parametrize(
    ("pattern", "exact"),
    [
        ("shar(e|ing)", True),
        ("by .+", True),
        (r"\bshare", False),
        ("a{2,30}", False),
        (r"a\w+", False),
        ("(?!a)b", False),
    ],
)
def test_a_pattern_knows_whether_it_is_exact(pattern, exact):
    automaton = Automaton()
    automaton.add(translate(pattern))
    assert automaton.exact == [exact]


@pytest.mark.parametrize("atom", ["[^é]", "[à-ü]", "[^–—中]", "[一-龥]", "é", "."])
def test_classes_take_the_same_characters(atom):
    sequences, exact = byte_sequences(atom)
    assert exact
    for code in [*range(1, 0x3000), *range(0x4DF0, 0x4E10), *range(0x9FA0, 0x9FB0), 0xFFFF, 0x10000, 0x10FFFF]:
        character = chr(code).encode()
        taken = any(
            len(sequence) == len(character)
            and all(low <= byte <= high for byte, (low, high) in zip(character, sequence, strict=True))
            for sequence in sequences
        )
        assert taken == bool(regex.fullmatch(atom, chr(code))), hex(code)


def test_the_catalogue_matches_all_lines_that_are_matched_without_it(monkeypatch):
    """The lines are the examples of all rules, and these cut short.

    Hyperscan misses a line now and then, depending on its other patterns. So what is found more is asked of `regex`.
    """
    if load_loops("automaton") is None:
        pytest.skip(reason="the loops are not compiled")
    rules = [rule for rule in load_ruleset(profile="page").phrases if rule.where != "inline"]
    examples = [text.split("\n")[0] for rule in rules for text in (*rule.removes, *rule.keeps)]
    texts = [*examples, *(text[: len(text) // 2] for text in examples)]
    lines = split(pa.array(texts, pa.large_string()))
    flat = flatten_lines(lines, np.arange(len(lines)))
    compiled = Phrases(rules, range(len(rules)), cache_directory())  # with what other tests compiled
    monkeypatch.setenv("COPYDESK_KERNEL", "plain")
    looked_up = Phrases(rules, range(len(rules)))
    assert (compiled._automaton, looked_up._automaton) != (None, None)

    def hits(phrases):
        choices: dict[int, list[int]] = {}
        for line, choice in zip(*map(np.ndarray.tolist, phrases.candidates(flat)), strict=True):
            choices.setdefault(line, []).append(choice)
        starts, ends = flat.starts.tolist(), flat.ends.tolist()
        confirmed = {
            line: phrases.confirm(flat.data[starts[line] : ends[line] - 1].tobytes(), some)
            for line, some in choices.items()
        }
        return {line: rules for line, rules in confirmed.items() if rules}

    expected, found = (
        {(line, rule) for line, rules in hits(p).items() for rule in rules} for p in (looked_up, compiled)
    )
    assert len(expected) > len(rules)
    assert expected <= found
    for line, rule in found - expected:
        text = flat.data[flat.starts[line] : flat.ends[line] - 1].tobytes().decode()
        assert any(regex.fullmatch(translate(pattern), text) for pattern in rules[rule].match), text

"""The literals that the matches of a pattern begin and end with."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.rules.patterns.prefilter import KEY_BYTES, MAX_LITERALS, NUMBER, SUFFIX_BYTES, Prefilter, prefilters


def literals(*texts):
    return frozenset(text.encode() for text in texts)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # a whole line, with the line feed that ends it
        ("share", Prefilter("share", literals("share\n"), suffixes=literals("share\n"))),
        ("share this", Prefilter("share this", literals("share th"), suffixes=literals(" this\n"))),
        ("re?ad", Prefilter("re?ad", literals("rad\n", "read\n"), suffixes=literals("\nrad\n", "\nread\n"))),
        ("(tw|fa)x", Prefilter("(tw|fa)x", literals("twx\n", "fax\n"), suffixes=literals("\ntwx\n", "\nfax\n"))),
        # a repeat of one atom: nothing is known behind it
        ("ab+c.", Prefilter("ab+c.")),
        ("abcdefgh.*", Prefilter("abcdefgh.*", literals("abcdefgh"))),
        ("a.+bc", Prefilter("a.+bc", suffixes=literals("bc\n"))),
        ("ab.+cd", Prefilter("ab.+cd", literals("ab"), suffixes=literals("cd\n"))),
        # after a number
        ("[0-9]+ likes", Prefilter("[0-9]+ likes", frozenset(), literals(" likes\n"), literals("likes\n"))),
        (
            "[0-9]{2,3}",
            Prefilter(
                "[0-9]{2,3}", number_prefixes=literals("\n"), suffixes=literals(*(f"{digit}\n" for digit in range(10)))
            ),
        ),
        # no beginning, but an end
        (".* said", Prefilter(".* said", suffixes=literals(" said\n"))),
        # a short beginning and any end: too many lines have that
        ("ab.*", Prefilter("ab.*")),
        ("é.+é", Prefilter("é.+é", literals("é"), suffixes=literals("é\n"))),
        # one punctuation mark is enough, one letter is not
        (r"\+.+x", Prefilter(r"\+.+x", literals("+"), suffixes=literals("x\n"))),
        ("b.+x", Prefilter("b.+x", suffixes=literals("x\n"))),
    ],
)
def test_prefilters(expression, expected):
    assert prefilters(expression) == [expected]


def test_each_choice_has_a_prefilter_of_its_own():
    assert [prefilter.choice for prefilter in prefilters("ab|c(d|e)|f")] == ["ab", "c(d|e)", "f"]


def test_too_many_openings_become_shorter():
    words = "|".join(f"{a}{b}{c}" for a in "abcdefgh" for b in "abcdefgh" for c in "abcdefgh")
    [prefilter] = prefilters(f"({words})x")
    assert 0 < len(prefilter.prefixes) <= MAX_LITERALS
    assert {len(prefix) for prefix in prefilter.prefixes} == {2}


@pytest.mark.parametrize(
    "pattern",
    [
        "read (more|on)( about .{1,9})?",
        "([0-9]{1,3},)*[0-9]+ (comments?|replies)",
        "(a|ab)(c|bcd)(d*)",
        "x{2,3}(yz){1,9}",
        "[a-c]+-?[xyz]",
        r"(\+|- )?[^,]{1,3}(!|\?)",
        "((ab?)?c)+",
    ],
)
@given(data=st.data())
def test_whatever_matches_passes(pattern, data):
    line = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)).replace("\n", " ")
    passing = [prefilter for prefilter in prefilters(pattern) if re.fullmatch(prefilter.choice, line)]
    for prefilter in passing:
        assert passes(prefilter, line)


def passes(prefilter, line):
    data = line.encode() + b"\n"
    behind_number = data.lstrip(NUMBER)
    begins = (
        not prefilter.prefixes | prefilter.number_prefixes
        or data.startswith(tuple(prefilter.prefixes))
        or behind_number.startswith(tuple(prefilter.number_prefixes))
    )
    ends = not prefilter.suffixes or (b"\n" + data).endswith(tuple(prefilter.suffixes))
    assert all(len(prefix) <= KEY_BYTES for prefix in prefilter.prefixes)
    assert all(len(suffix) <= SUFFIX_BYTES for suffix in prefilter.suffixes)
    return begins and ends

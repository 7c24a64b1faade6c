"""The phrase dialect: what a pattern is translated to, and how it is made wider for a filter."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.rules.patterns.alphabet import flatten
from copydesk.rules.patterns.dialect import tokenize, translate


@pytest.mark.parametrize(
    ("pattern", "expression"),
    [
        ("Share This", "share this"),
        ("don’t", "don't"),
        ("wait…", r"wait\.\.\."),
        ("a – b", "a - b"),
        ("[A-C]+", "[a-c]+"),
        ("[–x]", r"[\-x]"),  # a dash becomes a hyphen that makes no range
        ("[a–z]", r"[a\-z]"),
        ("[.:]", r"[\.\:]"),
        ("[^,]{2,9}", r"[^\n,]{2,9}"),
        ("[]x]", "[]x]"),
        (r"\d+\.", r"\d+\."),
        (r"\x27\u2014[\x41\u2013]", r"'\-[a\-]"),  # characters by their number
        ("(?:a|b)(?=c)(?<n>D)(?<!e)(?>f)", "(?:a|b)(?=c)(?<n>d)(?<!e)(?>f)"),
        (".{0,40}?", ".{0,40}?"),
    ],
)
def test_translate(pattern, expression):
    assert translate(pattern) == expression


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"a\sb", "write a space"),
        (r"a\tb", "not part of the dialect"),
        (r"a\Qb", "not part of the dialect"),
        (r"[\b]", "not part of the dialect"),
        (r"[\s]", "write a space"),
        (r"\x2", "not part of the dialect"),
        (r"(a)\1", "not part of the dialect"),
        (r"\pL", "not part of the dialect"),
        ("(?i)a", "inline flags"),
        ("(?R)", "inline flags"),
        ("(?P<n>a)(?P=n)", "inline flags"),
        ("^a", "matched against the whole line"),
        ("a$", "matched against the whole line"),
        ("a\\", "cannot end in a backslash"),
        ("a[b", "never closed"),
    ],
)
def test_what_the_dialect_leaves_out(pattern, message):
    with pytest.raises(ValueError, match=message):
        translate(pattern)


def test_a_bracket_is_read_anew_wherever_it_opens():
    assert translate("(a)") == "(a)"
    with pytest.raises(ValueError, match="inline flags"):
        translate("(?i)b")


@given(st.text(st.sampled_from("aB é’“–…-. "), max_size=15))
def test_a_literal_pattern_matches_its_own_flattened_text(text):
    pattern = text.replace(".", r"\.")
    assert re.fullmatch(translate(re.sub(" +", " ", pattern)), flatten(re.sub(" +", " ", text)))


def test_tokenize():
    assert tokenize(r"a\[[]b]{1,2}(c|[^d]*)") == [
        "a", r"\[", "[]b]", "{1,2}", "(", "c", "|", "[^d]", "*", ")",
    ]  # fmt: skip
    assert "".join(tokenize("{name}[^]x]")) == "{name}[^]x]"

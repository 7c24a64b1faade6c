"""Expressions for Hyperscan: they match at least whatever the pattern matches."""

from __future__ import annotations

import re
from functools import cache

import hyperscan
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from copydesk.rules.patterns.alphabet import flatten
from copydesk.rules.patterns.dialect import translate
from copydesk.rules.patterns.filters import loosen, widen_repeats
from copydesk.schemas.cache.multi_pattern import FILTER


@pytest.mark.parametrize(
    ("expression", "wider"),
    [
        ("a{2,5}b{0,3}c{,4}", "a+b*c*"),
        ("a{3}?b++c*?", "a+b+c*"),
        (r"\{2}", r"\{2}"),
        ("(.+[,;])+", ".+[,;]"),
        ("([,;].+)+", "[,;].+"),
        ("([,;].{1,9}[.])+", "[,;].+[.]"),
        (r"([^\n]{1,20}){2,}", ".+"),
        ("(.+)+x(.+)+", ".+x.+"),
        # no lists: something else in the group, a negated separator, no repeat
        ("(x.+)+", "(x.+)+"),
        ("(.+,)+", "(.+,)+"),
        (r"(.+[^\n,])+", r"(.+[^\n,])+"),
        ("(.+[,;])*", "(.+[,;])*"),
        (r"\(.+[,;])+", r"\(.+[,;])+"),
        ("(.+x[,;])+", "(.+x[,;])+"),
        # groups keep their header
        ("(?:a|b){2}(?<n>c){,3}(?!d)", "(?:a|b)+(?<n>c)*(?!d)"),
        # no Unicode properties
        (r"\w+\W\d?\D", r"[0-9A-Za-z_\x{80}-\x{10ffff}]+[^0-9A-Za-z_][0-9\x{80}-\x{10ffff}]?[^0-9]"),
        (r"\bshare\b", "share"),
        (r"[\w-]{2}", r"[0-9A-Za-z_\x{80}-\x{10ffff}\-]+"),
        (r"[^\n\W]", r"[^\n\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"),
    ],
)
def test_widen_repeats(expression, wider):
    assert widen_repeats(expression) == wider


PATTERNS = [
    "it's (more|less){1,3} - now",
    "(.{2,5}[,;])+ end",
    "read [0-9]{1,4} comments?",
    r"\w{2,4}\W\d+( \D)?",
    r"[\w-]+(['\" -]x)?\.\.\.",
    r"[^\n\w]{2}|[^\n\W]+[.!?]{1,3}",
    r"a.b[^,]c(\.|d)\.( e)*",
    r"(\.)\.x?\.y?[.!]+",
    r"(a|b\.)?(\.|c)\.d?\.{2}",
    "[ab][^a] ?[σ]",
]


@cache
def compiled(expression, flags):
    database = hyperscan.Database()
    database.compile(expressions=[expression.encode()], ids=[0], flags=[FILTER | flags])
    return database


def finds(expression, data, flags=0):
    ends = []
    compiled(expression, flags).scan(data.encode(), match_event_handler=lambda *match: ends.append(match[2]))
    return bool(ends)


def draw_match(data, pattern):
    line = data.draw(st.from_regex(re.compile(pattern), fullmatch=True))
    flat = flatten("".join(character if character.isprintable() else "x" for character in line))
    # what from_regex draws may be typographic, or several spaces: only the flattened form has to match
    return flat if regex.fullmatch(pattern, flat) else None


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_a_wide_expression_matches_whatever_the_pattern_does(pattern, data):
    flat = draw_match(data, pattern)
    assert flat is None or finds(f"\n(?:{widen_repeats(pattern)})\n", f"x\n{flat}\nx")


RAW = {
    " ": ["  ", "\u00a0", " \u3000\t "],
    "'": ["’", "´"],
    '"': ["“", "„"],
    "-": ["–", "—"],
    "...": ["…"],
    "σ": ["ς", "Σ"],
}


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_a_loose_expression_finds_whatever_is_flattened_to_a_match(pattern, data):
    flat = draw_match(data, pattern)
    if flat is None:
        return
    raw = flat
    for plain, forms in RAW.items():
        raw = raw.replace(plain, data.draw(st.sampled_from([plain, *forms])))
    raw = data.draw(st.sampled_from([raw, raw.upper()]))
    if regex.search(pattern, flatten(raw)):
        assert finds(loosen(pattern), f"x {raw} x", hyperscan.HS_FLAG_CASELESS)


@pytest.mark.parametrize(
    ("expression", "loose"),
    [
        ("abc[d-f]?g{2,3}", "abc[d-f]?g+"),
        (".", ".+"),  # it may be a space, which may be several
        (r"\.\.\.\.", "DD?D?D"),
        (r"\.a\.", "DaD"),
        (r"\.a?\.", "Da?D?"),
        (r"(\.)\.", "(D)D?"),
        (r"(\.|a)\.|\.", "(D|a)D?|D"),
        (r"b(a\.)?\.", "b(aD)?D?"),
        (r"(a)\.", "(a)D"),
        (r"\.(a|b)?(\.)\.", "D(a|b)?(D?)D?"),
        (r"(\.|ab)?\.", "(D|ab)?D|…"),  # it must not match nothing
    ],
)
def test_loosen(expression, loose):
    assert loosen(expression) == loose.replace("D", r"(?:\.|[…])")


@pytest.mark.parametrize("raw", ["x Don’t  —\u00a0Miss…", "DON'T - MISS...", "don´t\u2003\u2003− miss… x"])
def test_typography_of_raw_text_is_found(raw):
    pattern = translate("don’t – miss…")
    assert regex.search(pattern, flatten(raw))
    assert finds(loosen(pattern), raw, hyperscan.HS_FLAG_CASELESS)

"""Translated patterns as trees."""

from __future__ import annotations

import pytest

from copydesk.rules.patterns.syntax import UNBOUNDED, Repeat, parse, split_choices

NOTHING = ((),)


def atom(text, least=1, most=1):
    return Repeat(text, NOTHING, least, most)


def group(*choices, least=1, most=1):
    return Repeat("", choices, least, most)


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("", ((),)),
        ("ab?", ((atom("a"), atom("b", 0, 1)),)),
        ("a|b", ((atom("a"),), (atom("b"),))),
        ("a*b+c{2}d{3,}e{,4}f{5,6}", ((
            atom("a", 0, UNBOUNDED), atom("b", 1, UNBOUNDED), atom("c", 2, 2), atom("d", 3, UNBOUNDED),
            atom("e", 0, 4), atom("f", 5, 6),
        ),)),
        ("a+?b*+c", ((atom("a", 1, UNBOUNDED), atom("b", 0, UNBOUNDED), atom("c")),)),
        (r"\.[+*]x", ((atom(r"\."), atom("[+*]"), atom("x")),)),
        ("(a|bc)?", ((group((atom("a"),), (atom("b"), atom("c")), least=0),),)),
        ("(?:a)(?>b)(?<n>c)", ((group((atom("a"),)), group((atom("b"),)), group((atom("c"),))),)),
        (r"(?=ab)(?!c)(?<=d)(?<!e)\bf", ((group(()), group(()), group(()), group(()), atom(""), atom("f")),)),
    ],
)  # fmt: skip
def test_parse(expression, tree):
    assert parse(expression) == tree


@pytest.mark.parametrize(
    ("expression", "message"), [("(a", "opened that is not closed"), ("a)", "closed that was not opened")]
)
def test_unbalanced_brackets(expression, message):
    with pytest.raises(ValueError, match=message):
        parse(expression)


def test_split_choices():
    assert split_choices(r"a|b(c|d)|[|]|\|e|") == ["a", "b(c|d)", "[|]", r"\|e", ""]

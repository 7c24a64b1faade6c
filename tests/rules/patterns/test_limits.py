"""How large a pattern may be."""

from __future__ import annotations

import pytest

from copydesk.rules.patterns.dialect import translate
from copydesk.rules.patterns.limits import MAX_DEPTH, _measure_choices, require_small
from copydesk.rules.patterns.syntax import parse
from copydesk.rules.ruleset.ruleset import load_ruleset


@pytest.mark.parametrize(
    ("expression", "size", "links", "shortest"),
    [
        ("abc", 3, 2, 3),
        ("ab?c", 3, 3, 2),
        ("a|bc", 3, 1, 1),
        ("(a|b)c{3}", 3, 3, 4),  # both before c, and c before itself
        ("(a?b?)*", 2, 5, 0),  # from each to each, and a to b once more within the group
        ("x.y", 12, 20, 3),  # a class of more than ASCII counts as ten
        (r"[a-z]\w[é]", 21, 110, 3),
        (r"\b(?=long)a", 1, 0, 1),
    ],
)
def test_measures(expression, size, links, shortest):
    shape = _measure_choices(parse(expression))
    assert (shape.size, shape.links, shape.shortest) == (size, links, shortest)


def test_built_in_patterns_are_far_below_the_limits():
    shapes = [
        _measure_choices(parse(translate(pattern)))
        for rule in load_ruleset(unsafe=True).phrases
        for pattern in (*rule.match, *rule.unless)
    ]
    assert max(shape.size for shape in shapes) < 2_000
    assert max(shape.links for shape in shapes) < 15_000
    assert max(shape.shortest for shape in shapes) < 100


@pytest.mark.parametrize(
    "pattern",
    [
        "share on (facebook|x)",
        "([a-z]+ ){3,9}(\\w+ ?){1,99}",
        "|".join(f"read {number} more" for number in range(250)),
        "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH,
    ],
)
def test_what_a_person_writes_passes(pattern):
    require_small(pattern)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a" * 4_001, "it has 4,001 characters: write at most 4,000"),
        ("(" * 11 + "a" + ")" * 11, "11 groups are nested: nest at most 10"),
        ("(" * 1_999 + "a" + ")" * 1_999, "1,999 groups are nested"),
        ("((abc){900}){900}", "has 2,430,000 characters: write at most 1,000"),
        ("a{99999}", "at most 4 digits"),
        (f"a{{{'9' * 3000}}}", "at most 4 digits"),
        ("(ab ?)?" * 400, "repeated or left out"),
        (r"\w?" * 40, "repeated or left out"),
        ("([a-z]?|x)*" * 300, "repeated or left out"),
        ("[^,]," * 500, "too many characters and classes"),
        ("(a", "not closed"),
    ],
)
def test_what_would_take_too_long_is_refused(pattern, message):
    with pytest.raises(ValueError, match=message):
        require_small(pattern)

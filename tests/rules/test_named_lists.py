"""Named lists: what `{name}` in a pattern stands for, and what a file with a wrong list is told."""

from __future__ import annotations

import pytest

from copydesk.rules.patterns.lists import build_groups, expand_lists
from copydesk.rules.ruleset.loader import load_file
from copydesk.schemas.errors import RuleError

RULE = """
[[rule]]
id = "house/share"
summary = "Share bar of the house"
match = ['share on {network}']
unless = ['share on {network} \\{today\\}']
removes = ["Share on Facebook"]
keeps = ["Share on the stairs"]
since = "1"
"""


def load(tmp_path, text):
    path = tmp_path / "house.toml"
    path.write_text(text, "utf-8")
    return load_file(path).phrases[0]


def test_a_list_stands_for_one_of_its_entries(tmp_path):
    rule = load(tmp_path, f"[lists]\nnetwork = ['facebook|twitter', 'x']\n{RULE}")
    assert rule.match == ["share on (facebook|twitter|x)"]
    assert rule.unless == [r"share on (facebook|twitter|x) \{today\}"]


def test_a_list_may_use_the_lists_above_it():
    groups = build_groups({"day": ["mon|tue"], "date": ["{day} [0-9]{1,2}"]})
    assert expand_lists("on {date}{0,1}", groups) == "on ((mon|tue) [0-9]{1,2}){0,1}"


def test_braces_are_plain_in_a_file_without_lists(tmp_path):
    assert load(tmp_path, RULE).match == ["share on {network}"]


WRONG = {
    "unknown list": (f"[lists]\nnetworks = ['x']\n{RULE}", 7, "house/share", "no list 'network'", "'networks'"),
    "list below": ("[lists]\na = ['{b}']\nb = ['x']\n" + RULE, 1, "lists", "no list 'b'", ""),
    "bad name": (f"[lists]\nNetwork = ['x']\n{RULE}", 1, "'Network'", "small letters", ""),
    "no list": (f"[lists]\nnetwork = 'x'\n{RULE}", 1, "lists", "name = [", ""),
    "empty list": (f"[lists]\nnetwork = []\n{RULE}", 1, "lists", "name = [", ""),
    "no table": (f"lists = ['x']\n{RULE}", 1, "lists", "name = [", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_list_is_named_with_its_place(tmp_path, case):
    text, line, *words = WRONG[case]
    with pytest.raises(RuleError) as error:
        load(tmp_path, text)
    message = str(error.value)
    assert f"house.toml:{line}" in message
    assert all(word in message for word in words), message

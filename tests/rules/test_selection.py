"""Selectors: which rules they name, which of them wins, and former names."""

from __future__ import annotations

from pathlib import Path

import pytest

import copydesk
from copydesk.rules.ruleset.model import RuleInfo
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.rules.ruleset.selection import EVERYTHING, Selection, former_names, narrowness, resolved
from copydesk.schemas.errors import SettingError

IDS = ["comments/form", "comments/reply", "tags/list", "corpus/words"]


def info(rule_id, *aliases):
    return RuleInfo(id=rule_id, summary="A summary", removes=["a"], keeps=["b"], since="1", aliases=list(aliases))


@pytest.mark.parametrize(
    ("select", "ignore", "taken"),
    [
        (["all"], [], IDS),
        (["all"], ["comments"], ["tags/list", "corpus/words"]),
        (["all", "comments/form"], ["comments"], ["comments/form", "tags/list", "corpus/words"]),
        (["comments"], ["comments/form"], ["comments/reply"]),
        (["comments"], ["comments"], []),
        (["tags"], ["all"], ["tags/list"]),
        (["all"], ["all"], []),
        ([], [], []),
    ],
)
def test_the_narrowest_selector_wins_and_ignore_among_equals(select, ignore, taken):
    selection = Selection(tuple(select), tuple(ignore))
    assert [rule_id for rule_id in IDS if selection.takes(rule_id)] == taken


def test_how_narrow_a_selector_is():
    assert [narrowness([name], "tags/list") for name in ("tags/list", "tags", "all", "tag", "list")] == [3, 2, 1, 0, 0]


def test_the_narrowest_severity_wins():
    selection = Selection(severity=(("all", "info"), ("tags", "error"), ("tags/list", "warning")))
    assert [selection.severity_of(rule, "error") for rule in ("tags/list", "tags/x", "a/b")] == [
        "warning",
        "error",
        "info",
    ]
    assert Selection(severity=(("tags", "error"),)).severity_of("a/b", "info") == "info"


def test_what_is_ignored_for_a_source(tmp_path):
    selection = Selection(
        sources=(("*.example", ("tags",)), ("archive/*", ("comments",)), ("/else/*", ("all",))), root=tmp_path
    )
    assert selection.ignored_for("news.example", None) == ("tags",)
    assert selection.ignored_for(None, str(tmp_path / "archive" / "2001" / "a.txt")) == ("comments",)
    assert selection.ignored_for("other.test", "/else/a.txt") == ("all",)
    assert selection.ignored_for(None, None) == ()


def test_choices_are_empty_if_nothing_is_chosen():
    assert EVERYTHING.choices == Selection(severity=(("tags", "error"),), root=Path("/x")).choices == []
    assert Selection(ignore=("tags",)).choices == [("all",), ("tags",), ()]


def test_a_selector_that_names_nothing_is_refused():
    with pytest.raises(SettingError, match="ignore: no rule, check or family 'coments', did you mean 'comments'"):
        resolved(["tags", "coments"], "ignore", IDS)


def test_former_names():
    infos = [info("site-templates/line", "corpus/template"), info("tags/list", "tags/old", "labels/list"), info("a/b")]
    ids = [*(one.id for one in infos), "corpus/words"]
    assert former_names(infos, ids) == {
        "corpus/template": ("site-templates/line",),
        "corpus": ("corpus", "site-templates"),
        "tags/old": ("tags/list",),
        "labels/list": ("tags/list",),
        "labels": ("tags",),
    }


def test_former_names_are_replaced_everywhere():
    former = {"labels": ("tags",), "old/id": ("comments/form",)}
    selection = Selection(("labels",), ("old/id",), (("*", ("labels",)),), (("labels", "info"),))
    expected = Selection(("tags",), ("comments/form",), (("*", ("tags",)),), (("tags", "info"),))
    assert selection.resolve(IDS, former) == expected


@pytest.mark.parametrize("name", ["corpus/template", "corpus", "site-templates", "site-templates/recurring-line"])
def test_site_templates_can_be_selected_by_their_former_name(name):
    off = load_ruleset(selection=Selection(ignore=(name,))).off
    assert "site-templates/recurring-line" in off
    assert copydesk.load_ruleset().find("corpus/template").id == "site-templates/recurring-line"


def test_a_former_family_that_checks_have_selects_both():
    selection = load_ruleset(selection=Selection(ignore=("corpus",))).selection
    assert selection.ignore == ("corpus", "site-templates")
    assert not selection.takes("corpus/words")

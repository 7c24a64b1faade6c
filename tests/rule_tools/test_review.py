"""Rules of a file are accepted, edited or dropped one by one."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from copydesk.cleaner.cli.main import cli
from copydesk.cleaner.rule_tools.examples import CLOSING, OPENING
from copydesk.cleaner.rule_tools.review import Review
from copydesk.rules.ruleset.loader import load_file
from copydesk.schemas.errors import RuleError


def rule(name: str, line: str) -> str:
    return f"""[[rule]]
id = "mined/{name}"
summary = "Line on 4 records"
match = ['{line.lower()}']
removes = ["{line}"]
keeps = ["{line}, he said, and went home."]
since = "1"
"""


@pytest.fixture
def candidates(tmp_path):
    path = tmp_path / "candidates.toml"
    rules = [rule("oil", "Zest of lamp oil"), rule("rope", "Ropes at the quay"), rule("tar", "Tar by the barrel")]
    path.write_text("# Candidates\n\n" + "\n".join(rules), "utf-8")
    return path


def ids(path) -> list[str]:
    return [rule.id for rule in load_file(path).phrases]


def review(candidates, keys: str, *options: str):
    return CliRunner().invoke(cli, ["rules", "review", str(candidates), *options], input=keys, standalone_mode=False)


def test_accept_drop_and_quit(candidates, tmp_path):
    ran = review(candidates, "a\nd\nq\n")
    assert ids(tmp_path / "candidates.accepted.toml") == ["mined/oil"]
    assert ids(candidates) == ["mined/tar"]
    assert candidates.read_text("utf-8").startswith('# Candidates\n\n[[rule]]\nid = "mined/tar"')
    assert "1 accepted, 1 dropped; 1 rule left" in ran.output


def test_accepted_rules_keep_their_text(candidates, tmp_path):
    into = tmp_path / "house.toml"
    into.write_text(rule("flag", "Flags of all nations"), "utf-8")
    review(candidates, "a\ns\na\n", "--into", str(into))
    assert ids(into) == ["mined/flag", "mined/oil", "mined/tar"]
    assert rule("tar", "Tar by the barrel") in into.read_text("utf-8")
    assert ids(candidates) == ["mined/rope"]


def test_an_edit_is_tested_first(candidates, tmp_path, monkeypatch):
    edits = iter(["lamp oil", "zest of (the )?lamp oil"])
    monkeypatch.setattr(click, "edit", lambda text, extension: text.replace("'zest of lamp oil'", f"'{next(edits)}'"))
    ran = review(candidates, "e\ne\nq\n")
    assert "not accepted: mined/oil: does not remove" in ran.output
    (accepted,) = load_file(tmp_path / "candidates.accepted.toml").phrases
    assert accepted.match == ["zest of (the )?lamp oil"]


def test_hits_are_shown_in_their_context(candidates, tmp_path):
    dump = tmp_path / "dump.jsonl"
    dump.write_text(json.dumps({"text": f"{OPENING}\n{CLOSING}\nZest of lamp oil"}) + "\n", "utf-8")
    ran = review(candidates, "q\n", "--on", str(dump))
    assert "1 hit in the records" in ran.output
    assert "- Zest of lamp oil" in ran.output


def test_the_last_rule_leaves_an_empty_file(candidates):
    work = Review(candidates, candidates.with_name("x.toml"))
    for rule_id in ("mined/oil", "mined/rope", "mined/tar"):
        work.drop(rule_id)
    assert candidates.read_text("utf-8").strip() == "# Candidates"


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "no rules to review"), ('hosts = ["a.example"]\n' + rule("a", "Ropes at the quay"), "lists or hosts")],
)
def test_files_that_cannot_be_reviewed(text, message, tmp_path):
    path = tmp_path / "candidates.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RuleError, match=message):
        Review(path, tmp_path / "x.toml")


def test_the_same_file_twice(candidates):
    with pytest.raises(RuleError, match="same file"):
        Review(candidates, candidates)

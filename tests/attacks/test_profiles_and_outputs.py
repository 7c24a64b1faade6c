"""Crafted profiles end in one clear line, and no command of validation writes over what it reads."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from copydesk.cleaner.validate import profiles
from copydesk.schemas.cache.toml_files import tomllib
from copydesk.schemas.checks.profile import Profile

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"format": "copydesk-profile", "version": 1, "records": 10}


@pytest.fixture
def dump(jsonl, article):
    return jsonl(*[{"id": str(n), "text": f"{article} Day {n}."} for n in range(3)])


def with_field(name, value):
    return json.dumps({**GOOD, name: value})


CRAFTED = {
    "empty": "",
    "not JSON": "{}x",
    "not UTF-8": b"\xff\xfe{}",
    "a list": "[]",
    "a number": "5",
    "null": "null",
    "no format": "{}",
    "another format": json.dumps({**GOOD, "format": "other"}),
    "another version": json.dumps({**GOOD, "version": 2}),
    "an unknown key": with_field("class_name", "os.system"),
    "NaN": with_field("records", float("nan")),
    "infinity": with_field("characters", float("inf")),
    "a fraction": with_field("records", 1.5),
    "a negative count": with_field("records", -1),
    "a text": with_field("records", "many"),
    "a huge count": with_field("records", 10**20),
    "5,000 digits": '{"format": "copydesk-profile", "records": ' + "9" * 5000 + "}",
    "counts as a list": with_field("missing", [1, 2]),
    "a count as an object": with_field("missing", {"url": {"a": 1}}),
    "a negative missing": with_field("missing", {"url": -5}),
    "more missing than records": with_field("missing", {"url": 11}),
    "a negative language": with_field("languages", {"en": -3}),
    "a huge language": with_field("languages", {"en": 10**25}),
    "NaN in a counter": with_field("sources", {"a": float("nan")}),
    "more languages than records": with_field("languages", {"en": 6, "de": 6}),
    "a huge bin": with_field("lengths", {"999999999": 1}),
    "a negative bin": with_field("lengths", {"-7": 1}),
    "a bin that is no number": with_field("lengths", {"long": 1}),
    "a fraction of a bin": with_field("lengths", {"1.5": 1}),
    "deep lists": '{"format": ' + "[" * 200_000 + "]" * 200_000 + "}",
    "deep objects": '{"format": ' + '{"a":' * 150 + "1" + "}" * 150 + "}",
    "too large": " " * 10_000_001,
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_profile_is_one_clear_line(what, copydesk_command, dump, tmp_path):
    path, content = tmp_path / "p.json", CRAFTED[what]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for arguments in (
        ("validate", dump, "--against", path, "--verdict-by", "flags"),
        ("suite", "new", "--from", path, tmp_path / "s.toml"),
    ):
        ran = copydesk_command(*arguments)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1), ran
        assert "p.json: not a file of `copydesk describe` (" in ran.err
        assert "make one: copydesk describe" in ran.err
    assert not (tmp_path / "s.toml").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_profile_that_is_not_a_regular_file_is_refused(copydesk_command, dump, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    for name, message in (("pipe.json", "not a regular file"), ("missing.json", "cannot be read")):
        ran = copydesk_command("validate", dump, "--against", tmp_path / name, "--verdict-by", "flags")
        assert (ran.code, message in ran.err) == (2, True), ran


def test_a_profile_without_records_proposes_no_suite(copydesk_command, tmp_path):
    (tmp_path / "p.json").write_text(json.dumps({**GOOD, "records": 0}), "utf-8")
    ran = copydesk_command("suite", "new", "--from", tmp_path / "p.json", tmp_path / "s.toml")
    assert (ran.code, "it describes no record" in ran.err) == (2, True), ran


@pytest.mark.parametrize("name", ['a"\n[checks]\n"body/empty" = "off"\n#', "a\\", "é\x1b[2J", "\x7f", "a\tb"])
def test_the_name_of_a_profile_adds_nothing_to_a_suite(name):
    proposed = tomllib.loads(profiles.propose_suite(Profile(records=10), name))
    assert proposed["summary"].startswith("Proposed from ")
    assert "body/empty" not in proposed["checks"]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def links(dump, tmp_path):
    """Make other names of the input: with dots, a symbolic link, a hard link."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.jsonl").symlink_to(dump)
    os.link(dump, tmp_path / "hard.jsonl")
    return [dump, tmp_path / "sub" / ".." / dump.name, tmp_path / "link.jsonl", tmp_path / "hard.jsonl"]


def test_a_profile_does_not_replace_its_input(copydesk_command, dump, links, tmp_path):
    before = contents(tmp_path)
    for out in links:
        ran = copydesk_command("describe", dump, "--out", out)
        assert (ran.code, "is an input of this command, and would be overwritten" in ran.err) == (2, True), ran
    ran = copydesk_command("describe", tmp_path, "--out", dump)
    assert ran.code == 2
    assert contents(tmp_path) == before


def test_the_page_of_a_profile_replaces_neither_input_nor_profile(copydesk_command, dump, tmp_path):
    page = tmp_path / "p.html"
    os.link(dump, page)
    ran = copydesk_command("describe", dump, "--out", tmp_path / "p.json")
    assert (ran.code, "p.html: is an input" in ran.err) == (2, True), ran
    ran = copydesk_command("describe", dump, "--out", tmp_path / "q.html")
    assert (ran.code, "where the page with plots goes" in ran.err) == (2, True), ran
    assert not (tmp_path / "p.json").exists()


def test_a_profile_does_not_replace_a_database(copydesk_command, tmp_path, article):
    import sqlite3

    path = tmp_path / "news.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE articles (id TEXT, text TEXT)")
        database.execute("INSERT INTO articles VALUES ('1', ?)", (article,))
    database.close()
    before = path.read_bytes()
    ran = copydesk_command("describe", f"sqlite:///{path}::articles", "--out", path)
    assert (ran.code, "is an input" in ran.err) == (2, True), ran
    assert path.read_bytes() == before


def test_a_suite_is_not_written_over_what_it_is_made_of(copydesk_command, tmp_path):
    base, own = tmp_path / "base.toml", tmp_path / "own.toml"
    base.write_text('extends = "minimal"\n', "utf-8")
    own.write_text('extends = "base.toml"\n', "utf-8")
    profile = tmp_path / "p.json"
    profile.write_text(json.dumps(GOOD), "utf-8")
    before = contents(tmp_path)
    for arguments in (
        ("suite", "export", own, "--to", "gx", own),
        ("suite", "export", own, "--to", "toml", base),
        ("suite", "new", "--from", profile, profile, "--overwrite"),
    ):
        ran = copydesk_command(*arguments)
        assert (ran.code, "is an input of this command" in ran.err) == (2, True), ran
    ran = copydesk_command("suite", "new", own)
    assert (ran.code, "the file exists; add --overwrite" in ran.err) == (2, True), ran
    assert contents(tmp_path) == before
    assert copydesk_command("suite", "new", own, "--overwrite").code == 0


@pytest.mark.parametrize("command", ["describe", "export", "new"])
def test_an_output_that_cannot_be_written_leaves_the_file_as_it_was(
    command, copydesk_command, dump, tmp_path, monkeypatch
):
    target = tmp_path / "out.json"
    target.write_text("before", "utf-8")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    arguments = {
        "describe": ("describe", dump, "--out", target),
        "export": ("suite", "export", "article", "--to", "toml", target),
        "new": ("suite", "new", target, "--overwrite"),
    }
    ran = copydesk_command(*arguments[command])
    assert ran.code == 2, ran
    assert len(ran.err.splitlines()) == 1
    assert target.read_text("utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.jsonl", "out.json"]

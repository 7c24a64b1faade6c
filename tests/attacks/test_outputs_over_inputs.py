"""No command writes over a file that it reads, under whatever name it is given, and no output is left half written."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

RULE = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch, article):
    folder = tmp_path / "project"
    for name in ("data", "rules"):
        (folder / name).mkdir(parents=True)
    (folder / "data" / "a.jsonl").write_text(json.dumps({"text": f"{article}\n\nScroll to Top"}), "utf-8")
    (folder / "data" / "hard.jsonl").hardlink_to(folder / "data" / "a.jsonl")
    (folder / "data" / "note.md").write_text("not an input", "utf-8")
    (folder / "link.jsonl").symlink_to("data/a.jsonl")
    (folder / "rules" / "house.toml").write_text(RULE, "utf-8")
    (folder / "suite.toml").write_text('extends = "minimal"\n', "utf-8")
    (folder / "copydesk.toml").write_text('rules = ["rules"]\nsuite = "suite.toml"\n', "utf-8")
    (folder / "copydesk.lock").write_text("{}", "utf-8")
    with sqlite3.connect(folder / "news.db") as database:
        database.execute("CREATE TABLE articles (id TEXT, text TEXT)")
        database.execute("INSERT INTO articles VALUES ('1', ?)", (article,))
    database.close()
    monkeypatch.chdir(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


TARGETS = {
    "an input": ["data/a.jsonl", "./data/../data/a.jsonl", "link.jsonl", "data/hard.jsonl"],
    "the settings file": ["copydesk.toml"],
    "a rule file": ["rules/house.toml"],
    "the suite": ["suite.toml"],
    "the lock file": ["copydesk.lock"],
}


@pytest.mark.parametrize("target", [(what, path) for what, paths in TARGETS.items() for path in paths], ids=str)
@pytest.mark.parametrize("source", ["data/a.jsonl", "data", "link.jsonl"])
@pytest.mark.parametrize(
    "command",
    [
        ["check", "--format", "jsonl={}"],
        ["check", "--format", "html={}", "--format", "text"],
        ["check", "--format", "sarif", "--output-file", "{}"],
        ["baseline", "create", "--overwrite", "--baseline", "{}"],
        ["baseline", "prune", "--baseline", "{}"],
    ],
    ids=" ".join,
)
def test_an_output_over_a_file_that_is_read_is_refused(command, source, target, project, copydesk_command):
    what, path = target
    before = contents(project)
    ran = copydesk_command(*(word.format(path) for word in command), source)
    assert ran.code == 2
    shown = Path(path)  # without a leading ./
    assert ran.err == (
        f"copydesk: {shown}: is {what} of this command, and would be overwritten; write to another file\n"
    )
    assert contents(project) == before


def test_a_database_and_standard_input_are_inputs(project, copydesk_command):
    before = contents(project)
    for url in ("sqlite:///news.db::articles", f"sqlite:///{project}/news.db::articles"):
        ran = copydesk_command("check", url, "--format", "json=news.db")
        assert (ran.code, "is an input of this command" in ran.err) == (2, True)
    descriptor, kept = os.open("data/a.jsonl", os.O_RDONLY), os.dup(0)
    try:
        os.dup2(descriptor, 0)
        ran = copydesk_command("check", "-", "--format", "json=data/a.jsonl")
    finally:
        os.dup2(kept, 0)
        os.close(descriptor)
        os.close(kept)
    assert (ran.code, "is an input of this command" in ran.err) == (2, True)
    assert contents(project) == before


def test_the_baseline_that_is_read_is_not_an_output(project, copydesk_command):
    assert copydesk_command("baseline", "create", "data").code == 0
    before = contents(project)
    ran = copydesk_command("check", "data", "--baseline", ".copydesk-baseline.json", "--format",
                           "json=.copydesk-baseline.json")  # fmt: skip
    assert (ran.code, "is an input of this command" in ran.err) == (2, True)
    assert contents(project) == before


def test_two_outputs_under_one_name_are_refused(project, copydesk_command):
    (project / "same").symlink_to("one.json")
    for other in ("./one.json", "same", str(project / "one.json")):
        ran = copydesk_command("check", "data", "--format", "json=one.json", "--format", f"html={other}")
        assert (ran.code, "two formats go to" in ran.err) == (2, True)


def test_outputs_beside_the_inputs_are_written(project, copydesk_command):
    words = ["--format", "sarif=data/found.sarif", "--format", "html=data/note.page", "--select", "navigation"]
    for _ in range(2):
        assert copydesk_command("check", "data", *words).code == 1
    assert "<html" in (project / "data" / "note.page").read_text("utf-8")


def test_a_report_that_fails_leaves_the_file_before(project, copydesk_command, monkeypatch):
    (project / "found.json").write_text("before", "utf-8")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("copydesk.cleaner.reports.formats.json_document.JsonDocument.close", fail)
    assert copydesk_command("check", "data", "--format", "json=found.json").code == 3
    assert (project / "found.json").read_text("utf-8") == "before"
    assert not list(project.glob(".found.json*"))

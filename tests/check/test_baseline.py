"""Findings that are known: in a baseline, or suppressed in the settings."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import copydesk
from copydesk.cleaner.check.review import Suppressions
from copydesk.rules.ruleset import selection
from copydesk.schemas.findings import Finding

NAME = ".copydesk-baseline.json"
IGNORE = 'ignore = ["body/duplicate"]\n'


@pytest.fixture
def records(article):
    return [
        {"id": "r1", "title": "One", "text": f"{article}\n\nScroll to Top", "url": "https://www.lowmoor.example/1"},
        {"id": "r2", "title": "Two", "text": f"{article}\n\nScroll to Top\n\nIn between.\n\nScroll  to TOP"},
        {"id": "r3", "title": "Three", "text": "", "url": "https://www.harbour.example/3"},
    ]


@pytest.fixture
def project(tmp_path, monkeypatch, records):
    """Write records into a file of the project, one a line."""
    (tmp_path / "data").mkdir()
    (tmp_path / "copydesk.toml").write_text(IGNORE, "utf-8")
    monkeypatch.chdir(tmp_path)

    def write(found=records, name: str = "dump.jsonl", before: str = "") -> None:
        (tmp_path / "data" / name).write_text(before + "\n".join(map(json.dumps, found)), "utf-8")

    write()
    return write


def check(command, *options: object):
    return command("check", "data", "--baseline", NAME, *options)


def test_what_was_there_does_not_count(project, records, copydesk_command):
    assert copydesk_command("check", "data").code == 1
    assert copydesk_command("baseline", "create", "data").code == 0
    ran = check(copydesk_command, "--baseline-strict")
    assert (ran.code, ran.out) == (0, "")
    assert "4 in the baseline" in ran.err
    shown = copydesk_command("baseline", "show")
    assert shown.out.split() == ["3", "navigation/top", "1", "body/empty"]


def test_moving_records_changes_nothing(project, records, copydesk_command):
    copydesk_command("baseline", "create", "data")
    Path("data/dump.jsonl").unlink()
    project(records[:1], "a.jsonl", "\n\n\n")
    project(reversed(records[1:]), "z.jsonl")
    assert check(copydesk_command, "--baseline-strict").code == 0


def test_new_findings_fail(project, records, copydesk_command, article):
    copydesk_command("baseline", "create", "data")
    project([*records, {"id": "r4", "title": "Four", "text": f"{article}\n\nScroll to Top"}])
    ran = check(copydesk_command)
    assert ran.code == 1
    assert ran.out.startswith(f"{Path('data/dump.jsonl')}:4: warning: navigation/top")
    assert ran.err.startswith("1 finding in")


def test_one_more_of_the_same_is_new(project, records, copydesk_command):
    copydesk_command("baseline", "create", "data")
    project(
        [records[0], {**records[1], "text": records[1]["text"] + "\n\nThe tide turned.\n\nScroll to top"}, records[2]]
    )
    assert check(copydesk_command).err.startswith("1 finding in")


def test_lines_that_cannot_be_read_are_told_apart(project, copydesk_command, article):
    dump = Path("data/dump.jsonl")
    dump.write_text(json.dumps({"title": "One", "text": article}) + "\n{\n[\n", "utf-8")
    assert copydesk_command("baseline", "create", "data").err.startswith("2 findings")
    assert check(copydesk_command, "--baseline-strict").code == 0
    dump.write_text(dump.read_text("utf-8").replace("[", "(") + "\n", "utf-8")
    ran = check(copydesk_command, "--baseline-strict")
    assert [line.split(": ")[2] for line in ran.out.splitlines() if ": " in line] == ["input/not-json", "baseline/gone"]


def test_what_is_gone_fails_only_if_asked_for_and_is_pruned(project, records, copydesk_command):
    copydesk_command("baseline", "create", "data")
    project([records[0], {**records[1], "text": records[1]["text"].replace("Scroll  to TOP", "")}])
    assert check(copydesk_command).code == 0
    strict = check(copydesk_command, "--baseline-strict")
    assert strict.code == 1
    assert strict.out.count("baseline/gone") == 2
    assert f"{NAME}:2: warning: baseline/gone: body/empty" in strict.out
    assert copydesk_command("baseline", "prune", "data").err.startswith("2 findings removed, 2 left")
    assert check(copydesk_command, "--baseline-strict").code == 0
    assert copydesk_command("baseline", "prune", "data").err.startswith("0 findings removed, 2 left")
    project(records)
    assert check(copydesk_command).code == 1


def test_the_same_findings_make_the_same_file(project, records, copydesk_command):
    copydesk_command("baseline", "create", "data")
    before = Path(NAME).read_bytes()
    assert copydesk_command("baseline", "create", "data").code == 2
    project(reversed(records))
    assert copydesk_command("baseline", "create", "data", "--overwrite").code == 0
    assert Path(NAME).read_bytes() == before
    assert len(before.splitlines()) == 3 + 2


BROKEN = {
    "missing": (None, "no baseline file found", "copydesk baseline create"),
    "no JSON": (b"{", "not a baseline, or damaged", "--overwrite"),
    "another version": (b'{"version": 2, "entries": []}', "version 2, not 1", "--overwrite"),
    "another shape": (b'{"version": 1, "findings": [{"code": 1}]}', "not a baseline, or damaged", "--overwrite"),
    "a list": (b"[]", "not a baseline, or damaged", "--overwrite"),
    "too deep": (b"[" * 100_000, "not a baseline, or damaged", "--overwrite"),
    "a key too many": (b'{"version": 1, "findings": [], "more": 1}', "not a baseline, or damaged", "--overwrite"),
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("command", ["check", "prune", "show"])
def test_a_baseline_that_is_none(what, command, project, copydesk_command):
    content, said, remedy = BROKEN[what]
    if content is not None:
        Path(NAME).write_bytes(content)
    if command == "check":
        ran = check(copydesk_command)
    else:
        ran = copydesk_command("baseline", command, *(["data"] if command == "prune" else []))
    assert ran.code == 2
    assert NAME in ran.err
    assert said in ran.err
    assert remedy in ran.err
    assert content is None or Path(NAME).read_bytes() == content


def test_a_baseline_that_is_a_folder(project, copydesk_command):
    ran = copydesk_command("check", "data", "--baseline", "data")
    assert (ran.code, ran.err.startswith("copydesk: data: cannot be read ("), "Errno" in ran.err) == (2, True, False)


def test_strict_needs_a_baseline(project, copydesk_command):
    ran = copydesk_command("check", "data", "--baseline-strict")
    assert (ran.code, "--baseline FILE" in ran.err) == (2, True)


SUPPRESSIONS = f"""\
{IGNORE}
[[suppressions]]
rules = ["navigation/top"]
host = "lowmoor.example"
reason = "a column of that name"

[[suppressions]]
rules = ["body"]
record = "r3"
reason = "kept for its address"
expires = {{expires}}
"""


def test_suppressed_findings_do_not_count(project, copydesk_command):
    Path("copydesk.toml").write_text(SUPPRESSIONS.format(expires="2999-12-31"), "utf-8")
    ran = copydesk_command("check", "data", "--format", "concise")
    assert [line.split(":")[1] for line in ran.out.splitlines()] == ["2", "2"]
    assert ran.err == "2 findings in 3 records (and 2 suppressed)\n"
    assert copydesk_command("baseline", "create", "data").code == 0
    assert json.loads(Path(NAME).read_text("utf-8"))["findings"][0]["record"] == "r2"


def test_an_expired_suppression_is_a_finding_and_holds_no_longer(project, copydesk_command):
    Path("copydesk.toml").write_text(SUPPRESSIONS.format(expires="2020-01-31"), "utf-8")
    ran = copydesk_command("check", "data")
    assert ":3: error: body/empty" in ran.out
    where = Path("copydesk.toml").resolve()
    assert f"{where}:8: warning: suppression/expired: the suppression of body for r3 (kept for its address)" in ran.out
    assert "expired on 2020-01-31" in ran.out


def test_an_unused_suppression_is_a_finding(project, records, copydesk_command):
    Path("copydesk.toml").write_text(SUPPRESSIONS.format(expires="2999-12-31"), "utf-8")
    project(records[:1])
    ran = copydesk_command("check", "data")
    assert ran.code == 1
    (line,) = ran.out.splitlines()
    assert line.startswith(f"{Path('copydesk.toml').resolve()}:8: warning: suppression/unused: ")
    assert copydesk_command("check", "data", "--fail-on", "error").code == 0


def test_of_a_part_of_the_data_nothing_is_said_to_be_unused_or_gone(project, records, copydesk_command):
    Path("copydesk.toml").write_text(SUPPRESSIONS.format(expires="2999-12-31"), "utf-8")
    project(records[:2])
    project(records[2:], "third.jsonl")
    assert copydesk_command("baseline", "create", "data").code == 0
    options = ("--baseline", NAME, "--baseline-strict")
    assert copydesk_command("check", "data", *options).code == 0
    whole = copydesk_command("check", "data/third.jsonl", *options)
    assert whole.out.count("suppression/unused") == 1
    assert whole.out.count("baseline/gone") == 1
    part = copydesk_command("check", "data/third.jsonl", *options, "--partial")
    assert (part.code, part.out) == (0, "")
    Path("copydesk.toml").write_text(SUPPRESSIONS.format(expires="2020-01-31"), "utf-8")
    assert "suppression/expired" in copydesk_command("check", "data/third.jsonl", *options, "--partial").out


def test_a_suppression_holds_on_its_last_day(project):
    Path("copydesk.toml").write_text(SUPPRESSIONS.format(expires="2030-05-01"), "utf-8")
    finding = Finding("body/empty", "error", "empty", "x", record="r3")
    for day, covered in ((date(2030, 5, 1), True), (date(2030, 5, 2), False)):
        assert Suppressions(copydesk.load_settings(), ["body/empty", "navigation/top"], day).covers(finding) is covered


def test_a_suppression_of_an_unknown_rule(project, copydesk_command):
    Path("copydesk.toml").write_text(SUPPRESSIONS.replace('"body"', '"bdy"').format(expires="2999-12-31"), "utf-8")
    ran = copydesk_command("check", "data")
    assert (ran.code, "suppressions: no rule, check or family 'bdy', did you mean 'body'" in ran.err) == (2, True)


def test_suppressions_do_not_change_what_clean_does(project, copydesk_command):
    Path("copydesk.toml").write_text(SUPPRESSIONS.format(expires="2999-12-31"), "utf-8")
    assert copydesk_command("clean", "data", "--out", "a", "-q").code == 1
    assert copydesk_command("clean", "data", "--out", "b", "-q", "--isolated").code == 1
    for name in ("articles.parquet", "edits.parquet", "quarantine.jsonl"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


HOUSE = """
[[rule]]
id = "house/{name}"
summary = "The line that the house puts below its articles"
match = ["lit since 1888"]
removes = ["lit since 1888"]
keeps = ["It was lit since 1888, he said."]
since = "1"
{more}
"""
ONE = '[[suppressions]]\nrules = ["house/old"]\nrecord = "s"\nreason = "a poem"\n'


@pytest.mark.parametrize("ignored", ["", 'ignore = ["body/duplicate", "house/old"]\n'], ids=["baseline", "ignore"])
def test_former_names_of_rules_are_known_and_noted(project, article, copydesk_command, monkeypatch, ignored):
    monkeypatch.setattr(selection, "_noted", set())
    texts = {"r": f"{article}\n\nLit since 1888", "s": f"{article} Twice.\n\nLit since 1888"}
    project([{"id": name, "title": name, "text": text} for name, text in texts.items()])
    Path("copydesk.toml").write_text(f'{ignored or IGNORE}rules = ["house.toml"]\n{ONE}', "utf-8")
    Path("house.toml").write_text(HOUSE.format(name="old", more=""), "utf-8")
    assert copydesk_command("baseline", "create", "data").code == 0
    Path("house.toml").write_text(HOUSE.format(name="new", more='aliases = ["house/old"]'), "utf-8")
    ran = copydesk_command("check", "data", *(() if ignored else ("--baseline", NAME, "--baseline-strict")))
    assert ": house/new:" not in ran.out
    assert ran.code == (1 if ignored else 0), ran.out  # what is ignored makes no finding that could be suppressed
    place = "ignore" if ignored else NAME
    assert ran.err.count(f"{place}: house/old is called house/new now") == 1
    assert ran.err.count("suppressions: house/old is called house/new now") == 1
    assert ran.err.count("is called") == 2
    if not ignored:
        assert copydesk_command("baseline", "prune", "data").code == 0
        assert "house/old" in Path(NAME).read_text("utf-8")


def test_an_edited_text_file_keeps_its_findings(tmp_path, monkeypatch, copydesk_command, article):
    monkeypatch.chdir(tmp_path)
    text, baseline = Path("a.txt"), ("--baseline", "b.json")
    text.write_text(f"{article}\n\nScroll to Top", "utf-8")
    assert copydesk_command("baseline", "create", "a.txt", *baseline).code == 0
    text.write_text(f"{article} The key was found.\n\nScroll to Top", "utf-8")
    assert copydesk_command("check", "./a.txt", *baseline).code == 0
    text.write_text(f"{article} The key was found.\n\nShare this article\n\nScroll to Top", "utf-8")
    ran = copydesk_command("check", "a.txt", *baseline)
    assert (ran.code, ran.out.count("sharing/button"), "navigation/top" in ran.out) == (1, 1, False)
    text.write_text(f"{article}\n\nScroll to Top", "utf-8")
    text.rename("moved.txt")
    assert copydesk_command("check", "moved.txt", *baseline).code == 0

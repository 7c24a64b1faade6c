"""Checks in TOML from end to end: `checks list|show|test`, and in `validate`, `clean`, `check` and the settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CHECKS = """
[[check]]
id = "house/sections"
field = "section"
severity = "error"
allowed = ["news", "sport"]
message = "we have no such section"
remedy = "map the section of the site to one of ours"
fails = ["News & More"]
passes = ["news"]

[[check]]
id = "house/secure"
field = "url"
must-match = '^https://'
remedy = "use the secure address"
fails = ["http://a.example/1"]
passes = ["https://a.example/1"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, jsonl, article):
    monkeypatch.chdir(tmp_path)
    Path("house.toml").write_text(CHECKS, "utf-8")
    jsonl(
        {"id": "1", "title": "A key", "text": article, "section": "news", "url": "https://a.example/1"},
        {"id": "2", "title": "A chain", "text": f"{article} Again.", "section": "misc", "url": "http://a.example/2"},
        name="a.jsonl",
    )


def test_checks_are_listed_with_their_severity_in_the_suite(copydesk_command):
    listed = copydesk_command("checks", "list", "--checks", "house.toml").out.splitlines()
    assert [line.split()[:2] for line in listed[-2:]] == [["house/sections", "error"], ["house/secure", "warning"]]
    assert ["body/empty", "error"] in [line.split()[:2] for line in listed]
    none = copydesk_command("checks", "list", "--suite", "none", "--family", "body").out.splitlines()
    assert {line.split()[1] for line in none} == {"-"}
    found = copydesk_command("checks", "list", "--search", "SECURE ADDRESS", "--checks", "house.toml").out
    assert found.startswith("house/secure")
    assert copydesk_command("checks", "list", "--search", "no such text").code == 1


def test_a_check_is_shown_with_what_to_do(copydesk_command):
    shown = copydesk_command("checks", "show", "house/sections", "--checks", "house.toml").out.splitlines()
    assert shown[0] == "house/sections: we have no such section"
    assert "what to do  map the section of the site to one of ours" in shown
    assert "off in the suite" in copydesk_command("checks", "show", "body/empty", "--suite", "none").out
    ran = copydesk_command("checks", "show", "body/emty")
    assert (ran.code, "did you mean 'body/empty'" in ran.err) == (2, True)


def test_the_former_command_works_with_a_note(copydesk_command):
    ran = copydesk_command("suite", "checks", "body/empty")
    assert (ran.code, ran.err.count("\n"), "is now called checks list" in ran.err) == (0, 1, True)
    assert ran.out == copydesk_command("checks", "show", "body/empty").out


def test_examples_are_tests(copydesk_command):
    ran = copydesk_command("checks", "test", "house.toml")
    assert (ran.code, ran.out, ran.err) == (0, "", "4 of 4 examples hold, of 2 checks\n")
    Path("house.toml").write_text(CHECKS.replace('fails = ["News & More"]', 'fails = ["sport"]'), "utf-8")
    ran = copydesk_command("checks", "test", "house.toml")
    assert (ran.code, ran.out) == (1, "house/sections: it does not flag 'sport'\n")


def test_every_builtin_check_passes_its_examples(copydesk_command):
    ran = copydesk_command("checks", "test")
    assert (ran.code, ran.out) == (0, "")


def test_validate_and_check_report_them(copydesk_command):
    ran = copydesk_command("validate", "a.jsonl", "--checks", "house.toml", "--verdict-by", "flags", "--out", "judged")
    assert (ran.code, "house/sections" in ran.out, "we have no such section" in ran.out) == (1, True, True)
    summary = json.loads(Path("judged/summary.json").read_text("utf-8"))
    assert len(summary["suite_digest"]) == 64
    ran = copydesk_command("check", "a.jsonl", "--checks", "house.toml", "--select", "house", "--format", "concise")
    assert [line.split()[1].strip(":") for line in ran.out.splitlines()].count("error") == 1
    assert ran.out.count("house/") == 2


def test_clean_rejects_by_them_and_notes_the_suite(copydesk_command):
    assert copydesk_command("clean", "a.jsonl", "--checks", "house.toml", "--out", "out", "-q").code == 1
    [entry] = map(json.loads, Path("out/quarantine.jsonl").read_bytes().splitlines())
    assert {"check": "house/sections", "severity": "error"}.items() <= entry["reasons"][0].items()
    with_checks = json.loads(Path("out/summary.json").read_text("utf-8"))["suite"]
    copydesk_command("clean", "a.jsonl", "--out", "plain", "-q")
    plain = json.loads(Path("plain/summary.json").read_text("utf-8"))["suite"]
    assert with_checks["digest"] != plain["digest"]
    assert with_checks["checks"] == plain["checks"] + 2


def test_the_settings_name_files_of_checks(copydesk_command):
    Path("copydesk.toml").write_text('checks = ["house.toml"]\nignore = ["house/secure"]\n', "utf-8")
    ran = copydesk_command("validate", "a.jsonl", "--verdict-by", "flags")
    assert (ran.code, "house/sections" in ran.out, "house/secure" in ran.out) == (1, True, False)
    Path("copydesk.toml").write_text('checks = ["../house.toml"]\n', "utf-8")
    ran = copydesk_command("validate", "a.jsonl")
    assert (ran.code, "lies outside the folder of the settings" in ran.err) == (2, True)


def test_a_changed_file_of_checks_is_checked_anew(copydesk_command):
    arguments = ("check", "a.jsonl", "--checks", "house.toml", "--select", "house/sections", "--format", "concise")
    assert copydesk_command(*arguments).out.count("\n") == 1
    Path("house.toml").write_text(CHECKS.replace('"sport"]', '"sport", "misc"]'), "utf-8")
    assert copydesk_command(*arguments).out == ""


def test_a_suite_with_checks_is_exported(copydesk_command):
    Path("suite.toml").write_text('extends = "minimal"\n' + CHECKS, "utf-8")
    assert copydesk_command("suite", "export", "suite.toml", "--to", "gx", "suite.json").code == 0
    assert "house/sections" in Path("suite.json").read_text("utf-8")
    assert "house/secure" in copydesk_command("suite", "show", "suite.toml").out
    ran = copydesk_command("validate", "a.jsonl", "--suite", "suite.toml")
    assert (ran.code, "house/sections" in ran.out) == (1, True)


def test_a_file_of_checks_is_not_overwritten(copydesk_command):
    ran = copydesk_command("check", "a.jsonl", "--checks", "house.toml", "--format", "json=house.toml")
    assert (ran.code, "is a file of checks of this command" in ran.err) == (2, True)
    assert Path("house.toml").read_text("utf-8") == CHECKS


def test_two_workers_give_the_same(copydesk_command):
    for workers in ("1", "2"):
        options = ("--workers", workers, "--checks", "house.toml", "--out", f"out{workers}", "-q")
        assert copydesk_command("clean", "a.jsonl", *options).code == 1
    assert Path("out1/quarantine.jsonl").read_bytes() == Path("out2/quarantine.jsonl").read_bytes()

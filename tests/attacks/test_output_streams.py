"""Text of articles reaches a terminal, and the log of a CI service, as text and never as a command."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import copydesk
from copydesk.cleaner.reports.json_text import write_json
from copydesk.cleaner.reports.safe_stream import SafeStream, escape_commands

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
COMMAND = re.compile(r"(^|\n)\s*::|##[A-Za-z]*\[")
FORMATS = ("text", "concise", "json", "jsonl", "github", "gitlab", "sarif", "junit", "markdown", "html")
EVIL = "\x1b]0;owned\x07\x9b31m\u202e\u2066 ##[error]x ##vso[task.setvariable variable=a]b\u2028::error::c \u200b%0A"


@pytest.fixture
def evil_folder(tmp_path, article, monkeypatch):
    """A folder with a record whose text, id, title and file name try to be commands."""
    folder = tmp_path / "data"
    folder.mkdir()
    record = {
        "id": f"id{EVIL}",
        "title": f"title{EVIL}",
        "text": f"{article}\n\nLeave a Comment {EVIL}\n\nScroll to Top",
    }
    (folder / "\x1b[2J##[group]\n::error::name\u202e.jsonl").write_text(json.dumps(record) + "\n{" + EVIL, "utf-8")
    (folder / "::warning::a.txt").write_text(f"{article}\n\nScroll to Top", "utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("service", ["", "GITHUB_ACTIONS"])
def test_reports_hold_no_terminal_sequence_and_no_command(name, service, evil_folder, copydesk_command, monkeypatch):
    if service:
        monkeypatch.setenv(service, "true")
    files = [path.name for path in evil_folder.iterdir()]
    ran = copydesk_command("check", *sorted(files), "--format", name, "--suite", "minimal", "--isolated")
    assert ran.code == 1, ran.err
    assert not UNSAFE.search(ran.out + ran.err)
    out = ran.out
    if name == "github":
        lines = out.splitlines()
        assert lines
        assert all(
            re.match(r"::(warning|error|notice) file=[^:,]*(,(line|col|title)=[^:,]*)*::", line) for line in lines
        )
        assert "%0A%3A%3Aerror%3A%3Aname" in out
    elif service:
        assert not COMMAND.search(out)
    if service:
        assert not COMMAND.search(ran.err)


@pytest.mark.parametrize("name", ["json", "jsonl", "gitlab", "sarif"])
def test_json_reports_keep_the_values(name, evil_folder, copydesk_command):
    ran = copydesk_command("check", ".", "--format", name, "--suite", "minimal", "--isolated")
    documents = [json.loads(line) for line in ran.out.splitlines()] if name == "jsonl" else json.loads(ran.out)
    assert ("%23%23%5Bgroup%5D" if name == "sarif" else "##[group]") in json.dumps(documents)


def test_a_junit_report_is_sound_xml(evil_folder, copydesk_command):
    ran = copydesk_command("check", ".", "--format", "junit", "--suite", "minimal", "--isolated")
    assert "##[group]" in " ".join(case.get("classname") for case in ET.fromstring(ran.out).iter("testcase"))


def test_a_page_shows_the_escapes(evil_folder, copydesk_command):
    texts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = texts.append
    parser.feed(copydesk_command("check", ".", "--format", "html", "--suite", "minimal", "--isolated").out)
    assert "\\x1b[2J##[group]\n::error::name\\u202e.jsonl" in "".join(texts)


@pytest.mark.parametrize("command", [["explain"], ["clean", "--out", "{out}"], ["baseline", "create"], ["validate"]])
def test_other_commands_print_no_sequence(command, evil_folder, copydesk_command, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    words = [word.format(out=tmp_path / "out") for word in command]
    for path in sorted(evil_folder.iterdir()):
        ran = copydesk_command(*words, path.name, "--suite", "minimal", "--isolated")
        assert not UNSAFE.search(ran.out + ran.err)
        assert not COMMAND.search(ran.out + ran.err)


def test_errors_and_usage_are_filtered(copydesk_command, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for words in (
        ["check", EVIL],
        ["check", "\n::error::x"],
        [f"no{EVIL}"],
        ["check", "a", f"--{EVIL}"],
        ["check", "a", "--fail-on", EVIL],
        ["check", ".", "--suite", f"x{EVIL}"],
        ["baseline", "show", "--baseline", EVIL],
        ["schema", EVIL],
    ):
        ran = copydesk_command(*words)
        assert ran.code == 2
        assert not UNSAFE.search(ran.err)
        assert not COMMAND.search(ran.err)


def test_warnings_are_filtered(copydesk_command, monkeypatch, jsonl, article):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    path = jsonl({"text": article})

    def warn(*_: object) -> str:
        logging.getLogger("copydesk").warning("odd: %s\n::error::x", EVIL)
        return "done"

    monkeypatch.setattr("copydesk.cleaner.settings.Settings.describe", lambda _: [warn()])
    ran = copydesk_command("check", path, "--show-settings", "--isolated")
    assert "odd: " in ran.err
    assert not UNSAFE.search(ran.err)
    assert not COMMAND.search(ran.err)


@pytest.mark.parametrize(("service", "safe"), [("GITHUB_ACTIONS", True), ("TF_BUILD", True), ("HOME", False)])
def test_commands_are_escaped_only_inside_a_service(service, safe, monkeypatch):
    for name in ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(service, "true")
    out = io.StringIO()
    stream = SafeStream(out, "out")
    stream.write("see ##[this]\n::set-output::x\n")
    assert bool(COMMAND.search(out.getvalue())) is not safe


@given(st.lists(st.sampled_from(["::", ":", "#", "##", "[", "vso", " ", "\n", "a", "\t", "##[", "\x1b"]), max_size=12))
def test_commands_do_not_pass_in_parts(parts):
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_ACTIONS", "true")
        stream = SafeStream(out, "out")
    for part in parts:
        stream.write(part)
    assert not COMMAND.search(out.getvalue())
    assert not UNSAFE.search(out.getvalue())


@given(st.recursive(st.text() | st.integers(), lambda child: st.lists(child) | st.dictionaries(st.text(), child)))
def test_json_stays_the_same_document(value):
    text = write_json(value)
    assert json.loads(text) == value
    assert not UNSAFE.search(text)
    assert escape_commands(text) == text


def test_a_lone_surrogate_is_written():
    stream = SafeStream(io.TextIOWrapper(buffer := io.BytesIO(), "ascii", errors="backslashreplace"), "out")
    stream.write("\udcff é")
    stream.flush()
    assert buffer.getvalue() == rb"\udcff \xe9"


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", "2</dev/null"])
def test_a_standard_error_that_cannot_be_written_changes_no_result(closed, script, tmp_path, article):
    (tmp_path / "a.txt").write_text(f"{article}\n\nScroll to Top", "utf-8")
    command = f"""'{script[0]}' {script[1]} '{script[2]}' check a.txt --isolated --format jsonl=found.jsonl {closed}"""
    ran = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False, timeout=120, stderr=subprocess.DEVNULL)
    assert ran.returncode == 1
    assert "navigation/top" in (tmp_path / "found.jsonl").read_text("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("target", ["/dev/full", "full.pipe"])
def test_a_standard_output_that_cannot_be_written_is_one_line(target, script, tmp_path):
    descriptor = os.open(target, os.O_WRONLY) if target == "/dev/full" else os.open(os.devnull, os.O_RDONLY)
    try:
        ran = subprocess.run(
            [*script, "rules", "list"],
            stdout=descriptor,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            check=False,
            timeout=120,
        )
    finally:
        os.close(descriptor)
    assert ran.returncode == 2
    assert ran.stderr.decode().count("\n") == 1
    assert b"standard output: cannot be written" in ran.stderr


def test_streams_are_put_back(copydesk_command):
    before = sys.stdout, sys.stderr
    copydesk_command("schema", "edit")
    assert (sys.stdout, sys.stderr) == before


def test_failures_of_the_pytest_plugin_are_visible_text():
    from copydesk.cleaner.pytest_plugin.assertions import describe_failure
    from copydesk.cleaner.pytest_plugin.data_files import _File
    from copydesk.schemas.findings import Finding

    findings = _File()
    findings.add([Finding(EVIL, "error", EVIL, EVIL, 1, record=EVIL, text=EVIL)])
    assert not UNSAFE.search(str(findings))
    result = copydesk.validate({"id": EVIL, "text": EVIL, "date": EVIL}, suite="archive")
    assert not result.success
    assert not UNSAFE.search(describe_failure(result, {}))

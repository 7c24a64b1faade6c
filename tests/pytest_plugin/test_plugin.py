"""The plugin for pytest, as another project runs it: data files as tests, and the assertion that data pass a suite."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.pytest_plugin.assertions import assert_suite


@pytest.fixture
def project(tmp_path, monkeypatch, article):
    """A project with two good and two bad files, and a test of its own."""
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    (data / "build").mkdir(parents=True)
    good = {"id": "g1", "title": "A key and a chain", "text": article}
    (data / "build" / "good.jsonl").write_text(json.dumps(good), "utf-8")
    records = [
        {"id": "r1", "title": "One", "text": f"{article} One.\n\nScroll to Top"},
        {"id": "r2", "title": "Two", "text": ""},
        {"id": "r3", "title": "Three", "text": f"{article} Three."},
    ]
    (data / "bad [x].jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    (data / "none.jsonl").write_text("", "utf-8")
    (data / "tops.txt").write_text(article + "\n\nScroll to Top\n" * 12, "utf-8")
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n", "utf-8")
    return tmp_path


@pytest.fixture
def run(project):
    def run_pytest(*options: str) -> subprocess.CompletedProcess[str]:
        # without the plugins of other distributions, which take longer to load than the tests to run
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "120"}
        plugins = ("-p", "copydesk.cleaner.pytest_plugin.plugin", "-p", "no:cacheprovider")
        command = [sys.executable, "-m", "pytest", *plugins, "-rA", *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return run_pytest


def test_it_is_installed():
    (point,) = entry_points(group="pytest11", name="copydesk")
    assert point.value == "copydesk.cleaner.pytest_plugin.plugin"


def test_each_file_is_a_test(run):
    ran = run("--copydesk", "data")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    for outcome in (
        "PASSED test_own.py::test_own",
        "PASSED data/build/good.jsonl::copydesk",
        "PASSED data/none.jsonl::copydesk",
        "FAILED data/bad [x].jsonl::copydesk - 2 findings in 2 records",
        "FAILED data/tops.txt::copydesk - 14 findings in 1 record",
    ):
        assert outcome in ran.stdout
    assert "  warning  navigation/top    12\n" in ran.stdout
    assert "data/bad [x].jsonl:2: error: body/empty: the body is empty (id r2)\n" in ran.stdout
    assert "data/tops.txt:5:1: warning: navigation/top: " in ran.stdout
    assert "… and 4 more: see `copydesk check`" in ran.stdout
    assert "data_tests.py" not in ran.stdout


def test_options_and_settings_hold(run, copydesk_command):
    suppression = '[[suppressions]]\nrules = ["body/empty"]\nrecord = "r9"\nreason = "not there"\n'
    Path("copydesk.toml").write_text(f'ignore = ["headline/missing"]\n{suppression}', "utf-8")
    copydesk_command("baseline", "create", "data/tops.txt")
    options = ("--copydesk-baseline", ".copydesk-baseline.json")
    ran = run("--copydesk", "data/bad [x].jsonl", "--copydesk", "data/tops.txt", *options, "-m", "copydesk")
    assert "PASSED data/tops.txt::copydesk" in ran.stdout, ran.stdout + ran.stderr
    assert "FAILED data/bad [x].jsonl::copydesk" in ran.stdout
    assert "FAILED copydesk.toml::copydesk" in ran.stdout
    assert f"{Path('copydesk.toml').resolve()}:2: warning: suppression/unused" in ran.stdout
    assert "test_own" not in ran.stdout
    part = run("--copydesk", "data/tops.txt", *options, "--copydesk-partial", "-m", "copydesk")
    assert (part.returncode, "PASSED copydesk.toml::copydesk" in part.stdout) == (0, True), part.stdout
    lenient = run("--copydesk", "data/tops.txt", "--copydesk-fail-on", "error", "--co", "-q")
    assert "data/tops.txt::copydesk" in lenient.stdout


def test_what_cannot_be_read(run):
    Path("data/cut.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00")
    ran = run("--copydesk", "data/build", "--copydesk", "data/cut.jsonl.gz", "-m", "copydesk")
    assert (ran.returncode, "cut.jsonl.gz: cannot be read to its end" in ran.stdout) == (1, True), ran.stdout
    assert "Traceback" not in ran.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--copydesk", "nowhere"), "ERROR: nowhere: no such file or folder"),
        (("--copydesk", "data", "--copydesk-baseline", "nowhere"), "ERROR: nowhere: no baseline file found"),
        (("--copydesk", "sqlite:///news.db::articles"), "--copydesk takes files and folders"),
    ],
)
def test_misuse(run, options, said):
    ran = run(*options)
    assert (ran.returncode, said in ran.stderr) == (4, True), ran.stdout + ran.stderr


def test_the_fixture_in_a_test_of_another_project(run):
    Path("test_own.py").write_text("def test_own(assert_suite):\n    assert_suite('data')\n", "utf-8")
    ran = run()
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert ">       assert_suite('data')\n" in ran.stdout or ">   assert_suite('data')" in ran.stdout
    assert "E       AssertionError: the data do not pass the suite article: 1 of 5 records failed\n" in ran.stdout
    assert "E           data/bad [x].jsonl:2  id r2\n" in ran.stdout


def test_what_cannot_be_used_is_told_without_the_library(run):
    tests = {
        "folder": ("'nowhere'", "nowhere: no such file or folder"),
        "suite": ("'data', 'artcle'", "did you mean 'article'?"),
        "data": ("17", "int gives no Arrow stream"),
    }
    code = "".join(f"def test_{name}(assert_suite):\n    assert_suite({call})\n" for name, (call, _) in tests.items())
    Path("test_own.py").write_text(code, "utf-8")
    ran = run()
    assert ran.returncode == 1, ran.stdout + ran.stderr
    shown = ran.stdout.partition("= FAILURES")[2].partition("= short test summary")[0]
    for call, said in tests.values():
        assert f"assert_suite({call})" in shown
        assert said in shown
    assert shown.count("\nE ") == 3
    assert "cleaner" not in shown.replace("copydesk.cleaner", "")


def test_data_that_pass_give_their_verdict(project, article):
    found = assert_suite(Path("data/build"))
    assert (found.success, found.records) == (True, 1)
    assert assert_suite(["data/build", "data/bad [x].jsonl"], max_fail_ratio=0.5).failed == 1
    assert assert_suite({"title": "A key", "text": article}).success
    assert assert_suite(pa.table({"inhalt": [article]}), mapping={"body": "inhalt"}).success
    assert assert_suite({"text": "Rain."}, copydesk.find_suite("none")).success


def test_a_failure_says_what_and_where(project):
    Path("mine.toml").write_text(
        'extends = "none"\n[checks]\n"body/empty" = "error"\n"headline/missing" = { severity = "info", mostly = 0.9 }\n'
        '"set/rows" = { severity = "error", least = 9 }\n',
        "utf-8",
    )
    with pytest.raises(AssertionError) as failure:
        assert_suite("data", "mine.toml", max_fail_ratio=0.01)
    said = str(failure.value).splitlines()
    assert said[0] == "the data do not pass the suite mine.toml: 1 of 5 records failed (limit: 1.00%)"
    assert "error  set/rows  the whole set: 5 records, not between 9 and 1,000,000,000,000" in said
    assert "info  headline/missing  1 (20.00%), at least 90.00% must pass  the record has no headline" in said
    assert "error  body/empty  1 (20.00%)  the body is empty" in said
    assert said[said.index("error  body/empty  1 (20.00%)  the body is empty") + 1] == "    data/bad [x].jsonl:2  id r2"


def test_the_suite_is_that_of_the_settings(project):
    Path("copydesk.toml").write_text('suite = "none"', "utf-8")
    assert assert_suite("data").suite == "none"
    with pytest.raises(AssertionError, match="suite article"):
        assert_suite("data", "article")

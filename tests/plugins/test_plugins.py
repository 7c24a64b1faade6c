"""Plugins: distributions that are installed for real, sound ones and every kind of broken ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import copydesk
from copydesk.cleaner.check import checker as checking
from copydesk.cleaner.kernel import rule_guard
from copydesk.cleaner.rule_tools.contract import find_contract_cases
from copydesk.rules.patterns.redos import find_explosion

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "copydesk-example-rules"
TAGLINE = """
[[rule]]
id = "lantern/tagline"
summary = "Tagline of the house under each article"
match = ['the lowmoor lantern,? lit since 1888']
removes = ["The Lowmoor Lantern, lit since 1888"]
keeps = ["The Lowmoor Lantern, lit since 1888, was put out by the wind."]
since = "1"
"""
RULE = """
import re
from copydesk.plugins import rule

@rule(
    "lantern/stamp",
    summary="Stamp of the archive",
    removes=["Seen by the keeper [stamp 9]"],
    keeps=["The keeper saw stamp 9."],
    since="1",
)
def find_stamps(text):
    {misdeed}
    return [match.span() for match in re.finditer(r"\\[stamp \\d+\\]", text)]
"""
STAMP = RULE.format(misdeed="")


@pytest.fixture
def lantern(install):
    """Install a sound distribution with a rule that is data and one that is a function."""
    files = {"lantern_pack/lantern.toml": TAGLINE, "lantern_pack/__init__.py": STAMP}
    return install("lantern-rules", files, rules="lantern = lantern_pack")


@pytest.fixture
def misbehave(install):
    """Install a rule that does something bad to texts that say so."""

    def misbehave(misdeed: str) -> Path:
        code = RULE.format(misdeed=f"if 'MISDEED' in text:\n        {misdeed}")
        return install("lantern-rules", {"lantern_bad.py": code}, rules="lantern = lantern_bad")

    return misbehave


def test_the_example_is_installed_by_pip(tmp_path, script):
    shutil.copytree(EXAMPLE, tmp_path / "source")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*pip, "--target", tmp_path / "site", tmp_path / "source"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    env = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    run = {"capture_output": True, "text": True, "encoding": "utf-8", "env": env, "cwd": tmp_path}
    found = json.loads(subprocess.run([*script, "plugins", "--json"], **run).stdout)["plugins"]
    assert [(plugin["distribution"], plugin["version"], plugin["group"], plugin["adds"]) for plugin in found] == [
        (
            "copydesk-example-rules",
            "1.0",
            "copydesk.rules",
            ["lantern/tagline", "lantern/keepers-note", "lantern/stamp"],
        ),
        ("copydesk-example-rules", "1.0", "copydesk.readers", ["logbook", ".logbook"]),
        ("copydesk-example-rules", "1.0", "copydesk.checks", ["lantern/unlit"]),
        ("copydesk-example-rules", "1.0", "copydesk.reporters", ["tally"]),
    ]
    assert "lantern/stamp " in subprocess.run([*script, "rules", "list"], **run).stdout


def test_no_plugins_is_said(copydesk_command, monkeypatch):
    from copydesk.cleaner import plugin_survey as plugins

    monkeypatch.setattr(plugins, "survey_plugins", list)
    ran = copydesk_command("plugins")
    assert (ran.code, ran.out, ran.err) == (0, "", "no plugins are installed\n")


GOOD_CHECK = """
from copydesk.plugins import check

EXAMPLES = {{"fails": {{"text": "ferry"}}, "passes": {{"text": "a"}}}}
@check("{id}", severity="info", fields=("body",), message="m", remedy="d", **EXAMPLES)
def flag(frame):
    return frame.matches("ferry", frame.length > 0)
"""
READER = (
    "from copydesk.plugins import reader\n@reader(suffixes=['{suffix}'])\ndef read(file):\n    yield {{'text': 'a'}}\n"
)
BROKEN = {
    "import-error": ("rules", "import nothing_of_this_name", "bad", "bad.py:1", "nothing_of_this_name"),
    "raises": ("rules", "\n\nraise RuntimeError('no wheels')", "bad", "bad.py:3", "RuntimeError: no wheels"),
    "exits": ("rules", "import sys\nsys.exit(0)", "bad", "bad.py:2", "SystemExit: 0"),
    "syntax": ("rules", "x = (", "bad", "bad.py:1", "SyntaxError"),
    "missing": ("rules", "", "nowhere", "", "No module named 'nowhere'"),
    "no-rule": ("rules", "x = 1", "bad", "bad.py", "it has no rule"),
    "no-module": ("rules", "x = 1", "bad:x", "bad.py", "it does not name a module"),
    "our-id": ("rules", STAMP.replace("lantern/stamp", "navigation/top"), "bad", "bad.py", "belongs to copydesk"),
    "our-family": ("rules", STAMP.replace("lantern/stamp", "navigation/own"), "bad", "bad.py", "family 'navigation'"),
    "kernel-id": ("rules", STAMP.replace("lantern/stamp", "layout/edges"), "bad", "bad.py", "belongs to copydesk"),
    "bad-id": ("rules", STAMP.replace("lantern/stamp", "Stamp"), "bad", "bad.py:5", "rule 'Stamp': id:"),
    "bad-alias": (
        "rules",
        STAMP.replace('since="1"', 'since="1", aliases=["navigation/top"]'),
        "bad",
        "bad.py",
        "an alias is of another family",
    ),
    "twice": ("rules", f"{STAMP}\nagain = find_stamps\n{STAMP}", "bad", "bad.py", "lantern/stamp is declared twice"),
    "api": ("rules", f"COPYDESK_API = 2\n{STAMP}", "bad", "bad.py", "for version 2 of the plugin interface"),
    "no-check": ("checks", "x = 1", "bad", "bad.py", "it declares no check"),
    "our-check": ("checks", GOOD_CHECK.format(id="body/ferry"), "bad", "bad.py", "family 'body' belongs to copydesk"),
    "no-reader": ("readers", "x = 1", "bad:x", "bad.py", "it is no reader"),
    "our-ending": ("readers", READER.format(suffix=".txt"), "bad:read", "bad.py", ".txt belongs to copydesk"),
    "no-ending": ("readers", READER.format(suffix="book"), "bad:read", "bad.py:2", "'book' is not the ending"),
}


@pytest.mark.parametrize(("group", "code", "value", "place", "cause"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_named_and_the_others_go_on(
    group, code, value, place, cause, install, lantern, copydesk_command, tmp_path, article
):
    install("broken-thing", {"bad.py": code}, version="0.3", **{group: f"thing = {value}"})
    ran = copydesk_command("plugins", "--json")
    assert ran.code == 1
    found = {plugin["distribution"]: plugin for plugin in json.loads(ran.out)["plugins"]}
    error = found["broken-thing"]["error"]
    for said in (f"{place}: " if place else "", "'thing' of broken-thing 0.3", f"copydesk.{group}: {value}", cause):
        assert said in error
    assert (found["lantern-rules"]["adds"], found["lantern-rules"]["error"]) == (
        ["lantern/tagline", "lantern/stamp"],
        None,
    )
    assert "BROKEN: " in copydesk_command("plugins").out
    listed = copydesk_command("rules", "list")
    assert listed.code == 0
    assert "lantern/stamp " in listed.out
    strict = copydesk_command("rules", "list", "--strict-plugins")
    assert (strict.code, strict.out, strict.err) == (2, "", f"copydesk: {error}\n")


def test_a_broken_plugin_is_told_once(install, lantern, copydesk_command, tmp_path, article):
    install("broken-thing", {"bad.py": "raise RuntimeError"}, rules="thing = bad")
    (tmp_path / "a.txt").write_text(f"{article}\n\nThe Lowmoor Lantern, lit since 1888", "utf-8")
    ran = copydesk_command("check", tmp_path / "a.txt")
    assert "lantern/tagline" in ran.out
    assert ran.err.count("skipped: ") == 1
    command = [
        sys.executable,
        "-c",
        "from copydesk.cleaner.cli.entry import start; start()",
        "check",
        tmp_path / "a.txt",
    ]
    again = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True)
    assert again.stdout.decode() == ran.out
    assert again.stderr.decode().count("skipped: ") == 1


def test_the_settings_can_be_strict(install, copydesk_command, tmp_path, monkeypatch):
    install("broken-thing", {"bad.py": "raise RuntimeError"}, rules="thing = bad")
    monkeypatch.chdir(tmp_path)
    Path("copydesk.toml").write_text("strict-plugins = true\n", "utf-8")
    assert copydesk_command("rules", "list").code == 2
    assert copydesk_command("rules", "list", "--no-strict-plugins").code == 0


def test_a_file_of_rules_that_does_not_load_is_named_with_its_line(install, copydesk_command):
    bad = TAGLINE.replace("lit since 1888'", "lit (since 1888'")
    install("lantern-rules", {"lantern_torn/a.toml": bad, "lantern_torn/__init__.py": ""}, rules="a = lantern_torn")
    ran = copydesk_command("plugins")
    assert ran.code == 1
    assert re.search(r"lantern_torn/a\.toml:5: rule lantern/tagline: .*is not a valid pattern", ran.out)
    assert (ran.out.count("lantern-rules 1.2"), ran.out.count("copydesk.rules")) == (1, 1)


def test_a_family_belongs_to_the_first_distribution(lantern, install, copydesk_command):
    code = STAMP.replace("lantern/stamp", "lantern/mark")
    install("lantern-too", {"lantern_too.py": code}, rules="too = lantern_too")
    ran = copydesk_command("plugins", "--json")
    errors = {plugin["distribution"]: plugin["error"] for plugin in json.loads(ran.out)["plugins"]}
    assert errors["lantern-rules"] is None
    assert "lantern/mark: its family 'lantern' belongs to lantern-rules" in errors["lantern-too"]


def clean(command, path, out, *options) -> tuple[dict[str, dict], dict]:
    ran = command("clean", path, "--out", out, "--to", "jsonl", "--suite", "none", *options)
    assert ran.code == 0, ran.err
    articles = [json.loads(line) for line in (out / "articles.jsonl").read_text("utf-8").splitlines()]
    return {article["id"]: article for article in articles}, json.loads((out / "summary.json").read_text("utf-8"))


MISDEEDS = {
    "raise ValueError('no\\nwheels')": "ValueError: no wheels (lantern_bad.py:14)",
    "raise SystemExit(3)": "SystemExit: 3 (lantern_bad.py:14)",
    "return find_stamps(text)": "RecursionError: ",
    "return None": "it returned NoneType, not spans",
    "return [(0, len(text) + 1)]": "which is not a span of a text of",
    "return [(-4, 3)]": "it returned (-4, 3), which is not a span",
    "return [(5, 5)]": "it returned (5, 5), which is not a span",
    "return [(9, 4)]": "it returned (9, 4), which is not a span",
    "return [(0, 9), (5, 12)]": "it returned (0, 9) and (5, 12), which overlap",
    "return [(0.0, 5.0)]": "it returned (0.0, 5.0), not a pair of offsets",
    "return [(False, True)]": "it returned (False, True), not a pair of offsets",
    "return [7]": "it returned 7, not a pair of offsets",
    "return ((n, n + 1) for n in iter(int, 1))": "more spans than the text has characters",
    "return [(len(text) - 1, len(text))]": "it still cuts something after 16 rounds",
    "while True: pass": "it took longer than 0.2 s",
    "return re.fullmatch('(a|a)+', 'a' * 40 + '!')": "it took longer than 0.2 s",
    "import time; time.sleep(60)": "it took longer than 0.2 s",
}


@pytest.mark.parametrize(("misdeed", "cause"), MISDEEDS.items(), ids=MISDEEDS)
def test_a_function_that_misbehaves_costs_its_record_the_rule_alone(
    misdeed, cause, misbehave, copydesk_command, jsonl, article, tmp_path, monkeypatch
):
    monkeypatch.setattr(rule_guard, "SECONDS", 0.2)
    misbehave(misdeed)
    bad = f"MISDEED. {article.splitlines()[-1]} [stamp 7]\n\nScroll to Top"
    path = jsonl({"id": "good", "text": f"{article}\n\n[stamp 4711]"}, {"id": "bad", "text": bad})
    articles, summary = clean(copydesk_command, path, tmp_path / "out")
    assert articles["good"]["body"] == article
    assert articles["good"]["flags"] == []
    assert articles["bad"]["body"] == bad.removesuffix("\n\nScroll to Top")
    (flag,) = articles["bad"]["flags"]
    assert (flag["check"], flag["severity"]) == ("plugin/failed", "warning")
    assert flag["message"].startswith("cleaned without the rule lantern/stamp: ")
    assert cause in flag["message"]
    assert str(tmp_path) not in flag["message"]
    assert summary["failures"] == {"lantern/stamp": {"records": 1, "switched_off": 0}}
    assert summary["checks"] == {"plugin/failed": 1}
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "raw")
    assert ran.code == 0
    raw = [json.loads(line)["text"] for line in (tmp_path / "raw" / "dump.jsonl").read_text("utf-8").splitlines()]
    assert raw == [f"{article}\n\n[stamp 4711]", bad]


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.skipif(os.name == "nt", reason="workers are ended by signals")
def test_what_workers_say_is_said_once(misbehave, install, copydesk_command, jsonl, article, tmp_path, capfd):
    install("broken-thing", {"bad.py": "raise RuntimeError"}, rules="thing = bad")
    misbehave("raise ValueError")
    path = jsonl(*({"id": f"{n}", "text": f"MISDEED {article} {n}"} for n in range(30)))
    options = ("--suite", "none", "--workers", 2, "-q")
    ran = copydesk_command("clean", path, "--out", tmp_path / "out", *options)
    skipped, fails = ran.err.splitlines()
    assert skipped.startswith("copydesk: skipped: ")
    assert fails.startswith("copydesk: the rule lantern/stamp fails, and records are cleaned without it: ValueError")
    assert capfd.readouterr() == ("", "")  # workers themselves have the streams of this process


@pytest.fixture
def nothing_remembered(monkeypatch, tmp_path):
    """Keep the cache of `check` from earlier runs of these tests out."""
    monkeypatch.setattr(checking, "cache_directory", lambda: tmp_path / "findings")


def test_failures_are_findings(misbehave, nothing_remembered, copydesk_command, article, tmp_path):
    misbehave("raise ValueError")
    (tmp_path / "a.txt").write_text(f"MISDEED {article}", "utf-8")
    ran = copydesk_command("check", tmp_path / "a.txt", "--format", "sarif", "--suite", "none")
    (found,) = json.loads(ran.out)["runs"][0]["results"]
    assert (ran.code, found["ruleId"], found["level"]) == (1, "plugin/failed", "warning")
    assert "the rule lantern/stamp fails, and records are cleaned without it: ValueError" in ran.err


def test_what_took_too_long_is_tried_again_by_the_next_check(
    misbehave, nothing_remembered, copydesk_command, article, tmp_path, monkeypatch
):
    monkeypatch.setattr(rule_guard, "SECONDS", 0.05)
    misbehave("if not os.path.exists('ready'): time.sleep(9)".replace("if", "import os, time\n        if", 1))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(f"MISDEED {article}", "utf-8")
    assert "plugin/failed" in copydesk_command("check", "a.txt", "--suite", "none").out
    (tmp_path / "ready").touch()
    assert "plugin/failed" not in copydesk_command("check", "a.txt", "--suite", "none").out


def test_a_function_that_takes_too_long_is_switched_off(
    misbehave, copydesk_command, jsonl, article, tmp_path, monkeypatch
):
    monkeypatch.setattr(rule_guard, "SECONDS", 0.05)
    misbehave("while True: pass")
    path = jsonl(*({"id": str(n), "text": f"MISDEED {n} {article}"} for n in range(5)))
    articles, summary = clean(copydesk_command, path, tmp_path / "out", "-q")
    assert summary["failures"] == {"lantern/stamp": {"records": 5, "switched_off": 2}}
    assert [len(article["flags"]) for article in articles.values()] == [1] * 5
    assert "it was switched off after it took too long 3 times" in articles["4"]["flags"][0]["message"]


def test_failures_in_other_processes(misbehave, copydesk_command, long_dump, small_pieces, tmp_path, read_run):
    misbehave("raise ValueError('no wheels')")
    text = long_dump.read_text("utf-8").replace("The ferry", "MISDEED The ferry", 40)
    long_dump.write_text(text.replace("Scroll to Top", "Scroll to Top\\n[stamp 4]"), "utf-8")
    for workers in (1, 2):
        options = ("--out", tmp_path / f"out{workers}", "--workers", workers)
        assert copydesk_command("clean", long_dump, *options).code == 1
    assert read_run(tmp_path / "out1") == read_run(tmp_path / "out2")
    summary = json.loads((tmp_path / "out2" / "summary.json").read_bytes())
    assert summary["failures"]["lantern/stamp"]["records"] == summary["checks"]["plugin/failed"] > 10
    assert summary["edits"]["lantern/stamp"]["count"] > 10


def test_an_endless_loop_in_another_process(misbehave, copydesk_command, jsonl, article, tmp_path):
    misbehave("while True: pass")
    path = jsonl({"id": "bad", "text": f"MISDEED {article}"}, {"id": "good", "text": f"{article}\n\n[stamp 1]"})
    articles, summary = clean(copydesk_command, path, tmp_path / "out", "--workers", "2")
    assert summary["failures"] == {"lantern/stamp": {"records": 1, "switched_off": 0}}
    assert (articles["bad"]["body"], articles["good"]["body"]) == (f"MISDEED {article}", article)


def test_an_endless_loop_in_a_thread(misbehave, article, monkeypatch):
    monkeypatch.setattr(rule_guard, "SECONDS", 0.2)
    # Python 3.10 lets nobody in where a loop does nothing but begin a `try`
    misbehave("while True:\n            try:\n                for _ in text: pass\n            except Exception: pass")
    cleaner = copydesk.Cleaner(suite="none")
    found = []
    thread = threading.Thread(target=lambda: found.append(cleaner.clean(f"MISDEED {article}")))
    thread.start()
    thread.join(60)
    assert [reason.check for reason in found[0].reasons] == ["plugin/failed"]
    assert found[0].restore() == f"MISDEED {article}"


@pytest.mark.parametrize("work", ["'done'", "time.sleep(0.05)", "forever()"])
def test_a_profiler_goes_on_after_a_box_in_a_thread(work):
    """A request to stop that is taken back would keep Python 3.11 looking for it, and never get past a traced call."""
    code = (
        "import sys, threading, time\n"
        "from copydesk.cleaner.kernel import timebox\n"
        "def forever():\n"
        "    while True: pass\n"
        "def run():\n"
        "    with timebox.time_box(0.05) as box:\n"
        f"        try: box.run(lambda: {work}, 'it')\n"
        "        except timebox.TimeIsUpError: pass\n"
        "thread = threading.Thread(target=run); thread.start(); thread.join()\n"
        "calls = []; sys.setprofile(lambda *event: calls.append(event[1]))\n"
        "(lambda: None)(); sys.setprofile(None); print(len(calls) > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "True\n"


def test_a_loop_that_nothing_stops_ends_the_process(misbehave, tmp_path, article):
    loop = "while True:\n                    text = text"
    site = misbehave(f"while True:\n            try:\n                {loop}\n            except BaseException: pass")
    (tmp_path / "a.txt").write_text(f"MISDEED {article}", "utf-8")
    code = (
        "from copydesk.cleaner.kernel import rule_guard, timebox; "
        "rule_guard.SECONDS = 0.2; timebox.PATIENCE = 0.3; "
        "from copydesk.cleaner.cli.main import main; main()"
    )
    env = os.environ | {"PYTHONPATH": str(site)}
    words = [sys.executable, "-c", code, "check", str(tmp_path / "a.txt")]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "copydesk: the rule lantern/stamp cannot be stopped, so the process is ended" in done.stderr


def test_the_timer_of_a_host_goes_on(misbehave, article):
    import signal

    misbehave("raise ValueError")
    cleaner = copydesk.Cleaner(suite="none")
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        signal.setitimer(signal.ITIMER_REAL, 500)
        cleaner.clean(f"MISDEED {article}")
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        assert 0 < left < 500
        assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGALRM, before)


CUTS = [
    ("One [stamp 1] two.", "One two."),
    ("One.\n[stamp 1]\nTwo.", "One.\nTwo."),
    ("One.\n\n  [stamp 1] \n\nTwo.", "One.\n\nTwo."),
    ("[stamp 1]\n\nOne.", "One."),
    ("One.\r\n[stamp 1][stamp 2]\r\nTwo.", "One.\r\nTwo."),
    ("Öné 👩‍👩‍👧 [stamp 1]\u2028Two.", "Öné 👩‍👩‍👧\u2028Two."),
    ("[stamp [stamp 1] 2] one.", "one."),
]


@pytest.mark.parametrize(("text", "clean"), CUTS)
def test_what_is_cut_with_a_span(text, clean, lantern):
    cleaner = copydesk.Cleaner(suite="none")
    cleaned = cleaner.clean(text)
    assert (cleaned.article.body, cleaned.reasons) == (clean, [])
    assert cleaned.restore() == text
    assert cleaner.clean(clean).edits == []


def test_a_span_over_several_lines(install):
    code = STAMP.replace(r'r"\[stamp \d+\]"', r'r"\[stamp[^]]*\]"')
    install("lantern-rules", {"lantern_wide.py": code}, rules="lantern = lantern_wide")
    cleaned = copydesk.Cleaner(suite="none").clean("One [stamp\n\nnine\nten] two.\n[stamp\n] three.")
    assert cleaned.article.body == "One\n\ntwo.\nthree."
    assert cleaned.restore() == "One [stamp\n\nnine\nten] two.\n[stamp\n] three."


def test_white_space_between_lines_is_not_for_functions(install):
    code = STAMP.replace(r'r"\[stamp \d+\]"', r'r"\n+"')
    install("lantern-rules", {"lantern_blank.py": code}, rules="lantern = lantern_blank")
    cleaned = copydesk.Cleaner(suite="none").clean("One.\n\n\nTwo.")
    assert (cleaned.article.body, cleaned.edits, cleaned.reasons) == ("One.\n\n\nTwo.", [], [])


def test_rules_of_plugins_are_rules(lantern, copydesk_command, jsonl, article, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = f"{article} [stamp 3]\n\nThe Lowmoor Lantern, lit since 1888"
    path = jsonl({"id": "a", "text": text, "url": "https://keeper.example/a"}, {"id": "b", "text": text})
    articles, summary = clean(copydesk_command, path, tmp_path / "out")
    assert {article["body"] for article in articles.values()} == {article}
    assert {rule: found["count"] for rule, found in summary["edits"].items() if rule.startswith("lantern/")} == {
        "lantern/stamp": 2,
        "lantern/tagline": 2,
    }
    assert "Stamp of the archive" in copydesk_command("rules", "show", "lantern/stamp").out
    assert copydesk_command("rules", "test", "lantern-rules").err == "4 of 4 examples hold\n"
    stats = json.loads(copydesk_command("rules", "stats", "out", "--json").out)
    assert {rule["rule"]: rule["records"] for rule in stats["rules"]}["lantern/stamp"] == 2
    articles, _ = clean(copydesk_command, path, tmp_path / "less", "--ignore", "lantern/stamp")
    assert {article["body"] for article in articles.values()} == {f"{article} [stamp 3]"}
    Path("copydesk.toml").write_text('[per-source-ignores]\n"keeper.example" = ["lantern"]\n', "utf-8")
    articles, _ = clean(copydesk_command, path, tmp_path / "some")
    assert [articles[key]["body"] for key in "ab"] == [text, article]


def test_locks_hold_the_rules_of_plugins(lantern, install, copydesk_command, jsonl, article, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = jsonl({"id": "a", "text": f"{article} [stamp 3]"})
    assert copydesk_command("rules", "lock", "--lock-file", "old.lock").code == 0
    assert copydesk_command("rules", "lock", "--lock-file", "less.lock", "--ignore", "lantern/stamp").code == 0
    assert copydesk_command("check", path, "--locked", "--lock-file", "old.lock").code == 1
    ran = copydesk_command("rules", "diff", "less.lock", "old.lock", "--on", path)
    assert (ran.code, "- [stamp 3]  [lantern/stamp]" in ran.out) == (1, True)
    # another release changes the code of the function
    del sys.modules["lantern_pack"]
    files = {"lantern_pack/lantern.toml": TAGLINE, "lantern_pack/__init__.py": f"{STAMP}\n# anew\n"}
    install("lantern-rules", files, version="1.3", rules="lantern = lantern_pack")
    ran = copydesk_command("check", path, "--locked", "--lock-file", "old.lock")
    assert ran.code == 2
    assert "lantern/stamp: changed" in ran.err
    assert "lantern/tagline" not in ran.err
    ran = copydesk_command("rules", "diff", "less.lock", "old.lock", "--on", path)
    assert (ran.code, "lantern_pack is code, and not the one that is installed" in ran.err) == (2, True)


LOGBOOK = """
from copydesk.plugins import Bad, reader

@reader(suffixes=[".logbook"])
def read(file):
    for number, line in enumerate(file, 1):
        if line == b"torn\\n":
            yield Bad(line, "the page is torn", line=number)
        elif line == b"seven\\n":
            yield 7
        elif line == b"raise\\n":
            raise KeyError("page")
        else:
            yield {"text": line.decode().strip(), 5: number}
"""


def test_what_a_reader_cannot_read_can_be_suppressed(install, copydesk_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    install("lantern-books", {"lantern_books.py": LOGBOOK}, readers="logbook = lantern_books:read")
    Path("a.logbook").write_text("torn\n", "utf-8")
    record = json.loads(copydesk_command("check", "a.logbook", "--format", "jsonl").out)["record"]
    suppression = f'[[suppressions]]\nrules = ["input/bad-record"]\nrecord = "{record}"\nreason = "known"'
    Path("copydesk.toml").write_text(suppression, "utf-8")
    assert copydesk_command("check", "a.logbook").code == 0


def test_a_reader_of_a_plugin(install, copydesk_command, article, tmp_path, quarantine):
    import gzip

    install("lantern-books", {"lantern_books.py": LOGBOOK}, readers="logbook = lantern_books:read")
    line = article.replace("\n", " ")
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "a.logbook").write_text(f"{line} One.\ntorn\nseven\n{line} Two.\n", "utf-8")
    (folder / "b.logbook.gz").write_bytes(gzip.compress(f"{line} Three.\n".encode()))
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        ran = copydesk_command(
            "clean", folder, "--out", out, "--to", "jsonl", "--suite", "minimal", "--workers", workers
        )
        assert ran.code == 1
    articles = [json.loads(row) for row in (out / "articles.jsonl").read_text("utf-8").splitlines()]
    assert [article["body"].rsplit(" ", 1)[1] for article in articles] == ["One.", "Two.", "Three."]
    assert [article["provenance"]["reader"] for article in articles] == ["logbook"] * 3
    assert articles[0]["extra"] == {"5": 1}
    found = [(entry["file"], entry["line"], entry["reasons"][0]["message"]) for entry in quarantine(out)]
    assert found == [
        ("a.logbook", 2, "the page is torn"),
        ("a.logbook", None, "record 3 is int, not a mapping"),
    ]
    assert (out / "articles.jsonl").read_bytes() == (tmp_path / "out1" / "articles.jsonl").read_bytes()
    other = tmp_path / "a.book"
    other.write_text(f"{line}\nraise\n", "utf-8")
    ran = copydesk_command("clean", other, "--out", tmp_path / "not", "--input-format", "logbook", "--strict-inputs")
    assert ran.code == 2
    assert "cannot be read by the plugin 'logbook' of lantern-books 1.2" in ran.err
    assert "KeyError: 'page'" in ran.err
    assert not (tmp_path / "not").exists()
    assert "use one of: auto, arrow" in copydesk_command("check", other, "--input-format", "logboek").err


def test_a_format_of_a_broken_reader_is_its_error(install, copydesk_command, tmp_path):
    install("lantern-books", {"lantern_torn_books.py": "raise KeyError"}, readers="logbook = lantern_torn_books:read")
    ran = copydesk_command("check", tmp_path, "--input-format", "logbook")
    assert ran.code == 2
    assert "'logbook' of lantern-books 1.2" in ran.err.splitlines()[-1]


def broken_promises(name: str) -> dict[str, list[str]]:
    return {promise.name: broken for promise in find_contract_cases([name]) if (broken := promise.failures())}


def test_the_contract_holds_for_sound_rules(lantern):
    assert len(list(find_contract_cases(["lantern-rules"]))) == 11
    assert broken_promises("Lantern_Rules") == {}


def test_the_contract_finds_what_is_broken(install, monkeypatch):
    monkeypatch.setattr(rule_guard, "SECONDS", 0.2)
    toml = TAGLINE.replace("lit since 1888'", "( ?lit|lit| )*since 1888'")
    keeps = STAMP.replace('"The keeper saw stamp 9."', '"The keeper saw [stamp 9]."')
    odd = "global calls\n    calls += 1\n    if calls % 2:\n        return [(0, 3)]"
    slow = "while len(text) > 1000: pass"
    more = [
        RULE.format(misdeed=misdeed).replace("lantern/stamp", f"lantern/{name}").replace("def find_", f"def {name}_")
        for name, misdeed in (("odd", odd), ("slow", slow))
    ]
    code = "\n".join(["calls = 0", keeps, *more])
    install("lantern-rules", {"lantern_odd/a.toml": toml, "lantern_odd/__init__.py": code}, rules="a = lantern_odd")
    broken = broken_promises("lantern-rules")
    assert "removes 'The keeper saw [stamp 9].'" in "".join(broken["lantern/stamp-examples"])
    assert "takes too long on 'the lowmoor lantern" in broken["lantern/tagline-cannot-hang"][0]
    assert broken["lantern/odd-is-stable"]
    assert "it took longer than 0.2 s, on " in broken["lantern/slow-cannot-hang"][0]


def test_the_contract_of_what_does_not_load(install):
    install("lantern-rules", {"lantern_lost.py": "raise KeyError"}, rules="a = lantern_lost")
    assert "KeyError" in broken_promises("lantern-rules")["lantern-rules-loads"][0]
    assert "no distribution nobody" in broken_promises("nobody")["nobody-loads"][0]


EXPLODING = ["(a+)+b", "(a|a)*b", "(.*)*x", "([a-z]+)*[0-9]", r"(\w+ ?)+!", "news( ?(and|,)+)*", "(a|a|a|a|a|a|a)*b"]


@pytest.mark.parametrize("pattern", EXPLODING)
def test_patterns_that_explode_are_refused_with_the_text(pattern, copydesk_command, tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(TAGLINE.replace("match = [", f"match = ['{pattern}', "), "utf-8")
    ran = copydesk_command("rules", "test", file)
    assert (ran.code, ran.err) == (1, "2 of 2 examples hold; patterns that explode: 1\n")
    line = find_explosion(pattern)
    assert line
    assert f"lantern/tagline: the pattern {pattern!r} takes too long on '{line[:6]}" in ran.out


@pytest.mark.parametrize("pattern", ["(foo|bar|baz)+ ?!", "read (more|on) .{0,40}", "([a-z]+ )*([a-z]+ )*x", "(ab?)+c"])
def test_patterns_that_match_in_one_way_are_not(pattern):
    assert find_explosion(pattern) is None

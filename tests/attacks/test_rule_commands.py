"""Escapes in articles, rule files and runs do not reach the terminal by the commands about rules."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

EVIL = "\x1b]0;owned\x07\x1b[31m \x9b2J \u202egpj.exe\u2066\u2028 \r \x00"
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def directory(tmp_path, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    quoted = json.dumps(EVIL)
    rule = f"""
        [[rule]]
        id = "evil/rule"
        summary = {json.dumps("Removes " + EVIL)}
        why = {quoted}
        seen = {quoted}
        match = ["lantern of the night"]
        removes = [{json.dumps("Lantern of the night")}, {json.dumps("Lantern " + EVIL)}]
        keeps = [{json.dumps("Kept. " + EVIL)}, "Lantern of the night was out, and nobody lit it again."]
        since = {quoted}
    """
    Path("evil.toml").write_text(re.sub("^ +", "", rule, flags=re.MULTILINE).replace("\x7f", "\\u007f"), "utf-8")
    record = {
        "id": f"1{EVIL}",
        "title": f"A key {EVIL}",
        "text": f"{article} {EVIL}\n\n{EVIL}\nScroll to Top {EVIL}\n\nLantern of the night\n\nScroll to Top",
        "url": f"https://a.example/{EVIL}",
    }
    Path("evil.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
    return tmp_path


def shown(ran):
    assert ran.code in (0, 1, 2), ran.err
    assert not UNSAFE.search(ran.out), ascii(ran.out)
    assert not UNSAFE.search(ran.err), ascii(ran.err)
    return ran.out


@pytest.mark.usefixtures("directory")
def test_explain(copydesk_command):
    out = shown(copydesk_command("explain", "evil.jsonl", "--rules", "evil.toml", "--no-color"))
    assert "\n- Scroll to Top  [navigation/top" in out
    assert "\\x1b]0;owned\\x07" in out


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("words", [("list",), ("show", "evil/rule")], ids=lambda words: words[0])
def test_rules_are_listed_and_shown(words, copydesk_command):
    assert "\\x1b]0;owned\\x07" in shown(copydesk_command("rules", *words, "--rules", "evil.toml"))


@pytest.mark.usefixtures("directory")
def test_rules_are_tested(copydesk_command):
    assert "does not remove" in shown(copydesk_command("rules", "test", "evil.toml"))


@pytest.mark.usefixtures("directory")
def test_rules_are_compared_and_counted(copydesk_command):
    shown(copydesk_command("rules", "lock", "--lock-file", "old.lock"))
    shown(copydesk_command("rules", "lock", "--lock-file", "new.lock", "--rules", "evil.toml"))
    out = shown(copydesk_command("rules", "diff", "old.lock", "new.lock", "--on", "evil.jsonl"))
    assert "Lantern of the night  [evil/rule]" in out
    shown(copydesk_command("clean", "evil.jsonl", "--rules", "evil.toml", "--out", "out", "--suite", "none"))
    assert "evil/rule" in shown(copydesk_command("rules", "stats", "out", "--rules", "evil.toml"))


@pytest.mark.usefixtures("directory")
def test_a_rule_is_written(copydesk_command):
    words = ("--removes", EVIL.replace("\r", "").replace("\u2028", ""), "--keeps", "Kept.")
    shown(copydesk_command("rules", "new", "evil/new", *words, "--out", "new.toml"))


@pytest.mark.usefixtures("directory")
def test_errors_about_rule_files(copydesk_command):
    Path("key.toml").write_text(f"{json.dumps(EVIL)} = 1\n", "utf-8")
    Path("id.toml").write_text(f"[[rule]]\nid = {json.dumps('evil/' + EVIL)}\n", "utf-8")
    for name in ("key.toml", "id.toml"):
        ran = copydesk_command("rules", "list", "--rules", name)
        shown(ran)
        assert (ran.code, ran.err.count("\n")) == (2, 1)

"""Hostile rule files and locks: one clear error in bounded time. No command about rules writes over another file."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import zlib
from pathlib import Path

import msgspec
import pytest

import copydesk
from copydesk.rules.patterns.limits import MAX_LENGTH
from copydesk.rules.ruleset import loader
from copydesk.rules.ruleset.lockfile import looks_like_lock, make_lock, render_lock

SECONDS = 20
NEW = ("--removes", "Get the lantern", "--keeps", "Get the lantern, he said.")


def rule(pattern: str, name: str = "one", more: str = "") -> str:
    return (
        f'[[rule]]\nid = "evil/{name}"\nsummary = "A rule of patterns"\nmatch = [{json.dumps(pattern)}]\n'
        f'removes = ["x"]\nkeeps = ["y"]\nsince = "1"\n{more}\n'
    )


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


LISTS = "\n".join(f"l{n} = ['{{l{n - 1}}}{{l{n - 1}}}']" for n in range(1, 60))
HOSTILE = {
    "a megabyte": (rule("lantern " * 131_072), "it has 1,048,576 characters: write at most"),
    "a megabyte of choices": (rule("|".join(f"lamp{n}x" for n in range(100_000))), "characters: write at most"),
    "100,000 patterns": (
        rule("x", more=f"unless = {json.dumps([f'lantern {n}' for n in range(100_000)])}"),
        "more than 20,000 patterns; ",
    ),
    "deep brackets": (rule(f"{'(' * 1900}a{')' * 1900}"), "1,900 groups are nested: nest at most 10"),
    "a chain of options": (rule("(a?b?)" * 400), "too many of its parts may be repeated or left out"),
    "a chain of stars": (rule("(a*)*" * 400), "too many of its parts may be repeated or left out"),
    "a huge repeat": (rule("a{1,9999999999}"), "is not a valid pattern"),
    "lists that double": (f"[lists]\nl0 = ['lantern']\n{LISTS}\n{rule('{l59}')}", "with its lists written out"),
    "a wide list": (f"[lists]\nl = {json.dumps([f'w{n}' for n in range(50_000)])}\n{rule('{l}')}", "the list 'l' has"),
}


@pytest.mark.parametrize(("text", "said"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_rule_file_is_one_line_in_bounded_time(text, said, copydesk_command):
    Path("evil.toml").write_text(text, "utf-8")
    started = time.monotonic()
    ran = copydesk_command("rules", "list", "--rules", "evil.toml")
    assert time.monotonic() - started < SECONDS
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("copydesk: evil.toml")
    assert said in ran.err
    assert len(ran.err) < 500


def test_many_rules_in_one_file_or_in_many_are_refused(copydesk_command, monkeypatch):
    monkeypatch.setattr(loader, "MAX_PATTERNS", 50)
    Path("own").mkdir()
    for part in range(3):
        text = "\n".join(rule(f"lantern {n}", f"r{part}-{n}") for n in range(20))
        Path("own", f"{part}.toml").write_text(text, "utf-8")
    assert copydesk_command("rules", "list", "--rules", "own/0.toml").code == 0
    ran = copydesk_command("rules", "list", "--rules", "own")
    assert (ran.code, "2.toml: more than 50 patterns; " in ran.err) == (2, True)


def test_the_longest_pattern_and_the_most_repeats_still_run(copydesk_command):
    words = "|".join(f"lamp{n:03}" for n in range(MAX_LENGTH // 8))
    Path("long.toml").write_text(rule(words) + rule("(a?b?)" * 85, "two"), "utf-8")
    Path("a.txt").write_text("The lamp was lit at nine, as it had been each night since the storm.\n\nlamp007", "utf-8")
    started = time.monotonic()
    assert "- lamp007  [evil/one, " in copydesk_command("explain", "a.txt", "--rules", "long.toml").out
    assert time.monotonic() - started < 6 * SECONDS


OTHERS = {
    "records": '{"text": "It rained.", "version": 1}\n',
    "settings": '[tool.other]\nversion = "1"\n',
    "text": "It rained all day in Ostwick.\n",
    "bytes": b"\xff\xfe\x00PAR1",
    "json": '{"rules": {}, "sources": [], "profile": "article"}',
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize(
    "words", [("rules", "new", "evil/new", *NEW, "--out"), ("rules", "lock", "--lock-file")], ids=["new", "lock"]
)
def test_another_file_is_not_overwritten(words, content, copydesk_command, directory):
    path = directory / "precious"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.symlink(path, directory / "link")
    before = path.read_bytes()
    for name in ("precious", "link"):
        ran = copydesk_command(*words, name)
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
        assert name in ran.err
    assert path.read_bytes() == before
    assert sorted(os.listdir(directory)) == ["link", "precious"]


def test_a_damaged_lock_and_an_empty_file_may_be_overwritten(copydesk_command):
    path = Path("copydesk.lock")
    for content in ("", render_lock(make_lock(copydesk.load_ruleset(plugins=False)))[:5000]):
        path.write_text(content, "utf-8")
        assert copydesk_command("rules", "lock").code == 0
        json.loads(path.read_text("utf-8"))
    assert looks_like_lock(b" \n")
    assert not looks_like_lock(b"[1, 2]")


def test_a_rule_file_that_is_not_valid_is_kept(copydesk_command):
    path = Path("own.toml")
    path.write_text(rule("lantern", more="were = 7"), "utf-8")
    before = path.read_bytes()
    ran = copydesk_command("rules", "new", "evil/new", *NEW, "--out", "own.toml")
    assert (ran.code, ran.err) == (
        2,
        "copydesk: own.toml:8: rule evil/one: unknown key 'were', did you mean 'where'?; "
        "correct the rule file, or name another file\n",
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("target", ["folder", "missing/below/own.toml"])
def test_where_a_rule_can_be_written(target, copydesk_command, directory):
    (directory / "folder").mkdir()
    ran = copydesk_command("rules", "new", "evil/new", *NEW, "--out", target)
    if target == "folder":
        assert (ran.code, "folder: cannot be written" in ran.err) == (2, True)
        assert os.listdir("folder") == []
    else:
        assert ran.code == 0, ran.err
        assert os.listdir("missing/below") == ["own.toml"]


def crafted_lock(**changes: object) -> str:
    """Return a lock with changed fields, and the digest that fits them."""
    lock = msgspec.to_builtins(make_lock(copydesk.load_ruleset(plugins=False))) | changes
    parts = [lock["engine"], lock["profile"], lock["unsafe"], sorted(s["sha256"] for s in lock["sources"])]
    lock["digest"] = hashlib.sha256(json.dumps([*parts, *lock["selection"]]).encode()).hexdigest()
    return json.dumps(lock)


def source(content: bytes, name: str = "evil.toml", packed: bytes | None = None) -> dict[str, object]:
    data = base64.b64encode(zlib.compress(content) if packed is None else packed).decode()
    return {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "built_in": True, "content": data}


LOCKS = {
    "a selection of another shape": (lambda: crafted_lock(selection=[["all"], 7]), "the lock is damaged"),
    "a selection of numbers": (lambda: crafted_lock(selection=[[1], [], []]), "the lock is damaged"),
    "an unknown profile": (lambda: crafted_lock(profile="evil"), "it has an unknown profile 'evil'"),
    "a bomb": (lambda: crafted_lock(sources=[source(b"# " + b"a" * (200 << 20))]), "the lock is damaged: its copy of"),
    "no compressed data": (lambda: crafted_lock(sources=[source(b"x", packed=b"x")]), "the lock is damaged: its copy"),
    "a bad pattern": (lambda: crafted_lock(sources=[source(rule("a(").encode())]), "is not a valid pattern"),
    "no rule file": (lambda: crafted_lock(sources=[source(b"evil = 1")]), "unknown key 'evil'"),
    "one rule twice": (
        lambda: crafted_lock(sources=[source(rule("a").encode()), source(rule("b").encode(), "b.toml")]),
        "duplicate id 'evil/one'",
    ),
    "code by a path": (
        lambda: crafted_lock(
            sources=[{"name": "../../evil.py", "sha256": "0" * 64, "built_in": True, "content": None}]
        ),
        "../../evil.py is code, and not the one that is installed",
    ),
    "deep JSON": (lambda: '{"version": ' + "[" * 100_000, "the lock is damaged"),
}


@pytest.mark.parametrize(("make", "said"), LOCKS.values(), ids=LOCKS)
def test_a_hostile_lock_is_one_line(make, said, copydesk_command):
    Path("evil.lock").write_text(make(), "utf-8")
    Path("a.txt").write_text("It rained all day in Ostwick, and the river rose until the mill stood in it.", "utf-8")
    started = time.monotonic()
    ran = copydesk_command("rules", "diff", "evil.lock", "evil.lock", "--on", "a.txt")
    assert time.monotonic() - started < SECONDS
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
    assert said in ran.err

"""The lock: what it holds, what it refuses, and what two of them differ in."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

import copydesk
from copydesk.rules.ruleset import lockfile as locks
from copydesk.rules.ruleset import ruleset as rulesets

RULE = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "house.toml").write_text(RULE, "utf-8")
    (tmp_path / "copydesk.toml").write_text('rules = ["own"]\n', "utf-8")
    records = [
        {"id": "r1", "title": "One", "text": f"{article}\n\nThe Lowmoor Lantern, lit since 1888"},
        {"id": "r2", "title": "Two", "text": f"{article}\n\nScroll to Top"},
        {"id": "r3", "title": "Three", "text": article},
    ]
    (tmp_path / "dump.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    return tmp_path


def test_a_lock_names_every_rule(project, copydesk_command):
    assert copydesk_command("rules", "lock").code == 0
    lock = json.loads(Path("copydesk.lock").read_text("utf-8"))
    infos = copydesk.load_settings().ruleset().infos
    assert list(lock["rules"]) == list(infos)
    assert {rule: entry["since"] for rule, entry in lock["rules"].items()} == {i.id: i.since for i in infos.values()}
    assert (lock["unicode"], lock["copydesk"]) == (unicodedata.unidata_version, copydesk.__version__)
    assert lock["digest"] == copydesk.load_settings().ruleset().digest


def test_locked_runs_by_the_rules_of_the_lock_only(project, copydesk_command):
    ran = copydesk_command("clean", "dump.jsonl", "--locked", "--out", "out")
    assert (ran.code, "copydesk rules lock" in ran.err) == (2, True)
    copydesk_command("rules", "lock")
    assert copydesk_command("clean", "dump.jsonl", "--locked", "--out", "out", "-q").code == 0
    assert copydesk_command("check", "dump.jsonl", "--locked", "--fail-on", "error").code == 0
    summary = json.loads(Path("out/summary.json").read_text("utf-8"))
    assert summary["ruleset"]["digest"] == json.loads(Path("copydesk.lock").read_text("utf-8"))["digest"]


def test_a_lock_does_not_depend_on_where_it_was_made(project, copydesk_command, monkeypatch):
    copydesk_command("rules", "lock")
    monkeypatch.chdir(project / "own")
    assert copydesk_command("clean", "../dump.jsonl", "--locked", "--out", "../out", "-q").code == 0
    copydesk_command("rules", "lock", "--lock-file", "again.lock")
    assert Path("again.lock").read_bytes() == Path("../copydesk.lock").read_bytes()


MOVES = {
    "a rule that changed": (RULE.replace("1888']", "1889']"), "house/tagline: changed"),
    "a new rule": (RULE + RULE.replace("house/tagline", "house/other"), "house/other: new"),
    "a rule that is gone": (RULE.replace("house/tagline", "house/other"), "house/tagline: gone"),
    "a comment": (f"# a comment\n{RULE}", "house.toml: changed, but in no rule"),
}


@pytest.mark.parametrize("what", MOVES)
def test_what_moved_is_named(what, project, copydesk_command):
    copydesk_command("rules", "lock")
    text, said = MOVES[what]
    Path("own/house.toml").write_text(text, "utf-8")
    ran = copydesk_command("clean", "dump.jsonl", "--locked", "--out", "out")
    assert ran.code == 2
    assert said in ran.err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--profile", "page"), "profile: article became page"),
        (("--unsafe",), "unsafe: off became on"),
        (("--ignore", "tags"), ": ignore: nothing became tags; see"),
        (("--extend-select", "tags"), ": select: all became all, tags; see"),
    ],
)
def test_options_are_locked_too(options, said, project, copydesk_command):
    copydesk_command("rules", "lock")
    ran = copydesk_command("clean", "dump.jsonl", "--locked", "--out", "out", *options)
    assert (ran.code, said in ran.err) == (2, True)


def test_the_engine_and_unicode_are_locked_too(project, copydesk_command, monkeypatch):
    copydesk_command("rules", "lock")
    monkeypatch.setattr(locks, "ENGINE_VERSION", "next")
    monkeypatch.setattr(rulesets, "ENGINE_VERSION", "next")
    monkeypatch.setattr(locks.unicodedata, "unidata_version", "99.0")
    ran = copydesk_command("clean", "dump.jsonl", "--locked", "--out", "out")
    assert "engine: 1 became next" in ran.err
    assert "unicode: " in ran.err
    ran = copydesk_command("rules", "diff", "copydesk.lock", "copydesk.lock", "--on", "dump.jsonl")
    assert (ran.code, "its rules are for engine 1" in ran.err) == (2, True)


def damaged(text: str, what: str) -> str:
    lock = json.loads(text)
    if what == "cut off":
        return text[:-100]
    if what == "another version":
        return json.dumps({**lock, "version": 2})
    if what == "another profile":
        return json.dumps({**lock, "profile": "page"})
    if what == "a list":
        return "[]"
    return json.dumps({**lock, "more": 1})


@pytest.mark.parametrize("what", ["cut off", "another version", "another profile", "a list", "a key too many"])
def test_a_damaged_lock(what, project, copydesk_command):
    copydesk_command("rules", "lock")
    path = Path("copydesk.lock")
    path.write_text(damaged(path.read_text("utf-8"), what), "utf-8")
    for command in (
        ("clean", "dump.jsonl", "--locked", "--out", "out"),
        ("rules", "diff", path, path, "--on", "dump.jsonl"),
    ):
        ran = copydesk_command(*command)
        assert ran.code == 2
        assert "copydesk.lock: " in ran.err
        assert "make the lock anew with `copydesk rules lock`" in ran.err
        assert ran.err.count("\n") == 1


def test_rules_in_a_lock_that_are_damaged(project, copydesk_command):
    copydesk_command("rules", "lock")
    path = Path("copydesk.lock")
    lock = json.loads(path.read_text("utf-8"))
    first, second = [source for source in lock["sources"] if source.get("content")][:2]
    first["content"] = second["content"]
    path.write_text(json.dumps(lock), "utf-8")
    ran = copydesk_command("rules", "diff", path, path, "--on", "dump.jsonl")
    assert (ran.code, f"the lock is damaged: its copy of {first['name']}" in ran.err) == (2, True)


def test_diff_shows_what_an_upgrade_does(project, copydesk_command):
    copydesk_command(
        "rules", "lock", "--lock-file", "old.lock", "--isolated", "--ignore", "all", "--extend-select", "navigation/top"
    )
    copydesk_command("rules", "lock", "--lock-file", "new.lock", "--ignore", "navigation/top")
    Path("own/house.toml").write_text("", "utf-8")
    ran = copydesk_command("rules", "diff", "old.lock", "new.lock", "--on", "dump.jsonl")
    assert ran.code == 1
    assert ran.err.endswith("2 of 3 records changed\n")
    lines = ran.out.splitlines()
    assert "# house/tagline: new" in lines
    assert lines[lines.index("dump.jsonl:1: r1") + 1] == "  - The Lowmoor Lantern, lit since 1888  [house/tagline]"
    assert lines[lines.index("dump.jsonl:2: r2") + 1] == "  + Scroll to Top  [navigation/top]"
    assert not any("r3" in line for line in lines)


def test_diff_reads_records_by_the_settings(project, copydesk_command):
    copydesk_command("rules", "lock")
    Path("own/house.toml").write_text(RULE.replace("house/tagline", "house/other"), "utf-8")
    copydesk_command("rules", "lock", "--lock-file", "new.lock", "--ignore", "house")
    text = "A walk along the harbour wall took the whole of the afternoon, and nobody minded the rain much."
    Path("own.jsonl").write_text(json.dumps({"gubbins": f"{text}\n\nThe Lowmoor Lantern, lit since 1888"}), "utf-8")
    diff = ("rules", "diff", "copydesk.lock", "new.lock", "--on", "own.jsonl")
    assert "no text field found" in copydesk_command(*diff).err
    mapped = copydesk_command(*diff, "--map", "body=gubbins")
    assert (mapped.code, "+ The Lowmoor Lantern, lit since 1888" in mapped.out) == (1, True)
    Path("copydesk.toml").write_text('rules = ["own"]\n[map]\nbody = "gubbins"\n', "utf-8")
    assert copydesk_command(*diff).out == mapped.out


def test_diff_of_the_same_rules(project, copydesk_command):
    copydesk_command("rules", "lock")
    ran = copydesk_command("rules", "diff", "copydesk.lock", "copydesk.lock", "--on", "dump.jsonl")
    assert (ran.code, ran.out, ran.err) == (0, "", "0 of 3 records changed\n")


def test_diff_refuses_code_that_is_not_installed(project, copydesk_command):
    lock = locks.make_lock(copydesk.load_ruleset())
    other = "0" * 64
    sources = [
        locks.LockedSource(s.name, other, s.built_in, None) if s.name == "code/headlines.py" else s
        for s in lock.sources
    ]
    parts = [lock.engine, lock.profile, lock.unsafe, sorted(s.sha256 for s in sources), *lock.selection]
    digest = rulesets.hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    old = locks.msgspec.structs.replace(lock, sources=sources, digest=digest, copydesk="0.0.1")
    Path("old.lock").write_text(locks.render_lock(old), "utf-8")
    Path("new.lock").write_text(locks.render_lock(lock), "utf-8")
    ran = copydesk_command("rules", "diff", "old.lock", "new.lock", "--on", "dump.jsonl")
    assert ran.code == 2
    assert "old.lock: code/headlines.py is code, and not the one that is installed; install copydesk 0.0.1" in ran.err
    assert copydesk_command("rules", "diff", "old.lock", "new.lock", "--on", "dump.jsonl", "--installed-code").code == 0


@pytest.fixture
def old_lock(project):
    """Write a lock as copydesk 0.1 did: with other files of built-in rules, named without their folders."""
    lock = locks.make_lock(copydesk.load_ruleset())
    names = {"code/trailing.py": "below.py", "code/site_templates.py": "corpus.py"}
    sources = [
        locks.LockedSource(names.get(s.name, s.name.rpartition("/")[2]), s.sha256, s.built_in, s.content)
        for s in lock.sources
    ]
    sources[0] = locks.msgspec.structs.replace(sources[0], sha256="0" * 64)
    parts = [lock.engine, lock.profile, lock.unsafe, sorted(s.sha256 for s in sources), *lock.selection]
    digest = rulesets.hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    old = locks.msgspec.structs.replace(lock, sources=sources, digest=digest)
    Path("copydesk.lock").write_text(locks.render_lock(old), "utf-8")
    return old


def test_a_lock_with_old_file_names_is_one_line(old_lock, copydesk_command):
    for command in (("clean", "dump.jsonl", "--locked", "--out", "out"), ("check", "dump.jsonl", "--locked")):
        ran = copydesk_command(*command)
        assert (ran.code, ran.out) == (2, "")
        where = Path("copydesk.lock").resolve()
        assert ran.err == (
            f"copydesk: {where}: the rule files have moved since the lock was made; "
            "make the lock anew with `copydesk rules lock`\n"
        )
    assert copydesk_command("rules", "lock").code == 0
    assert copydesk_command("check", "dump.jsonl", "--locked", "--fail-on", "error").code == 0


def test_diff_with_a_lock_of_old_file_names(project, old_lock, copydesk_command):
    Path("copydesk.lock").rename("old.lock")
    copydesk_command("rules", "lock", "--isolated")
    diff = ("rules", "diff", "old.lock", "copydesk.lock", "--on", "dump.jsonl")
    ran = copydesk_command(*diff)
    assert (ran.code, " is code, and not the one that is installed; install copydesk " in ran.err) == (2, True)
    assert ran.out == "# the rule files have moved since the lock was made\n"


def test_a_ruleset_from_a_lock_is_the_ruleset(project, copydesk_command, seeds):
    copydesk_command("rules", "lock", "--profile", "page", "--ignore", "tags", "--unsafe")
    settings = copydesk.load_settings({"profile": "page", "ignore": ["tags"], "unsafe": True})
    path = Path("copydesk.lock")
    restored = locks.locked_ruleset(locks.read_lock(path), path)
    assert restored.digest == settings.ruleset().digest
    assert restored.infos == settings.ruleset().infos
    cleaners = [copydesk.Cleaner(restored), settings.cleaner()]
    for seed in seeds.glob("*.txt"):
        one, other = (cleaner.clean(seed.read_text("utf-8")) for cleaner in cleaners)
        assert one.edits == other.edits

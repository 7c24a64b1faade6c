"""The cache of `check`: the same findings, byte for byte, and only what has changed is judged again."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

import copydesk
from copydesk.cleaner.check import checker as checking
from copydesk.cleaner.check.cache_entries import CacheEntry, microseconds
from copydesk.cleaner.check.cache_keys import digest_settings
from copydesk.cleaner.check.cache_store import Store
from copydesk.cleaner.records.loader import Loader, Place
from copydesk.cleaner.runs.seen_records import DeferredDuplicateIndex
from copydesk.schemas.checks import frame
from copydesk.schemas.checks.registry import load_checks
from copydesk.schemas.checks.runner import run_suite
from copydesk.schemas.checks.suites import Suite, SuiteCheck

FORMATS = ("text", "concise", "json", "jsonl", "github", "gitlab", "sarif", "junit", "markdown", "html")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Start with an empty cache of findings; all tests share the cache of compiled rules."""
    path = tmp_path_factory.mktemp("cache") / "findings.sqlite"
    monkeypatch.setattr(checking, "Store", lambda _: Store(path))
    return path


@pytest.fixture
def data(tmp_path, monkeypatch, article):
    """A folder of every kind of file, with records that come twice within files and across them."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "d.txt"):
        (folder / name).write_text(f"{article}\n\n  Leave a Comment\n\nScroll to Top\n", "utf-8")
    (folder / "c.txt").write_bytes(b"\xff\xfe" + article.encode("utf-16-le"))
    (folder / "e.txt").write_bytes(article.encode() + b"\n\xff")
    (folder / "empty.jsonl").write_bytes(b"")
    records = [
        {"id": "r1", "title": "One", "text": f"{article}\n\nScroll to Top", "url": "https://www.lowmoor.example/1"},
        {"id": "r2", "title": "<b>\x0b two", "text": "", "url": "no\nplace"},
        {"id": "r1", "title": "Three", "text": article, "url": "https://www.lowmoor.example/1"},
    ]
    lines = "\n".join([*map(json.dumps, records), "{", ""])
    (folder / "dump.jsonl").write_text(lines, "utf-8")
    (folder / "more.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    (folder / "table.csv").write_text("id,title,text\nr1,One,Rain.\nr9,Nine\n", "utf-8")
    return folder


@pytest.fixture
def judged(monkeypatch):
    """Note the names of the files that are judged."""
    from copydesk.cleaner.runs import judge as judging

    names: list[str] = []
    judge_sources = judging.judge_sources

    def noted(some, *args, **kwargs):
        names.extend(source.name for source in some)
        return judge_sources(some, *args, **kwargs)

    monkeypatch.setattr(judging, "judge_sources", noted)
    return names


@pytest.fixture
def check(copydesk_command):
    def run(*args: object) -> str:
        ran = copydesk_command("check", "data", *args)
        assert ran.code == 1, ran.err
        return ran.out + ran.err

    return run


def test_the_same_bytes_in_all_formats_with_and_without(data, copydesk_command, judged):
    def run(name: str, *options: str) -> dict[str, bytes]:
        formats = [f"--format={each}={name}/{each}" for each in FORMATS]
        assert copydesk_command("check", "data", *formats, *options).code == 1
        return {path.name: path.read_bytes() for path in Path(name).iterdir()}

    without = run("without", "--no-cache")
    assert set(without) == set(FORMATS)
    judged.clear()
    assert run("first") == without
    assert len(set(judged)) == len(list(data.iterdir()))
    judged.clear()
    assert run("second") == without
    assert judged == []


@pytest.mark.parametrize("options", [("--suite", "training"), ("--profile", "page"), ("--map", "body=text")])
def test_the_same_bytes_under_other_settings(data, check, judged, options):
    (data / "table.csv").unlink()
    (data / "near.txt").write_text((data / "a.txt").read_text("utf-8").replace("Monday", "Tuesday"), "utf-8")
    without = check("--format", "jsonl", "--no-cache", *options)
    assert check("--format", "jsonl", *options) == without
    judged.clear()
    assert check("--format", "jsonl", *options) == without
    assert judged == []


def test_only_what_has_changed_is_judged(data, check, judged, article):
    check()
    judged.clear()
    (data / "b.txt").write_text(article, "utf-8")
    (data / "new.txt").write_text(f"{article}\n\nScroll to Top", "utf-8")
    found = check("--format", "jsonl")
    assert judged == ["b.txt", "new.txt"]
    assert found == check("--format", "jsonl", "--no-cache")


def test_what_comes_twice_goes_by_the_files_that_are_there(data, check, judged):
    assert "a.txt" not in {Path(f["file"]).name for f in duplicate_keys(check("--format", "jsonl"))}
    (data / "a.txt").unlink()
    judged.clear()
    found = check("--format", "jsonl")
    assert judged == []
    assert {Path(f["file"]).name for f in duplicate_keys(found)} >= {"d.txt"}
    [message] = {f["message"] for f in duplicate_keys(found) if Path(f["file"]).name == "d.txt"}
    assert f"{data.name}/b.txt, id " in message
    assert message.endswith(", similarity 100%")
    assert "b.txt" not in {Path(f["file"]).name for f in duplicate_keys(found)}
    assert found == check("--format", "jsonl", "--no-cache")


def duplicate_keys(output: str) -> list[dict[str, object]]:
    found = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [finding for finding in found if finding["code"] == "body/duplicate"]


def test_all_that_findings_depend_on_is_part_of_the_key(data, monkeypatch):
    house = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")
    Path("house.toml").write_text(house, "utf-8")
    Path("base.toml").write_text('[checks]\n"body/empty" = "error"', "utf-8")
    Path("mine.toml").write_text('extends = "base.toml"', "utf-8")

    def digest(text: str, encoding: str | None = None) -> bytes:
        Path("copydesk.toml").write_text(text, "utf-8")
        return digest_settings(copydesk.load_settings(), encoding)

    changes = (
        "",
        'profile = "page"',
        "unsafe = true",
        'ignore = ["navigation"]',
        'map = { body = "text" }',
        '[severity]\n"navigation/top" = "error"',
        '[per-source-ignores]\n"data/b.txt" = ["navigation"]',
        'suite = "mine.toml"',
        'rules = ["house.toml"]',
    )
    found = {digest(text) for text in changes} | {digest("", "latin-1")}
    assert len(found) == len(changes) + 1
    suppression = '[[suppressions]]\nrules = ["all"]\nrecord = "r2"\nreason = "known"'
    assert digest(suppression) == digest("")
    both = 'suite = "mine.toml"\nrules = ["house.toml"]'
    before = digest(both)
    for name, content in (("base.toml", '[checks]\n"body/short" = "error"'), ("house.toml", house + "\n# more")):
        Path(name).write_text(content, "utf-8")
        assert digest(both) not in (before, *found)
        found.add(digest(both))


def test_all_that_a_plugin_depends_on_is_part_of_the_key(install, monkeypatch):
    site = install(
        "lantern-checks",
        {"lantern_words/__init__.py": "", "lantern_words/words.txt": "lamp"},
        checks="c = lantern_words",
    )
    (site / "lantern_checks-1.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: lantern-checks\nVersion: 1.2\nRequires-Dist: lantern-oil>=1\n", "utf-8"
    )
    found = {digest_settings(copydesk.load_settings(), None)}
    (site / "lantern_words" / "words.txt").write_text("lantern", "utf-8")
    found.add(digest_settings(copydesk.load_settings(), None))
    for version in ("1.0", "1.1"):
        install("lantern-oil", {}, version)
        found.add(digest_settings(copydesk.load_settings(), None))
    assert len(found) == 4


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be changed")
def test_what_names_of_zones_mean_is_part_of_the_key(monkeypatch):
    found = set()
    for zone in ("CST6", "CST-8"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        found.add(digest_settings(copydesk.load_settings(), None))
    monkeypatch.undo()
    time.tzset()
    assert len(found) == 2


def test_the_path_is_part_of_the_key_where_a_plugin_sees_it(install, copydesk_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = (
        "from copydesk.plugins import reader\n"
        "@reader(suffixes=['.log'])\ndef read(file):\n    yield {'text': file.name}\n"
    )
    install("lantern-books", {"lantern_books.py": code}, readers="logbook = lantern_books:read")
    Path("one.log").write_text("Rain.", "utf-8")
    first = copydesk_command("check", "one.log", "--format", "jsonl")
    Path("one.log").rename("two.log")
    second = copydesk_command("check", "two.log", "--format", "jsonl")
    assert second == copydesk_command("check", "two.log", "--format", "jsonl", "--no-cache")
    assert first != second


def test_what_is_left_out_for_a_file_is_part_of_its_key(data, check, judged):
    before = check("--format", "jsonl")
    Path("copydesk.toml").write_text('[per-source-ignores]\n"data/b.txt" = ["navigation"]', "utf-8")
    spared = check("--format", "jsonl")
    assert spared.count("navigation/top") == before.count("navigation/top") - 1
    (data / "b.txt").rename(data / "bb.txt")
    judged.clear()
    assert check("--format", "jsonl") == before.replace("b.txt", "bb.txt")
    assert judged == []  # a file of the same bytes is known


def test_a_suppression_does_not_empty_the_cache(data, check, judged):
    check()
    judged.clear()
    Path("copydesk.toml").write_text('[[suppressions]]\nrules = ["all"]\nrecord = "r2"\nreason = "known"', "utf-8")
    assert "suppressed" in check()
    assert judged == []


def test_names_of_the_mapping_that_no_record_has_are_told_again(data, copydesk_command, judged):
    Path("one.jsonl").write_text('{"text": "Rain.", "bo": 1}', "utf-8")
    Path("two.jsonl").write_text('{"text": "Rain.", "at": 1}', "utf-8")
    options = ("--map", "date_published=at", "--map", "source_name=nowhere")
    first = copydesk_command("check", "one.jsonl", "two.jsonl", *options)
    judged.clear()
    assert copydesk_command("check", "one.jsonl", "two.jsonl", *options) == first
    assert "'nowhere'" in first.err
    assert "'at'" not in first.err
    alone = copydesk_command("check", "one.jsonl", *options)
    assert judged == []
    assert "'at'" in alone.err


def test_a_date_in_the_future_is_cached_until_it_is_past(data, copydesk_command, judged, monkeypatch, article):
    now = datetime.now(timezone.utc)
    record = {"title": "A key", "text": article, "date": (now + timedelta(days=3)).isoformat()}
    Path("ahead.jsonl").write_text(json.dumps(record), "utf-8")

    class Clock(datetime):
        moved = timedelta()

        @classmethod
        def now(cls, tz=None):
            return now + cls.moved

    monkeypatch.setattr(checking, "datetime", Clock)
    for days, code, again in ((0, 1, True), (1, 1, False), (2, 0, True), (1, 1, True), (9, 0, True), (9, 0, False)):
        judged.clear()
        Clock.moved = timedelta(days=days)
        ran = copydesk_command("check", "ahead.jsonl")
        assert (ran.code, bool(judged)) == (code, again), days


def test_a_check_that_reads_the_time_is_not_cached(data, copydesk_command, judged, monkeypatch, article):
    Path("one.jsonl").write_text(json.dumps({"title": "A key", "text": article}), "utf-8")
    monkeypatch.setattr(frame.Frame, "lies_ahead", lambda self, *_: np.full(len(self), self.now.year < 2000))
    for _ in range(2):
        judged.clear()
        assert copydesk_command("check", "one.jsonl").code == 0
        assert judged == ["one.jsonl"]


@pytest.mark.parametrize(
    "flag",
    [
        None,
        lambda frame: frame.duplicate("id"),  # of a plugin: what it does elsewhere is not known
        lambda frame: ~frame.duplicate("id"),
        lambda frame: frame.duplicate("id") | frame.duplicate("url"),
        lambda frame: {0: [("id", "twice")]} if frame.duplicate("id")[0] else {},
    ],
)
def test_what_a_check_makes_of_what_comes_twice(article, flag):
    check = load_checks()["identity/duplicate-id"]
    suite = Suite("one", entries=(SuiteCheck(replace(check, flag=flag or check.flag), "warning", {}),))
    records = copydesk.Cleaner(suite="none").assemble(Loader().from_rows([{"id": "1", "text": article}] * 2, Place()))
    found = frame.Frame(records.articles, datetime.now(timezone.utc), DeferredDuplicateIndex())
    run_suite(found, suite)
    assert found.duplicate_keys == {"identity/duplicate-id": None if flag else "id"}


def test_records_count_as_earlier_ones_where_a_check_is_off(data, copydesk_command):
    off = 'host = "a.example"\nchecks = { "identity/duplicate-id" = "off" }'
    Path("mine.toml").write_text(f'extends = "training"\n[[sources]]\n{off}\n', "utf-8")
    for name in ("a", "b"):
        record = {"id": "1", "text": "Rain.", "url": f"https://{name}.example/1"}
        Path(f"{name}.jsonl").write_text(json.dumps(record), "utf-8")
    options = ("--suite", "mine.toml", "--select", "identity")
    copydesk_command("check", "a.jsonl", *options)
    for more in ("--no-cache", "--cache"):
        ran = copydesk_command("check", "a.jsonl", "b.jsonl", *options, more)
        assert (ran.code, "b.jsonl:1: error: identity/duplicate-id" in ran.out) == (1, True), more


def test_large_files_and_other_inputs_are_judged_each_time(data, copydesk_command, judged, monkeypatch):
    monkeypatch.setattr(checking, "LARGEST_FILE", 500)
    line = (data / "dump.jsonl").read_bytes()
    first = copydesk_command("check", "data", "-", "--format", "jsonl", stdin=line)
    judged.clear()
    second = copydesk_command("check", "data", "-", "--format", "jsonl", stdin=line)
    assert {"dump.jsonl", "stdin"} <= set(judged)
    assert "a.txt" not in judged
    without = copydesk_command("check", "data", "-", "--format", "jsonl", "--no-cache", stdin=line)
    assert first == second == without
    monkeypatch.setattr(checking, "LARGEST_INPUT", 500)
    assert copydesk_command("check", "data", "-", "--format", "jsonl", stdin=line) == without


@pytest.mark.parametrize("damage", ["bytes", "pages", "value", "other type"])
def test_what_is_damaged_is_replaced(data, check, judged, own_cache, damage):
    expected = check("--format", "jsonl")
    if damage == "bytes":
        own_cache.write_bytes(b"no database at all, but long enough to look like one" * 100)
    elif damage == "pages":
        content = bytearray(own_cache.read_bytes())
        content[4096:] = b"\xa5" * (len(content) - 4096)
        own_cache.write_bytes(content)
    elif damage == "value":
        with sqlite3.connect(own_cache) as file:
            file.execute("UPDATE found SET value = zeroblob(40)")
        file.close()
    else:
        with sqlite3.connect(own_cache) as file:
            keys = [key for (key,) in file.execute("SELECT key FROM found")]
        file.close()
        held = Store(own_cache)
        held.add(dict.fromkeys(keys, b"\x93"))
        held.close()
    judged.clear()
    assert check("--format", "jsonl") == expected
    assert "a.txt" in judged
    judged.clear()
    assert check("--format", "jsonl") == expected
    assert judged == []


@pytest.mark.parametrize(
    "damage", ["key = CASE key WHEN x'31' THEN x'32' ELSE x'31' END", "day = 'late'", "value = CAST(day AS TEXT)"]
)
def test_a_row_that_is_damaged_is_missing(own_cache, damage):
    held = Store(own_cache)
    held.add({b"1": b"one"})
    held.close()
    with sqlite3.connect(own_cache) as file:
        file.execute(f"UPDATE found SET {damage}")
    file.close()
    held = Store(own_cache)
    assert held.find([b"1", b"2"]) == {}
    held.close()


def test_a_file_that_is_found_damaged_when_it_is_written_is_replaced(own_cache):
    held = Store(own_cache)
    held.add({bytes([number]): bytes(5000) for number in range(20)})
    held.close()
    content = bytearray(own_cache.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    own_cache.write_bytes(content)
    for _ in range(2):
        held = Store(own_cache)
        held.add({b"new": b"value"})
        held.close()
    held = Store(own_cache)
    assert held.find([b"new"]) == {b"new": b"value"}
    held.close()


def test_without_a_place_for_the_cache(data, check, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(checking, "Store", lambda _: Store(tmp_path / "file" / "findings.sqlite"))
    assert check("--format", "jsonl") == check("--format", "jsonl", "--no-cache")


def test_runs_at_the_same_time(data, script, own_cache, tmp_path):
    code = (
        "import sys; from pathlib import Path; from copydesk.cleaner.check import checker as checking; "
        f"checking.Store = lambda _, S=checking.Store: S(Path({str(own_cache)!r})); {script[-1]}"
    )
    command = [sys.executable, "-c", code, "check", "data", "--format", "jsonl"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    outputs = [run.communicate() for run in runs]
    assert {run.returncode for run in runs} == {1}
    assert len(set(outputs)) == 1


def test_the_store_keeps_to_its_size(own_cache):
    for number in range(20):
        held = Store(own_cache, limit=1 << 20)
        held.add({bytes([number]): bytes([number]) * (100 << 10)})
        held.close()
    held = Store(own_cache, limit=1 << 20)
    kept = held.find([bytes([number]) for number in range(20)])
    held.close()
    assert list(kept) != []
    assert bytes([19]) in kept
    assert bytes([0]) not in kept
    assert own_cache.stat().st_size < 1.5 * (1 << 20)


def test_what_is_used_is_kept_longest(own_cache):
    held = Store(own_cache, limit=1 << 20)
    held._today -= 3
    held.add({b"old": b"1" * (300 << 10), b"used": b"2" * (300 << 10)})
    held.close()
    held = Store(own_cache, limit=1 << 20)
    assert set(held.find([b"used"])) == {b"used"}
    held._today -= 1
    held.add({b"new": b"3" * (500 << 10)})
    held._today += 1
    held.close()
    held = Store(own_cache, limit=1 << 20)
    assert set(held.find([b"old", b"used"])) == {b"used"}
    held.close()


def test_parts_of_a_file_are_put_together():
    now = datetime.now(timezone.utc)
    whole, part = CacheEntry.empty(now), CacheEntry.empty(now)
    whole.findings, whole.keys = [[], []], {"id": [1, None]}
    part.findings, part.keys, part.valid_until, part.names = [[]], {"url": [2]}, microseconds(now) + 5, ["at"]
    whole.add(part)
    assert whole.keys == {"id": [1, None, None], "url": [None, None, 2]}
    assert (whole.valid_until, whole.names, len(whole.findings)) == (microseconds(now) + 5, ["at"], 3)


NEEDS_TRUTH = {
    "some": "frame.duplicate('id') & (frame.length > 9)",
    "or": "frame.duplicate('id') | (frame.length < 9)",
    "not": "~frame.duplicate('id')",
    "fails": "1 / 0 if frame.duplicate('id').any() else frame.blank",
}


@pytest.mark.parametrize("largest", [1 << 20, 10])
@pytest.mark.parametrize("flag", NEEDS_TRUTH.values(), ids=NEEDS_TRUTH)
def test_a_check_that_makes_something_of_what_comes_twice(data, install, copydesk_command, monkeypatch, flag, largest):
    code = (
        "from copydesk.plugins import check\n"
        "@check('lantern/twice', severity='warning', fields=('id',), message='m', remedy='d', fails={}, passes={})\n"
        f"def flag(frame): return {flag}\n"
    )
    install("lantern-checks", {"lantern_twice.py": code}, checks="c = lantern_twice")
    Path("mine.toml").write_text('[checks]\n"lantern/twice" = "warning"\n"identity/duplicate-id" = "info"\n', "utf-8")
    for name, records in {"one": ["a", "b", "a"], "two": ["c"], "three": ["a", "c", "d"]}.items():
        lines = [json.dumps({"id": each, "text": "Rain." if each == "d" else "It rained all day."}) for each in records]
        (data / f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(checking, "LARGEST_FILE", largest)

    def found(*options: str) -> tuple[int, str]:
        words = ("data/one.jsonl", "data/two.jsonl", "data/three.jsonl", "--suite", "mine.toml", "--fail-on", "info")
        ran = copydesk_command("check", *words, *options)
        return ran.code, ran.out

    without = found("--no-cache")
    assert without[1].count("identity/duplicate-id") == 3
    assert [found(), found()] == [without, without]

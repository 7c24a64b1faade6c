"""Caches are private: what others planted in them is refused, and never followed, emptied, run or believed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import pickle
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import hyperscan
import msgspec
import numpy as np
import pytest

import copydesk
from copydesk.cleaner.check.cache_store import Store
from copydesk.cleaner.kernel.match.compiled import Compiled
from copydesk.schemas.cache import private_directory, store
from copydesk.schemas.cache.multi_pattern import compile_database, load_scanner
from copydesk.schemas.cache.private_directory import open_private
from copydesk.schemas.cache.store import VARIABLE, load_or_make, read_cache, write_cache

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither owners nor modes of files")
NOT_US = 12_345


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A user's cache directory of its own, with nothing in it yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(private_directory, "_warned", set())
    monkeypatch.setattr(store, "_used", set())  # executors of Spark get a copy of these files
    store._find_key.cache_clear()
    yield tmp_path / "home" / "copydesk"
    store._find_key.cache_clear()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The path of a cache directory that is named by the variable."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def give_away(path: Path, monkeypatch) -> None:
    """Make a path belong to another user: by its owner if we are root, else by telling who we are."""
    if os.geteuid() == 0:
        os.chown(path, NOT_US, NOT_US)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: NOT_US)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_directories_and_files_are_made_for_this_user_alone(cache, home):
    before = os.umask(0)
    try:
        write_cache(cache / "a" / "b" / "rules.patterns", b"body")
        Store(cache / "a" / "b" / "findings.sqlite").close()
    finally:
        os.umask(before)
    paths = [path for top in (cache, home) for path in [top, *top.rglob("*")]]
    assert len(paths) == 7
    assert {(path.is_dir(), mode(path)) for path in paths} == {(True, 0o700), (False, 0o600)}
    assert read_cache(cache / "a" / "b" / "rules.patterns") == b"body"


def spoil(path: Path, fault: str, monkeypatch) -> None:
    """Make a cache directory that must not be used, by moving the sound one that is there."""
    if fault == "link":
        path.rename(path.with_name("elsewhere"))
        path.symlink_to(path.with_name("elsewhere"))
    elif fault == "pipe":
        path.rename(path.with_name("elsewhere"))
        os.mkfifo(path)
    elif fault == "owner":
        give_away(path, monkeypatch)
    else:
        path.chmod(int(fault, 8))


FAULTS = {
    "link": "it is a link",
    "pipe": "it is not a directory",
    "owner": "it belongs to another user",
    "720": "other users can write to it",
    "702": "other users can write to it",
    "777": "other users can write to it",
}


@posix
@pytest.mark.parametrize("fault", FAULTS)
def test_a_directory_that_others_control_is_not_used(cache, fault, monkeypatch, caplog):
    file = cache / "rules.patterns"
    write_cache(file, b"sound")
    assert read_cache(file) == b"sound"
    spoil(cache, fault, monkeypatch)
    contents = sorted(path.read_bytes() for path in file.parent.rglob("*.patterns"))
    with caplog.at_level(logging.WARNING, "copydesk"):
        assert read_cache(file) is None
        write_cache(file, b"another")
        assert load_or_make(file, bytes, lambda: b"made", bytes) == b"made"
        held = Store(cache / "findings.sqlite")
        held.add({b"key": b"value"})
        assert held.find([b"key"]) == {}
        held.close()
    assert [FAULTS[fault] in record.getMessage() for record in caplog.records] == [True]
    assert sorted(path.read_bytes() for path in file.parent.rglob("*.patterns")) == contents


@posix
def test_commands_warn_once_and_run_without_a_cache(cache, check, monkeypatch, expected):
    for path in cache.iterdir():
        path.unlink()
    spoil(cache, "link", monkeypatch)
    code, out, err = check()
    assert (code, out) == expected[:2]
    assert err.count(f"the cache {cache} is not used") == 1
    assert not list(cache.iterdir())


@posix
@pytest.mark.parametrize("what", ["link", "link to nowhere", "pipe", "folder"])
@pytest.mark.parametrize("name", ["rules.patterns", "key", "findings.sqlite", "findings.sqlite-journal"])
def test_what_is_no_plain_file_is_not_followed_or_emptied(home, what, name, tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious" * 8)
    home.mkdir(parents=True, mode=0o700)
    planted = home / name
    if what == "link":
        planted.symlink_to(victim)
    elif what == "link to nowhere":
        planted.symlink_to(tmp_path / "new")
    elif what == "pipe":
        os.mkfifo(planted)
    else:
        planted.mkdir()
        (planted / "inside").write_bytes(b"kept")
    monkeypatch.setenv(VARIABLE, str(home))
    file = home / "rules.patterns"
    for _ in range(2):
        assert load_or_make(file, bytes, lambda: b"made", bytes) == b"made"
        held = Store(home / "findings.sqlite")
        held.add({b"key": b"value"})
        assert held.find([b"key"]) in ({}, {b"key": b"value"})
        held.close()
    assert victim.read_bytes() == b"precious" * 8
    assert not (tmp_path / "new").exists()
    if what == "folder":
        assert (planted / "inside").read_bytes() == b"kept"


@posix
@pytest.mark.parametrize("fault", ["owner", "666", "620"])
def test_a_file_that_others_can_write_counts_as_missing(cache, fault, monkeypatch):
    write_cache(cache / "rules.patterns", b"sound")
    if fault == "owner":
        give_away(cache / "rules.patterns", monkeypatch)
    else:
        (cache / "rules.patterns").chmod(int(fault, 8))
    assert read_cache(cache / "rules.patterns") is None


@posix
def test_a_key_that_others_can_read_is_replaced(home):
    write_cache(home / "rules.patterns", b"sound")
    key = (home / "key").read_bytes()
    (home / "key").chmod(0o644)
    store._find_key.cache_clear()
    assert read_cache(home / "rules.patterns") is None
    assert (home / "key").read_bytes() != key
    assert mode(home / "key") == 0o600


def test_files_of_another_user_are_not_believed(cache, home, tmp_path, monkeypatch):
    """A checkout or an archive brings a whole cache with it, sealed with a key of its own."""
    foreign = tmp_path / "foreign"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "their-home"))
    write_cache(foreign / "rules.patterns", b"crafted")
    held = Store(foreign / "findings.sqlite")
    held.add({b"key": b"crafted"})
    held.close()
    assert read_cache(foreign / "rules.patterns") == b"crafted"
    shutil.copy(tmp_path / "their-home" / "copydesk" / "key", foreign / "key")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home.parent))
    assert read_cache(foreign / "rules.patterns") is None
    held = Store(foreign / "findings.sqlite")
    assert held.find([b"key"]) == {}
    held.close()


def test_a_file_does_not_count_under_another_name(cache):
    for name in ("one.patterns", "two.patterns"):
        write_cache(cache / name, name.encode())
    shutil.copy(cache / "one.patterns", cache / "two.patterns")
    assert read_cache(cache / "one.patterns") == b"one.patterns"
    assert read_cache(cache / "two.patterns") is None


def test_a_plain_digest_is_not_enough(cache):
    """The digest of a file can be made by anybody."""
    write_cache(cache / "rules.patterns", b"sound")
    content = (cache / "rules.patterns").read_bytes()
    body, sound = b"crafted", hashlib.sha256(b"sound").digest()
    start = content.index(sound)
    crafted = content[:start] + hashlib.sha256(body).digest() + content[start + 32 : start + 64] + body
    (cache / "rules.patterns").write_bytes(crafted)
    assert read_cache(cache / "rules.patterns") is None
    (cache / "rules.patterns").write_bytes(b"copydesk-cache\n" + hashlib.sha256(body).digest() + body)
    assert read_cache(cache / "rules.patterns") is None


@posix
def test_without_a_home_the_key_is_in_the_cache_directory(cache, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "below"))
    write_cache(cache / "rules.patterns", b"sound")
    assert read_cache(cache / "rules.patterns") == b"sound"
    assert mode(cache / "key") == 0o600


@posix
def test_a_cache_of_root_is_read_and_not_written(cache, monkeypatch):
    """As in a container image that root built."""
    write_cache(cache / "rules.patterns", b"sound")
    for path in [cache, *cache.iterdir()]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    fstat = os.fstat

    def of_root(handle: int) -> os.stat_result:
        status = list(fstat(handle))
        status[4] = 0
        return os.stat_result(status)

    monkeypatch.setattr(os, "fstat", of_root)
    monkeypatch.setattr(os, "geteuid", lambda: NOT_US)
    monkeypatch.setattr(store, "secret_key", lambda _: b"k" * 32)
    assert read_cache(cache / "rules.patterns") == b"sound"
    held = Store(cache / "findings.sqlite")
    held.add({b"key": b"value"})
    assert held.find([b"key"]) == {}


@pytest.fixture(scope="module")
def quick_script(script, few_rules):
    """Return the words that start the command with a few rules."""
    return [*script[:-1], few_rules + script[-1]]


@pytest.fixture(scope="module")
def warm(tmp_path_factory, quick_script):
    """A folder with a record, a home and a cache that `check` has filled, and what it printed."""
    folder = tmp_path_factory.mktemp("warm")
    body = "The ferry from Skarnes left the quay an hour late on Monday.\n\nScroll to Top"
    (folder / "dump.jsonl").write_text(json.dumps({"id": "1", "text": body}) + "\n", "utf-8")
    env = {**os.environ, "XDG_CACHE_HOME": str(folder / "home"), VARIABLE: str(folder / "cache")}
    ran = subprocess.run([*quick_script, "check", folder / "dump.jsonl"], env=env, capture_output=True, text=True)
    assert "navigation/top" in ran.stdout, ran.stderr
    return folder, ran


@pytest.fixture
def check(warm, cache, home, quick_script):
    """Run `check` in a process of its own, which a crash would end, with a copy of the warm cache."""
    folder, _ = warm
    shutil.copytree(folder / "home", home.parent)
    shutil.copytree(folder / "cache", cache)

    def run(*args: object) -> tuple[int, str, str]:
        command = [*quick_script, "check", folder / "dump.jsonl", *args]
        ran = subprocess.run(command, capture_output=True, text=True)
        return ran.returncode, ran.stdout, ran.stderr

    return run


@pytest.fixture
def expected(warm):
    """What `check` prints for the record."""
    ran = warm[1]
    return ran.returncode, ran.stdout, ran.stderr


def databases() -> dict[str, bytes]:
    """Return Hyperscan databases that are damaged in some way, or of other patterns."""
    sound = compile_database([b"scroll"], [hyperscan.HS_FLAG_UTF8])
    flipped = bytearray(sound)
    flipped[len(flipped) // 2] ^= 0xFF
    return {"zeros": bytes(len(sound)), "flipped": bytes(flipped), "short": sound[:-50], "other patterns": sound}


@pytest.mark.parametrize("content", ["zeros", "flipped", "short", "other patterns", "pickle"])
def test_a_crafted_database_is_compiled_again(cache, content, tmp_path):
    """Its digest is right, as anybody can make it."""
    planted = tmp_path / "planted"
    body = databases().get(content) or pickle.dumps([Path.touch, planted])

    def scan() -> list[int]:
        load_scanner.cache_clear()
        data = np.frombuffer(b"one lantern\ntwo\n", np.uint8)
        return load_scanner("lanterns", ("two", "lantern")).scan(data, np.array([12, 16]))[1].tolist()

    assert scan() == [1, 0]
    [file] = cache.glob("*.lanterns")
    sound = read_cache(file)
    for magic in (b"copydesk-cache\n", store._MAGIC):
        digest = hashlib.sha256(body).digest()
        file.write_bytes(magic + digest + (b"" if magic != store._MAGIC else digest) + body)
        assert scan() == [1, 0]
        assert read_cache(file) == sound
    if content != "other patterns":  # nor does a seal make a damaged database sound
        write_cache(file, body)
        assert scan() == [1, 0]
    assert not planted.exists()


def test_crafted_files_are_made_again(cache, check, expected):
    """Those of a whole run, each with a digest that anybody can make."""
    files = [path for path in cache.iterdir() if path.suffix != ".sqlite"]
    assert {path.suffix for path in files} >= {".patterns", ".tables", ".pages"}
    for path in files:
        body = bytes(5000)
        if path.suffix == ".patterns":
            body = msgspec.msgpack.encode(Compiled([], [], [], [], ([], b"", b""), [], [0], body))
        digest = hashlib.sha256(body).digest()
        path.write_bytes(store._MAGIC + digest + digest + body)
    assert check("--no-cache") == expected
    assert all(read_cache(path) for path in files)


@pytest.mark.usefixtures("check")
def test_no_file_of_the_cache_is_a_pickle(cache):
    for path in cache.iterdir():
        body = path.read_bytes()
        assert b"regex._regex" not in body
        assert not body.startswith(b"\x80")
    sources = [*Path(copydesk.__file__).parent.glob("schemas/cache/*.py"), Path(store.__file__)]
    assert not [path for path in sources if "pickle" in path.read_text("utf-8")]


CRAFTS = {
    "empty findings": "UPDATE found SET value = x'96CF0000000000000001CF7FFFFFFFFFFFFFFF9080809190'",
    "swapped": "UPDATE found SET value = (SELECT value FROM found ORDER BY length(value) LIMIT 1)",
    "view": "ALTER TABLE found RENAME TO other; CREATE VIEW found AS SELECT key, day, value FROM other",
    "endless view": "ALTER TABLE found RENAME TO other; CREATE VIEW found AS WITH RECURSIVE c(x) AS "
    "(SELECT 1 UNION ALL SELECT x FROM c) SELECT x AS key, 1 AS day, x'00' AS value FROM c",
    "trigger": "CREATE TRIGGER t BEFORE INSERT ON found BEGIN DELETE FROM found; END",
    "another table": "CREATE TABLE more (x)",
    "other columns": "DROP TABLE found; CREATE TABLE found (key, day, value, more)",
}


@pytest.mark.parametrize("craft", CRAFTS)
def test_crafted_findings_hide_nothing(cache, check, warm, quick_command, craft, expected):
    with sqlite3.connect(cache / "findings.sqlite") as file:
        file.executescript(CRAFTS[craft])
    file.close()
    for _ in range(2):
        ran = quick_command("check", warm[0] / "dump.jsonl")
        assert (ran.code, ran.out, ran.err) == expected


def test_the_warm_cache_is_that_of_this_process(cache, check, warm, quick_command, expected):
    """Otherwise the crafted findings above would not be looked at."""

    def keys() -> list[bytes]:
        with sqlite3.connect(cache / "findings.sqlite") as file:
            rows = [key for (key,) in file.execute("SELECT key FROM found ORDER BY key")]
        file.close()
        return rows

    before = keys()
    ran = quick_command("check", warm[0] / "dump.jsonl")
    assert (ran.code, ran.out, ran.err) == expected
    assert before
    assert keys() == before


def test_crafted_findings_do_not_crash_a_process(cache, check, expected):
    with sqlite3.connect(cache / "findings.sqlite") as file:
        file.executescript(CRAFTS["empty findings"])
    file.close()
    assert check() == expected


def test_a_lock_does_not_wait_for_itself(cache):
    """The key is made under the lock of the same directory."""
    code = (
        "from pathlib import Path; from copydesk.schemas.cache.store import *; d = cache_directory(); "
        "print(load_or_make(d / 'x.tables', bytes, lambda: b'made', bytes))"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(cache.parent), VARIABLE: ""}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert ran.stdout == "b'made'\n", ran.stderr


@posix
def test_a_lock_that_another_process_keeps_is_not_waited_for_forever(cache, monkeypatch):
    import fcntl

    monkeypatch.setattr(private_directory, "_PATIENCE", 0.2)
    cache.mkdir(mode=0o755)
    handle = os.open(cache, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert load_or_make(cache / "rules.patterns", bytes, lambda: b"made", bytes) == b"made"
    os.close(handle)
    assert read_cache(cache / "rules.patterns") == b"made"


def test_a_private_directory_lists_nothing_of_others(cache, tmp_path):
    cache.mkdir(mode=0o700)
    with open_private(cache) as opened:
        assert opened.write("a", b"1")
        assert opened.read("a") == b"1"
        assert opened.read("missing") is None
        assert opened.accepts("missing")
        os.link(cache / "a", tmp_path / "linked")
        assert not opened.accepts("a")
    assert open_private(tmp_path / "missing") is None

"""What a run leaves: its files, the same bytes each time, nothing half-written."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
import zstandard

import copydesk
from copydesk.cleaner.kernel.match.compiled import Compiled
from copydesk.rules.ruleset.loader import load_file
from copydesk.rules.ruleset.ruleset import Ruleset
from copydesk.schemas.cache.regexes import LazyPatterns
from copydesk.schemas.cache.store import VARIABLE, cache_directory, read_cache, write_cache

ENTRY = {"id", "file", "line", "byte_offset", "raw", "raw_encoding", "record", "reasons"}
RULE = (Path(__file__).parent.parent / "data" / "house.toml").read_text("utf-8")


@pytest.fixture
def messy(jsonl, article):
    """A dump with every kind of fault between good records."""
    return jsonl(
        {
            "id": "1",
            "title": "A key and a ferry",
            "text": f"{article}\n\nScroll to Top",
            "url": "https://a.example/1",
        },
        b"{",
        {"id": "2", "title": "Nothing", "text": ""},
        {"id": "1", "text": article},
        b'  {"id": "3",   "text": "Too short."}',
        {"id": "4", "text": article, "url": "/relative", "date": "1970-01-01"},
        b"[]",
        b'{"text": "\xff"}',
        {"id": "5", "text": article, "date": "2999-01-01"},
        {"id": "6", "text": f"{article}\n\nLeave a Comment"},
    )


def test_files_of_a_run(copydesk_command, messy, tmp_path):
    out = tmp_path / "out"
    ran = copydesk_command("clean", messy, "--out", out)
    assert ran.code == 1
    names = {path.name for path in out.iterdir()}
    assert names >= {"articles.parquet", "edits.parquet", "quarantine.jsonl", "summary.json"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert ran.out == ""
    for words in ("records read", "10", "quarantined", "navigation/top", "identity/duplicate-id"):
        assert words in ran.err
    assert "MB of text a second" not in ran.err  # of so little, the time is that of the start


def test_conservation(copydesk_command, messy, quarantine, tmp_path):
    out = tmp_path / "out"
    copydesk_command("clean", messy, "--out", out, "-q")
    records = json.loads((out / "summary.json").read_bytes())["records"]
    assert records == {"read": 10, "accepted": 2, "quarantined": 8}
    assert pq.read_table(out / "articles.parquet")["id"].to_pylist() == ["1", "6"]
    assert len(quarantine(out)) == 8


def test_quarantine_entries(copydesk_command, messy, quarantine, tmp_path):
    copydesk_command("clean", messy, "--out", tmp_path / "out", "-q")
    entries = quarantine(tmp_path / "out")
    content = messy.read_bytes()
    lines = content.split(b"\n")
    assert [entry["line"] for entry in entries] == [2, 3, 4, 5, 6, 7, 8, 9]
    for entry in entries:
        assert entry.keys() == ENTRY
        raw = lines[entry["line"] - 1]
        assert content[entry["byte_offset"] :].startswith(raw + b"\n")
        if entry["raw_encoding"] == "utf-8":
            assert entry["raw"].encode() == raw
        for reason in entry["reasons"]:
            twin = {"twin"} if "duplicate" in reason["check"] else set()
            assert reason.keys() == {"check", "severity", "field", "message"} | twin
    found = {entry["line"]: {reason["check"] for reason in entry["reasons"]} for entry in entries}
    assert found[2] == {"input/not-json"}
    assert found[3] >= {"body/empty"}
    assert found[4] >= {"identity/duplicate-id"}
    assert found[5] >= {"body/too-short"}
    assert found[6] >= {"url/not-absolute", "date/too-early"}
    assert found[7] == {"input/not-object"}
    assert found[8] == {"input/encoding"}
    assert found[9] >= {"date/future"}
    assert entries[3]["record"] == {"id": "3", "text": "Too short."}


def test_suite_none_accepts_every_record_that_can_be_read(copydesk_command, messy, tmp_path):
    copydesk_command("clean", messy, "--out", tmp_path / "out", "-q", "--suite", "none")
    records = json.loads((tmp_path / "out" / "summary.json").read_bytes())["records"]
    assert records == {"read": 10, "accepted": 7, "quarantined": 3}


@pytest.mark.parametrize("to", ["parquet", "jsonl", "jsonl.zst"])
def test_same_input_same_bytes(to, copydesk_command, messy, tmp_path):
    for name in ("one", "two"):
        assert copydesk_command("clean", messy, "--out", tmp_path / name, "--to", to, "-q").code == 1
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert f"articles.{to}" in names
    for name in names:
        one, two = ((tmp_path / run / name).read_bytes() for run in ("one", "two"))
        if name == "summary.json":
            one, two = ({k: v for k, v in json.loads(text).items() if k != "run"} for text in (one, two))
        assert one == two, name


def test_every_format_holds_the_same_articles(copydesk_command, seeds, tmp_path):
    read = {}
    for to in ("parquet", "jsonl", "jsonl.zst"):
        out = tmp_path / to
        assert copydesk_command("clean", seeds, "--out", out, "--to", to, "-q").code == 0
        path = out / f"articles.{to}"
        if to == "parquet":
            read[to] = [copydesk.Article.model_validate(row) for row in pq.read_table(path).to_pylist()]
            continue
        data = path.read_bytes()
        if to == "jsonl.zst":
            with zstandard.ZstdDecompressor().stream_reader(data) as stream:
                data = stream.read()
        read[to] = [copydesk.Article.model_validate_json(line) for line in data.splitlines()]
    assert read["jsonl"] == read["jsonl.zst"] == read["parquet"]


def test_output_directory_in_use(copydesk_command, messy, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    ran = copydesk_command("clean", messy, "--out", out)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert str(out) in ran.err
    assert "--overwrite" in ran.err
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_overwrite_replaces_results_and_nothing_else(copydesk_command, messy, tmp_path):
    out = tmp_path / "out"
    assert copydesk_command("clean", messy, "--out", out, "--to", "jsonl", "-q").code == 1
    (out / "mine.txt").write_text("mine")
    assert copydesk_command("clean", messy, "--out", out, "--overwrite", "-q").code == 1
    names = {path.name for path in out.iterdir()}
    assert "articles.jsonl" not in names
    assert names >= {"articles.parquet", "mine.txt"}


def test_output_that_is_a_file(copydesk_command, messy, tmp_path):
    (tmp_path / "out").write_text("mine")
    ran = copydesk_command("clean", messy, "--out", tmp_path / "out")
    assert ran.code == 2
    assert (tmp_path / "out").read_text() == "mine"


def test_restore_of_a_directory_that_is_no_run(copydesk_command, tmp_path):
    (tmp_path / "none").mkdir()
    ran = copydesk_command("restore", tmp_path / "none", "--to", tmp_path / "back")
    assert ran.code == 2
    assert str(tmp_path / "none") in ran.err


@pytest.mark.parametrize("to", ["parquet", "jsonl", "jsonl.zst"])
def test_restore_of_lines(to, copydesk_command, jsonl, tmp_path, article):
    text = f"Menu\r\n{article}\r\n\u2028Scroll to Top\x00"
    path = jsonl({"id": "a", "maintext": text}, {"id": "b", "maintext": f"{article}\n\n\n"})
    assert copydesk_command("clean", path, "--out", tmp_path / "out", "--to", to, "-q").code == 0
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    lines = (tmp_path / "back" / "dump.jsonl").read_bytes().split(b"\n")[:-1]
    assert [json.loads(line)["maintext"] for line in lines] == [text, f"{article}\n\n\n"]


def test_restore_of_equal_texts(copydesk_command, tmp_path, article):
    raw = f"{article}\n\nScroll to Top\n".encode()
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_bytes(raw)
    assert copydesk_command("clean", tmp_path / "in", "--out", tmp_path / "out", "--suite", "none", "-q").code == 0
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    assert [(tmp_path / "back" / name).read_bytes() for name in ("a.txt", "b.txt")] == [raw, raw]


def test_restore_keeps_dumps_with_similar_names_apart(copydesk_command, jsonl, tmp_path, article):
    names = ("dump.2023.jsonl", "dump.2024.jsonl")
    paths = [jsonl({"id": name, "text": article}, name=name) for name in names]
    assert copydesk_command("clean", *paths, "--out", tmp_path / "out", "-q").code == 0
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back").code == 0
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == sorted(names)


def test_restore_of_a_packed_text_is_not_named_as_if_it_were_packed(copydesk_command, tmp_path, article):
    raw = f"{article}\n\nScroll to Top\n".encode()
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(raw))
    assert copydesk_command("clean", tmp_path / "a.txt.gz", "--out", tmp_path / "out", "-q").code == 0
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back").code == 0
    [back] = (tmp_path / "back").iterdir()
    content = back.read_bytes()
    assert (gzip.decompress(content) if back.suffix == ".gz" else content) == raw


def test_link_to_nowhere_beside_good_files_is_not_passed_over(copydesk_command, tmp_path, article):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(article.encode())
    try:
        (tmp_path / "in" / "b.txt").symlink_to(tmp_path / "gone.txt")
    except OSError:
        pytest.skip(reason="links cannot be made here")
    ran = copydesk_command("clean", tmp_path / "in", "--out", tmp_path / "out", "-q")
    assert ran.code == 1
    assert "b.txt: cannot be read (no such file); check where the link leads" in ran.err


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process there")
@pytest.mark.parametrize("overwrite", [False, True])
def test_interrupted_run_leaves_nothing(overwrite, script, tmp_path, article):
    out = tmp_path / "out"
    options = ["--to", "jsonl"]
    if overwrite:
        out.mkdir()
        (out / "articles.jsonl").write_text("earlier\n")
        options.append("--overwrite")
    record = (json.dumps({"text": article}) + "\n").encode()
    with subprocess.Popen(
        [*script, "clean", "-", "--out", str(out), *options], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            process.stdin.write(record)
            process.stdin.flush()
            deadline = time.monotonic() + 120
            while not list(tmp_path.glob(".out.partial/quarantine.jsonl")):
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
            said = process.stderr.read().decode()
        finally:
            process.kill()
            process.stdin.close()
    assert said.startswith("interrupted: nothing was written; --resume has nothing to continue, because standard input")
    assert said.count("\n") == 1
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert left == ({"out", "out/articles.jsonl"} if overwrite else set())
    if overwrite:
        assert (out / "articles.jsonl").read_text() == "earlier\n"


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process there")
def test_interrupted_while_it_starts(tmp_path, jsonl, article):
    dump = jsonl(*({"text": f"{number} {article}"} for number in range(2000)))
    argv = ["copydesk", "clean", str(dump), "--out", str(tmp_path / "out"), "-q"]
    begun = (
        f"import signal, sys; sys.argv = {argv!r}\n"
        "from copydesk.cleaner.cli import entry\n"
        "signal.signal(signal.SIGINT, entry.end_at_once)\n"
        "print('begun', flush=True)\n"
        "entry.start()"
    )
    for wait in (0.0, 0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4):  # imports, rules, databases, the first piece
        command = [sys.executable, "-c", begun]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"begun\n"
            time.sleep(wait)
            process.send_signal(signal.SIGINT)
            said = process.stderr.read().decode()
        assert process.returncode == 130, said
        assert said.startswith("interrupted: ")
        assert said.count("\n") == 1
        assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="there is no such shell")
def test_standard_input_that_is_closed(script, tmp_path):
    command = ["sh", "-c", 'exec "$@" <&-', "sh", *script, "clean", "-", "--out", str(tmp_path / "out"), "-q"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "standard input: it is closed" in done.stderr


def test_failing_run_leaves_nothing(copydesk_command, tmp_path, jsonl, article):
    good = jsonl({"text": article})
    bad = tmp_path / "z.parquet"
    bad.write_bytes(b"PAR1")
    assert copydesk_command("clean", good, bad, "--out", tmp_path / "out", "--strict-inputs").code == 2
    assert {path.name for path in tmp_path.iterdir()} == {good.name, bad.name}


@pytest.fixture
def house(tmp_path):
    """A ruleset of one rule, quick to compile."""
    path = tmp_path / "house.toml"
    path.write_text(RULE, "utf-8")
    return Ruleset((load_file(path),))


def test_damaged_cache_file_is_rebuilt(house, tmp_path, article):
    text, cache = f"{article}\n\nThe Lowmoor Lantern, lit since 1888", tmp_path / "cache"
    assert copydesk.Cleaner(house, cache=cache).clean(text).article.body == article
    files = sorted(cache.iterdir())
    assert [file.suffix for file in files].count(".patterns") == 1
    for file in files:
        sound = file.read_bytes()
        flipped = bytearray(sound)
        flipped[-100] ^= 0xFF
        for damage in (b"", sound[:-100], b"foreign", bytes(flipped), sound + b"\0"):
            file.write_bytes(damage)
            assert copydesk.Cleaner(house, cache=cache).clean(text).article.body == article
            assert file.read_bytes() == sound
    assert sorted(cache.iterdir()) == files


def test_expressions_are_compiled_when_they_are_used():
    expressions = [r"(share|print)( it)?", r"(?im)^\p{Lu}\w+ ago$", "[0-9]{1,3} comments?"]
    texts = ["print it", "Long\nDays ago\n", "17 comments", "nothing"]
    patterns = LazyPatterns([*expressions, "not valid ("])
    hits = [[bool(patterns[n].search(text)) for text in texts] for n in range(3)]
    assert hits == [[True, False, False, False], [False, True, False, False], [False, False, True, False]]
    assert patterns[0] is patterns[0]
    with pytest.raises(TimeoutError):
        LazyPatterns(["(a|aa)+b"])[0].fullmatch("a" * 60, timeout=0.05)


def test_cache_of_another_processor_is_rebuilt(tmp_path, article):
    path = tmp_path / "wild.toml"
    path.write_text(RULE.replace("the lowmoor", ".{0,20}the lowmoor"), "utf-8")
    ruleset, cache = Ruleset((load_file(path),)), tmp_path / "cache"
    text = f"{article}\n\nRead the Lowmoor Lantern, lit since 1888"
    assert copydesk.Cleaner(ruleset, cache=cache).clean(text).article.body == article
    [file] = cache.glob("*.patterns")
    sound = read_cache(file)
    compiled = msgspec.msgpack.decode(sound, type=Compiled)
    assert compiled.database
    # whole by its digest, but nothing that Hyperscan takes here
    write_cache(file, msgspec.msgpack.encode(msgspec.structs.replace(compiled, database=b"x" * len(compiled.database))))
    assert copydesk.Cleaner(ruleset, cache=cache).clean(text).article.body == article
    assert msgspec.msgpack.decode(read_cache(file), type=Compiled).choices == compiled.choices
    assert read_cache(file)[-64:] != b"x" * 64


def test_of_several_processes_one_compiles(few_rules, tmp_path):
    """All begin with an empty cache; each would say that it compiles, if its log were shown."""
    show = "import logging; logging.basicConfig(level=logging.INFO); "
    code = f"{few_rules}{show}import copydesk; copydesk.clean('Page not found')"
    env = {**os.environ, VARIABLE: str(tmp_path / "cache")}
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum("compiling the rules" in text for text in said) == 1


def test_a_cache_file_that_cannot_be_written_leaves_nothing(tmp_path):
    place = tmp_path / "rules.patterns"
    place.mkdir()  # nothing can take the place of a folder
    write_cache(place, b"compiled")
    assert list(tmp_path.iterdir()) == [place]


def test_cache_directory_that_cannot_be_written(house, tmp_path, article):
    (tmp_path / "file").write_text("in the way")
    cleaner = copydesk.Cleaner(house, cache=tmp_path / "file" / "cache")
    assert cleaner.clean(f"{article}\n\nThe Lowmoor Lantern, lit since 1888").article.body == article


def test_command_rebuilds_a_damaged_cache(quick_command, monkeypatch, tmp_path, article):
    (tmp_path / "a.txt").write_bytes(f"{article}\n\nScroll to Top".encode())
    told = quick_command("explain", tmp_path / "a.txt")
    assert "navigation/top" in told.out
    cache = tmp_path / "cache"
    cache.mkdir()
    names = [file.name for kind in ("patterns", "pages") for file in cache_directory().glob(f"*.{kind}")]
    for name in names:
        (cache / name).write_bytes(b"damaged")
    monkeypatch.setenv(VARIABLE, str(cache))
    assert quick_command("explain", tmp_path / "a.txt") == told
    assert {file.name for file in cache.iterdir()} == set(names)
    assert any(file.stat().st_size > 100 for file in cache.iterdir())


def test_no_progress_bar_where_stderr_is_no_terminal(copydesk_command, messy, tmp_path):
    assert "\x1b" not in copydesk_command("clean", messy, "--out", tmp_path / "out").err

"""Inputs that are made to fill the memory or to take for ever: what is read of them stays bounded."""

from __future__ import annotations

import bz2
import csv
import gc
import gzip
import io
import itertools
import json
import lzma
import random
import resource
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from copydesk.cleaner.readers import batches, table_batches
from copydesk.cleaner.readers import source as source_module
from copydesk.cleaner.readers.arrow_messages import read_batch_sizes
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.readers.formats import columnar
from copydesk.cleaner.records.column_values import name_columns
from copydesk.cleaner.records.loader import Loader
from copydesk.schemas.errors import InputError

MEGABYTE = 1 << 20


# Bombs. Limits of addresses count what is loaded, so they are given beyond what an empty run needs.

ROOM = 700 * MEGABYTE


@pytest.fixture(scope="module")
def base_memory(tmp_path_factory) -> int:
    """Return the addresses, in bytes, that cleaning one small record takes."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "a.jsonl").write_text('{"text": "It rained."}')
    ran = run_limited(folder, "a.jsonl", None)
    return int(ran.stdout) * 1024


def run_limited(folder, name: str, limit: int | None, *options: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import resource, sys\n"
        f"limit = {limit}\n"
        "if limit: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "from copydesk.cleaner.cli.main import main\n"
        "try: main()\n"
        "finally:\n"
        "    peak = [line for line in open('/proc/self/status') if line.startswith('VmPeak')][0]\n"
        "    print(peak.split()[1])\n"
    )
    arguments = ["clean", name, "--out", "out", "-q", "--overwrite", "--suite", "none", *options]
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )


def packed_zeros(pack, size: int, start: bytes = b"", end: bytes = b"") -> bytes:
    """Return much of one byte, packed part by part: packers take frames one after the other."""
    return pack(start) + pack(b"a" * (64 * MEGABYTE)) * -(-size // (64 * MEGABYTE)) + pack(end)


PACKERS = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and peaks are those of Linux")


@linux
@pytest.mark.parametrize(
    ("form", "packer"),
    [
        *(("jsonl", packer) for packer in PACKERS),
        *((form, "zst") for form in ("json", "csv", "txt", "parquet", "arrow", "dump")),
    ],
)
def test_a_bomb_of_one_line_does_not_fill_the_memory(form, packer, base_memory, tmp_path):
    start = {"jsonl": b'{"text": "', "json": b'[{"text": "', "csv": b'id,text\n1,"'}.get(form, b"")
    end = b'"}\n{"text": "It rained."}\n' if form == "jsonl" else b""
    (tmp_path / f"dump.{form}.{packer}").write_bytes(packed_zeros(PACKERS[packer], ROOM + 64 * MEGABYTE, start, end))
    ran = run_limited(tmp_path, f"dump.{form}.{packer}", base_memory + ROOM)
    assert ran.returncode in (1, 2), ran.stderr
    if ran.returncode == 2:
        assert ran.stderr.count("\n") == 1, ran.stderr
        assert f"dump.{form}.{packer}: " in ran.stderr
    else:
        entries = [json.loads(line) for line in (tmp_path / "out" / "quarantine.jsonl").read_bytes().splitlines()]
        assert {entry["reasons"][0]["check"] for entry in entries} == {"input/too-large"}
        assert all(len(entry["raw"]) <= batches.KEPT_BYTES for entry in entries)
    if form == "jsonl":
        assert pq.read_table(tmp_path / "out" / "articles.parquet")["body"].to_pylist() == ["It rained."]


@linux
@pytest.mark.parametrize("packer", PACKERS)
def test_a_bomb_of_many_lines_does_not_fill_the_memory(packer, base_memory, tmp_path):
    lines = PACKERS[packer](b'{"text": "It rained."}\n' * 100_000) * 3
    (tmp_path / f"dump.jsonl.{packer}").write_bytes(lines)
    ran = run_limited(tmp_path, f"dump.jsonl.{packer}", base_memory + ROOM)
    assert ran.returncode == 0, ran.stderr


def shared_values(kind: str) -> pa.Table:
    """Return 3,000 rows that all have the same long text, which a file holds once."""
    text = "It rained all day and all night. " * 30_000
    ids = pa.array([str(n) for n in range(3000)])
    if kind == "arrow":
        column = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array([text]))
    elif kind == "run":
        column = pa.RunEndEncodedArray.from_arrays(pa.array([3000], pa.int32()), pa.array([text]))
    elif kind == "view":
        # each view: length, first four bytes, number of a buffer, offset
        view = struct.pack("<i4sii", len(text), text[:4].encode(), 0, 0)
        column = pa.Array.from_buffers(
            pa.string_view(), 3000, [None, pa.py_buffer(view * 3000), pa.py_buffer(text.encode())]
        )
    else:
        column = pa.array([text] * 3000)
    return pa.table({"id": ids, "text": ids, "note": column})


@linux
@pytest.mark.parametrize("kind", ["parquet", "arrow", "run", "view"])
def test_a_text_that_many_rows_share_does_not_fill_the_memory(kind, tmp_path):
    path = tmp_path / ("dump.parquet" if kind == "parquet" else "dump.arrow")
    table = shared_values(kind)
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    assert path.stat().st_size < 4 * MEGABYTE
    code = (
        "import resource, sys\n"
        "from copydesk.cleaner.readers.discovery import find_sources\n"
        "from copydesk.cleaner.readers.dispatch import read_batches\n"
        "from copydesk.cleaner.records.loader import Loader\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "loader = Loader({'body': 'note'})\n"
        "rows = [loader.from_table(b.table, b.place).count for b in read_batches(find_sources([sys.argv[1]]))]\n"
        "print(sum(rows), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    rows, kilobytes = map(int, ran.stdout.split())
    assert rows == 3000
    assert kilobytes < 1_200_000


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_packed_table_that_is_large_is_copied_to_a_file(form, clean, copydesk_command, monkeypatch, tmp_path):
    from copydesk.cleaner.readers.formats import columnar

    table = pa.table({"id": [str(n) for n in range(500)], "text": [f"It rained for {n} days." for n in range(500)]})
    sink = pa.BufferOutputStream()
    if form == "parquet":
        pq.write_table(table, sink)
    else:
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    content = gzip.compress(bytes(sink.getvalue()))
    monkeypatch.setattr(columnar, "_IN_MEMORY", 1000)
    articles, entries = clean(content, f"dump.{form}.gz")
    assert ([article["id"] for article in articles], entries) == (table["id"].to_pylist(), [])
    monkeypatch.setattr(columnar, "_LONGEST", 2000)
    ran = copydesk_command("clean", tmp_path / f"dump.{form}.gz", "--out", tmp_path / "other")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "unpack it, or write it to a file" in ran.err


@pytest.fixture
def small_records(monkeypatch):
    """Let records have 10,000 bytes at most, and batches 4,000."""
    monkeypatch.setattr(batches, "MAX_RECORD", 10_000)
    monkeypatch.setattr(batches, "limit_records", lambda _: None)  # the setting of a run would undo it
    monkeypatch.setattr(batches, "KEPT_BYTES", 100)
    monkeypatch.setattr(batches, "BATCH_BYTES", 4_000)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_lines_that_are_too_long_are_set_aside_in_their_place(reasons, workers, small_records, clean):
    if workers == "2":
        pytest.skip(reason="workers of other processes have the real limit")
    records = [b'{"id": "%d", "text": "%s"}' % (n, b"a" * (20_000 if n % 3 == 1 else 50)) for n in range(9)]
    content = b"\n".join(records)
    articles, entries = clean(content, "dump.jsonl", "--workers", workers)
    assert [article["id"] for article in articles] == ["0", "2", "3", "5", "6", "8"]
    assert [article["provenance"]["line"] for article in articles] == [1, 3, 4, 6, 7, 9]
    assert [(entry["line"], entry["byte_offset"], len(entry["raw"])) for entry in entries] == [
        (n + 1, content.index(b'{"id": "%d"' % n), 100) for n in (1, 4, 7)
    ]
    assert set(reasons(entries)) == {"input/too-large"}
    assert "the line has 20,0" in entries[0]["reasons"][0]["message"]


def test_a_part_of_a_file_with_a_line_that_is_too_long_is_read_in_chunks(small_records, tmp_path):
    from copydesk.cleaner.readers.formats.jsonl import LineBatch
    from copydesk.cleaner.readers.source import Source

    lines = [b'{"id": "%d", "text": "%s"}\n' % (n, b"a" * (30_000 if n == 2 else 50)) for n in range(4)]
    (tmp_path / "dump.jsonl").write_bytes(b"".join(lines))
    source = Source(tmp_path / "dump.jsonl", "dump.jsonl", "jsonl")
    offset = len(lines[0])
    batch = LineBatch(source, 2, offset, sum(map(len, lines[1:])), None).parse()
    assert [row["id"] for row in batch.rows] == ["1", "3"]
    assert batch.place.line.to_pylist() == [2, 4]
    assert batch.place.byte_offset.to_pylist() == [offset, sum(map(len, lines[:3]))]
    [item] = batch.unreadable
    assert (item.position, item.line, item.byte_offset, item.check) == (
        1,
        3,
        sum(map(len, lines[:2])),
        "input/too-large",
    )


@pytest.mark.parametrize("name", ["a.txt", "b.txt.gz"])
def test_a_text_that_is_too_long_is_set_aside(reasons, name, small_records, clean):
    content = b"It rained. " * 2000
    articles, entries = clean(gzip.compress(content) if name.endswith("gz") else content, name)
    assert (articles, reasons(entries), len(entries[0]["raw"])) == ([], ["input/too-large"], 100)


def test_a_value_that_is_too_long_ends_the_file(small_records, refused):
    assert "does not end" in refused(
        b'[{"text": "It rained."}, {"text": "' + b"a" * 30_000, "dump.json", "--strict-inputs"
    )


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_rows_that_are_too_large_are_set_aside(form, small_records, clean):
    table = pa.table({"id": ["0", "1", "2"], "text": ["a" * 50, "é" * 20_000, "b" * 50]})
    articles, entries = clean(table, f"dump.{form}")
    assert [(article["id"], article["provenance"]["line"]) for article in articles] == [("0", 1), ("2", 3)]
    assert [(entry["line"], entry["reasons"][0]["check"]) for entry in entries] == [(2, "input/too-large")]


def test_rows_of_a_database_that_are_too_large_are_set_aside(
    reasons, small_records, copydesk_command, quarantine, tmp_path
):
    with closing(sqlite3.connect(tmp_path / "a.db")) as base:
        base.execute("CREATE TABLE articles (text)")
        base.executemany("INSERT INTO articles VALUES (?)", [("It rained.",), ("a" * 20_000,), (b"a" * 20_000,)])
        base.commit()
    out = tmp_path / "out"
    ran = copydesk_command("clean", f"sqlite:///{tmp_path}/a.db::articles", "--out", out, "-q", "--suite", "none")
    assert ran.code == 1, ran.err
    assert reasons(quarantine(out)) == ["input/too-large"] * 2


# Delimited text


def test_a_cell_of_any_size_below_the_limit(clean):
    text = "It rained all day. " * 1_100_000
    articles, _ = clean(f'id,text\n1,"{text}."\n'.encode(), "dump.csv")
    assert articles[0]["body"] == f"{text}."


def test_a_gigantic_cell_is_set_aside_and_the_rest_goes_on(reasons, small_records, clean):
    cell = "It rained.\n" * 4000
    articles, entries = clean(f'id,text\n0,a\n1,"{cell}"\n2,b\n'.encode(), "dump.csv")
    assert ([article["id"] for article in articles], entries[0]["line"]) == (["0", "2"], 3)
    assert {"input/bad-quotes", "input/ragged-row"} >= set(reasons(entries))


def test_a_row_of_one_gigantic_line_is_set_aside(reasons, small_records, clean):
    articles, entries = clean(f"id,text\n0,a\n1,{'b' * 30_000}\n2,c\n".encode(), "dump.csv")
    assert [article["id"] for article in articles] == ["0", "2"]
    assert [article["provenance"]["line"] for article in articles] == [2, 4]
    assert [(entry["line"], entry["byte_offset"]) for entry in entries] == [(3, 12)]
    assert reasons(entries) == ["input/too-large"]


@pytest.mark.parametrize(
    "line",
    ['a","c', '"', 'x,"', '""",', "a\\\"b,'c", '"a\\"'],
    ids=["swapped", "one", "last", "three", "slash", "escape"],
)
def test_a_file_full_of_open_quotes_takes_linear_time(line, tmp_path):
    """Each line opens a quote that no other line closes: reading from each of them to the end would take for ever."""

    def seconds(count: int) -> float:
        (tmp_path / "dump.csv").write_text("id,text\n" + f"{line}\n" * count)
        started = time.process_time()
        total = sum(
            len(batch.rows) + len(batch.unreadable)
            for batch in read_batches(find_sources([str(tmp_path / "dump.csv")], "csv"))
        )
        assert total > 0
        return time.process_time() - started

    gc.disable()  # it looks through all that earlier tests have left, the more often the more lines there are
    try:
        assert seconds(40_000) < 40 * max(seconds(2_000), 0.02)
    finally:
        gc.enable()


def test_what_a_hopeless_row_says_is_what_reading_it_to_the_end_says(tmp_path):
    lines = ['a","c', "x,y", 'a","d', 'b,"z', "plain", '"']
    content = "id,text\n" + "\n".join(lines)
    (tmp_path / "dump.csv").write_text(content)
    [batch] = read_batches(find_sources([str(tmp_path / "dump.csv")]))
    found = {item.line: item.message for item in batch.unreadable}
    assert sorted(found) == [2, 4]
    for line, message in found.items():
        with pytest.raises(csv.Error) as error:
            next(csv.reader(io.StringIO("\n".join(lines[line - 2 :])), strict=True))
        assert str(error.value) in message


# Many columns


@pytest.mark.parametrize("same", [True, False], ids=["one name", "many names"])
@pytest.mark.parametrize("form", ["csv", "parquet", "arrow", "jsonl", "json"])
def test_20_000_columns(form, same, clean, tmp_path):
    names = ["text", *(["views"] * 20_000 if same else [f"views {n}" for n in range(20_000)])]
    started = time.process_time()
    if form in ("jsonl", "json"):
        record = dict.fromkeys(names, "It rained.")
        articles, _ = clean(json.dumps([record] if form == "json" else record).encode(), f"dump.{form}")
    elif form == "csv":
        articles, _ = clean(f"{','.join(names)}\n{','.join(['It rained.'] * len(names))}\n".encode(), "dump.csv")
    else:
        articles, _ = clean(pa.table([pa.array(["It rained."])] * len(names), names=names), f"dump.{form}")
    assert len(articles[0]["extra"]) == (1 if same and form in ("jsonl", "json") else 20_000)
    assert time.process_time() - started < 60


def test_naming_columns_is_linear():
    def seconds(names: list[str]) -> float:
        started = time.process_time()
        assert len(set(name_columns(names))) == len(names)
        return time.process_time() - started

    for make in (
        lambda n: ["a"] * n,
        lambda n: [""] * n,
        lambda n: ["a", *(f"a_{i}" for i in range(2, n)), *["a"] * n],
    ):
        assert seconds(make(100_000)) < 100 * max(seconds(make(4_000)), 0.01)


def test_a_record_without_text_names_only_some_of_its_fields(refused):
    record = {f"views {n}": n for n in range(20_000)}
    assert len(refused(json.dumps(record).encode(), "dump.jsonl")) < 2000


def test_loading_many_records_of_many_names_keeps_the_memory():
    loader = Loader()
    from copydesk.cleaner.records.loader import Place

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for batch in range(60):
        rows = [{"text": "x", **{f"n{batch}-{row}-{n}": 1 for n in range(5000)}} for row in range(4)]
        loader.from_rows(rows, Place("a", reader="jsonl"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_a_small_row_group_of_values_that_share_their_beginning_is_read_in_small_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(table_batches, "_COPIES", MEGABYTE)
    text = "It rained all day. " * 2_000
    table = pa.table({"id": [str(n) for n in range(300)], "text": [f"{text}{n}" for n in range(300)]})
    path = tmp_path / "dump.parquet"
    encodings = {"id": "PLAIN", "text": "DELTA_BYTE_ARRAY"}
    pq.write_table(table, path, use_dictionary=False, column_encoding=encodings)
    assert path.stat().st_size < MEGABYTE
    sizes = [batch.table.num_rows for batch in read_batches(find_sources([str(path)]))]
    assert (sum(sizes), max(sizes) * len(text) < 4 * MEGABYTE) == (300, True)


def test_dictionaries_of_many_columns_are_looked_into(tmp_path, monkeypatch):
    monkeypatch.setattr(table_batches, "_COPIES", 8 * MEGABYTE)
    text = "It rained all day. " * 100
    columns = {f"c{n}": [text] * 1000 for n in range(250)}
    path = tmp_path / "dump.parquet"
    pq.write_table(pa.table({"id": [str(n) for n in range(1000)], **columns}), path)
    sizes = [batch.table.num_rows for batch in read_batches(find_sources([str(path)]))]
    assert (sum(sizes), max(sizes) * len(text) * 250 < 16 * MEGABYTE) == (1000, True)


@pytest.mark.parametrize("new", [pa.ipc.new_file, pa.ipc.new_stream])
@pytest.mark.parametrize("compression", ["zstd", "lz4"])
@pytest.mark.parametrize("kind", ["batch", "dictionary"])
def test_a_record_batch_that_unpacks_to_much_more_is_refused(kind, compression, new, refused, monkeypatch):
    monkeypatch.setattr(columnar, "_MOST_UNPACKED", MEGABYTE)
    text = pa.array(["x" * 4 * MEGABYTE])
    table = pa.table({"id": ["1"], "text": text.dictionary_encode() if kind == "dictionary" else text})
    sink = io.BytesIO()
    with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    assert "unpacks to 4,19" in refused(sink.getvalue(), "dump.arrow")


def test_sizes_of_damaged_messages_end_without_an_error():
    rng = random.Random(1)
    sink = io.BytesIO()
    table = pa.table({"id": ["1", "2"], "text": ["It rained.", None]})
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    for _ in range(5_000):
        data = bytearray(sink.getvalue())
        for _ in range(rng.choice((1, 2, 8))):
            at = rng.randrange(len(data))
            data[at : at + rng.choice((1, 4, 8))] = rng.choice((b"\0", b"\xff\xff\xff\x7f", rng.randbytes(4)))
        assert len([*itertools.islice(read_batch_sizes(io.BytesIO(data)), 1000)]) < 1000


def test_a_reader_that_asks_for_all_bytes_gets_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "_LONGEST_READ", MEGABYTE)
    path = tmp_path / "dump.jsonl.gz"
    path.write_bytes(gzip.compress(b"x" * (MEGABYTE + 1)))
    [source] = find_sources([str(path)])
    with source_module.opened(source) as file, pytest.raises(InputError, match=r"larger than 1,048,576 bytes"):
        file.read()

"""Hostile inputs: each gives its records, or one line that says what is wrong. Memory and time stay bounded."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches

MEGABYTE = 1 << 20


# JSON


@pytest.mark.parametrize("form", ["jsonl", "json"])
@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("9" * 5000, "9" * 5000),
        (f"-{'9' * 5000}", f"-{'9' * 5000}"),
        ("1e999", "1e999"),
        (f"{'9' * 5000}.5", f"{'9' * 5000}.5"),
        ("NaN", None),
        ("Infinity", "Infinity"),
        (str(2**70), 2**70),
    ],
    ids=lambda value: str(value)[:12],
)
def test_endless_numbers(number, kept, form, clean):
    articles, entries = clean(f'{{"text": "It rained.", "views": {number}, "id": {number}}}'.encode(), f"dump.{form}")
    assert entries == []
    assert articles[0]["extra"] == {"views": kept}


@pytest.mark.parametrize("form", ["jsonl", "json"])
@pytest.mark.parametrize(
    "value", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000, "[" * 100_000]
)
def test_values_that_are_nested_100_000_deep(reasons, value, form, clean):
    if value.endswith("[") and form == "json":
        pytest.skip(reason="a file that ends in a value is an error")
    record = f'{{"text": "It rained.", "tree": {value}}}'.encode()
    articles, entries = clean(record + b'\n{"text": "It snowed."}\n', f"dump.{form}")
    assert [article["body"] for article in articles] == ["It snowed."]
    assert reasons(entries) == ["input/not-json"]


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00", r"\ud800x", r"\udc00\ud800"])
def test_half_of_a_surrogate_pair_in_json(reasons, text, clean):
    articles, entries = clean(f'{{"text": "It rained {text}"}}\n{{"text": "It snowed."}}'.encode(), "dump.jsonl")
    assert ([article["body"] for article in articles], reasons(entries)) == (["It snowed."], ["input/lone-surrogate"])


@pytest.mark.parametrize("field", ["text", "title", "id", "url", "authors", "views", "date", "caf\udce9"])
def test_half_of_a_surrogate_pair_in_python(field):
    cleaned = copydesk.clean({"text": "It rained.", field: "half \udce9 pair"})
    assert cleaned.article.body == ("" if field == "text" else "It rained.")
    assert "half \\udce9 pair" in json.dumps(cleaned.article.extra).replace("\\\\", "\\") or field == "authors"
    cleaned.article.model_dump_json()


def test_arrays_of_anything(clean):
    values = [None, True, 17, "text", [], [[]], {}, {"text": None}, {"text": ["a"]}, {"text": {"a": 1}}, {"": ""}]
    articles, entries = clean(json.dumps([*values, {"text": "It rained."}]).encode(), "dump.json")
    assert len(articles) + len(entries) == len(values) + 1


# Columns


def columns(**values: pa.Array) -> pa.Table:
    return pa.table({"text": ["It rained."], **values})


COLUMNS = {
    "unknown zone": (pa.array([5], pa.timestamp("us", "Mars/Phobos")), "1970-01-01T00:00:00.000005Z"),
    "zone of nanoseconds": (pa.array([5000], pa.timestamp("ns", "Mars/Phobos")), "1970-01-01T00:00:00.000005Z"),
    "time after the year 9999": (pa.array([2**60], pa.timestamp("us")), "38504-08-17T21:30:06.846976"),
    "time before the year 1": (pa.array([-(2**57)], pa.timestamp("us")), "-2597-03-05T03:18:44.144128"),
    "date after the year 9999": (pa.array([2**30], pa.int32()).cast(pa.date32()), None),
    "duration": (pa.array([2**62], pa.duration("s")), None),
    "struct with one name twice": (
        pa.StructArray.from_arrays([pa.array([1]), pa.array(["x"])], names=["a", "a"]),
        {"a": 1, "a_2": "x"},
    ),
    "unknown zone in a list of structs": (
        pa.array([[{"t": 5}]], pa.list_(pa.struct([("t", pa.timestamp("us", "Mars/Phobos"))]))),
        [{"t": "1970-01-01T00:00:00.000005Z"}],
    ),
    "unknown zone in a map": (
        pa.array([[("k", 5)]], pa.map_(pa.string(), pa.timestamp("us", "Mars/Phobos"))),
        [["k", "1970-01-01T00:00:00.000005Z"]],
    ),
    "dictionary of far times": (
        pa.array([2**60], pa.timestamp("us")).dictionary_encode(),
        "38504-08-17T21:30:06.846976",
    ),
    "bytes": (pa.array([b"\xff\xfe"]), "//4="),
    "null": (pa.nulls(1), None),
}


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("name", COLUMNS)
def test_values_that_python_has_no_object_for(name, form, clean):
    column, expected = COLUMNS[name]
    articles, entries = clean(columns(value=column), f"dump.{form}")
    assert entries == []
    assert articles[0]["body"] == "It rained."
    if expected is not None:
        assert articles[0]["extra"] == {"value": expected}


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("name", COLUMNS)
def test_they_can_be_dates_and_authors_and_be_turned_away(name, form, copydesk_command, tmp_path):
    column, _ = COLUMNS[name]
    table = pa.table({"text": [""], "date": column, "authors": column, "title": column, "id": column})
    path = tmp_path / f"dump.{form}"
    if form == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    ran = copydesk_command("clean", path, "--out", tmp_path / "out", "-q")
    assert (ran.code, ran.err) == (1, "")


@pytest.mark.parametrize("metadata", [b"", b"{", b"\xff\xfe", b'{"a": 1}'])
@pytest.mark.parametrize("extension", [b"arrow.json", b"arrow.uuid", b"arrow.py_extension_type", b"\xff\xff"])
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_damaged_declarations_of_extension_types(form, extension, metadata, copydesk_command, tmp_path):
    for kind, value in ((pa.string(), "{bad"), (pa.int64(), 5), (pa.binary(16), b"x" * 16)):
        names = {b"ARROW:extension:name": extension, b"ARROW:extension:metadata": metadata}
        schema = pa.schema([pa.field("text", pa.string()), pa.field("tree", kind, metadata=names)])
        table = pa.table([pa.array(["It rained."]), pa.array([value], kind)], schema=schema)
        path = tmp_path / f"dump.{form}"
        if form == "parquet":
            pq.write_table(table, path)
        else:
            with pa.ipc.new_file(str(path), table.schema) as writer:
                writer.write_table(table)
        ran = copydesk_command("clean", path, "--out", tmp_path / "out", "-q", "--overwrite", "--suite", "none")
        assert (ran.code, ran.err.count("\n")) in ((0, 0), (2, 1)), ran.err


def test_a_column_of_json_that_is_none_stays_a_text(clean):
    names = {b"ARROW:extension:name": b"arrow.json", b"ARROW:extension:metadata": b""}
    schema = pa.schema([pa.field("text", pa.string()), pa.field("tree", pa.string(), metadata=names)])
    values = ["{bad", '{"a": 1}', f'{{"a": {"9" * 5000}}}', "[" * 100_000]
    articles, _ = clean(pa.table([["It rained."] * 4, values], schema=schema), "dump.arrow")
    assert [article["extra"]["tree"] for article in articles] == ["{bad", {"a": 1}, *values[2:]]


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream"])
def test_files_of_columns_that_are_cut_at_every_byte(form, tmp_path):
    sink = pa.BufferOutputStream()
    table = columns(id=pa.array(["1"]))
    if form == "parquet":
        pq.write_table(table, sink)
    else:
        new = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        with new(sink, table.schema) as writer:
            writer.write_table(table)
    content = bytes(sink.getvalue())
    path = tmp_path / ("dump.parquet" if form == "parquet" else "dump.arrow")
    for size in range(len(content)):
        path.write_bytes(content[:size])
        try:
            assert sum(batch.table.num_rows for batch in read_batches(find_sources([str(path)]))) <= 1
        except copydesk.CopydeskError:
            continue


def test_names_of_columns_that_are_not_utf8(copydesk_command, tmp_path):
    table = columns(value=pa.array([{"AAAA": {"BBBB": 1}}]), CCCC=pa.array([1]))
    with pa.ipc.new_file(str(tmp_path / "dump.arrow"), table.schema) as writer:
        writer.write_table(table)
    content = (tmp_path / "dump.arrow").read_bytes()
    for name in (b"AAAA", b"BBBB", b"CCCC"):
        (tmp_path / "dump.arrow").write_bytes(content.replace(name, b"A\xff\x9cA"))
        ran = copydesk_command("clean", tmp_path / "dump.arrow", "--out", tmp_path / "out", "-q", "--overwrite")
        assert (ran.code, ran.err.count("\n")) in ((0, 0), (1, 0), (2, 1)), ran.err


def test_names_in_sqlite_that_are_not_utf8(copydesk_command, tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as base:
        base.execute("CREATE TABLE articles (text, AAAA)")
        base.execute("CREATE TABLE BBBB (text)")
        base.execute("INSERT INTO articles VALUES ('It rained.', 1)")
        base.commit()
    content = (tmp_path / "a.db").read_bytes()
    for name, table in ((b"AAAA", "articles"), (b"BBBB", "articles"), (b"BBBB", "nowhere")):
        (tmp_path / "a.db").write_bytes(content.replace(name, b"A\xff\x9cA"))
        ran = copydesk_command(
            "clean", f"sqlite:///{tmp_path}/a.db::{table}", "--out", tmp_path / "out", "--overwrite", "-q"
        )
        assert (ran.code, ran.err.count("\n")) in ((1, 0), (2, 1)), ran.err


def test_offsets_that_are_damaged_are_not_followed(tmp_path):
    column = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\x50\0\0\0\x02\0\0\0"), pa.py_buffer(b"\xff" * 80)]
    )
    with pa.ipc.new_file(str(tmp_path / "dump.arrow"), pa.schema([("text", pa.string())])) as writer:
        writer.write_batch(pa.record_batch([column], names=["text"]))
    with pytest.raises(copydesk.CopydeskError, match="not sound Arrow data"):
        list(read_batches(find_sources([str(tmp_path / "dump.arrow")])))


# Quarantine files and databases


@pytest.mark.parametrize(
    "change",
    [{"reasons": []}, {"reasons": [{}]}, {"raw_encoding": "base64", "raw": "%%%"}, {"record": None, "raw": None},
     {"raw": None, "record": {"text": "It rained."}}],
    ids=["no reason", "empty reason", "no base64", "nothing", "record"],
)  # fmt: skip
def test_entries_of_a_quarantine_that_are_damaged(change, copydesk_command, tmp_path):
    reason = {"check": "input/not-json", "severity": "error", "field": "", "message": "x"}
    entry = {"id": "1", "file": "a.jsonl", "line": 1, "byte_offset": 0, "raw": "{", "raw_encoding": "utf-8",
             "record": None, "reasons": [reason], **change}  # fmt: skip
    (tmp_path / "quarantine.jsonl").write_text(json.dumps(entry))
    for arguments in (["retry", tmp_path, "--out", tmp_path / "out"], ["list", tmp_path], ["show", tmp_path, "1"],
                      ["export", tmp_path, "--to", tmp_path / "back"]):  # fmt: skip
        ran = copydesk_command("quarantine", *arguments)
        assert ran.code in (0, 1, 2), ran.err


def test_an_entry_that_is_nested_100_000_deep(copydesk_command, tmp_path):
    (tmp_path / "quarantine.jsonl").write_text('{"id": "1", "record": {"a": ' + "[" * 100_000)
    ran = copydesk_command("quarantine", "list", tmp_path)
    assert (ran.code, ran.err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "url", ["sqlite:///nul\0.db::a", "sqlite:///" + "x" * 5000 + "::a", "duckdb:///.::a", "sqlite:///.::a"]
)
def test_databases_at_odd_paths(url, copydesk_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = copydesk_command("clean", url, "--out", tmp_path / "out")
    assert (ran.code, ran.err.count("\n")) == (2, 1)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_pipe_that_may_not_be_read(copydesk_command, tmp_path):
    os.mkfifo(tmp_path / "pipe", 0)
    ran = copydesk_command("clean", tmp_path / "pipe", "--out", tmp_path / "out")
    assert (ran.code, ran.err.count("\n")) == (2, 1)

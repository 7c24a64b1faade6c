"""Kinds of input through the command: each read as it is, with the place of each record, and its faults told."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

PACKERS = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}


@pytest.fixture
def clean(copydesk_command, tmp_path):
    def run(*args: object, stdin: bytes = b""):
        return copydesk_command("clean", *args, "--out", tmp_path / "out", "-q", "--suite", "none", stdin=stdin)

    return run


@pytest.fixture
def articles(tmp_path):
    """Give the articles of the run."""
    return lambda: pq.read_table(tmp_path / "out" / "articles.parquet").to_pylist()


@pytest.fixture
def lines(articles):
    """Give the line and the body of each article of the run."""
    return lambda: [(row["provenance"]["line"], row["body"]) for row in articles()]


def one_line(ran, *said: object) -> None:
    assert ran.code == 2
    assert ran.err.count("\n") == 1, ran.err
    for words in said:
        assert str(words) in ran.err


def table(count: int = 3) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(count)], "text": [f"It rained for {n} days." for n in range(count)]})


def write_arrow(found: pa.Table, path, *, stream: bool = False, rows: int = 2) -> None:
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with new(path, found.schema) as writer:
        writer.write_table(found, max_chunksize=rows)


# Columns


@pytest.mark.parametrize("stream", [False, True], ids=["file", "stream"])
@pytest.mark.parametrize("way", ["named", "unnamed", "standard input", "packed"])
def test_arrow(way, stream, clean, articles, tmp_path):
    path = tmp_path / ("dump" if way == "unnamed" else "dump.arrow")
    write_arrow(table(5000), path, stream=stream, rows=3000)
    if way == "packed":
        packed = tmp_path / "dump.arrow.zst"
        packed.write_bytes(PACKERS["zst"](path.read_bytes()))
        path = packed
    ran = clean("-", stdin=path.read_bytes()) if way == "standard input" else clean(path)
    assert ran.code == 0, ran.err
    rows = articles()
    assert [row["body"] for row in rows] == table(5000)["text"].to_pylist()
    assert [row["provenance"]["line"] for row in rows] == list(range(1, 5001))
    assert rows[0]["provenance"]["reader"] == "arrow"


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_feather(compression, clean, lines, tmp_path):
    from pyarrow import feather

    feather.write_feather(table(2), str(tmp_path / "dump.feather"), compression=compression)
    assert clean(tmp_path).code == 0
    assert lines() == [(1, "It rained for 0 days."), (2, "It rained for 1 days.")]


@pytest.mark.parametrize("stream", [False, True], ids=["file", "stream"])
def test_arrow_that_ends_too_early(stream, clean, tmp_path):
    path = tmp_path / "dump.arrow"
    write_arrow(table(5000), path, stream=stream, rows=1000)
    path.write_bytes(path.read_bytes()[:-1500])
    one_line(clean(path), path, "not sound Arrow data", "write it again")
    assert not (tmp_path / "out").exists()


def test_stream_of_which_some_was_read(clean, tmp_path):
    path = tmp_path / "dump.arrow"
    write_arrow(table(5000), path, stream=True, rows=1000)
    path.write_bytes(path.read_bytes()[:-1500])
    one_line(clean(path), "after 4,000 rows")


def test_row_groups_of_parquet(clean, lines, tmp_path):
    pq.write_table(table(5000), tmp_path / "dump.parquet", row_group_size=700)
    assert clean(tmp_path / "dump.parquet").code == 0
    assert lines() == list(enumerate(table(5000)["text"].to_pylist(), 1))


@pytest.mark.parametrize("keep", [0.5, 0.99], ids=["half", "without its footer"])
def test_parquet_that_is_cut_off(keep, clean, tmp_path):
    path = tmp_path / "dump.parquet"
    pq.write_table(table(1000), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    one_line(clean(path), path, "not a sound Parquet file", "write it again")
    assert not (tmp_path / "out").exists()


def test_parquet_with_a_damaged_page(clean, tmp_path):
    path = tmp_path / "dump.parquet"
    pq.write_table(table(4000), path, row_group_size=1000, compression="zstd")
    content = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(3).column(1).data_page_offset
    content[start : start + 200] = b"\xff" * 200
    path.write_bytes(content)
    one_line(clean(path), path, "after 3,000 rows")
    assert not (tmp_path / "out").exists()


def test_folders_of_partitions(clean, articles, tmp_path):
    for source, day in (("bbc", "date=2024-01-01"), ("a%20b", "date=__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / "dump" / f"source={source}" / day
        folder.mkdir(parents=True)
        pq.write_table(table(1), folder / "part-0.parquet")
    assert clean(tmp_path / "dump").code == 0
    found = [(row["date_published"], json.loads(row["extra"])["source"]) for row in articles()]
    assert [(date and date.isoformat(), source) for date, source in found] == [
        (None, "a b"),
        ("2024-01-01T00:00:00+00:00", "bbc"),
    ]


def test_partitions_above_the_folder_that_is_named_and_of_lines(clean, articles, tmp_path):
    folder = tmp_path / "language=en" / "section=Home"
    folder.mkdir(parents=True)
    (folder / "part.jsonl").write_text('{"text": "It rained."}\n{"text": "It snowed.", "section": "World"}\n', "utf-8")
    assert clean(folder).code == 0
    assert [(row["language"], row["section"]) for row in articles()] == [("en", "Home"), ("en", "World")]


def test_columns_of_one_name(clean, articles, tmp_path):
    found = pa.table([["It rained."], ["Again."], ["x"]], names=["text", "text", ""])
    write_arrow(found, tmp_path / "dump.arrow")
    assert clean(tmp_path / "dump.arrow").code == 0
    [row] = articles()
    assert (row["body"], json.loads(row["extra"])) == ("It rained.", {"text_2": "Again.", "column_3": "x"})


def test_text_in_a_column_that_is_no_utf8_is_set_aside(clean, lines, quarantine, tmp_path):
    raw = pa.array([b"It rained.", b"caf\xe9", b"It snowed."], pa.binary())
    column = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    write_arrow(pa.table({"text": column}), tmp_path / "dump.arrow", rows=3)
    assert clean(tmp_path / "dump.arrow").code == 1
    assert lines() == [(1, "It rained."), (3, "It snowed.")]
    [entry] = quarantine(tmp_path / "out")
    assert (entry["line"], entry["raw"], entry["raw_encoding"]) == (2, "Y2Fm6Q==", "base64")
    assert entry["reasons"][0]["check"] == "input/encoding"


def test_values_that_python_has_no_type_for(clean, articles, tmp_path):
    found = pa.table(
        {
            "text": ["It rained."],
            "date": pa.array([1704067200123456789], pa.timestamp("ns")),
            "due": pa.array([2**30], pa.int32()).cast(pa.date32()),
            "took": pa.array([1001], pa.duration("ns")),
            "extra": ["no object"],
        }
    )
    pq.write_table(found, tmp_path / "dump.parquet")
    assert clean(tmp_path / "dump.parquet").code == 0
    [row] = articles()
    assert row["date_published"].isoformat() == "2024-01-01T00:00:00.123456+00:00"
    extra = json.loads(row["extra"])
    assert sorted(extra) == ["due", "extra", "took"]
    assert extra["extra"] == "no object"


def test_columns_that_hold_json(clean, articles, tmp_path):
    kind = {b"ARROW:extension:name": b"arrow.json", b"ARROW:extension:metadata": b""}
    authors = pa.field("authors", pa.string(), metadata=kind)
    schema = pa.schema([pa.field("text", pa.string()), authors, pa.field("tree", pa.string(), metadata=kind)])
    found = pa.table([["It rained."], ['[{"name": "A. Holt"}]'], ['{"a": [1]}']], schema=schema)
    write_arrow(found, tmp_path / "dump.arrow")
    assert clean(tmp_path / "dump.arrow").code == 0
    [row] = articles()
    assert [author["name"] for author in row["authors"]] == ["A. Holt"]
    assert json.loads(row["extra"]) == {"tree": {"a": [1]}}

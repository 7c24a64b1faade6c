"""Files cut into splits, without Spark: every line is in one split, with its own number and offset."""

from __future__ import annotations

import gzip
import itertools
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.runs.fit import STRICT
from copydesk.cleaner.spark import splits
from copydesk.cleaner.spark.splits import Range, find_ranges, find_splits, read_split, refuse_unsplittable, scan_lines
from copydesk.schemas.errors import InputError, SettingError


@pytest.fixture
def small_ranges(monkeypatch):
    monkeypatch.setattr(splits, "BATCH_BYTES", 100)


def cut(*paths: object) -> list[splits.SourcePiece]:
    """Cut files as a run does; tasks of Spark only spread the calls of `scan_lines`."""
    sources = find_sources([str(path) for path in paths])
    return find_splits(sources, [(part, *scan_lines(part)) for part in find_ranges(sources)], None, STRICT)


def read(pieces: list[splits.SourcePiece]) -> list[tuple[str, int, int | None, str]]:
    """Return file, line, byte offset and text of all records."""
    batches = list(itertools.chain.from_iterable(read_split(piece, None, STRICT) for piece in pieces))
    return [(*batch.place.of(row), batch.record(row)["text"]) for batch in batches for row in range(len(batch.rows))]


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("size", [0, 1, 30, 83, 84, 85, 86, 99, 100, 101, 250, 1000])
def test_every_line_is_read_once(size, end, small_ranges, jsonl):
    texts = [f"{number} {'x' * (size * (number % 3 > 0))}" for number in range(20)]
    path = jsonl(*({"text": text} for text in texts), end=end)
    pieces = cut(path)
    offsets = itertools.accumulate((len(line) for line in path.read_bytes().splitlines(keepends=True)), initial=0)
    lines = enumerate(zip(offsets, texts, strict=False), 1)
    assert read(pieces) == [("dump.jsonl", number, offset, text) for number, (offset, text) in lines]
    assert len(pieces) >= 3
    assert [bool(piece.begun) for piece in pieces] == [True] + [False] * (len(pieces) - 1)


def test_empty_lines_at_the_bounds_of_ranges(small_ranges, tmp_path):
    line = json.dumps({"text": "It rained."}).encode()
    for blank in range(70, 110):
        path = tmp_path / f"{blank}.jsonl"
        path.write_bytes(b"\n" * blank + line + b"\n" * 150 + line)
        assert [place[1] for place in read(cut(path))] == [blank + 1, blank + 151]


def test_scan_counts_line_ends_and_finds_the_first_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"ab\ncd\n\nefgh\n")
    [source] = find_sources([str(path)], "jsonl")
    bounds = {(0, 3): (1, 0), (0, 1): (0, 0), (1, 3): (1, None), (3, 6): (1, 3), (4, 7): (2, 6), (8, 10): (0, None),
              (8, 12): (1, None)}  # fmt: skip
    assert {bound: scan_lines(Range(source, *bound)) for bound in bounds} == bounds


def test_only_large_plain_files_of_lines_have_ranges(small_ranges, tmp_path):
    lines = b'{"text": "It rained."}\n' * 9
    (tmp_path / "large.jsonl").write_bytes(lines)
    (tmp_path / "small.jsonl").write_bytes(lines[:90])
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(lines * 99, 0))
    (tmp_path / "wide.jsonl").write_bytes(lines.decode().encode("utf-16"))
    (tmp_path / "large.txt").write_bytes(b"It rained.\n" * 40)
    ranges = find_ranges(find_sources([str(tmp_path)]))
    assert [(part.source.name, part.start, part.stop) for part in ranges] == [
        ("large.jsonl", 0, 100), ("large.jsonl", 100, 200), ("large.jsonl", 200, 207)]  # fmt: skip


def test_parquet_is_cut_between_row_groups(tmp_path):
    table = pa.table({"text": [f"It rained {number}." for number in range(10)]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=4)
    pieces = cut(tmp_path / "a.parquet")
    assert [piece.row_groups for piece in pieces] == [range(1), range(1, 2), range(2, 3)]
    batches = [batch for piece in pieces for batch in read_split(piece, None, STRICT)]
    assert [line for batch in batches for line in batch.place.line.to_pylist()] == list(range(1, 11))
    assert pa.concat_tables([batch.table for batch in batches]).column("text") == table.column("text")


def test_text_files_are_read_in_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(splits, "_TEXTS", 2)
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(f"It rained {number}.", "utf-8")
    pieces = cut(tmp_path)
    assert [[source.name for source in piece.group.sources] for piece in pieces] == [
        ["0.txt", "1.txt"], ["2.txt", "3.txt"], ["4.txt"]]  # fmt: skip
    assert [piece.group.first for piece in pieces] == [0, 2, 4]
    assert [record[-1] for record in read(pieces)] == [f"It rained {number}." for number in range(5)]


def test_a_file_that_changes_is_noticed(small_ranges, jsonl):
    path = jsonl(*({"text": f"{number}"} for number in range(50)))
    sources = find_sources([str(path)])
    pieces = cut(path)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(InputError, match=r"dump\.jsonl.*changed"):
        scan_lines(find_ranges(sources)[0])
    with pytest.raises(InputError, match=r"dump\.jsonl.*changed"):
        read(pieces)


def test_inputs_that_tasks_cannot_read_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text("It rained.", "utf-8")
    refuse_unsplittable(find_sources([str(tmp_path)]))
    with pytest.raises(SettingError, match="standard input"):
        refuse_unsplittable(find_sources([str(tmp_path), "-"]))
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"a\.parquet"):
        cut(tmp_path / "a.parquet")

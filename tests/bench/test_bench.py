"""`copydesk bench`: what it measures is the work of `clean`, on the first part of the user's own data."""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.cleaner.bench import report as benching
from copydesk.cleaner.bench import stages as bench_parts
from copydesk.cleaner.bench.measure import MemoryWatch, describe_machine, peak_memory
from copydesk.cleaner.bench.processes import apart
from copydesk.cleaner.bench.sample import take_sample
from copydesk.cleaner.process import count_cores
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.runs import processor as processing
from copydesk.schemas.errors import InputError


@pytest.fixture
def in_this_process(monkeypatch):
    """Run the parts here: that they also run in processes of their own has a test of its own."""
    monkeypatch.setattr(benching, "apart", lambda function, *arguments, cores: function(*arguments))


@pytest.mark.usefixtures("in_this_process")
def test_the_figures_are_those_of_the_work_of_clean(copydesk_command, jsonl, article, tmp_path):
    records = [{"id": f"{n}", "title": "A key", "text": f"{article}\n\nScroll to Top\n\nfine&amp;"} for n in range(40)]
    path = jsonl(*records)
    ran = copydesk_command("bench", path, "--runs", 1, "--workers", 1, "--json", "--profile", "rules")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["input"] == {
        "files": 1,
        "bytes": path.stat().st_size,
        "sample_bytes": path.stat().st_size,
        "records": 40,
        "text_bytes": sum(len(record["text"].encode()) for record in records),
        "enough": False,
    }
    assert list(found["parts"]) == ["read", "kernel", "floor", "clean"]
    assert list(found["stages"]) == ["read", "parse", "load", "rules", "checks", "write"]
    cleaned = copydesk.Cleaner(profile="rules").clean(records[0])
    hits = [edit for edit in cleaned.edits if edit.rule != "layout/edges"]
    assert found["hits"]["hits"] == 40 * len(hits)
    assert found["hits"]["shares"] == {"phrases": 0.5, "repairs": 0.5}
    assert found["projected_seconds"] == {"clean": pytest.approx(found["parts"]["clean"]["seconds"], abs=0.06)}
    assert found["machine"]["cores"] == count_cores()


@pytest.mark.usefixtures("in_this_process")
def test_the_table_shows_parts_stages_and_hits(copydesk_command, jsonl, article):
    ran = copydesk_command("bench", jsonl({"text": f"{article}\n\nScroll to Top"}), "--runs", 1, "--workers", 1)
    assert ran.code == 0, ran.err
    assert "less than 20 MB of text: the figures are not reliable" in ran.out
    assert "1 record," in ran.out
    assert "read and written by polars and pyarrow alone" in ran.out
    for shown in (
        "kernel",
        "times the floor",
        "checks",
        "hits per MB",
        "Python calls per hit",
        "on disk, clean",
    ):
        assert shown in ran.out


@pytest.mark.usefixtures("in_this_process")
def test_inputs_that_the_libraries_cannot_read_have_no_floor(copydesk_command, tmp_path, article):
    (tmp_path / "one.txt").write_text(article)
    ran = copydesk_command("bench", tmp_path, "--runs", 1, "--workers", 1, "--json")
    found = json.loads(ran.out)
    assert "floor" not in found["parts"]
    assert found["parts"]["clean"]["floor_times"] is None
    assert found["hits"]["calls_per_hit"] is None  # nothing was hit


def test_the_floor_is_the_same_texts_and_ids(jsonl, article, monkeypatch):
    written = []
    monkeypatch.setattr(pq, "write_table", lambda table, *_, **__: written.append(table))
    records = [{"post_id": f"{n}", "views": n, "maintext": article} for n in range(3)]
    cleaner = copydesk.Cleaner(profile="rules")
    path = jsonl(*records)
    packed = path.with_name("packed.jsonl.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for given in (path, packed):
        found = bench_parts.measure_floor([str(given)], cleaner, "auto", None)
        assert found["seconds"] > 0
        assert found["libraries"] == ["polars", "pyarrow"]
    monkeypatch.setitem(sys.modules, "polars", None)
    assert bench_parts.measure_floor([str(path)], cleaner, "auto", None)["libraries"] == ["pyarrow"]
    assert len(written) == 2 * 3  # each time once before the clock starts
    for table in written:
        assert table.to_pylist() == [{"maintext": article, "post_id": f"{n}"} for n in range(3)]


def test_a_part_runs_in_a_process_of_its_own_on_its_core(jsonl, article):
    assert apart(os.getpid) != os.getpid()
    assert apart(count_cores, cores=1) == 1
    with pytest.raises(InputError, match="no such file"):
        apart(bench_parts.measure_reading, ["nowhere.jsonl"], None, "auto", None)


def test_memory_is_that_of_all_processes():
    before = peak_memory()
    with MemoryWatch() as watch:
        held = b"x" * (64 << 20)
        apart(os.getpid)
    assert before is not None
    assert peak_memory() >= len(held) >> 20
    assert watch.peak >= len(held) >> 20
    assert describe_machine()["memory_mib"] > 0


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("content", [b"", b'{"text": "\xff"}\n'])
def test_nothing_to_measure_is_one_line(copydesk_command, tmp_path, content):
    path = tmp_path / "none.jsonl"
    path.write_bytes(content)
    ran = copydesk_command("bench", path, "--runs", 1, "--workers", 1)
    assert (ran.code, ran.err) == (
        2,
        f"copydesk: {path}: no record has a text to measure; name files with texts\n",
    )


@pytest.mark.parametrize(("part", "more"), [(bench_parts.measure_stages, ()), (bench_parts.measure_clean, (1,))])
def test_what_is_made_once_is_made_before_the_clock_starts(part, more, jsonl, article, monkeypatch):
    events = []
    process = processing.Processor.process

    def noted(*arguments):
        events.append("work")
        return process(*arguments)

    def clock():
        events.append("clock")
        return time.perf_counter()

    monkeypatch.setattr(processing.Processor, "process", noted)
    monkeypatch.setattr(bench_parts, "time", SimpleNamespace(perf_counter=clock))
    part([str(jsonl({"text": article}))], copydesk.Cleaner(profile="rules"), "auto", None, *more)
    assert events[:2] == ["work", "clock"]
    assert events.count("work") == 2


def test_standard_input_cannot_be_measured(copydesk_command):
    ran = copydesk_command("bench", "-", stdin=b"{}")
    assert ran.code == 2
    assert "stdin" in ran.err or "standard input" in ran.err


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sample_is_the_first_whole_lines_packed_as_before(pack, jsonl, article, tmp_path):
    path = jsonl(*({"id": f"{n}", "text": article} for n in range(50)))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(pack(path.read_bytes()))
    sample = take_sample([str(path)], 3 * len(lines[0]) + 20, tmp_path / "sample")
    [taken] = sample.inputs
    with open(taken, "rb") as file:
        content = file.read()
    assert (gzip.decompress(content) if pack is gzip.compress else content) == b"".join(lines[:3])
    assert (sample.size, sample.whole, sample.files) == (len(content), path.stat().st_size, 1)
    assert take_sample([str(path)], 10**6, tmp_path / "all").inputs == [str(path)]


@pytest.mark.parametrize("encoding", [None, "utf-16", "utf-16-le"])
def test_a_sample_of_utf_16_is_read_as_the_whole(encoding, article, tmp_path):
    path = tmp_path / "dump.jsonl"
    lines = [json.dumps({"text": f"{article} ਊ {n}"}, ensure_ascii=False) for n in range(9)]
    path.write_bytes("\n".join(lines).encode(encoding or "utf-16"))
    [taken] = take_sample([str(path)], 3 * len(lines[0].encode()) + 20, tmp_path / "sample", encoding=encoding).inputs
    read = [row for batch in read_batches(find_sources([taken]), encoding) for row in batch.rows]
    assert read == [json.loads(line) for line in lines[:3]]


def test_a_sample_has_one_record_at_least(jsonl, article, tmp_path):
    path = jsonl({"text": article}, {"text": article})
    [taken] = take_sample([str(path)], 10, tmp_path / "sample").inputs
    with open(taken, "rb") as file:
        assert len(file.read().splitlines()) == 1


def test_a_sample_of_parquet_keeps_its_folders(tmp_path, article):
    folder = tmp_path / "dump" / "source=bbc"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"text": [f"{article} {n}" for n in range(400_000)]}), folder / "a.parquet")
    sample = take_sample([str(tmp_path / "dump")], 1000, tmp_path / "sample")
    [taken] = sample.inputs
    assert taken.endswith(os.path.join("source=bbc", "a.parquet"))
    assert 0 < pq.read_metadata(taken).num_rows < 400_000


def test_other_files_are_taken_whole_while_they_fit(tmp_path, article):
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(article)
    sample = take_sample([str(tmp_path)], len(article) + 5, tmp_path / "sample")
    assert [os.path.basename(path) for path in sample.inputs] == ["a.txt"]
    assert (sample.files, sample.whole) == (3, 3 * len(article.encode()))

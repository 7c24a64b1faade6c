"""Several processes on one input: the same bytes as one, and nothing lost when one of them dies."""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.runs import workers
from copydesk.cleaner.runs.parquet_splice import FOOTERS, MAGIC, encode_rows, finish_file
from copydesk.cleaner.runs.pieces import Position, read_pieces

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="processes are ended by signals here"),
    pytest.mark.usefixtures("small_pieces"),
]


def test_workers_change_no_byte(copydesk_command, long_dump, read_run, tmp_path):
    found = {}
    for count in (1, 2, 3):
        out = tmp_path / str(count)
        ran = copydesk_command("clean", long_dump, "--out", out, "--workers", count, "-q")
        assert ran.code == 1, ran.err
        assert ran.err == ""
        found[count] = read_run(out)
    records = found[1]["summary.json"]["records"]
    assert records["read"] == records["accepted"] + records["quarantined"]
    # of 90 ids, 20 come again; so do 8 of those without a text, and a text without an id that stands there 10 times
    assert found[1]["summary.json"]["rejections"]["identity/duplicate-id"] == 20 + 8 + 9
    assert pq.ParquetFile(tmp_path / "1" / "articles.parquet").num_row_groups > 10
    assert found[1] == found[2] == found[3]


def test_pieces_are_the_same_from_any_position_on(long_dump, tmp_path, article):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.txt").write_text(article * 3)
    table = pa.table({"text": [article] * 5000})
    pq.write_table(table, folder / "20.parquet")
    (folder / "21.jsonl").write_bytes(long_dump.read_bytes())
    sources = find_sources([str(folder), str(long_dump)])
    whole = list(read_pieces(sources, None, Position()))
    assert len(whole) > 35
    for number, piece in enumerate(whole):
        rest = list(read_pieces(sources, None, piece.end))
        assert [one.end for one in rest] == [one.end for one in whole[number + 1 :]]
        for again, first in zip(rest, whole[number + 1 :], strict=True):
            assert [shown(batch) for batch in again.batches] == [shown(batch) for batch in first.batches]
            assert again.begun == first.begun


def shown(unparsed):
    batch = unparsed.parse()
    table = batch.table.to_pydict() if batch.table is not None else None
    return batch.rows, table, batch.place, batch.unreadable


def kill_workers(monkeypatch, number: int, times: int) -> list[int]:
    """Kill the worker that is given the piece with a number, some times; give the processes that were killed."""
    killed: list[int] = []
    work = workers.Worker.work

    def work_or_die(self, piece, turn):
        if turn._number == number and len(killed) < times:
            killed.append(self._process.pid)
            os.kill(self._process.pid, signal.SIGKILL)
        return work(self, piece, turn)

    monkeypatch.setattr(workers.Worker, "work", work_or_die)
    return killed


def test_worker_that_dies_is_replaced(copydesk_command, long_dump, monkeypatch, read_run, tmp_path):
    copydesk_command("clean", long_dump, "--out", tmp_path / "one", "-q")
    killed = kill_workers(monkeypatch, 5, 1)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "two", "--workers", 2, "-q")
    assert len(killed) == 1
    assert ran.code == 1
    assert ran.err == "copydesk: a worker died (killed by signal 9); its records are done again\n"
    assert read_run(tmp_path / "one") == read_run(tmp_path / "two")


def test_worker_that_dies_after_it_has_asked(copydesk_command, long_dump, monkeypatch, read_run, tmp_path):
    copydesk_command("clean", long_dump, "--out", tmp_path / "one", "-q")
    ask, work = workers.OrderedQuestions.ask, workers.Worker.work
    process: dict[int, int] = {}
    killed: list[int] = []

    def work_noted(self, piece, turn):
        process[turn._number] = self._process.pid
        return work(self, piece, turn)

    def ask_and_die(self, hashes):
        answer = ask(self, hashes)
        if self._number == 7 and not killed:
            killed.append(process[7])
            os.kill(process[7], signal.SIGKILL)
        return answer

    monkeypatch.setattr(workers.Worker, "work", work_noted)
    monkeypatch.setattr(workers.OrderedQuestions, "ask", ask_and_die)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "two", "--workers", 2, "-q")
    assert killed
    assert ran.err.count("a worker died") == 1
    assert read_run(tmp_path / "one") == read_run(tmp_path / "two")


def test_records_of_a_piece_that_kills_twice_are_turned_away(
    copydesk_command, long_dump, monkeypatch, quarantine, read_run, tmp_path
):
    copydesk_command("clean", long_dump, "--out", tmp_path / "one", "-q")
    killed = kill_workers(monkeypatch, 5, 2)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "two", "--workers", 2, "-q")
    assert len(set(killed)) == 2
    assert ran.code == 1
    assert ran.err.count("\n") == 2
    assert "turned away" in ran.err
    one, two = (read_run(tmp_path / name)["summary.json"] for name in ("one", "two"))
    assert one["records"]["read"] == two["records"]["read"] == sum(two["records"].values()) / 2
    died = [entry for entry in quarantine(tmp_path / "two") if entry["reasons"][0]["check"] == "run/worker-died"]
    assert len(died) == two["rejections"]["run/worker-died"] > 1
    lines = long_dump.read_bytes().split(b"\n")
    for entry in died:
        assert entry["raw"].encode() == lines[entry["line"] - 1]
        assert entry["record"] == json.loads(entry["raw"])
    places = sorted(entry["line"] for entry in quarantine(tmp_path / "two"))
    assert places == [entry["line"] for entry in quarantine(tmp_path / "two")]


def test_worker_that_cannot_start(copydesk_command, long_dump, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", "--workers", 2, "-q")
    assert ran.code == 3
    assert "a worker could not be started" in ran.err.splitlines()[-1]
    assert "--workers 1" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == [long_dump.name]


def test_error_in_a_worker_is_that_of_the_run(copydesk_command, long_dump, jsonl, tmp_path):
    other = jsonl({"words": "none", "n": 1}, name="other.jsonl")
    said = []
    for count in (1, 2):
        out = tmp_path / f"out{count}"
        ran = copydesk_command("clean", long_dump, other, "--out", out, "--workers", count, "-q")
        assert ran.code == 2
        said.append(ran.err)
        assert not out.exists()
    assert said[0] == said[1]
    assert "other.jsonl" in said[0]


def test_warning_of_a_mapping_that_no_worker_saw(copydesk_command, long_dump, tmp_path):
    arguments = ["clean", long_dump, "-q", "--map", "language=lang"]
    said = [copydesk_command(*arguments, "--workers", n, "--out", tmp_path / str(n)).err for n in (1, 2)]
    assert said[0] == said[1]
    assert "'lang'" in said[0]


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
@pytest.mark.parametrize("asked", [None, "3"])
def test_a_worker_multiplies_in_one_thread(monkeypatch, asked):
    """Several workers that each take all cores get in each other's way."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if asked:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", asked)
    work = "import os, numpy as np; np.ones((900, 900)) @ np.ones((900, 900))"
    found = "(os.environ['OPENBLAS_NUM_THREADS'], len(os.listdir('/proc/self/task')))"
    monkeypatch.setattr(workers, "_MAIN", f"{work}; import pickle, sys; pickle.dump({found}, sys.stdout.buffer)")
    worker = workers.Worker(lambda said: None)
    threads, running = worker._receive()
    worker.stop()
    worker.close()
    assert threads == (asked or "1")
    assert running == 1 or asked


def test_number_of_workers(copydesk_command, long_dump, tmp_path):
    assert workers.count_workers(0) >= 1
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", "--workers", -1)
    assert ran.code == 2
    assert "--workers -1" in ran.err


def test_row_groups_written_apart_are_one_file(tmp_path):
    table = pa.table(
        {
            "text": [None if n % 7 == 0 else f"text {n} " * (n % 50) for n in range(3000)],
            "list": [[n, 2] for n in range(3000)],
            "struct": [{"x": n % 3, "y": [str(n % 5)]} for n in range(3000)],
            "truth": [n % 2 == 0 for n in range(3000)],
        }
    )
    cuts = [0, 1, 10, 10, 500, *range(600, 3000, 60), 3000]
    with (tmp_path / "t.parquet").open("w+b") as file, (tmp_path / f"t{FOOTERS}").open("w+b") as footers:
        file.write(MAGIC)
        for start, stop in pairwise(cuts):
            added = encode_rows(table.slice(start, stop - start), "t")
            file.writelines(added["t"])
            footers.writelines(added[f"t{FOOTERS}"])
        footers.seek(0)
        finish_file(file, footers, table.schema)
    with pq.ParquetFile(tmp_path / "t.parquet") as found:
        assert found.num_row_groups == len(set(cuts)) - 1
        assert found.read() == table
        at = 4
        for number in range(found.num_row_groups):
            columns = [found.metadata.row_group(number).column(n) for n in range(found.metadata.num_columns)]
            starts = [c.dictionary_page_offset or c.data_page_offset for c in columns]
            assert starts[0] == at
            at += sum(c.total_compressed_size for c in columns)
        assert found.read_row_group(7) == table.slice(780, 60)


def test_file_without_rows(tmp_path):
    schema = pa.schema([("a", pa.large_string())])
    with (tmp_path / "t.parquet").open("w+b") as file, (tmp_path / "footers").open("w+b") as footers:
        file.write(MAGIC)
        finish_file(file, footers, schema)
    assert pq.read_table(tmp_path / "t.parquet") == schema.empty_table()

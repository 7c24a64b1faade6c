"""Several processes on one input: the same bytes as one, and nothing lost when one of them dies."""

from __future__ import annotations

import json
import os
import signal
import sys

import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.runs import workers

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


def kill_workers(monkeypatch, number: int, times: int) -> list[int]:
    """Kill the worker that is given the piece with a number, some times; return the processes that were killed."""
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
        ran = copydesk_command("clean", long_dump, other, "--out", out, "--workers", count, "-q", "--strict-inputs")
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

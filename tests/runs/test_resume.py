"""Runs that are stopped in the middle: their work is kept, and a resumed run writes the same bytes."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.runs import checkpoints
from copydesk.cleaner.runs.clean_run import clean_files
from copydesk.cleaner.runs.run_request import RunInputs, RunRequest
from copydesk.cleaner.runs.work_directory import Directory

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are ended by signals here")
# so that a signal comes in the middle: between files, or between them and the journal
SLOWLY = (
    "import time; from copydesk.cleaner.runs.work_directory import WorkFile; write = WorkFile.write; "
    "WorkFile.write = lambda *arguments: (write(*arguments), time.sleep(0.005)); "
)
MAIN = "from copydesk.cleaner.cli.main import main; main()"


def request(dump: Path, out: Path, **options: object) -> RunRequest:
    """Return the request of a run over one file or folder."""
    return RunRequest(RunInputs.find([str(dump)]), out, **options)


@pytest.fixture
def start(small_pieces):
    """Start the command in a process of its own, on small pieces."""
    running = []

    def begin(*args: object, before: str = "") -> subprocess.Popen[bytes]:
        words = [sys.executable, "-c", f"{small_pieces}{before}{MAIN}", *map(str, args), "-q"]
        running.append(subprocess.Popen(words, stderr=subprocess.PIPE))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def stop(start, tmp_path):
    """Start a run, and send it a signal when some pieces are done; return its exit code and its messages."""

    def run(number: int, pieces: int, *args: object) -> tuple[int, str]:
        journal = tmp_path / ".out.partial" / "journal"
        process = start(*args, before=SLOWLY)
        deadline = time.monotonic() + 120
        while not journal.exists() or journal.read_bytes().count(b"\n") < pieces:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.001)
        process.send_signal(number)
        said = process.communicate(timeout=60)[1].decode()
        return process.returncode, said

    return run


@pytest.fixture
def whole(copydesk_command, small_pieces, long_dump, read_run, tmp_path):
    """Return the files of a run that nobody stops."""
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "whole", "-q").code == 1
    return read_run(tmp_path / "whole")


@pytest.fixture
def stopped(copydesk_command, small_pieces, long_dump, tmp_path):
    """Leave a run that was interrupted after some pieces; return the arguments that it was started with."""

    def run(pieces: int = 8, **options: object) -> list[object]:
        def count(_: int) -> None:
            nonlocal pieces
            pieces -= 1
            if not pieces:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            clean_files(request(long_dump, tmp_path / "out", **options), Cleaner(), progress=count)
        return ["clean", long_dump, "--out", tmp_path / "out", "-q"]

    return run


def test_killed_again_and_again(stop, copydesk_command, long_dump, whole, read_run, tmp_path):
    arguments = ["clean", long_dump, "--out", tmp_path / "out"]
    for pieces in (1, 2, 4, 6, 9):
        resume = ["--resume"] if pieces > 1 else []
        code, _ = stop(signal.SIGKILL, pieces, *arguments, "--workers", 1 + pieces % 2, *resume)
        assert code == -signal.SIGKILL
        assert not (tmp_path / "out").exists()
    ran = copydesk_command(*arguments, "--resume", "-q")
    assert (ran.code, ran.err) == (1, "")
    assert read_run(tmp_path / "out") == whole
    assert not (tmp_path / ".out.partial").exists()


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGTERM, 1), (signal.SIGTERM, 2), (signal.SIGINT, 2)])
def test_stopped_at_a_checkpoint(number, workers, stop, copydesk_command, long_dump, whole, read_run, tmp_path):
    arguments = ["clean", long_dump, "--out", tmp_path / "out"]
    code, said = stop(number, 4, *arguments, "--workers", workers)
    assert code == 130
    assert said.startswith("interrupted: ")
    assert said.count("\n") == 1
    assert "--resume" in said
    assert copydesk_command(*arguments, "--resume", "-q").code == 1
    assert read_run(tmp_path / "out") == whole


def test_a_second_signal_stops_in_the_middle(start, tmp_path):
    import select

    # a piece that does not end: what else is there to say of a text that takes for ever
    endless = (
        "import sys, time; from copydesk.cleaner.runs.processor import Processor; "
        "Processor.process = lambda *arguments: (print('begun', flush=True, file=sys.stderr), time.sleep(600)); "
    )
    (tmp_path / "a.txt").write_text("It rained.", "utf-8")
    process = start("clean", tmp_path / "a.txt", "--out", tmp_path / "out", before=endless)
    assert process.stderr.readline() == b"begun\n"
    process.send_signal(signal.SIGTERM)
    assert not select.select([process.stderr], [], [], 0.5)[0]
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert said.startswith(
        "interrupted: nothing was written; --resume has nothing to continue, because the first piece"
    )
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("to", ["jsonl", "jsonl.zst"])
def test_lines_are_continued(to, stopped, copydesk_command, long_dump, read_run, tmp_path):
    arguments = [*stopped(to=to), "--to", to]
    assert copydesk_command(*arguments, "--resume").code == 1
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "whole", "--to", to, "-q").code == 1
    assert read_run(tmp_path / "out") == read_run(tmp_path / "whole")


def test_near_duplicates_are_found_across_workers_and_stops(
    copydesk_command, small_pieces, jsonl, article, read_run, tmp_path
):
    suite = tmp_path / "near.toml"
    suite.write_text('[checks]\n"body/near-duplicate" = "error"\n"url/duplicate" = "error"\n', "utf-8")
    words = article.split()
    texts = [" ".join([*words[:n], "harbour", *words[n:]] if n % 3 else words[n:]) for n in range(45)]
    dump = jsonl(*({"id": str(n), "url": f"https://a.example/{n % 30}", "text": text} for n, text in enumerate(texts)))
    arguments = ["clean", dump, "-q", "--suite", suite]
    assert copydesk_command(*arguments, "--out", tmp_path / "one").code == 1
    assert copydesk_command(*arguments, "--out", tmp_path / "two", "--workers", 2).code == 1
    left = 4

    def count(_: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clean_files(request(dump, tmp_path / "out"), Cleaner(suite=suite), progress=count)
    assert copydesk_command(*arguments, "--out", tmp_path / "out", "--resume").code == 1
    found = read_run(tmp_path / "one")
    assert found == read_run(tmp_path / "two") == read_run(tmp_path / "out")
    rejections = found["summary.json"]["rejections"]
    assert rejections["url/duplicate"] == 15
    assert rejections["body/near-duplicate"] > 20
    entries = [json.loads(line) for line in found["quarantine.jsonl"].splitlines()]
    reasons = [reason for entry in entries for reason in entry["reasons"]]
    assert all(0.8 <= one["twin"]["similarity"] < 1 for one in reasons if one["check"] == "body/near-duplicate")
    [last] = [one for one in entries[-1]["reasons"] if one["check"] == "url/duplicate"]
    assert last["twin"] == {"id": "14", "file": dump.name, "line": 15, "similarity": None}
    assert last["message"].endswith(f"the same URL: {dump.name}:15, id 14")


def test_verdict_is_that_of_the_whole_run(stopped, copydesk_command, long_dump, read_run, tmp_path):
    assert copydesk_command(*stopped(gx=True), "--gx", "--resume").code == 1
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "whole", "--gx", "-q").code == 1
    assert read_run(tmp_path / "out") == read_run(tmp_path / "whole")
    assert "validation" in read_run(tmp_path / "out")["summary.json"]


def test_all_kinds_of_files(copydesk_command, small_pieces, seeds, long_dump, read_run, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    import zstandard

    folder = tmp_path / "in"
    shutil.copytree(seeds, folder / "texts")
    pq.write_table(pa.table({"text": [f"{n} " * 30 for n in range(5000)]}), folder / "t.parquet")
    (folder / "y.jsonl.zst").write_bytes(zstandard.compress(long_dump.read_bytes()))
    (folder / "z.jsonl").write_bytes(long_dump.read_bytes())
    copydesk_command("clean", folder, "--out", tmp_path / "whole", "-q", "--no-report")
    pieces = 0
    while not (tmp_path / "out").exists():
        pieces += 1
        left = 3

        def count(_: int) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise KeyboardInterrupt

        try:
            clean_files(request(folder, tmp_path / "out", resume=pieces > 1), Cleaner(), progress=count)
        except KeyboardInterrupt:
            continue
    assert pieces > 10
    assert read_run(tmp_path / "out") == read_run(tmp_path / "whole")


def test_interrupted_before_anything_was_done(copydesk_command, small_pieces, long_dump, tmp_path, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cleaner, "assemble", interrupt)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        clean_files(request(long_dump, tmp_path / "out"), Cleaner())
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out")
    assert ran.code == 130
    assert ran.err.startswith(
        "interrupted: nothing was written; --resume has nothing to continue, because the first piece"
    )
    assert [path.name for path in tmp_path.iterdir()] == [long_dump.name]


@pytest.mark.parametrize("moved", [0, 1, 3])
def test_killed_while_files_are_moved(moved, copydesk_command, long_dump, whole, read_run, tmp_path, monkeypatch):
    arguments = ["clean", long_dump, "--out", tmp_path / "out", "-q"]
    move = Directory.move
    done: list[str] = []

    def move_or_stop(self, name, target):
        if len(done) == moved:
            raise KeyboardInterrupt
        done.append(name)
        move(self, name, target)

    with monkeypatch.context() as patch:
        patch.setattr(Directory, "move", move_or_stop)
        assert copydesk_command(*arguments).code == 130
    assert len(done) == moved
    assert copydesk_command(*arguments, "--resume").code == 1
    assert read_run(tmp_path / "out") == whole
    assert not (tmp_path / ".out.partial").exists()


def test_damage_by_a_crash_of_the_machine_is_repaired(stopped, copydesk_command, whole, read_run, tmp_path):
    arguments = stopped()
    partial = tmp_path / ".out.partial"
    content = bytearray((partial / "articles.parquet").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (partial / "articles.parquet").write_bytes(content)
    with (partial / "journal").open("ab") as journal:
        journal.write(b'{"end": {"sour')
    assert copydesk_command(*arguments, "--resume").code == 1
    assert read_run(tmp_path / "out") == whole


def test_without_resume_a_run_starts_afresh(stopped, copydesk_command, whole, read_run, tmp_path):
    arguments = stopped()
    ran = copydesk_command(*arguments)
    said = "the work of an interrupted run is dropped; --resume would have continued it"
    assert (ran.code, ran.err) == (1, f"copydesk: {tmp_path / 'out'}: {said}\n")
    assert read_run(tmp_path / "out") == whole
    assert not (tmp_path / ".out.partial").exists()
    assert copydesk_command(*arguments, "--overwrite").err == ""


def refused(ran, *words: str) -> None:
    """Check that a command was turned down in one line that has some words in it."""
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def test_a_file_in_another_format_is_another_input(copydesk_command, small_pieces, long_dump, tmp_path):
    last = tmp_path / "last"  # its first bytes alone say what it is
    last.write_bytes(b'{"text": "It rained."}\n{"text": ')
    arguments = [
        "clean",
        long_dump,
        last,
        tmp_path / "end.jsonl.gz",
        "--out",
        tmp_path / "out",
        "-q",
        "--strict-inputs",
    ]
    (tmp_path / "end.jsonl.gz").write_bytes(gzip.compress(b'{"text": "It snowed."}')[:-9])
    refused(copydesk_command(*arguments), "end.jsonl.gz", "--resume")
    last.write_text("It rained.", "utf-8")
    refused(copydesk_command(*arguments, "--resume"), "last", "has changed")


def test_a_job_can_always_say_resume(copydesk_command, long_dump, tmp_path):
    out, plain = tmp_path / "out", tmp_path / "plain"
    arguments = ["clean", long_dump, "--out", out, "-q", "--resume"]
    (tmp_path / ".out.partial").mkdir()
    ran = copydesk_command(*arguments)
    assert (ran.code, ran.err) == (1, f"copydesk: {out}: no interrupted run to continue, so a new run begins\n")
    assert copydesk_command("clean", long_dump, "--out", plain, "-q").code == 1
    assert (out / "articles.parquet").read_bytes() == (plain / "articles.parquet").read_bytes()
    before = (out / "summary.json").read_bytes()
    refused(copydesk_command(*arguments), "not empty", "add --overwrite")  # complete results are not replaced
    assert (out / "summary.json").read_bytes() == before
    ran = copydesk_command(*arguments, "--overwrite")
    assert (ran.code, ran.err.count("\n")) == (1, 1)


@pytest.mark.parametrize("content", [b"{", b"[1, 2]", b'{"a": 1}', b"\xff", "format"])
def test_foreign_manifest(content, stopped, copydesk_command, tmp_path):
    arguments = stopped()
    manifest = tmp_path / ".out.partial" / "manifest.json"
    if content == "format":
        content = json.dumps({**json.loads(manifest.read_bytes()), "format": "other"}).encode()
    manifest.write_bytes(content)
    refused(copydesk_command(*arguments, "--resume"), str(manifest))
    assert manifest.read_bytes() == content


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--profile", "rules"], ["digest"]),
        (["--to", "jsonl"], ["--to", "parquet", "jsonl"]),
        (["--suite", "none"], ["--suite"]),
        (["--map", "body=text"], ["--map", "body=text"]),
        (["--encoding", "latin-1"], ["--encoding", "utf-8"]),
        (["--gx"], ["--gx"]),
    ],
)
def test_other_settings(options, words, stopped, copydesk_command, whole, read_run, tmp_path):
    arguments = stopped()
    refused(copydesk_command(*arguments, *options, "--resume"), "--resume", *words)
    assert copydesk_command(*arguments, "--resume").code == 1
    assert read_run(tmp_path / "out") == whole


def test_other_inputs(stopped, copydesk_command, long_dump, jsonl, article, tmp_path):
    arguments = stopped()
    other = jsonl({"text": article}, name="other.jsonl")
    refused(copydesk_command(*arguments, other, "--resume"), "other.jsonl", "is new")
    content = long_dump.read_bytes()
    at = long_dump.stat()
    long_dump.write_bytes(content.replace(b"Skarnes", b"Starnes"))
    os.utime(long_dump, ns=(at.st_atime_ns, at.st_mtime_ns))
    refused(copydesk_command(*arguments, "--resume"), "dump.jsonl", "has changed")
    long_dump.write_bytes(content)
    os.utime(long_dump)
    refused(copydesk_command(*arguments, "--resume"), "dump.jsonl", "has changed", "time of change")
    long_dump.write_bytes(content[:-1])
    refused(copydesk_command(*arguments, "--resume"), "dump.jsonl", "has changed")
    arguments[1] = other
    refused(copydesk_command(*arguments, "--resume"), "dump.jsonl", "is missing")
    assert (tmp_path / ".out.partial" / "journal").exists()


def test_two_runs_at_once(stop, start, copydesk_command, long_dump, tmp_path):
    arguments = ["clean", long_dump, "--out", tmp_path / "out"]
    process = start(
        *arguments,
        before="import time; from copydesk.cleaner.runs import clean_run; "
        "clean_run.CleanRun.finish = lambda *_: time.sleep(600); ",
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / ".out.partial" / "manifest.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for option in ("-q", "--resume"):
        refused(copydesk_command(*arguments, option), "another run")
    assert process.poll() is None


def test_disk_that_is_full(start, copydesk_command, long_dump, whole, read_run, tmp_path):
    arguments = ["clean", long_dump, "--out", tmp_path / "out"]
    # py3langid unpacks its model to a temporary file, which the limit must not meet
    model = "from copydesk.schemas.checks.text.language import _model; _model(); "
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)); "
    process = start(*arguments, before=model + limit)
    said = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 2
    assert said.count("\n") == 1
    assert "cannot be written" in said
    assert "--resume" in said
    assert copydesk_command(*arguments, "--resume", "-q").code == 1
    assert read_run(tmp_path / "out") == whole


@pytest.mark.parametrize("workers", ["1", "2"])
def test_input_that_shrinks_while_it_is_read(workers, copydesk_command, small_pieces, long_dump, tmp_path, monkeypatch):
    add = checkpoints.Checkpoints.add

    def add_and_cut(self, *args):
        add(self, *args)
        if self.count == 2:
            os.truncate(long_dump, long_dump.stat().st_size // 2)

    monkeypatch.setattr(checkpoints.Checkpoints, "add", add_and_cut)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", "--workers", workers, "-q")
    refused(ran, str(long_dump), "changed while it was read")
    assert [path.name for path in tmp_path.iterdir()] == [long_dump.name]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_file_that_cannot_be_read_takes_nothing_from_those_before(
    workers, copydesk_command, small_pieces, long_dump, read_run, tmp_path, article
):
    last = tmp_path / "last.jsonl.gz"
    packed = gzip.compress(json.dumps({"id": "last", "text": f"{article} In the end."}).encode())
    last.write_bytes(packed[:-20])
    arguments = ["clean", long_dump, last, "-q", "--workers", workers, "--strict-inputs"]
    ran = copydesk_command(*arguments, "--out", tmp_path / "out")
    refused(ran, str(last), "the work so far is kept, and --resume continues from there")
    # as long as it is damaged, it is refused
    refused(copydesk_command(*arguments, "--out", tmp_path / "out", "--resume"), str(last), "--resume")
    last.write_bytes(packed)
    assert copydesk_command(*arguments, "--out", tmp_path / "out", "--resume").code == 1
    assert copydesk_command(*arguments, "--out", tmp_path / "whole").code == 1
    assert read_run(tmp_path / "out") == read_run(tmp_path / "whole")


def test_a_file_that_is_removed_before_it_is_read(copydesk_command, small_pieces, long_dump, tmp_path, monkeypatch):
    second = tmp_path / "second.jsonl"
    shutil.copyfile(long_dump, second)
    add = checkpoints.Checkpoints.add

    def add_and_remove(self, *args):
        add(self, *args)
        second.unlink(missing_ok=True)

    monkeypatch.setattr(checkpoints.Checkpoints, "add", add_and_remove)
    ran = copydesk_command("clean", long_dump, second, "--out", tmp_path / "out", "-q")
    refused(ran, str(second), "changed while it was read", "--resume")
    assert (tmp_path / ".out.partial" / "manifest.json").exists()


@pytest.mark.parametrize("parent", [False, True])
def test_output_that_is_removed_during_the_run(
    parent, copydesk_command, small_pieces, long_dump, tmp_path, monkeypatch
):
    add = checkpoints.Checkpoints.add
    gone = tmp_path / "results" if parent else tmp_path / "results" / ".out.partial"

    def add_and_remove(self, *args):
        add(self, *args)
        if self.count == 3:
            shutil.rmtree(gone)

    monkeypatch.setattr(checkpoints.Checkpoints, "add", add_and_remove)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "results" / "out", "-q")
    refused(ran, "removed", ".out.partial")
    assert long_dump.exists()
    assert not (tmp_path / "results" / "out").exists()

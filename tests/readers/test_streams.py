"""Inputs that can be read only once: named pipes, `/dev/stdin`, and what `<(command)` in a shell becomes."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import socket
import subprocess
import sys
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.schemas.errors import InputError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")

LINES = b"".join(b'{"id": "%d", "text": "It rained for %d days."}\n' % (n, n) for n in range(3000))


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    rows = [json.loads(line) for line in LINES.splitlines()]
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return bytes(sink.getvalue())


def csv() -> bytes:
    return b"id,text\n" + b"".join(b"%d,It rained for %d days.\n" % (n, n) for n in range(3000))


CONTENTS = {
    "lines": (LINES, "jsonl"),
    "packed lines": (gzip.compress(LINES), "jsonl"),
    "array": (b"[" + LINES.replace(b"\n", b",")[:-1] + b"]", "json"),
    "rows": (csv(), "csv"),
    "wide rows": (csv().decode().encode("utf-16"), "csv"),
    "columns": (parquet(), "parquet"),
}


@pytest.fixture
def pipe(tmp_path):
    """Make a named pipe, to which a thread writes once it is opened, in small pieces if `slowly`."""
    threads = []

    def make(content: bytes, name: str = "pipe", *, slowly: bool = False):
        path = tmp_path / name
        os.mkfifo(path)

        def write() -> None:
            with open(path, "wb", buffering=0) as file:
                step = 7 if slowly else 1 << 16
                for start in range(0, len(content), step):
                    try:
                        file.write(content[start : start + step])
                    except BrokenPipeError:
                        return

        threads.append(threading.Thread(target=write, daemon=True))
        threads[-1].start()
        return path

    yield make
    for thread in threads:
        thread.join(0.1)


@pytest.fixture
def result(tmp_path):
    """Return format, file and id of each article of the run."""

    def read() -> tuple[str, str, list[str]]:
        rows = pq.read_table(tmp_path / "out" / "articles.parquet").to_pylist()
        [reader] = {row["provenance"]["reader"] for row in rows}
        [file] = {row["provenance"]["file"] for row in rows}
        return reader, file, [row["id"] for row in rows]

    return read


IDS = [str(n) for n in range(3000)]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_named_pipe_is_read_once(content, pipe, copydesk_command, result, tmp_path):
    data, reader = CONTENTS[content]
    ran = copydesk_command("clean", pipe(data), "--out", tmp_path / "out", "-q", "--suite", "none")
    assert ran.code == 0, ran.err
    assert result() == (reader, "pipe", IDS)
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert summary["records"]["read"] == 3000
    assert [source["sha256"] for source in summary["inputs"]] == [None]


def test_a_pipe_that_hands_out_a_few_bytes_at_a_time(pipe, copydesk_command, result, tmp_path):
    data = gzip.compress(LINES[:20_000].rpartition(b"\n")[0])
    ran = copydesk_command("clean", pipe(data, slowly=True), "--out", tmp_path / "out", "-q", "--suite", "none")
    assert ran.code == 0, ran.err
    assert result()[0] == "jsonl"


def test_the_name_of_a_pipe_tells_its_format(pipe, copydesk_command, result, tmp_path):
    path = pipe(b"id;text\n" + b"1;It rained.\n", name="dump.csv")
    assert copydesk_command("clean", path, "--out", tmp_path / "out", "-q", "--suite", "none").code == 0
    assert result() == ("csv", "dump.csv", ["1"])


def test_several_pipes_and_a_file(pipe, copydesk_command, tmp_path, article):
    (tmp_path / "a.txt").write_text(article, "utf-8")
    paths = [pipe(LINES, "one"), tmp_path / "a.txt", pipe(csv(), "two")]
    ran = copydesk_command("clean", *paths, "--out", tmp_path / "out", "-q", "--suite", "none", "--workers", "2")
    assert ran.code == 0, ran.err
    files = pq.read_table(tmp_path / "out" / "articles.parquet").column("provenance").combine_chunks().field("file")
    assert files.value_counts().to_pylist() == [
        {"values": "one", "counts": 3000}, {"values": "a.txt", "counts": 1}, {"values": "two", "counts": 3000}
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["check", "explain", "describe", "validate"])
def test_other_commands_read_pipes(command, pipe, copydesk_command, tmp_path):
    path = pipe(b'{"text": "It rained.\\n\\nScroll to Top"}\n')
    options = ["--out", tmp_path / "out", "--verdict-by", "flags"] if command == "validate" else []
    ran = copydesk_command(command, path, *options)
    assert ran.code in (0, 1), ran.err
    assert "Traceback" not in ran.err


def test_an_empty_pipe_has_no_record(pipe, copydesk_command, tmp_path):
    ran = copydesk_command("clean", pipe(b""), "--out", tmp_path / "out")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no record in it" in ran.err


@pytest.mark.parametrize("arguments", [["--templates"], ["--engine", "spark"]])
def test_what_must_read_twice_refuses_a_pipe(arguments, copydesk_command, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ran = copydesk_command("clean", tmp_path / "pipe", "--out", tmp_path / "out", *arguments)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert str(tmp_path / "pipe") in ran.err


def test_a_pipe_that_is_named_twice(copydesk_command, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ran = copydesk_command("clean", tmp_path / "pipe", tmp_path / "pipe", "--out", tmp_path / "out")
    assert "the same input is named twice" in ran.err


@pytest.fixture
def shell(script, tmp_path):
    """Run a line of bash in a folder of its own; `copydesk` starts the command."""

    def run(line: str, **options) -> subprocess.CompletedProcess[str]:
        line = line.replace("copydesk", shlex.join(script))
        return subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False, **options
        )

    return run


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("copydesk clean <(cat data) --out out -q --suite none", "fd-63"),
        ("copydesk clean <(gzip -c data) --out out -q --suite none", "fd-63"),
        ("cat data | copydesk clean /dev/stdin --out out -q --suite none", "stdin"),
        ("cat data | copydesk clean /dev/fd/0 --out out -q --suite none", "fd-0"),
        ("cat data | copydesk clean /proc/self/fd/0 --out out -q --suite none", "fd-0"),
        ("copydesk clean /dev/stdin --out out -q --suite none < data", "stdin"),
        ("copydesk clean - --out out -q --suite none < data", "stdin"),
        ("copydesk clean /dev/fd/5 --out out -q --suite none --workers 2 5< data", "fd-5"),
    ],
)
def test_what_the_shell_opens(line, file, shell, result, tmp_path):
    if not os.path.exists("/dev/fd/0"):
        pytest.skip("no /dev/fd")
    (tmp_path / "data").write_bytes(LINES)
    ran = shell(line)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert result() == ("jsonl", file, IDS)


def test_two_substitutions_at_once(shell, tmp_path):
    (tmp_path / "data").write_bytes(LINES)
    ran = shell("copydesk clean <(head -5 data) <(tail -7 data) --out out -q --suite none")
    assert ran.returncode == 0, ran.stderr
    rows = pq.read_table(tmp_path / "out" / "articles.parquet").to_pylist()
    assert len({row["provenance"]["file"] for row in rows}) == 2
    assert [row["id"] for row in rows] == [*IDS[:5], *IDS[-7:]]


def test_standard_input_that_is_closed(shell):
    for name in ("-", "/dev/stdin"):
        ran = shell(f"copydesk clean {name} --out out <&-")
        assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr


def test_standard_input_that_is_a_socket(script, result, tmp_path):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [*script, "clean", "/dev/stdin", "--out", str(tmp_path / "out"), "-q", "--suite", "none"]
        process = subprocess.Popen(command, stdin=theirs, stderr=subprocess.PIPE)
        ours.sendall(LINES[:100].rpartition(b"\n")[0])
        ours.shutdown(socket.SHUT_WR)
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    assert result()[2] == ["0", "1"]


def test_a_socket_is_refused(copydesk_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("talk.jsonl")
        ran = copydesk_command("clean", "talk.jsonl", "--out", "out")
    assert (
        ran.err == "copydesk: talk.jsonl: this is a socket, not a file; name a file, or pipe the data in and name -\n"
    )
    assert ran.code == 2


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_a_device_is_refused(name, copydesk_command, tmp_path):
    if not os.path.exists(name):
        pytest.skip(f"no {name}")
    ran = copydesk_command("clean", name, "--out", tmp_path / "out")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"{name}: this is a device" in ran.err


def test_the_null_device_is_empty(copydesk_command, tmp_path):
    assert "no record in it" in copydesk_command("clean", os.devnull, "--out", tmp_path / "out").err
    assert copydesk_command("clean", os.devnull, "--out", tmp_path / "out", "--allow-empty", "-q").code == 0


def test_special_files_in_a_folder_are_named_and_not_opened(copydesk_command, tmp_path, monkeypatch, article):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(article, "utf-8")
    os.mkfifo(tmp_path / "in" / "b.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("in/c.jsonl")
        ran = copydesk_command("clean", "in", "--out", "out", "-q")
    assert ran.code == 0
    assert ran.err == "copydesk: 2 special files not read: in/b.txt, in/c.jsonl; to read a pipe, name the pipe itself\n"


def test_a_folder_of_pipes_holds_no_article(tmp_path):
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(InputError, match="no article in this folder"):
        find_sources([str(tmp_path)])

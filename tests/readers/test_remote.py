"""Files of other machines, on the memory file system of fsspec and on a local HTTP server."""

from __future__ import annotations

import functools
import http.server
import json
import threading

import pytest
import zstandard

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.remote import RemoteFile

fsspec = pytest.importorskip("fsspec", reason="an extra opens remote files")


@pytest.fixture
def memory(article):
    """Fill the memory file system."""
    files = fsspec.filesystem("memory")
    lines = [json.dumps({"id": str(n), "text": f"{article} Number {n}."}).encode() for n in range(4)]
    files.pipe("/dump/a.jsonl", b"\n".join(lines[:2]))
    files.pipe("/dump/b.jsonl.zst", zstandard.ZstdCompressor().compress(b"\n".join(lines[2:])))
    files.pipe("/dump/notes.xyz", b"nothing")
    yield files
    files.rm("/dump", recursive=True)


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("memory://dump/*.jsonl.zst", ["b.jsonl.zst"]),
        ("memory://dump", ["a.jsonl", "b.jsonl.zst"]),
        ("memory://dump/a.jsonl", ["a.jsonl"]),
        ("memory://*/a.jsonl", ["dump/a.jsonl"]),
    ],
)
def test_files_folders_and_globs(url, names, memory):
    assert [source.name for source in find_sources([url])] == names


def test_clean_reads_them(memory, tmp_path, copydesk_command):
    assert copydesk_command("clean", "memory://dump", "--out", tmp_path / "out", "-q").code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert summary["records"]["accepted"] == 4
    assert [entry["name"] for entry in summary["inputs"]] == ["a.jsonl", "b.jsonl.zst"]


def test_a_cut_is_reported(memory, tmp_path, copydesk_command, quarantine):
    memory.pipe("/dump/b.jsonl.zst", memory.cat("/dump/b.jsonl.zst")[:-9])
    assert copydesk_command("clean", "memory://dump", "--out", tmp_path / "out", "-q").code == 1
    assert quarantine(tmp_path / "out")[-1]["reasons"][0]["check"] == "input/truncated"


def test_a_change_is_noticed(memory):
    (source,) = find_sources(["memory://dump/a.jsonl"])
    assert not source.remote.has_changed()
    memory.pipe("/dump/a.jsonl", b"{}")
    assert source.remote.has_changed()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("memory://dump/none.jsonl", "no such file"),
        ("memory://dump/*.csv", "no file there"),
        ("nowhere://bucket/a.jsonl", "nowhere:// is not read"),
    ],
)
def test_what_is_not_there(url, message, memory, tmp_path, copydesk_command):
    ran = copydesk_command("clean", url, "--out", tmp_path / "out")
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_secrets_are_in_no_label():
    assert RemoteFile("https://me:hush@lenn.example/a.jsonl?token=7").label == "https://lenn.example/a.jsonl"


@pytest.fixture
def server(tmp_path, article):
    """Serve a folder by HTTP on this machine."""
    pytest.importorskip("aiohttp", reason="an extra reads over HTTP")
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "a.jsonl").write_text("\n".join(json.dumps({"text": f"{article} {n}."}) for n in range(3)))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.sockets
@pytest.mark.filterwarnings("ignore")
def test_http(server, tmp_path, copydesk_command):
    ran = copydesk_command("clean", f"{server}/a.jsonl?token=hush", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"hush" not in written
    assert "hush" not in ran.err
    ran = copydesk_command("clean", f"{server}/none.jsonl?token=hush", "--out", tmp_path / "none")
    assert (ran.code, "hush" in ran.err) == (2, False)

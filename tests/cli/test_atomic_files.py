"""Files that commands write: what is at their place already, and what does not fit."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import threading

import pytest

from copydesk.cleaner.atomic_files import whole_file
from copydesk.cleaner.cli.main import main
from copydesk.schemas.errors import OutputError


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("before", "utf-8")
    real.chmod(0o600)
    link.symlink_to("real.json")
    with whole_file(link) as file:
        file.write("after")
        assert real.read_text("utf-8") == "before"
    assert (link.is_symlink(), real.read_text("utf-8")) == (True, "after")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_to_nothing_makes_its_file(tmp_path):
    (tmp_path / "link").symlink_to("new")
    with whole_file(tmp_path / "link") as file:
        file.write("here")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new").read_text("utf-8") == "here"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_is_written_to(linked, tmp_path, copydesk_command, article):
    (tmp_path / "a.txt").write_text(f"{article}\n\nScroll to Top", "utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    report = tmp_path / "link" if linked else pipe
    ran = copydesk_command("check", tmp_path / "a.txt", "--isolated", "--format", f"json={report}")
    reader.join(10)
    assert ran.code == 1
    assert {found["code"] for found in json.loads(read[0])["findings"]} >= {"navigation/top"}
    assert pipe.is_fifo()


def test_a_folder_is_no_place_for_a_file(tmp_path):
    with pytest.raises(OutputError, match="directory"), whole_file(tmp_path):
        pass


def test_a_file_that_does_not_fit_is_named(tmp_path):
    resource = pytest.importorskip("resource", reason="sizes of files are limited by it, on Unix alone")
    report, limits = tmp_path / "report.json", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"report\.json: cannot be written"), whole_file(report) as file:
            file.write("x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


class _Full(io.BytesIO):
    def write(self, data: object, /) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("at_once", [False, True])
def test_full_standard_output_is_an_error_of_one_line(at_once, tmp_path, monkeypatch, capsys, article):
    (tmp_path / "a.txt").write_text(f"{article}\n\nScroll to Top", "utf-8")
    monkeypatch.setattr(sys, "argv", ["copydesk", "check", str(tmp_path), "--isolated", "--format", "json"])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(_Full(), "utf-8", write_through=at_once))
    with pytest.raises(SystemExit) as ended:
        main()
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("copydesk: ")]
    assert (ended.value.code, len(told)) == (2, 1)
    assert "standard output: cannot be written" in told[0]

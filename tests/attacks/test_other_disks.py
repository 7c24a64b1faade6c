"""Results on another disk: a link, a mount point, a bind mount. Files are moved there, or copied and synced."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from copydesk.cleaner.runs import output_directory, work_directory
from copydesk.cleaner.runs.output_directory import OutputDirectory
from copydesk.cleaner.runs.work_directory import Directory

MEMORY = Path("/dev/shm")


@pytest.fixture
def expected(copydesk_command, long_dump, read_run, small_pieces, tmp_path):
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "whole", "-q").code == 1
    return read_run(tmp_path / "whole")


@pytest.fixture
def other_disk(tmp_path):
    """A folder on another disk than the temporary folder."""
    if not MEMORY.is_dir() or MEMORY.stat().st_dev == tmp_path.stat().st_dev or not os.access(MEMORY, os.W_OK):
        pytest.skip(reason="there is no other disk")
    folder = MEMORY / f"copydesk-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_link_to_another_disk(copydesk_command, long_dump, expected, read_run, other_disk, tmp_path):
    (other_disk / "results").mkdir()
    (tmp_path / "out").symlink_to(other_disk / "results")
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "out", "-q").code == 1
    assert (tmp_path / "out").is_symlink()
    assert read_run(other_disk / "results") == expected
    assert [path.name for path in other_disk.iterdir()] == ["results"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.jsonl", "out", "whole"]


def test_a_link_to_a_folder_that_does_not_exist_yet(
    copydesk_command, long_dump, expected, read_run, other_disk, tmp_path
):
    (tmp_path / "out").symlink_to(other_disk / "results")
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "out", "-q").code == 1
    assert read_run(other_disk / "results") == expected


@pytest.fixture
def in_namespace(tmp_path):
    """Run shell commands where they may mount, with `$1` as the output directory; return the files that it then has."""
    out, copy = tmp_path / "out", tmp_path / "copy"
    out.mkdir()
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip(reason="nothing can be mounted here")

    def run(commands: str) -> Path:
        # files of a mount are gone when the command ends
        script = f'{commands}\ncp -r "$1" {copy}'
        ran = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script, "sh", str(out)], capture_output=True, text=True, timeout=120
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert list(out.iterdir()) == []
        return copy

    return run


@pytest.mark.parametrize("mount", ["mount -t tmpfs none", "mount --bind ../source"])
def test_a_mount_point(mount, in_namespace, script, long_dump, expected, read_run, tmp_path, small_pieces):
    (tmp_path / "source").mkdir()
    clean = [*script[:-1], f"{small_pieces}{script[-1]}", "clean", long_dump, "--out", tmp_path / "out", "-q"]
    source = mount.replace("../source", str(tmp_path / "source"))
    copy = in_namespace(f'{source} "$1" || exit 7\n{shlex.join(map(str, clean))}\ntest $? = 1 || exit 8')
    assert read_run(copy) == expected
    assert not (tmp_path / ".out.partial").exists()


def test_an_interrupted_run_on_a_mount_point_is_resumed(
    in_namespace, script, small_pieces, long_dump, read_run, tmp_path, expected
):
    stop = (
        f"{small_pieces}from copydesk.cleaner.runs.checkpoints import Checkpoints; add = Checkpoints.add\n"
        "def stop(self, *args):\n    add(self, *args)\n    if self.count == 5: raise KeyboardInterrupt\n"
        "Checkpoints.add = stop\n"
    )
    words = ["clean", long_dump, "--out", tmp_path / "out", "-q"]
    first = shlex.join([*script[:-1], f"{stop}{script[-1]}", *map(str, words)])
    second = shlex.join([*script[:-1], f"{small_pieces}{script[-1]}", *map(str, words), "--resume"])
    copy = in_namespace(
        f'mount -t tmpfs none "$1" || exit 7\n{first} 2>/dev/null\ntest $? = 130 || exit 8\n'
        f'test -e "$1/.out.partial/journal" || exit 9\n{second}\ntest $? = 1 || exit 10'
    )
    assert read_run(copy) == expected


def test_a_folder_in_which_nothing_can_be_made(copydesk_command, long_dump, expected, read_run, tmp_path, monkeypatch):
    """The folder above is read-only, as in a container: the work directory is inside the output directory."""
    out = tmp_path / "out"
    out.mkdir()
    mkdir = os.mkdir

    def refuse(path, *args, **kwargs):
        if Path(path) == tmp_path / ".out.partial":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        mkdir(path, *args, **kwargs)

    monkeypatch.setattr(work_directory.os, "mkdir", refuse)
    assert copydesk_command("clean", long_dump, "--out", out, "-q").code == 1
    assert read_run(out) == expected


def test_files_are_copied_if_they_cannot_be_moved(
    copydesk_command, long_dump, expected, read_run, tmp_path, monkeypatch
):
    """A disk is mounted on the output directory while the run is under way."""
    replace, fsync = os.replace, os.fsync
    synced = []

    def refuse(source, target, *, src_dir_fd=None, dst_dir_fd=None):
        if src_dir_fd != dst_dir_fd:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(work_directory.os, "replace", refuse)
    monkeypatch.setattr(work_directory.os, "fsync", lambda handle: synced.append(fsync(handle)))
    assert copydesk_command("clean", long_dump, "--out", tmp_path / "out", "-q").code == 1
    assert read_run(tmp_path / "out") == expected
    assert len(synced) > 2 * len(expected)
    assert not (tmp_path / ".out.partial").exists()


def test_folders_are_copied_if_they_cannot_be_moved(tmp_path, other_disk):
    """As those of a run on Spark."""
    directory = OutputDirectory(tmp_path / "out")
    (directory.work / "articles.parquet").mkdir()
    (directory.work / "articles.parquet" / "part-0.parquet").write_bytes(b"part")
    (other_disk / "articles.parquet").write_bytes(b"earlier")
    with Directory(other_disk) as target:
        directory.files.move("articles.parquet", target)
    assert (other_disk / "articles.parquet" / "part-0.parquet").read_bytes() == b"part"
    assert not (directory.work / "articles.parquet").exists()
    assert [path.name for path in other_disk.iterdir()] == ["articles.parquet"]
    directory.discard()


def test_moves_are_tried_before_the_work_begins(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(output_directory, "_can_move", lambda files, path: False)
    directory = OutputDirectory(tmp_path / "out")
    assert directory.work == tmp_path / "out" / ".out.partial"
    assert not (tmp_path / ".out.partial").exists()
    directory.discard()
    assert list((tmp_path / "out").iterdir()) == []


def test_the_root_is_refused(copydesk_command, long_dump):
    ran = copydesk_command("clean", long_dump, "--out", "/", "--overwrite")
    assert (ran.code, ran.err.count("\n")) == (2, 1)

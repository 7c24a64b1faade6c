"""Links, pipes and folders that somebody planted in the place of a work directory, or of a file in it."""

from __future__ import annotations

import os
import stat

import pytest

from copydesk.cleaner.runs import checkpoints, work_directory
from copydesk.cleaner.runs.output_directory import OutputDirectory
from copydesk.cleaner.runs.run_files import WORK_FOLDERS, work_files
from copydesk.cleaner.runs.work_directory import Directory, open_work_directory
from copydesk.schemas.errors import OutputError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such pipes, and links need a right of their own")


@pytest.fixture
def victim(tmp_path):
    """A folder of somebody, with a file."""
    folder = tmp_path / "victim"
    folder.mkdir()
    (folder / "precious.txt").write_text("precious", "utf-8")
    yield folder
    assert [path.name for path in folder.iterdir()] == ["precious.txt"]
    assert (folder / "precious.txt").read_text("utf-8") == "precious"


def refuse(ran, place) -> None:
    """Check that the command was refused in one line that names a place."""
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
    assert str(place) in ran.err
    assert "remove it, or use another --out" in ran.err


def plant(kind, place, victim):
    if kind == "link to a file":
        place.symlink_to(victim / "precious.txt")
    elif kind == "link to a folder":
        place.symlink_to(victim)
    elif kind == "link to nothing":
        place.symlink_to(victim / "new")
    elif kind == "hard link":
        os.link(victim / "precious.txt", place)
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
        (place / "mine.txt").write_text("mine", "utf-8")
    elif kind == "file":
        place.write_text("mine", "utf-8")


KINDS = ["link to a file", "link to a folder", "link to nothing", "pipe", "file", "folder"]


@pytest.mark.parametrize("resume", [[], ["--resume"]])
@pytest.mark.parametrize("kind", KINDS)
def test_the_work_directory_is_planted(kind, resume, copydesk_command, long_dump, victim, tmp_path):
    partial = tmp_path / ".out.partial"
    plant(kind, partial, victim)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", *resume)
    if not resume:
        refuse(ran, partial)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert os.path.lexists(partial)
    if kind == "folder":
        assert (partial / "mine.txt").read_text("utf-8") == "mine"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["validate", "clean"])
def test_a_file_that_no_run_wrote_is_left_alone(command, copydesk_command, long_dump, tmp_path):
    OutputDirectory(tmp_path / "out").close()
    (tmp_path / ".out.partial" / "notes.txt").write_text("mine", "utf-8")
    ran = copydesk_command(command, long_dump, "--out", tmp_path / "out")
    refuse(ran, tmp_path / ".out.partial")
    assert "notes.txt" in ran.err
    assert (tmp_path / ".out.partial" / "notes.txt").read_text("utf-8") == "mine"


def test_a_folder_with_the_names_of_a_run_but_no_lock_is_left_alone(copydesk_command, long_dump, tmp_path):
    partial = tmp_path / ".out.partial"
    partial.mkdir()
    (partial / "summary.json").write_text("mine", "utf-8")
    refuse(copydesk_command("clean", long_dump, "--out", tmp_path / "out"), partial)
    assert (partial / "summary.json").read_text("utf-8") == "mine"


@pytest.fixture
def interrupted(copydesk_command, small_pieces, long_dump, monkeypatch, tmp_path):
    """Leave an interrupted run; return the arguments that it was started with."""
    arguments = ["clean", long_dump, "--out", tmp_path / "out", "-q"]
    add = checkpoints.Checkpoints.add

    def add_and_stop(self, *args):
        add(self, *args)
        if self.count == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.Checkpoints, "add", add_and_stop)
        assert copydesk_command(*arguments).code == 130
    return arguments


NAMES = ["lock", "journal", "seen", "edits.parquet.footers", "manifest.json.writing", "summary.json"]
# a file in the place of a file is damage, and files that are written anew may have links
PLANTED = [(name, kind) for name in NAMES for kind in KINDS if kind != "file"]
PLANTED += [(name, "hard link") for name in NAMES[:4]]


@pytest.mark.parametrize(("name", "kind"), PLANTED)
def test_a_file_of_an_interrupted_run_is_planted(name, kind, interrupted, copydesk_command, victim, tmp_path):
    place = tmp_path / ".out.partial" / name
    place.unlink(missing_ok=True)
    plant(kind, place, victim)
    ran = copydesk_command(*interrupted, "--resume")
    refuse(ran, place)
    assert os.path.lexists(place)
    # without --resume, the files are removed: still nothing is followed
    if kind != "hard link":
        refuse(copydesk_command(*interrupted), place)


@pytest.mark.parametrize("name", sorted(WORK_FOLDERS))
def test_folders_of_spark_are_known(name, tmp_path):
    OutputDirectory(tmp_path / "out").close()
    (tmp_path / ".out.partial" / name).mkdir()
    OutputDirectory(tmp_path / "out").discard()
    assert list(tmp_path.iterdir()) == []


def test_every_file_of_a_run_is_known(copydesk_command, small_pieces, long_dump, monkeypatch, tmp_path):
    """Otherwise a run that was killed could not be started again."""
    names = set()
    remove = OutputDirectory.discard

    def note(self):
        names.update(path.name for path in self.work.iterdir())
        remove(self)

    moved = Directory.move
    monkeypatch.setattr(Directory, "move", lambda self, name, target: (names.add(name), moved(self, name, target)))
    monkeypatch.setattr(OutputDirectory, "discard", note)
    for number, options in enumerate([["--gx"], ["--to", "jsonl"], ["--to", "jsonl.zst"]]):
        assert copydesk_command("clean", long_dump, "--out", tmp_path / str(number), "-q", *options).code == 1
    assert copydesk_command("validate", long_dump, "--out", tmp_path / "v", "-q").code == 1
    assert {"flags", "complete", "flags.parquet", "lock"} <= names <= work_files()


def test_a_directory_of_another_user_is_refused(tmp_path, monkeypatch):
    open_work_directory(tmp_path / ".out.partial").close()
    real = os.lstat(tmp_path / ".out.partial")
    other = os.stat_result((*real[:4], real.st_uid + 1, *real[5:]))
    monkeypatch.setattr(work_directory.os, "lstat", lambda path: other)
    with pytest.raises(OutputError, match="belongs to another user"):
        open_work_directory(tmp_path / ".out.partial")


def test_a_directory_that_is_replaced_just_now_is_refused(tmp_path, monkeypatch, victim):
    open_work_directory(tmp_path / ".out.partial").close()
    lstat = os.lstat

    def swap(path):
        status = lstat(path)
        os.rename(path, tmp_path / "old")
        path.symlink_to(victim)
        return status

    monkeypatch.setattr(work_directory.os, "lstat", swap)
    with pytest.raises(OutputError, match="replaced just now"):
        open_work_directory(tmp_path / ".out.partial")


def test_files_are_opened_in_the_directory_itself(tmp_path, victim):
    """A directory whose path leads elsewhere now is still the one that was opened."""
    if not work_directory._HANDLES:
        pytest.skip(reason="the system has no handles of directories")
    with open_work_directory(tmp_path / "work") as directory:
        os.rename(tmp_path / "work", tmp_path / "moved")
        (tmp_path / "work").symlink_to(victim)
        with directory.create("journal") as file:
            file.write(b"line")
        directory.write("summary.json", b"{}")
    assert sorted(path.name for path in (tmp_path / "moved").iterdir()) == ["journal", "summary.json"]


@pytest.mark.parametrize("handles", [True, False])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "file"])
def test_no_file_is_opened_through_a_link(kind, handles, tmp_path, victim, monkeypatch):
    monkeypatch.setattr(work_directory, "_HANDLES", handles and work_directory._HANDLES)
    with open_work_directory(tmp_path / "work") as directory:
        plant(kind, tmp_path / "work" / "seen", victim)
        for open_file in (directory.open, directory.create, directory.read):
            with pytest.raises(OutputError):
                open_file("seen")
        kinds = {"pipe": stat.S_IFIFO, "folder": stat.S_IFDIR}
        assert directory.kind("seen") == kinds.get(kind, stat.S_IFLNK)
        directory.write("seen", b"ours") if kind != "folder" else None


@pytest.mark.parametrize("handles", [True, False])
def test_files_of_a_directory(handles, tmp_path, monkeypatch):
    monkeypatch.setattr(work_directory, "_HANDLES", handles and work_directory._HANDLES)
    with open_work_directory(tmp_path / "work") as directory, directory.create("seen") as file:
        file.write(b"0123456789")
        assert file.seek(2) == 2
        assert (file.read(3), file.read(), file.read(5)) == (b"234", b"56789", b"")
        file.truncate(4)
        file.write(b"x")
        file.sync()
        assert directory.read("seen") == b"0123x"
        assert directory.read("flags") is None
        directory.write("seen", b"whole")
        assert (directory.read("seen"), directory.names()) == (b"whole", ["seen"])
        directory.sync()
        directory.remove("seen")
        directory.remove("seen")
        assert (directory.names(), directory.kind("seen")) == ([], 0)

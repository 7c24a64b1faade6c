"""Inputs that change while they are read: noticed, in every process, or of no consequence for what was read."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.runs import checkpoints, clean_run
from copydesk.cleaner.runs.run_request import RunInputs
from copydesk.cleaner.runs.watched_sources import WatchedSource, watch_of
from copydesk.schemas.errors import InputChangedError

pytestmark = pytest.mark.usefixtures("small_pieces")


def append(path):
    with path.open("ab") as file:
        file.write(b'{"text": "More."}\n')


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def replace(path):
    other = path.with_name(f".{path.name}")
    other.write_bytes(path.read_bytes().replace(b"Skarnes", b"Starnes"))
    os.replace(other, path)


def replace_in_disguise(path):
    status = path.stat()
    replace(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def rewrite(path):
    path.write_bytes(path.read_bytes().replace(b"Skarnes", b"Starnes"))


def rewrite_in_disguise(path):
    """Keep the size and the time of the last change."""
    status = path.stat()
    rewrite(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remove(path):
    path.unlink()


CHANGES = [append, truncate, replace, replace_in_disguise, rewrite, rewrite_in_disguise, remove]


@pytest.fixture
def change_after(monkeypatch):
    """Change a file when some pieces are kept, or, after -1 pieces, when the run is about to be completed."""

    def prepare(change, path, pieces):
        add, finish = checkpoints.Checkpoints.add, clean_run.CleanRun.finish
        changed = []

        def add_and_change(self, *args):
            add(self, *args)
            if self.count == pieces:
                changed.append(change(path))

        def change_and_finish(self, *args):
            if pieces < 0:
                changed.append(change(path))
            finish(self, *args)

        monkeypatch.setattr(checkpoints.Checkpoints, "add", add_and_change)
        monkeypatch.setattr(clean_run.CleanRun, "finish", change_and_finish)
        return changed

    return prepare


# Each change at each time in one process; with two workers, which are dear to start, each change once or twice.
TIMES = [1, 9, -1]
CASES = [
    *((change, pieces, 1) for change in CHANGES for pieces in TIMES),
    *((change, pieces, 2) for change, pieces in zip(CHANGES, itertools.cycle(TIMES), strict=False)),
    *((replace_in_disguise, -1, 2), (rewrite_in_disguise, 9, 2)),
]


@pytest.mark.parametrize(("change", "pieces", "workers"), CASES)
def test_a_change_is_noticed(change, pieces, workers, change_after, copydesk_command, long_dump, tmp_path):
    """With two workers, the last pieces are read long before they are cleaned: a change then is noticed at the end."""
    changed = change_after(change, long_dump, pieces)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", "--workers", workers, "-q")
    assert changed
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "changed while it was read" in ran.err
    assert not (tmp_path / "out").exists()


def rewrite_rows(path):
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.jsonl.gz", "t.csv", "t.json", "t.txt"])
def test_files_of_every_kind_are_watched(name, change_after, copydesk_command, article, tmp_path):
    table = pa.table({"text": [f"{n} {article}" for n in range(60)]})
    path = tmp_path / name
    rows = [{"text": text} for text in table["text"].to_pylist()]
    if name == "t.parquet":
        pq.write_table(table, path, row_group_size=6)
    elif name == "t.arrow":
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=6)
    elif name == "t.jsonl.gz":
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    else:
        texts = {"t.json": json.dumps(rows), "t.txt": article}
        path.write_text(texts.get(name) or "text\n" + "\n".join(f'"{row["text"]}"' for row in rows), "utf-8")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    assert copydesk_command("clean", path, "--out", tmp_path / "whole", "-q").code in (0, 1)
    [entry] = json.loads((tmp_path / "whole" / "summary.json").read_bytes())["inputs"]
    assert entry["sha256"] == before
    assert change_after(rewrite_rows, path, 1) == []
    ran = copydesk_command("clean", path, "--out", tmp_path / "out", "-q", "--workers", 2)
    assert (ran.code, "changed while it was read" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_link_or_another_mode_is_not_a_change(workers, change_after, copydesk_command, long_dump, tmp_path):
    def link(path):
        os.link(path, tmp_path / "link")
        path.chmod(0o600)

    changed = change_after(link, long_dump, 3)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", "--workers", workers, "-q")
    assert (ran.code, ran.err, changed) == (1, "", [None])


def test_the_digest_is_that_of_the_bytes_that_were_read(long_dump, tmp_path):
    [source] = RunInputs.find([str(long_dump)]).sources
    content = long_dump.read_bytes()
    with source.open() as file:
        start = file.read(1000)
        rewrite_in_disguise(long_dump)
        rest = file.readall()
    assert start + rest == content[:1000] + long_dump.read_bytes()[1000:]
    assert watch_of(source).progress.sha256 == hashlib.sha256(start + rest).hexdigest()
    with pytest.raises(InputChangedError):
        source.require_unchanged()


@pytest.mark.parametrize("places", [[0], [5000], [300, 0, 9000], [9000, 100]])
def test_bytes_that_are_left_out_are_hashed_as_well(places, long_dump):
    [source] = RunInputs.find([str(long_dump)]).sources
    with source.open() as file:
        for place in places:
            file.seek(place)
            file.read(700)
            assert file.tell() == place + 700
    read = max(places) + 700
    progress = watch_of(source).progress
    assert (
        progress == (progress.size, hashlib.sha256(long_dump.read_bytes()[:read]).hexdigest()) or progress.size == read
    )
    assert progress.sha256 == hashlib.sha256(long_dump.read_bytes()[: progress.size]).hexdigest()
    assert watch_of(source).sha256 == hashlib.sha256(long_dump.read_bytes()).hexdigest()


def test_other_processes_get_a_plain_source(long_dump):
    import pickle

    [source] = RunInputs.find([str(long_dump)]).sources
    assert isinstance(source, WatchedSource)
    again = pickle.loads(pickle.dumps(source))
    assert not isinstance(again, WatchedSource)
    assert (again.path, again.size, again.modified) == (source.path, source.size, source.modified)


@pytest.fixture
def large_dump(jsonl, article):
    """A dump that is larger than the ends that the manifest has a digest of."""
    path = jsonl(*({"id": f"{n}", "text": f"{n} {article}\n\nScroll to Top"} for n in range(50)))
    content = path.read_bytes() * 280
    path.write_bytes(content)
    assert len(content) > 5 << 20
    return path


@pytest.fixture
def interrupted(copydesk_command, large_dump, monkeypatch, tmp_path):
    """Leave a run that was interrupted after two pieces of 1 MB."""
    from copydesk.cleaner.readers import batches
    from copydesk.cleaner.runs import pieces

    monkeypatch.setattr(batches, "BATCH_BYTES", 1 << 19)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1 << 20)
    arguments = ["clean", large_dump, "--out", tmp_path / "out", "-q", "--suite", "none", "--profile", "rules"]
    add = checkpoints.Checkpoints.add

    def add_and_stop(self, *args):
        add(self, *args)
        if self.count == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.Checkpoints, "add", add_and_stop)
        assert copydesk_command(*arguments).code == 130
    return [*arguments, "--resume"]


def disguise(path, at):
    """Change a byte of a text, and nothing that the manifest knows of."""
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(at)
        data = file.read(4000)
        file.seek(at)
        file.write(data.replace(b"Skarnes", b"Starnes"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_change_of_what_an_interrupted_run_has_read_is_noticed(interrupted, copydesk_command, large_dump):
    disguise(large_dump, 1_300_000)  # between the two ends
    ran = copydesk_command(*interrupted)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "dump.jsonl: --resume: this input has changed" in ran.err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_resumed_run_has_the_digest_of_all_bytes(workers, interrupted, copydesk_command, large_dump, tmp_path):
    assert copydesk_command(*interrupted, "--workers", workers).code == 0
    [entry] = json.loads((tmp_path / "out" / "summary.json").read_bytes())["inputs"]
    assert entry["sha256"] == hashlib.sha256(large_dump.read_bytes()).hexdigest()


def test_what_was_not_read_may_change_before_a_run_is_resumed(interrupted, copydesk_command, large_dump, tmp_path):
    disguise(large_dump, large_dump.stat().st_size - (1 << 20) - 100_000)  # behind the pieces, before the last end
    assert copydesk_command(*interrupted).code == 0
    [entry] = json.loads((tmp_path / "out" / "summary.json").read_bytes())["inputs"]
    assert entry["sha256"] == hashlib.sha256(large_dump.read_bytes()).hexdigest()


def test_templates_are_learned_from_the_bytes_that_are_cleaned(copydesk_command, long_dump, monkeypatch, tmp_path):
    from copydesk.cleaner import learn_templates

    learn = learn_templates.learn_from_files

    def learn_and_change(*args, **kwargs):
        learned = learn(*args, **kwargs)
        rewrite_in_disguise(long_dump)
        return learned

    monkeypatch.setattr(learn_templates, "learn_from_files", learn_and_change)
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", "--templates", "-q")
    assert (ran.code, "changed while it was read" in ran.err) == (2, True)


def test_a_folder_of_many_small_files_is_watched(copydesk_command, change_after, tmp_path, article):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(f"{article} {number}", "utf-8")
    assert change_after(rewrite_in_disguise, folder / "03.txt", 2) == []
    ran = copydesk_command("clean", folder, "--out", tmp_path / "out", "-q")
    assert (ran.code, str(folder / "03.txt") in ran.err) == (2, True), ran.err


def test_a_folder_that_is_replaced(copydesk_command, change_after, tmp_path, long_dump):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy2(long_dump, folder / "a.jsonl")
    shutil.copytree(folder, tmp_path / "other")
    replace_in_disguise(tmp_path / "other" / "a.jsonl")

    def swap(path):
        os.rename(path, tmp_path / "old")
        os.rename(tmp_path / "other", path)

    assert change_after(swap, folder, 2) == []
    ran = copydesk_command("clean", folder, "--out", tmp_path / "out", "-q", "--workers", 2)
    assert (ran.code, "changed while it was read" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize("change", [remove, append])
def test_an_input_that_changes_before_the_run_begins_leaves_nothing(
    change, copydesk_command, long_dump, tmp_path, monkeypatch
):
    init = clean_run.CleanRun.__init__
    monkeypatch.setattr(clean_run.CleanRun, "__init__", lambda self, *args: (change(long_dump), init(self, *args))[1])
    ran = copydesk_command("clean", long_dump, "--out", tmp_path / "out", "-q")
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
    assert "changed while it was read" in ran.err
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]

"""The journal of a run: entries, the files that they describe, and what a later process takes over."""

from __future__ import annotations

import zlib

import pytest

from copydesk.cleaner.runs.checkpoints import Checkpoints, FileEnd, JournalEntry, matches
from copydesk.cleaner.runs.pieces import Position
from copydesk.cleaner.runs.watched_sources import Progress
from copydesk.cleaner.runs.work_directory import open_work_directory
from copydesk.schemas.errors import OutputError

STARTS = {"articles.parquet": b"PAR1", "seen": b""}


@pytest.fixture
def work(tmp_path):
    with open_work_directory(tmp_path / "work") as directory:
        yield directory


def entry(batches: int) -> JournalEntry:
    return JournalEntry(Position(0, batches), {"read": batches}, ["titel"], {"dump.jsonl": Progress(9, "ab")})


@pytest.fixture
def written(work):
    """Write three pieces; return the directory."""
    files = Checkpoints(work, STARTS, "seed")
    files.begin()
    for number in (1, 2, 3):
        files.add({"articles.parquet": [b"row", b"%d" % number]}, entry(number))
    assert files.count == 3
    files.close()
    return work


def resume(work, seed="seed"):
    files = Checkpoints(work, STARTS, seed)
    pieces = list(files.resume())
    files.close()
    return files, pieces


def test_entries_come_back_with_the_bytes_of_their_pieces(written):
    files, pieces = resume(written)
    assert [piece.end for piece, _ in pieces] == [Position(0, number) for number in (1, 2, 3)]
    assert [added for _, added in pieces] == [{"articles.parquet": b"row%d" % n, "seen": b""} for n in (1, 2, 3)]
    first, last = pieces[0][0], pieces[-1][0]
    assert (first.totals, first.unused, first.read) == ({"read": 1}, ["titel"], {"dump.jsonl": Progress(9, "ab")})
    assert (last.sizes["articles.parquet"], last.sums["articles.parquet"]) == (4, zlib.crc32(b"PAR1row1row2row3"))
    assert files.count == 3


def test_a_run_continues_behind_its_last_piece(written):
    files = Checkpoints(written, STARTS, "seed")
    list(files.resume())
    files.add({"articles.parquet": [b"row4"], "seen": [b"x"]}, entry(4))
    files.close()
    assert written.read("articles.parquet") == b"PAR1row1row2row3row4"
    assert len(resume(written)[1]) == 4


@pytest.mark.parametrize(("name", "kept"), [("articles.parquet", 1), ("seen", 3)])
def test_pieces_behind_a_damaged_one_are_dropped(name, kept, written):
    data = written.read(name)
    written.write(name, data.replace(b"row2", b"row0") + b"under way")
    files, pieces = resume(written)
    assert len(pieces) == files.count == kept
    assert written.read("articles.parquet") == b"PAR1" + b"".join(b"row%d" % n for n in range(1, kept + 1))
    assert written.read("journal").count(b"\n") == kept
    assert written.read("seen") == b""


@pytest.mark.parametrize(
    "damage", [lambda lines: [lines[0], lines[2]], lambda lines: [lines[0], *lines], lambda lines: [lines[0].upper()]]
)
def test_lines_count_only_in_their_order(damage, written):
    lines = written.read("journal").splitlines(keepends=True)
    written.write("journal", b"".join(damage(lines)))
    assert len(Checkpoints(written, STARTS, "seed").entries()) == len(resume(written)[1]) <= 1


def test_the_journal_of_another_run_does_not_count(written):
    assert resume(written, seed="other")[1] == []
    assert written.read("articles.parquet") == b"PAR1"


def test_the_files_of_a_complete_run_are_marked(written):
    files = Checkpoints(written, STARTS, "seed")
    assert files.find_complete() is None
    list(files.resume())
    files.append("articles.parquet", b"end")
    files.complete("summary.json", b"{}", {"read": 3})
    files.close()
    complete = files.find_complete()
    assert complete.totals == {"read": 3}
    assert complete.ends["summary.json"] == FileEnd(2, zlib.crc32(b"{}"))
    with written.open("articles.parquet") as file:
        assert matches(file, complete.ends["articles.parquet"])
    with written.open("articles.parquet") as file:
        assert not matches(file, FileEnd(19, complete.ends["articles.parquet"].sum + 1))


@pytest.mark.parametrize("damage", [b"", b"{}", b"00000000 {}\n", b"\xff" * 20])
def test_a_damaged_mark_is_none(damage, written):
    written.write("complete", damage)
    assert Checkpoints(written, STARTS, "seed").find_complete() is None


def test_a_directory_that_is_removed_is_an_error(work):
    files = Checkpoints(work, STARTS, "seed")
    files.begin()
    work.remove("journal")
    with pytest.raises(OutputError, match="removed while the run wrote to it"):
        files.add({}, entry(1))
    files.close()

"""The input in pieces: the same ones from any position on."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.runs.pieces import Position, read_pieces
from copydesk.schemas.errors import InputError

pytestmark = pytest.mark.usefixtures("small_pieces")


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


def test_lines_of_pieces_follow_each_other(long_dump):
    pieces = list(read_pieces(find_sources([str(long_dump)]), None, Position()))
    assert (
        b"".join(batch.data or batch._load() for piece in pieces for batch in piece.batches) == long_dump.read_bytes()
    )
    assert [piece.begun for piece in pieces] == [{"dump.jsonl": str(long_dump)}, *({} for _ in pieces[1:])]
    assert sum(piece.consumed for piece in pieces) == long_dump.stat().st_size
    last = pieces[-1].end
    assert (last.source, last.offset) == (0, long_dump.stat().st_size)
    assert last.line == long_dump.read_bytes().count(b"\n") + 1


def test_positions_in_packed_files_are_those_of_their_text(long_dump, tmp_path):
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(long_dump.read_bytes()))
    ends = [
        [piece.end for piece in read_pieces(find_sources([str(path)]), None, Position())]
        for path in (long_dump, tmp_path / "packed.jsonl.gz")
    ]
    assert ends[0] == ends[1]


def test_small_files_share_a_piece(jsonl, article):
    paths = [str(jsonl({"text": f"{article} {n}"}, name=f"{n}.jsonl")) for n in range(12)]
    pieces = list(read_pieces(find_sources(paths), None, Position()))
    assert 1 < len(pieces) < 12
    assert [name for piece in pieces for name in piece.begun] == [f"{n}.jsonl" for n in range(12)]


def test_nothing_is_read_behind_the_end(long_dump):
    sources = find_sources([str(long_dump)])
    assert list(read_pieces(sources, None, Position(1))) == []


def test_an_input_that_has_changed_is_an_error(long_dump):
    pieces = read_pieces(find_sources([str(long_dump)]), None, Position())
    next(pieces)
    with long_dump.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(InputError, match="changed while it was read"):
        list(pieces)

"""Spreadsheets that the usual tools write, and files that only look like one."""

from __future__ import annotations

import datetime as dt
import zipfile

import pytest

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.schemas.errors import InputError

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes the workbooks that are read")
pytest.importorskip("python_calamine", reason="workbooks need the extra excel")
ROWS = [
    ["title", "text", "date", "views"],
    ["Rain", "It rained all day in Ostwick.", dt.datetime(2024, 3, 5, 10), 3],
    [None, None, None, None],
    ["Snow", "=A1 is no formula", dt.date(2024, 3, 6), 4.5],
]


@pytest.fixture
def book(tmp_path):
    def write(name="dump.xlsx", rows=ROWS, sheets=("news",)):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for sheet in sheets:
            page = workbook.create_sheet(sheet)
            for row in rows:
                page.append(row)
            if rows is ROWS:
                page["B4"].data_type = "s"
        workbook.save(tmp_path / name)
        return tmp_path / name

    return write


def read(path):
    (source,) = find_sources([str(path)])
    assert source.kind == "excel"
    batches = list(read_batches([source]))
    return [(batch.record(row), batch.place.of(row)[1]) for batch in batches for row in range(len(batch.rows))]


@pytest.mark.parametrize("name", ["dump.xlsx", "dump.xlsm", "dump"])
def test_rows_and_their_numbers(name, book):
    path = book("dump.xlsx").rename(book("dump.xlsx").with_name(name))
    assert read(path) == [
        ({"title": "Rain", "text": "It rained all day in Ostwick.", "date": "2024-03-05T10:00:00", "views": 3}, 2),
        ({"title": "Snow", "text": "=A1 is no formula", "date": "2024-03-06", "views": 4.5}, 4),
    ]


def test_sheets_are_named(book):
    records = read(book(sheets=("one", "two")))
    assert [record["sheet"] for record, _ in records] == ["one", "one", "two", "two"]


def test_a_sheet_without_a_header(book):
    assert read(book(rows=[[1, "https://lenn.example/1", "It rained."]])) == [
        ({"column1": 1, "column2": "https://lenn.example/1", "column3": "It rained."}, 1)
    ]


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut off", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a document", b""])
def test_what_is_none(content, tmp_path):
    path = tmp_path / "dump.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"dump\.xlsx: "):
        list(read_batches(find_sources([str(path)])))


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    from copydesk.cleaner.readers.formats import spreadsheet

    monkeypatch.setattr(spreadsheet, "_UNPACKED", 1 << 20)
    with zipfile.ZipFile(tmp_path / "dump.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/workbook.xml", b"0" * (1 << 21))
    with pytest.raises(InputError, match="too large"):
        list(read_batches(find_sources([str(tmp_path / "dump.xlsx")])))


def test_a_document_of_a_text_program_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "letter", "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    with pytest.raises(InputError):
        find_sources([str(tmp_path / "letter")])


def test_clean_reads_it(book, tmp_path, copydesk_command, article):
    rows = [["title", "text"], ["A key", f"{article}\n\nScroll to Top"], ["No text", ""]]
    ran = copydesk_command(
        "clean", book(rows=rows), "--to", "jsonl", "--columns", "headline,provenance.line", "--out", "-"
    )
    assert ran.out == '{"headline":"A key","provenance.line":2}\n'
    assert ran.code == 1

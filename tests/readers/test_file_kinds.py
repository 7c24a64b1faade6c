"""Files that nobody reads: they are refused by name and kind, and never taken for a text."""

from __future__ import annotations

import io
import pickle
import sqlite3
import tarfile
import zipfile

import numpy as np
import pytest

from copydesk.cleaner.readers.detect import choose_format, detect_format
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.schemas.errors import InputError


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "It rained.")
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return file.getvalue()


FILES = [
    (b"%PDF-1.7\n", "PDF"),
    (zipped("a.txt"), "ZIP"),
    (zipped(), "ZIP"),
    (zipped("[Content_Types].xml", "word/document.xml"), "DOCX"),
    (zipped("[Content_Types].xml", "ppt/presentation.xml"), "PPTX"),
    (tarred(), "tar"),
    (b"7z\xbc\xaf\x27\x1c\0\4", "7-Zip"),
    (b"Rar!\x1a\x07\x01\0", "RAR"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
    (b"GIF89a", "GIF"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
    (b"\0\0\0\x20ftypisom", "video"),
    (b"ID3\x03\0", "sound"),
    (b"\x7fELF\2\1\1" + bytes(9), "executable"),
    (pickle.dumps(["It rained."]), "pickle"),
    (b"\x93NUMPY\1\0", "NumPy"),
    (b"{\\rtf1\\ansi It rained.}", "RTF"),
    (np.arange(300, dtype=np.int32).tobytes(), "binary data"),
    (b"SQLite format 3\0", "sqlite:///dump::TABLE"),
    (b'<?xml version="1.0"?><mediawiki><page/></mediawiki>', "<mediawiki>"),
    (b'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">\n<page>', "<mediawiki>"),
    (b"<!-- made by hand --><articles><one>It rained.</one></articles>", "<articles>"),
    (b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', "<svg>"),
    ('<?xml version="1.0" encoding="utf-16"?><log/>'.encode("utf-16"), "<log>"),
]


@pytest.mark.parametrize(("content", "kind"), FILES, ids=[kind for _, kind in FILES])
@pytest.mark.parametrize("name", ["", ".json"])
def test_a_file_that_nobody_reads_is_named(content, kind, name):
    if kind == "binary data" and name:
        pytest.skip(reason="its reader sets it aside")
    with pytest.raises(InputError) as raised:
        choose_format(content, name, "dump")
    assert kind in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "<b>Rain.</b> It rained for days, and nobody minded.",
        "<Name withheld> said that it rained.",
        "<grin> It rained again.",
        "<p>It rained.</p>\n<p>It snowed.</p>",
        "<article><h1>Rain</h1></article>",
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg><p>It rained.</p>',
        "< 5 mm of rain fell & nobody minded.",
        "<3",
        "It rained.\0 It snowed, and then it rained again for days.",
        "ORCHARDS flooded. BMW sales rose. MZ said so. ID3 is a tag.",
        "BMW sales rose",
        "MZ said so",
        "7zip is a program",
        "It rained.".encode("utf-16-le").decode("latin-1"),
    ],
)
def test_prose_stays_text(text):
    assert detect_format(text.encode(), "note") == "text"


@pytest.mark.parametrize("name", [".xml", ".rss", ".rdf", ".atom", ".wxr", ".tei", ".html", ".htm", ".xhtml"])
def test_the_ending_of_a_name_does_not_tell_a_kind_of_markup(name):
    for start, kind in (
        ("<rss version='2.0'><channel>", "rss"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'>", "atom"),
        ("<rss xmlns:wp='http://wordpress.org/export/1.2/'>", "wxr"),
        ("<TEI xmlns='http://www.tei-c.org/ns/1.0'>", "tei"),
        ("<doc title='Rain'><main><p>", "trafilatura-xml"),
        ("<!-- Rain --><!DOCTYPE html><p>", "html"),
    ):
        assert choose_format(start.encode(), name, "dump") == kind
    with pytest.raises(InputError, match="<log>"):
        choose_format(b"<?xml version='1.0'?><log>", name, "dump")


def test_the_name_of_a_text_does_not_make_one(tmp_path):
    (tmp_path / "report.txt").write_bytes(b"%PDF-1.4\n1 0 obj")
    with pytest.raises(InputError, match=r"report\.txt: this is a PDF"):
        find_sources([str(tmp_path / "report.txt")])
    with sqlite3.connect(tmp_path / "rows.csv") as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    assert [source.kind for source in find_sources([str(tmp_path / "rows.csv")])] == ["sqlite"]


def test_the_format_that_the_user_names_wins(tmp_path):
    (tmp_path / "a").write_bytes(b"%PDF-1.4 is how such a file begins.")
    assert [source.kind for source in find_sources([str(tmp_path / "a")], "text")] == ["text"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("dump.txt", b'{"title": "Rain", "text": "It rained."}\n', "this is JSON, not text; name it .json or .jsonl"),
        ("dump.csv", b'{"title": "Rain", "text": "It rained."}\n', "this is JSON, not csv; name it .json or .jsonl"),
        ("dump.csv", b"PAR1\x15\x04\x15", "this is parquet, not csv; add --input-format parquet"),
    ],
)
def test_a_file_with_the_ending_of_another_format_is_named(name, content, message, tmp_path):
    (tmp_path / name).write_bytes(content)
    [source] = find_sources([str(tmp_path / name)], strict=False)
    assert message in str(source.problem)

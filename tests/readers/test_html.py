"""Pages of HTML: a page is one article, with the fields that its markup states and its own bytes."""

from __future__ import annotations

import json
import sys

import pytest

from copydesk.cleaner.readers import batches
from copydesk.cleaner.readers.detect import choose_format
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.schemas.errors import CopydeskError

PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head>{charset}<title>Rain floods the moor - The Lantern</title>
<meta property="og:site_name" content="The Lantern"><link rel="canonical" href="https://lowmoor.example/rain">
<meta property="article:published_time" content="2024-03-05T10:00:00+01:00"><meta name="author" content="Petra Quill">
</head><body><ul><li><a href="/">Home</a></li><li><a href="/n">News</a></li><li><a href="/s">Sport</a></li></ul>
<h1>Rain floods the moor</h1>
<p>It rained all day in Östwick on Tuesday, and the harbour office said that the eastern quay would stay closed
until the weekend, because the water had come up to the steps of the old custom house during the night.</p>
<p>The ferries leave ten minutes later than the timetable says, according to a notice that was put up by the harbour
master, who has worked on the quay for forty years and remembers three floods that were worse than this one.</p>
<p>Nobody was hurt, the council said in a statement, but two cellars in the lower town had to be pumped dry, and the
market was moved to the square in front of the church, where it will stay until the end of the month.</p>
<div><h3>Most read</h3><a href="/1">Fog on the moor</a> <a href="/2">Snow in May</a> <a href="/3">A dry week</a></div>
<p><a href="/p">Privacy Policy</a> © 2024 The Lantern. All rights reserved.</p></body></html>
"""


def read(path):
    found = list(read_batches(find_sources([str(path)])))
    return [row for batch in found for row in batch.rows], [bad for batch in found for bad in batch.unreadable], found


@pytest.mark.parametrize(
    ("encoding", "charset", "expected"),
    [
        ("utf-8", '<meta charset="utf-8">', "utf-8"),
        ("utf-8", "", "utf-8"),
        ("utf-8", '<meta charset="iso-8859-15x">', "utf-8"),
        ("utf-8-sig", "", "utf-8"),
        ("utf-16", "", "utf-16-le"),
        ("cp1252", '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
        ("utf-8", '<meta charset="windows-1252">', "cp1252"),
        ("cp1252", "<meta charset=windows-1252>", "cp1252"),
    ],
)
def test_encodings_by_mark_and_markup(encoding, charset, expected, tmp_path):
    (tmp_path / "a.html").write_bytes(PAGE.format(charset=charset).encode(encoding))
    [record], _, [batch] = read(tmp_path / "a.html")
    assert batch.place.encoding == expected
    assert record["body"].encode(expected) == (tmp_path / "a.html").read_bytes()
    assert record["headline"] == "Rain floods the moor"


def test_bytes_that_are_in_no_encoding_are_set_aside(tmp_path):
    (tmp_path / "a.html").write_bytes(PAGE.format(charset="").encode("cp1252"))
    records, [bad], _ = read(tmp_path / "a.html")
    assert not records
    assert bad.check == "input/encoding"
    assert bad.raw == (tmp_path / "a.html").read_bytes()


def test_a_page_that_is_too_large_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "MAX_RECORD", 1000)
    (tmp_path / "a.htm").write_text(PAGE, "utf-8")
    _, [bad], _ = read(tmp_path / "a.htm")
    assert bad.check == "input/too-large"


@pytest.mark.parametrize(
    ("name", "start", "expected"),
    [
        ("", PAGE, "html"),
        (".php", "\n<!-- page 1 --><html><body>", "html"),
        (".xml", '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html/>', "html"),
        ("", "<p>It rained.</p>", "text"),
        (".html", "<p>It rained.</p>", "html"),
        (".txt", PAGE, "text"),
    ],
)
def test_what_is_a_page(name, start, expected):
    assert choose_format(start.encode(), name, "page") == expected


def test_the_main_text_by_trafilatura(tmp_path):
    pytest.importorskip("trafilatura", reason="an extra finds the main text")
    (tmp_path / "a.html").write_bytes(PAGE.format(charset="").encode())
    [source] = find_sources([str(tmp_path / "a.html")], "html-trafilatura")
    [batch] = read_batches([source])
    [record] = batch.rows
    assert record["body"].startswith(("Rain floods", "It rained all day in Östwick"))
    assert "Home" not in record["body"]
    assert "<" not in record["body"]
    assert record["headline"] == "Rain floods the moor"
    assert record["extra"]["extractor"].startswith("trafilatura ")


def test_a_missing_trafilatura_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    (tmp_path / "a.html").write_bytes(PAGE.format(charset="").encode())
    with pytest.raises(CopydeskError) as raised:
        list(read_batches(find_sources([str(tmp_path / "a.html")], "html-trafilatura")))
    assert "[html]" in f"{raised.value} {raised.value.hint}"


def test_clean_keeps_the_article_and_restore_gives_the_page_back(copydesk_command, tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.html").write_bytes(PAGE.format(charset="<meta charset=latin1>").encode("cp1252"))
    out = tmp_path / "out"
    ran = copydesk_command("clean", pages / "a.html", "--to", "jsonl", "--out", out, "-q")
    assert ran.code == 0, ran.err
    article = json.loads((out / "articles.jsonl").read_text("utf-8"))
    assert article["body"].splitlines()[0].startswith("It rained all day in Östwick")
    for text in ("Home", "Privacy", "Most read", "<", "Lantern"):
        assert text not in article["body"]
    assert article["profile"] == "page"
    assert article["raw"]["format"] == "html"
    assert article["headline"] == "Rain floods the moor"
    assert article["authors"][0]["name"] == "Petra Quill"
    assert article["date_published"] == "2024-03-05T09:00:00Z"
    assert article["source_name"] == "The Lantern"
    assert article["url"] == "https://lowmoor.example/rain"
    assert copydesk_command("restore", out, "--to", tmp_path / "raw").code == 0
    assert (tmp_path / "raw" / "a.html").read_bytes() == (pages / "a.html").read_bytes()


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"<html>\0<p>It\0 rained.", b"<" * 1000, b"<html>" * 5000])
def test_odd_pages_become_records_with_their_bytes(content, tmp_path):
    (tmp_path / "a.html").write_bytes(content)
    [record], bad, [batch] = read(tmp_path / "a.html")
    assert not bad
    assert record["body"].encode() == content
    assert batch.raw(0) == content

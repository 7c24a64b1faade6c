"""Documents that trafilatura wrote as XML and TEI: each field lands, and the text keeps its structure."""

from __future__ import annotations

import io

import pytest

from copydesk.cleaner.readers.detect import choose_format
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.readers.source import Source
from copydesk.cleaner.records.loader import Loader, Place
from copydesk.schemas.errors import InputError

trafilatura = pytest.importorskip("trafilatura", reason="the extra html is not installed")
COUNT = 200
PAGE = """<html lang="en"><head><title>Rain floods the moor {number}</title>
<meta property="og:site_name" content="Lantern"><meta name="author" content="Petra Quill; Sam Vane">
<meta property="article:published_time" content="2024-03-05T10:00:00Z"><meta name="description" content="It rained.">
<meta property="article:tag" content="rain"><meta property="article:section" content="Weather"></head><body><article>
<h1>Rain floods the moor {number}</h1><h2>The quay</h2>
<p>It rained all day in <b>Ostwick</b> on Tuesday, and the <a href="https://quay.example/">eastern quay</a> &amp; the
market would stay closed until the end of the week, the harbour office said in a statement.</p>
<ul><li>One ferry leaves in the morning</li><li>Two boats leave at night</li></ul>
<blockquote>Nobody minded it at all, the harbour master said.</blockquote>
<p>More rain came later in the day, and the water rose to the steps of the old custom house.</p></article>
<div class="comments" id="comments"><p>I like rain very much, said a reader in a long comment.</p></div>
</body></html>"""
BODY_PARTS = (
    "<h2>The quay</h2>", "<b>Ostwick</b>", '<a href="https://quay.example/">eastern quay</a> &amp; the',
    "<li>One ferry leaves in the morning</li>", "<blockquote>Nobody minded it at all",
)  # fmt: skip


def write(number: int, kind: str) -> str:
    options = dict.fromkeys(("with_metadata", "include_formatting", "include_links", "include_comments"), True)
    url = f"https://lowmoor.example/{number}"
    page = PAGE.format(number=number)
    return trafilatura.extract(page, output_format=kind, url=url, record_id=str(number), deduplicate=False, **options)


def read(content: str, kind: str = "auto"):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        found = list(read_batches([Source(None, "stdin", kind)]))
    return [row for batch in found for row in batch.rows], [bad for batch in found for bad in batch.unreadable], found


@pytest.mark.parametrize(("kind", "name"), [("xml", "trafilatura-xml"), ("xmltei", "tei")])
def test_every_field_that_trafilatura_writes(kind, name):
    content = "\n".join(write(number, kind) for number in range(COUNT))
    assert choose_format(content.encode()[: 1 << 16], ".xml", "dump") == name
    records, bad, found = read(content)
    assert not bad
    assert len(records) == COUNT
    assert all(batch.place.form == "html" for batch in found)
    loaded = Loader().from_rows(records, Place())
    assert not loaded.misread
    columns = {field: column.to_pylist() for field, column in loaded.columns.items()}
    for number, record in enumerate(records):
        assert columns["id"][number] == str(number)
        assert columns["url"][number] == f"https://lowmoor.example/{number}"
        assert columns["headline"][number] == f"Rain floods the moor {number}"
        assert [author["name"] for author in columns["authors"][number]] == ["Petra Quill", "Sam Vane"]
        assert columns["date_published"][number].date().isoformat() == "2024-03-05"
        assert (columns["source_name"][number], columns["source_domain"][number]) == ("Lantern", "lowmoor.example")
        assert (columns["section"][number], columns["keywords"][number]) == ("Weather", ["rain"])
        assert columns["description"][number] == "It rained."
        assert columns["comments"][number].startswith("I like rain very much")
        assert "comment" not in record["body"]
        for part in BODY_PARTS:
            assert part in record["body"], part
        if kind == "xmltei":
            assert record["date_retrieved"]
            assert record["extra"]["application"]["ident"] == "Trafilatura"
            assert record["extra"]["notes"]["fingerprint"]
        else:
            assert record["extra"]["fingerprint"]
    raw, offset = found[0].raw(1), found[0].place.byte_offset[1].as_py()
    assert content.encode()[offset:].startswith(raw)


def test_tei_of_others():
    content = """<?xml version="1.0"?>
    <teiCorpus xmlns="http://www.tei-c.org/ns/1.0"><TEI xml:lang="cy"><teiHeader><fileDesc>
    <titleStmt><title>Rain</title><author>Petra Quill</author></titleStmt>
    <publicationStmt><publisher>Lantern</publisher><date>2024-03-05</date></publicationStmt></fileDesc></teiHeader>
    <text><body><p>It <hi rend="italic">rained</hi>.</p>
    <lg><l>Rain</l></lg></body></text></TEI></teiCorpus>"""
    [record], _, _ = read(content)
    assert record["body"] == "<p>It <i>rained</i>.</p>\n    <p>Rain</p>"
    assert (record["headline"], record["authors"], record["language"]) == ("Rain", "Petra Quill", "cy")
    assert (record["source_name"], record["date_published"]) == ("Lantern", "2024-03-05")


def test_a_document_that_is_cut_off_is_set_aside():
    records, [bad], _ = read(write(1, "xml") + write(2, "xml")[:400])
    assert [record["id"] for record in records] == ["1"]
    assert bad.check == "input/cut-off"


@pytest.mark.parametrize("kind", ["tei", "trafilatura-xml"])
@pytest.mark.parametrize("content", ["", "<log/>", "It rained."])
def test_what_is_no_document_is_one_clear_line(kind, content):
    with pytest.raises(InputError) as raised:
        read(content, kind)
    assert "\n" not in str(raised.value)


def test_an_empty_body_and_odd_elements():
    [record], _, _ = read(
        '<doc title="Rain" mood="wet"><main><p/><strange>It rained.</strange></main><notes>a</notes></doc>'
    )
    assert record["body"] == "<p></p>It rained."
    assert record["extra"] == {"mood": "wet", "notes": "a"}

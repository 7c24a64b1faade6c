"""Feeds that a real tool wrote: each field of RSS, Atom and JSON Feed lands where the article has its place."""

from __future__ import annotations

import gzip
import json

import pytest

from copydesk.cleaner.readers import batches, xml_records, xml_skipping
from copydesk.cleaner.readers.detect import choose_format
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.records.loader import Loader, Place
from copydesk.schemas.errors import InputError

feedgen = pytest.importorskip("feedgen.feed", reason="it makes the feeds")
COUNT = 200


@pytest.fixture(scope="module")
def feed():
    """Return a feed with everything that feedgen can write in each entry."""
    feed = feedgen.FeedGenerator()
    feed.load_extension("dc")
    feed.load_extension("media")
    feed.id("tag:lowmoor.example,2024:feed")
    feed.title("The Lowmoor Lantern")
    feed.link(href="https://lowmoor.example/", rel="alternate")
    feed.description("News of the moor")
    feed.language("en-GB")
    feed.copyright("© 2024 Lantern")
    for number in range(COUNT):
        entry = feed.add_entry(order="append")
        entry.id(f"tag:lowmoor.example,2024:{number}")
        entry.title(f"Rain & snow, day {number}")
        entry.link(href=f"https://lowmoor.example/{number}?a=1&b=2")
        entry.author(name="Petra Quill", email="petra@lowmoor.example", uri="https://lowmoor.example/quill")
        entry.contributor(name="Sam Vane")
        entry.summary("A <b>short</b> one &amp; dry")
        entry.content(f"<p>It rained &amp; snowed on day {number}.</p>", type="CDATA")
        entry.category(term="weather", label="Weather", scheme="https://lowmoor.example/tags")
        entry.category(term="moor")
        entry.published("2024-03-05T10:00:00+01:00")
        entry.updated("2024-03-06T11:30:00+01:00")
        entry.enclosure(f"https://lowmoor.example/{number}.jpg", "1234", "image/jpeg")
        entry.enclosure(f"https://lowmoor.example/{number}.mp3", "99", "audio/mpeg")
        entry.comments(f"https://lowmoor.example/{number}#comments")
        entry.rights("© Petra Quill")
        entry.source(url="https://ostwick.example/feed", title="Ostwick Echo")
        entry.dc.dc_creator(["Petra Quill", "Sam Vane"])
        entry.media.content({"url": f"https://lowmoor.example/{number}-wide.png", "medium": "image"})
        entry.media.thumbnail({"url": f"https://lowmoor.example/{number}-small.png"})
    return feed


def test_every_field_of_rss(read, feed):
    content = feed.rss_str()
    records, places, bad = read(content)
    assert not bad
    assert len(records) == COUNT
    for number, (record, (line, offset, raw)) in enumerate(zip(records, places, strict=True)):
        extra = record.pop("extra")
        assert record == {
            "id": f"tag:lowmoor.example,2024:{number}",
            "headline": f"Rain & snow, day {number}",
            "url": f"https://lowmoor.example/{number}?a=1&b=2",
            "body": f"<p>It rained &amp; snowed on day {number}.</p>",
            "description": "A short one & dry",
            "section": "Weather",
            "keywords": ["Weather", "moor"],
            "authors": ["Petra Quill", "Sam Vane"],
            "date_published": "Tue, 05 Mar 2024 10:00:00 +0100",
            "language": "en-GB",
            "rights": "© 2024 Lantern",
            "source_name": "Ostwick Echo",
            "images": [{"url": f"https://lowmoor.example/{number}{end}"} for end in ("-wide.png", "-small.png")],
        }
        assert extra["author"] == "petra@lowmoor.example (Petra Quill)"
        assert extra["description_html"] == "A <b>short</b> one &amp; dry"
        assert extra["comments"] == f"https://lowmoor.example/{number}#comments"
        assert extra["enclosures"] == [
            {"url": f"https://lowmoor.example/{number}.mp3", "length": "99", "type": "audio/mpeg"}
        ]
        assert extra["source_url"] == "https://ostwick.example/feed"
        assert extra["category_domains"] == [{"name": "Weather", "domain": "https://lowmoor.example/tags"}]
        assert extra["feed"]["title"] == "The Lowmoor Lantern"
        assert extra["feed"]["link"] == "https://lowmoor.example/"
        assert content[offset : offset + len(raw)] == raw
        assert raw.startswith(b"<item>")
        assert raw.endswith(b"</item>")
        assert content.count(b"\n", 0, offset) == line - 1


def test_every_field_of_atom(read, feed):
    content = feed.atom_str(pretty=True)
    records, places, bad = read(content)
    assert not bad
    assert len(records) == COUNT
    for number, (record, (line, offset, raw)) in enumerate(zip(records, places, strict=True)):
        extra = record.pop("extra")
        people = record.pop("authors")
        assert record == {
            "id": f"tag:lowmoor.example,2024:{number}",
            "url": f"https://lowmoor.example/{number}?a=1&b=2",
            "headline": f"Rain & snow, day {number}",
            "body": f"<p>It rained &amp; snowed on day {number}.</p>",
            "description": "A short one & dry",
            "date_published": "2024-03-05T10:00:00+01:00",
            "date_modified": "2024-03-06T11:30:00+01:00",
            "section": "Weather",
            "keywords": ["Weather", "moor"],
            "language": "en-GB",
            "source_name": "Ostwick Echo",
            "rights": "© Petra Quill",
            "images": [{"url": f"https://lowmoor.example/{number}{end}"} for end in ("-wide.png", "-small.png")],
        }
        assert people[0]["name"] == "Petra Quill"
        assert people[0]["url"] == "https://lowmoor.example/quill"
        assert people[1] == {"name": "Sam Vane", "role": "contributor"}
        assert extra["mails"] == ["petra@lowmoor.example"]
        assert extra["dc:creator"] == ["Petra Quill", "Sam Vane"]
        assert extra["feed"]["title"] == "The Lowmoor Lantern"
        assert content[offset : offset + len(raw)] == raw
        assert content.count(b"\n", 0, offset) == line - 1


def test_fields_become_those_of_articles(read, feed):
    for content in (feed.rss_str(), feed.atom_str()):
        records, _, _ = read(content)
        loaded = Loader().from_rows(records[:1], Place())
        assert not loaded.misread
        assert loaded.columns["authors"].to_pylist()[0][0]["name"] == "Petra Quill"
        assert loaded.columns["date_published"].to_pylist()[0].isoformat() == "2024-03-05T09:00:00+00:00"
        assert loaded.columns["keywords"].to_pylist() == [["Weather", "moor"]]


RDF = b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:c="http://purl.org/rss/1.0/modules/content/" xmlns:d="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://lowmoor.example/"><title>Lantern</title><d:language>cy</d:language></channel>
<item rdf:about="https://lowmoor.example/1"><title>Rain</title><link>https://lowmoor.example/1</link>
<description>It rained.</description><d:creator>Petra Quill</d:creator><d:date>2024-03-05</d:date>
<d:subject>Weather</d:subject><c:encoded>&lt;p&gt;It rained all day.&lt;/p&gt;</c:encoded></item>
</rdf:RDF>"""


def test_rdf_with_prefixes_of_its_own(read):
    [record], _, _ = read(RDF)
    del record["extra"]
    assert record == {
        "headline": "Rain", "url": "https://lowmoor.example/1", "body": "<p>It rained all day.</p>",
        "description": "It rained.", "authors": ["Petra Quill"], "date_published": "2024-03-05", "language": "cy",
        "section": "Weather", "keywords": ["Weather"], "source_name": "Lantern",
    }  # fmt: skip


def test_xhtml_in_atom_becomes_html(read):
    content = b"""<a:feed xmlns:a="http://www.w3.org/2005/Atom" xmlns:h="http://www.w3.org/1999/xhtml" xml:lang="cy">
    <a:title>Lantern</a:title><a:author><a:name>Desk</a:name></a:author>
    <a:entry><a:id>1</a:id><a:title type="html">Rain &amp;amp; &lt;i>snow&lt;/i></a:title>
    <a:link href="https://lowmoor.example/1"/>
    <a:content type="xhtml"><h:div><h:p>It rained &amp; <h:b>snowed</h:b>.<h:br/></h:p></h:div></a:content>
    </a:entry></a:feed>"""
    [record], _, _ = read(content)
    assert record["body"] == "<p>It rained &amp; <b>snowed</b>.<br></p>"
    assert record["headline"] == "Rain & snow"
    assert record["authors"] == [{"name": "Desk"}]
    assert (record["language"], record["source_name"]) == ("cy", "Lantern")


def test_a_summary_alone_is_the_body(read):
    [record], _, _ = read(rss("<description>It rained all day.</description><guid>https://lowmoor.example/1</guid>"))
    assert record["body"] == "It rained all day."
    assert "description" not in record
    assert record["extra"]["body_from"] == "description"
    assert record["url"] == "https://lowmoor.example/1"


def rss(*items: str, head: str = '<?xml version="1.0"?>') -> bytes:
    lines = "".join(f"<item>{item}</item>\n" for item in items)
    return f"{head}\n<rss version='2.0'><channel><title>Lantern</title>\n{lines}</channel></rss>".encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_it_does_not_matter_how_a_feed_is_cut_into_reads(read, size, monkeypatch):
    items = [GOOD, "<title>a & b</title>", "<b>", "<title><![CDATA[<item>]]></title>", "</b>", GOOD] * 3
    content = rss(*items)
    expected = read(content)
    monkeypatch.setattr(xml_records, "READ", size)
    monkeypatch.setattr(xml_skipping, "READ", size)
    records, places, bad = read(content)
    assert (records, places) == expected[:2]
    assert [(one.line, one.byte_offset, one.raw) for one in bad] == [
        (one.line, one.byte_offset, one.raw) for one in expected[2]
    ]
    assert len(records) + len(bad) == len(items)
    for line, offset, raw in places:
        assert content[offset:].startswith(raw)
        assert content.count(b"\n", 0, offset) == line - 1


def test_many_items_with_faults_are_all_set_aside(read):
    content = rss(GOOD, *["<b>"] * 9000, GOOD)
    records, _, bad = read(content)
    assert (len(records), len(bad)) == (2, 9000)


def test_what_describes_a_feed_is_bounded_and_read_once(read):
    head = "".join(f"<x{number}>{'a' * 50}</x{number}>" for number in range(2000))
    content = rss(*[GOOD] * 1000).replace(b"<item>", head.encode() + b"<item>", 1)
    records, _, _ = read(content)
    assert len(records) == 1000
    assert 10 < len(records[-1]["extra"]["feed"]) < 100


GOOD = "<title>Rain</title><description>It rained.</description>"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("<title>Rain</titel>", "mismatched tag"),
        ("<open>", "mismatched tag"),
        ("<a>" * 300 + "</a>" * 300, "nested too deeply"),
        ("<title>Rain</title><p title=1>", "not well-formed"),
        ("<title>\x00\x01</titel>", "not well-formed"),
    ],
)
def test_an_item_with_a_fault_is_set_aside_alone(read, fault, message):
    content = rss(GOOD, fault, GOOD.replace("Rain", "Snow"))
    records, places, [bad] = read(content)
    assert [record["headline"] for record in records] == ["Rain", "Snow"]
    assert bad.raw == f"<item>{fault}</item>".encode()
    assert content[bad.byte_offset :].startswith(bad.raw)
    assert bad.check == "input/bad-xml"
    assert message in bad.message
    assert (bad.line, places[1][0]) == (4, 5)
    assert content[places[1][1] :].startswith(places[1][2])


def test_bare_ampersands_and_control_characters_are_mended(read):
    records, places, bad = read(
        rss("<title>Ships & sails\x0b &nbsp;&eacute; AT&T</title><description>It rained.</description>")
    )
    assert not bad
    assert records[0]["headline"] == "Ships & sails \xa0\xe9 AT&T"
    assert records[0]["extra"]["mended"]
    assert b"\x0b" in places[0][2]


def test_names_of_html_and_prefixes_that_are_not_declared(read):
    [record], _, _ = read(rss("<title>Caf&eacute;&nbsp;&unheard;</title><dc:creator>Petra Quill</dc:creator>" + GOOD))
    assert record["headline"] == "Café\xa0&unheard;"
    assert record["authors"] == ["Petra Quill"]


@pytest.mark.parametrize("head", ['<!DOCTYPE rss [<!ENTITY a "b">]>', '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
                                  '<!DOCTYPE rss [<!ENTITY % a SYSTEM "https://lowmoor.example/x"> %a;]>'])  # fmt: skip
def test_entities_are_refused(read, head):
    with pytest.raises(InputError, match="declares the entity 'a'"):
        read(rss(GOOD, head=head))


def test_a_document_type_without_entities_is_read(read):
    head = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://lowmoor.example/rss-0.91.dtd">'
    assert len(read(rss(GOOD, head=head))[0]) == 1


@pytest.mark.parametrize("at", [-2, -20, -40, -70])
def test_a_feed_that_is_cut_off_keeps_what_was_before(read, at):
    content = rss(GOOD, GOOD, GOOD)[:at]
    records, _, [bad] = read(content)
    assert len(records) == (3 if at == -2 else 2)
    assert bad.check == "input/cut-off"
    assert content[bad.byte_offset :].startswith(bad.raw)


def test_a_packed_feed_that_is_cut_off(tmp_path, feed):
    whole = feed.rss_str()
    packed = gzip.compress(whole)
    path = tmp_path / "feed.rss.gz"
    path.write_bytes(packed[: len(packed) // 2])
    [source] = find_sources([str(path)])
    found = list(read_batches([source], strict=False))
    records = [row for batch in found for row in batch.rows]
    bad, of_file = [bad for batch in found for bad in batch.unreadable]
    assert COUNT / 4 < len(records) < COUNT
    assert (bad.check, of_file.check) == ("input/cut-off", "input/truncated")
    assert whole[bad.byte_offset :].startswith(bad.raw)


def test_an_item_that_is_too_large_is_skipped(read, monkeypatch):
    monkeypatch.setattr(batches, "MAX_RECORD", 300_000)
    monkeypatch.setattr(batches, "KEPT_BYTES", 1000)
    content = rss(GOOD, f"<description>{'rain ' * 200_000}</description>", GOOD)
    records, places, [bad] = read(content)
    assert len(records) == 2
    assert bad.check == "input/too-large"
    assert len(bad.raw) == 1000
    assert content[places[1][1] :].startswith(b"<item>")


def test_a_text_of_20_megabytes_is_read(read):
    [record], _, _ = read(rss(f"<title>Rain</title><description>{'It rained. ' * 1_900_000}</description>"))
    assert len(record["body"]) > 20_000_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"It rained.", "syntax error"),
        (b"<rss><channel><title>", "cut off"),
        (b"<html><body></body></html>", "not RSS"),
        (b"<?xml version='1.0' encoding='klingon'?><rss/>", "encoding is unknown"),
    ],
)
def test_what_is_no_feed_is_one_clear_line(read, content, message):
    with pytest.raises(InputError, match=message):
        read(content, "rss")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1251", "iso-8859-1", "shift_jis"])
def test_encodings_by_mark_and_declaration(read, encoding):
    word = {"windows-1251": "Дождь", "shift_jis": "雨"}.get(encoding, "Café")
    head = "" if encoding.startswith("utf") else f'<?xml version="1.0" encoding="{encoding}"?>'
    content = rss(f"<title>{word}</title>", head=head).decode().encode(encoding)
    assert read(content)[0][0]["headline"] == word


QUILL = {"name": "Petra Quill", "url": "https://lowmoor.example/quill"}
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1", "title": "Lantern", "language": "en-GB",
    "home_page_url": "https://lowmoor.example/", "authors": [{"name": "Desk"}],
}  # fmt: skip


def test_every_field_of_a_json_feed(read):
    items = [
        {
            "id": str(number), "url": f"https://lowmoor.example/{number}", "external_url": "https://ostwick.example/",
            "title": "Rain", "content_html": "<p>It rained.</p>", "content_text": "It rained.", "summary": "Rain.",
            "image": "https://lowmoor.example/a.jpg", "banner_image": "https://lowmoor.example/b.jpg",
            "date_published": "2024-03-05T10:00:00+01:00", "date_modified": "2024-03-06T10:00:00+01:00",
            "authors": [{**QUILL, "avatar": "https://lowmoor.example/q.png"}],
            "tags": ["weather", "moor"], "language": "cy", "_lantern": {"rank": number},
            "attachments": [{"url": "https://lowmoor.example/c.jpg", "mime_type": "image/jpeg"}],
        }
        for number in range(COUNT)
    ]  # fmt: skip
    content = json.dumps({**JSON_FEED, "items": items}, indent=2).encode()
    assert choose_format(content, ".json", "feed.json") == "jsonfeed"
    records, places, bad = read(content)
    assert not bad
    for number, record in enumerate(records):
        assert record.pop("extra") == {
            "external_url": "https://ostwick.example/", "content_text": "It rained.", "_lantern": {"rank": number},
            "avatars": ["https://lowmoor.example/q.png"], "attachments": items[0]["attachments"],
            "feed": {name: value for name, value in JSON_FEED.items() if name != "version"},
        }  # fmt: skip
        assert record == {
            "id": str(number), "url": f"https://lowmoor.example/{number}", "headline": "Rain",
            "body": "<p>It rained.</p>", "description": "Rain.", "date_published": "2024-03-05T10:00:00+01:00",
            "date_modified": "2024-03-06T10:00:00+01:00", "keywords": ["weather", "moor"], "language": "cy",
            "authors": [QUILL], "source_name": "Lantern",
            "images": [f"https://lowmoor.example/{name}.jpg" for name in "abc"],
        }  # fmt: skip
    line, offset, raw = places[7]
    assert line == 8
    assert content[offset : offset + len(raw)] == raw


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, '{"version": 1, "items": "no"}'])
def test_a_bad_json_feed_is_one_clear_line(read, content):
    with pytest.raises(InputError, match="not a JSON Feed"):
        read(content.encode(), "jsonfeed")


def test_items_of_a_json_feed_that_are_no_objects_are_set_aside(read):
    items = [{"content_text": "It rained."}, 7, {"content_text": "It snowed.", "authors": "Petra Quill"}]
    records, _, [bad] = read(json.dumps({**JSON_FEED, "items": items}).encode())
    assert [record["body"] for record in records] == ["It rained.", "It snowed."]
    assert (bad.raw, bad.check, bad.line) == (b"7", "input/not-object", 2)

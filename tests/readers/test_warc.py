"""Web archives that a real tool wrote: pages and texts come out, with their addresses, dates and ids."""

from __future__ import annotations

import gzip
import io
import logging

import pytest

from copydesk.cleaner.readers import batches
from copydesk.cleaner.readers.detect import choose_format
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.readers.source import Source
from copydesk.schemas.errors import InputError

pytest.importorskip("fastwarc", reason="the extra warc is not installed")
writer_module = pytest.importorskip("warcio.warcwriter")
from warcio.statusandheaders import StatusAndHeaders  # noqa: E402

# warcio leaves its temporary files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
COUNT = 200
PAGE = (
    '<html lang="cy"><head><title>Rain {number}</title><meta property="og:site_name" content="Lantern">'
    '<link rel="canonical" href="/{number}"></head><body><p>It rained in Östwick on day {number}.</p></body></html>'
)
HTML = "text/html; charset=ISO-8859-1"


class Archive:
    """An archive that is written record by record."""

    def __init__(self, *, packed: bool = False) -> None:
        self._file = io.BytesIO()
        self._writer = writer_module.WARCWriter(self._file, gzip=packed)
        self._writer.write_record(self._writer.create_warcinfo_record("a.warc", {"software": "warcio"}))

    def add(self, content: bytes, kind: str = "response", status: str = "200 OK", **headers: str) -> None:
        fields = {"Content-Type": HTML, **{name.replace("_", "-"): value for name, value in headers.items()}}
        http = StatusAndHeaders(status, list(fields.items()), protocol="HTTP/1.1") if kind == "response" else None
        record = self._writer.create_warc_record(
            f"https://lowmoor.example/{self._file.tell()}", kind, payload=io.BytesIO(content), http_headers=http,
            warc_content_type=fields["Content-Type"] if http is None else "",
            warc_headers_dict={"WARC-Date": "2024-03-05T09:00:00Z", "WARC-Identified-Content-Language": "cym,eng"},
        )  # fmt: skip
        self._writer.write_record(record)

    def content(self) -> bytes:
        return self._file.getvalue()


def page(number: int) -> bytes:
    return PAGE.format(number=number).encode("cp1252")


def read(content: bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        found = list(read_batches([Source(None, "stdin", "auto")]))
    return (
        [row for batch in found for row in batch.rows or []],
        [bad for batch in found for bad in batch.unreadable],
        found,
    )


@pytest.mark.parametrize("packed", [False, True])
def test_pages_of_responses(packed, tmp_path):
    archive = Archive(packed=packed)
    for number in range(COUNT):
        archive.add(page(number), Server="lamp")
    content = archive.content()
    path = tmp_path / ("CC.warc.gz" if packed else "CC.warc")
    path.write_bytes(content)
    plain = gzip.decompress(content) if packed else content
    found = list(read_batches(find_sources([str(path)])))
    places = [
        (batch.place.of(row), batch.place.warc_record_id[row]) for batch in found for row in range(len(batch.rows))
    ]
    records = [row for batch in found for row in batch.rows]
    assert len(records) == COUNT
    for number, (record, ((_, line, offset), name)) in enumerate(zip(records, places, strict=True)):
        extra = record.pop("extra")
        address = record.pop("url")
        assert address.startswith("https://lowmoor.example/")
        assert record == {
            "body": PAGE.format(number=number), "headline": f"Rain {number}", "language": "cy",
            "source_name": "Lantern", "canonical_url": f"https://lowmoor.example/{number}",
            "date_retrieved": "2024-03-05T09:00:00Z",
        }  # fmt: skip
        assert line == number + 2
        assert plain[offset:].startswith(b"WARC/1.0\r\n")
        assert name.encode() in plain[offset : offset + 600]
        assert name.startswith("urn:uuid:")
        assert (extra["http_headers"]["server"], extra["warc_type"]) == ("lamp", "response")
        assert "warc-payload-digest" in extra["warc_headers"]


def test_texts_of_conversions():
    archive = Archive()
    archive.add("Rain\nIt rained in Östwick.".encode(), "conversion", Content_Type="text/plain")
    [record], bad, [batch] = read(archive.content())
    assert not bad
    assert record["body"] == "Rain\nIt rained in Östwick."
    assert record["language"] == "cym"
    assert record["url"].startswith("https://lowmoor.example/")
    assert batch.place.whole_pages


def test_what_holds_no_article_is_counted_and_named(caplog):
    archive = Archive()
    archive.add(page(1))
    archive.add(page(2), status="404 Not Found")
    archive.add(b"\x89PNG", Content_Type="image/png")
    archive.add(page(3), "resource")
    archive.add(b"a: b", "metadata", Content_Type="application/warc-fields")
    with caplog.at_level(logging.WARNING, "copydesk"):
        records, bad, _ = read(archive.content())
    assert [record["headline"] for record in records] == ["Rain 1", "Rain 3"]
    assert not bad
    for what in (
        "4 records without an article not read",
        "1 warcinfo",
        "1 metadata",
        "1 response of status 404",
        "response of type image/png",
    ):
        assert what in caplog.text


@pytest.mark.parametrize("coding", ["gzip", "chunked"])
def test_bodies_are_decoded_as_their_headers_say(coding):
    archive = Archive()
    content = page(1)
    if coding == "gzip":
        archive.add(gzip.compress(content), Content_Encoding="gzip")
    else:
        archive.add(b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content), Transfer_Encoding="chunked")
    [record], _, _ = read(archive.content())
    assert record["body"] == PAGE.format(number=1)


def test_a_large_page_and_one_in_no_encoding():
    archive = Archive()
    archive.add(page(1) + b"rain " * 1_000_000)
    archive.add(page(2) + b"\x81\xfe", Content_Type="text/html; charset=utf-8")
    (large, damaged), bad, _ = read(archive.content())
    assert not bad
    assert len(large["body"]) > 5_000_000
    assert damaged["body"].endswith("\ufffd\ufffd")
    assert damaged["extra"]["page_encoding"] == "utf-8, with damage"


@pytest.mark.parametrize("cut", [-100, -500])
def test_an_archive_that_is_cut_off_keeps_what_was_before(cut):
    archive = Archive()
    for number in range(3):
        archive.add(page(number))
    content = archive.content()[:cut]
    records, [bad], _ = read(content)
    assert len(records) == 2
    assert bad.check == "input/cut-off"
    assert content[bad.byte_offset :].startswith(b"WARC/1.0")


def test_a_packed_archive_that_is_cut_off(tmp_path):
    archive = Archive(packed=True)
    for number in range(50):
        archive.add(page(number))
    content = archive.content()
    (tmp_path / "a.warc.gz").write_bytes(content[: len(content) // 2])
    found = list(read_batches(find_sources([str(tmp_path / "a.warc.gz")]), strict=False))
    records = [row for batch in found for row in batch.rows]
    checks = [bad.check for batch in found for bad in batch.unreadable]
    assert 15 < len(records) < 30
    assert checks[-1] == "input/truncated"


def test_a_damaged_archive_keeps_what_was_before():
    archive = Archive()
    for number in range(3):
        archive.add(page(number))
    content = archive.content()
    at = content.rindex(b"WARC/1.0")
    records, [bad], _ = read(content[:at] + b"\0" * 50 + content[at:])
    assert len(records) == 2
    assert bad.check == "input/cut-off"


def test_bombs_are_bounded(monkeypatch):
    monkeypatch.setattr(batches, "MAX_RECORD", 100_000)
    archive = Archive()
    archive.add(gzip.compress(b"<html>" + b"rain " * 1_000_000), Content_Encoding="gzip")
    archive.add(page(1) + b"rain " * 100_000)
    archive.add(page(2))
    records, bad, _ = read(archive.content())
    assert [record["headline"] for record in records] == ["Rain 2"]
    assert [one.check for one in bad] == ["input/too-large"] * 2


def test_an_archive_is_told_by_its_first_bytes():
    assert choose_format(Archive().content(), "", "dump") == "warc"
    with pytest.raises(InputError, match="not a web archive"):
        list(read_batches_of(b"It rained.\r\n\r\n"))


def read_batches_of(content: bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        yield from read_batches([Source(None, "stdin", "warc")])

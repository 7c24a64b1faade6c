"""Web archives (WARC), and the texts that Common Crawl makes of them (WET)."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from ....schemas.errors import InputError
from ....schemas.messages import counted
from .. import batches
from ..declare import Bad, Record, reader
from ..html_encodings import decode_leniently
from ..xml_records import CUT_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile

_STATUS = re.compile(rb"HTTP/[\d.]+\s+(\d{3})")
_CONTENT_TYPE = re.compile(rb"^content-type:\s*([\w.+-]+/[\w.+-]+)", re.IGNORECASE | re.MULTILINE)
_HTML = ("text/html", "application/xhtml+xml")
_NAMED = 6  # kinds of records that are no articles, in a message
_READ_HEADERS = ("warc-type", "warc-record-id", "warc-target-uri", "warc-date", "content-length", "content-type")
_WRAPPING = (
    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
)
_log = logging.getLogger("copydesk")


class _Block(NamedTuple):
    """A record of an archive, with its block as it is."""

    kind: str
    headers: dict[str, str]
    content: bytes
    number: int
    offset: int
    size: int
    """Bytes that the block should have."""

    @property
    def id(self) -> str:
        return self.headers.get("warc-record-id", "").strip("<>")

    def as_bad(self, message: str, check: str) -> Bad:
        return Bad(self.content[: batches.KEPT_BYTES], message, self.number, self.offset, check)


@reader(
    name="warc",
    suffixes=[".warc", ".wet"],
    magic=[b"WARC/0.", b"WARC/1."],
    extra="warc",
    whole_pages=True,
)
def read_warc(file: InputFile) -> Iterator[Record | Bad]:
    """Read the pages of an archive, and texts made of pages. The number of a record is its line.

    Pages are responses of status 200, and resources, whose type is HTML. Other records are counted, and named in a
    warning. Raises `InputError` for a file that is no archive.
    """
    others: Counter[str] = Counter()
    for block in _read_blocks(file):
        if isinstance(block, Bad):
            yield block
        elif what := _describe_other(block):
            others[what] += 1
        elif block.size > batches.MAX_RECORD:
            yield block.as_bad(batches.describe_long(f"the record has {block.size:,} bytes"), batches.TOO_LARGE)
        elif len(block.content) < block.size:
            yield block.as_bad("the file is cut off in this record", CUT_OFF)
        else:
            yield _read_text(block) if block.kind == "conversion" else _read_page(block)
    if others:
        named = ", ".join(f"{count:,} {what}" for what, count in others.most_common(_NAMED))
        more = f" and {len(others) - _NAMED:,} more kinds" if len(others) > _NAMED else ""
        total = counted(others.total(), "record")
        _log.warning("%s: %s without an article not read: %s%s", file.source.label, total, named, more)


def _read_blocks(file: InputFile) -> Iterator[_Block | Bad]:
    """Yield the records of an archive. A fault ends it: nobody knows where the next record begins."""
    from fastwarc.warc import ArchiveIterator

    number, offset = 0, 0
    try:
        for number, record in enumerate(ArchiveIterator(file, parse_http=False, stream_detect=False), 1):
            offset = record.stream_pos
            headers = {name.lower(): value for name, value in record.headers}
            size = record.content_length
            kind = headers.get("warc-type", "")
            is_read = kind in ("response", "resource", "conversion")
            kept = batches.KEPT_BYTES if size > batches.MAX_RECORD else size
            block = _Block(kind, headers, record.reader.read(kept) if is_read else b"", number, offset, size)
            yield block if "content-length" in headers else block.as_bad("the file is cut off in this record", CUT_OFF)
    except OSError as error:
        if not number:
            what = f"this is not a web archive ({error})"
            raise InputError(what, where=file.source.label, hint="check that the file is complete") from None
        message = f"the archive is damaged behind the record at byte {offset:,} ({error})"
        yield Bad(b"", message, number + 1, offset, CUT_OFF)


def _describe_other(block: _Block) -> str:
    """Return what a record is that holds no article, empty for one that may hold one."""
    if block.kind == "conversion":
        return ""
    if block.kind not in ("response", "resource"):
        return block.kind[:40] or "without a type"
    head = block.content[: batches.KEPT_BYTES].partition(b"\r\n\r\n")[0]
    status = _STATUS.match(head)
    if status and status[1] != b"200":
        return f"response of status {status[1].decode()}"
    found = _CONTENT_TYPE.search(head) if status else None
    kind = found[1].decode().lower() if found else block.headers.get("content-type", "").partition(";")[0].lower()
    return "" if kind in _HTML else f"{block.kind} of type {kind[:40] or 'unknown'}"


def _read_page(block: _Block) -> Record | Bad:
    """Return the page of a response or a resource, with the fields of its markup."""
    from ..page_metadata import read_metadata

    content, http_headers = _unwrap(block)
    if len(content) > batches.MAX_RECORD:
        return block.as_bad(batches.describe_long("the page is longer, unpacked"), batches.TOO_LARGE)
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", http_headers.get("content-type", ""), re.IGNORECASE)
    text, encoding = decode_leniently(content, charset[1] if charset else None)
    address = block.headers.get("warc-target-uri", "").strip("<>")
    fields = read_metadata(text, address)
    extra = {**fields.pop("extra", {}), "page_encoding": encoding, "http_headers": http_headers}
    return _make_record(block, {"body": text, **fields}, {name: value for name, value in extra.items() if value})


def _unwrap(block: _Block) -> tuple[bytes, dict[str, str]]:
    """Return the body of a response, decoded as its headers say, and these headers. A resource has none."""
    from fastwarc.warc import ArchiveIterator

    if not _STATUS.match(block.content):
        return block.content, {}
    wrapped = io.BytesIO(_WRAPPING % len(block.content) + block.content + b"\r\n\r\n")
    for record in ArchiveIterator(wrapped, parse_http=True, auto_decode="all", stream_detect=False):
        headers = {name.lower(): value for name, value in record.http_headers} if record.http_headers else {}
        try:
            return record.reader.read(batches.MAX_RECORD + 1), headers
        except (OSError, ValueError):  # its encoding is another than its headers say
            break
    return block.content.partition(b"\r\n\r\n")[2], {}


def _read_text(block: _Block) -> Record:
    """Return the text that was made of a page."""
    text, _ = decode_leniently(block.content, "utf-8")
    languages = block.headers.get("warc-identified-content-language", "")
    fields = {"body": text, "url": block.headers.get("warc-target-uri", "").strip("<>")}
    return _make_record(block, {**fields, "language": languages.partition(",")[0]}, {})


def _make_record(block: _Block, fields: dict[str, Any], extra: dict[str, Any]) -> Record:
    others = {name: value for name, value in block.headers.items() if name not in _READ_HEADERS}
    whole = {
        **{name: value for name, value in fields.items() if value or name == "body"},
        "date_retrieved": block.headers.get("warc-date"),
        "extra": {**extra, "warc_type": block.kind, "warc_headers": others},
    }
    return Record(whole, block.number, block.offset, block.content, warc_record_id=block.id or None)

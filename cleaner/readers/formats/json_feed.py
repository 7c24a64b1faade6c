"""JSON Feed, versions 1 and 1.1: a document with a list of items. An item is a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from ....schemas.errors import InputError
from .. import batches
from ..declare import Bad, Record, reader
from ..feed_fields import is_image
from ..xml_values import without_empty
from .jsonl import parse_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile

_VERSION = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org(?:\\?/)version')
_OF_ITEM = frozenset(
    ("id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
     "date_published", "date_modified", "author", "authors", "tags", "language", "attachments")
)  # fmt: skip
_OF_FEED = frozenset(("items", "version"))


class _Feed(msgspec.Struct):
    items: list[msgspec.Raw] = []


def _sniff(start: bytes) -> float:
    return 0.97 if start.lstrip().startswith(b"{") and _VERSION.search(start) else 0


@reader(name="jsonfeed", suffixes=[".jsonfeed"], shared_suffixes=[".json"], sniff=_sniff)
def read_json_feed(file: InputFile) -> Iterator[Record | Bad]:
    """Read a feed item by item. An item that is not an object does not stop the others.

    Raises `InputError` for a feed that is not JSON, or is larger than a record may be.
    """
    text, encoding = file.narrowed()
    data = text.read(batches.MAX_RECORD + 1)
    if len(data) > batches.MAX_RECORD:
        what = f"the feed has more than {batches.MAX_RECORD:,} bytes"
        raise InputError(what, where=file.source.label, hint="split it, or write its items as JSON Lines")
    data = (data.decode(encoding).encode() if encoding else data).removeprefix(b"\xef\xbb\xbf")
    try:
        feed = msgspec.json.decode(data)
        items = msgspec.json.decode(data, type=_Feed).items
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        what = f"not a JSON Feed ({error})"
        raise InputError(what, where=file.source.label, hint="check that the file is complete") from None
    about_feed = {name: value for name, value in feed.items() if name not in _OF_FEED}
    at = 0
    for number, item in enumerate(items, 1):
        raw = bytes(item)
        at = data.index(raw, at)
        parsed = parse_record(raw, None)
        if isinstance(parsed, dict):
            yield Record(_read_item(parsed, about_feed), number, at, raw)
        else:
            check, message = parsed or ("input/not-object", "the item is empty")
            yield Bad(raw, message, number, at, check)
        at += len(raw)


def _read_item(item: dict[str, Any], feed: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an item. What describes the feed goes to the field `feed`."""
    html, text = item.get("content_html"), item.get("content_text")
    summary = item.get("summary")
    body = html or text or summary
    attachments = _objects(item.get("attachments"))
    pictures = [one for one in attachments if is_image(str(one.get("mime_type") or ""), str(one.get("url") or ""))]
    addresses = [item.get("image"), item.get("banner_image"), *(one.get("url") for one in pictures)]
    authors = item.get("authors") or item.get("author") or feed.get("authors") or feed.get("author")
    people = _objects(authors)
    fields = {
        "id": item.get("id"),
        "url": item.get("url") or item.get("external_url"),
        "headline": item.get("title"),
        "body": body,
        "description": summary if body is not summary else None,
        "authors": [{"name": one.get("name") or one.get("url"), "url": one.get("url")} for one in people],
        "date_published": item.get("date_published"),
        "date_modified": item.get("date_modified"),
        "keywords": item.get("tags"),
        "language": item.get("language") or feed.get("language"),
        "source_name": feed.get("title"),
        "images": list(dict.fromkeys(one for one in addresses if isinstance(one, str) and one)),
    }
    extra = {
        **{name: value for name, value in item.items() if name not in _OF_ITEM},
        "external_url": item.get("external_url") if item.get("url") else None,
        "content_text": text if html and text else None,
        "body_from": "summary" if body and body is summary else None,
        "avatars": [one["avatar"] for one in people if one.get("avatar")],
        "attachments": attachments,
        "feed": feed,
    }
    return {**without_empty(fields), "extra": without_empty(extra)}


def _objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, or an object alone as a list."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]

"""WordPress exports (WXR): posts, pages, attachments and menu items, each a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....schemas.errors import InputError
from ..declare import Bad, Record, reader
from ..feed_fields import children, describe_feed, first_text, summary_facts
from ..markup_kinds import SUFFIXES, find_root
from ..xml_records import XmlRecord, XmlRecords, text_of
from ..xml_values import make_record, plain_text, value_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from ..source import InputFile

_NAMESPACE = b"wordpress.org/export/"
_OF_SITE = {"item", "wp:author", "wp:category", "wp:tag", "wp:term"}
_READ = frozenset(
    ("title", "link", "dc:creator", "content:encoded", "excerpt:encoded", "wp:post_id", "wp:post_type", "wp:status",
     "wp:attachment_url", "category", "wp:postmeta", "wp:comment")
)  # fmt: skip
_NEVER = "0000-00-00"  # the date of a post that has none yet
_CLOSED = frozenset(("private",))


def _sniff(start: bytes) -> float:
    root = find_root(start)
    return 0.95 if root is not None and root.name.lower() == "rss" and _NAMESPACE in root.tag else 0


@reader(name="wxr", suffixes=[".wxr"], shared_suffixes=[*SUFFIXES, ".txt"], sniff=_sniff)
def read_wxr(file: InputFile) -> Iterator[Record | Bad]:
    """Read an export item by item. An item that is not well-formed does not stop the others.

    Raises `InputError` for a file that is no export of WordPress.
    """
    records = XmlRecords(file, lambda path: path[-1] == "item" and len(path) == 3)
    site: _Site | None = None
    for item in records:
        if isinstance(item, Bad):
            yield item
            continue
        site = site or _Site(records.root)
        yield site.read_item(item)
    if records.root is None or records.root.tag != "rss":
        what = "this is not an export of WordPress"
        raise InputError(what, where=file.source.label, hint="use --input-format auto")


class _Site:
    """What stands before the first item: the site, and its authors by the names they log in with."""

    def __init__(self, root: Element | None) -> None:
        channel = next(iter(children(root, "channel")), None) if root is not None else None
        found = list(channel) if channel is not None else []
        self._facts = describe_feed(found, _OF_SITE)
        self._name = str(self._facts.get("title", ""))
        self._language = str(self._facts.get("language", ""))
        authors = [values_of(element) for element in found if element.tag == "wp:author"]
        self._authors = {str(one.get("wp:author_login")): _display_name(one) for one in authors}

    def read_item(self, record: XmlRecord) -> Record:
        """Return the record of an item."""
        item = record.element
        texts = {child.tag: text_of(child) for child in item}
        link, status = texts.get("link", ""), texts.get("wp:status", "")
        body, excerpt = texts.get("content:encoded", ""), texts.get("excerpt:encoded", "")
        login = texts.get("dc:creator", "")
        terms = [{"name": text_of(one), **one.attrib} for one in children(item, "category")]
        fields = {
            "id": texts.get("wp:post_id") or texts.get("guid"),
            "url": link,
            "canonical_url": link if status == "publish" else "",
            "source_name": self._name,
            "headline": texts.get("title"),
            "description": plain_text(excerpt),
            "body": body,
            "authors": [self._authors.get(login) or login] if login else [],
            "date_published": _find_date(texts, "wp:post_date") or _unless_never(texts.get("pubDate", "")),
            "date_modified": _find_date(texts, "wp:post_modified"),
            "language": self._language,
            "section": next((one["name"] for one in terms if one.get("domain") == "category"), None),
            "keywords": [one["name"] for one in terms if one.get("domain") in ("post_tag", "tag")],
            "images": [texts.get("wp:attachment_url")] if texts.get("wp:attachment_url") else [],
            "free_access": _is_free(status, texts.get("wp:post_password", "")),
            "content_type": texts.get("wp:post_type"),
            "status": status,
        }
        extra = {
            **values_of(child for child in item if child.tag not in _READ),
            **(summary_facts(body, excerpt, "excerpt") if body else {}),
            "dc:creator": login if login in self._authors else "",
            "terms": terms,
            "postmeta": _read_meta(children(item, "wp:postmeta")),
            "comments": [_read_comment(one) for one in children(item, "wp:comment")],
            "feed": self._facts,
        }
        return make_record(record, fields, extra)


def _display_name(author: dict[str, Any]) -> str:
    whole = " ".join(filter(None, (str(author.get(f"wp:author_{part}_name", "")) for part in ("first", "last"))))
    return str(author.get("wp:author_display_name") or whole or author.get("wp:author_login", ""))


def _find_date(texts: dict[str, str], name: str) -> str:
    """Return a date in UTC; of a draft, which has none in UTC, the one in the time of the site."""
    in_utc, local = texts.get(f"{name}_gmt", ""), texts.get(name, "")
    if in_utc and not in_utc.startswith(_NEVER):
        return f"{in_utc}+00:00"
    return "" if local.startswith(_NEVER) else local


def _unless_never(date: str) -> str:
    """Return a date, empty if it is the year before the first, which stands for none."""
    return "" if "-0001" in date else date


def _is_free(status: str, password: str) -> bool | None:
    """Return whether everybody can read a post; None if nobody can yet, or if the export does not say it."""
    if password or status in _CLOSED:
        return False
    return True if status == "publish" else None


def _read_meta(elements: list[Element]) -> dict[str, Any]:
    """Return the custom fields of a post. A key that occurs several times gets a list."""
    grouped: dict[str, list[str]] = {}
    for element in elements:
        grouped.setdefault(first_text(element, "wp:meta_key"), []).append(first_text(element, "wp:meta_value"))
    return {key: values[0] if len(values) == 1 else values for key, values in grouped.items()}


def _read_comment(element: Element) -> dict[str, Any]:
    """Return a comment with its fields, without the prefixes of their names."""
    return {child.tag.removeprefix("wp:").removeprefix("comment_"): value_of(child) for child in element}

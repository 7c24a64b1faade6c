"""Atom: an entry of a feed, or a document that is a single entry, is a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....schemas.errors import InputError
from ..declare import Bad, Record, reader
from ..feed_fields import (
    MEDIA,
    FeedHead,
    children,
    find_images,
    find_other_media,
    first_text,
    summary_facts,
    text_fields,
)
from ..markup_kinds import SUFFIXES, find_root
from ..xml_records import XmlRecord, XmlRecords, inner_markup, text_of
from ..xml_values import make_record, plain_text, values_of, without_empty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from ..source import InputFile

_NAMESPACES = (b"www.w3.org/2005/Atom", b"purl.org/atom/ns#")
_READ = frozenset(
    ("id", "title", "link", "content", "summary", "author", "contributor", "published", "issued", "created", "updated",
     "modified", "category", "dc:subject", "rights", "source", *MEDIA)
)  # fmt: skip
_READ_LINKS = ("alternate", "enclosure", "license", "replies")
_OF_FEED = {"entry"}


def _sniff(start: bytes) -> float:
    root = find_root(start)
    if root is None or root.local not in ("feed", "entry"):
        return 0
    return 0.9 if any(name in root.tag for name in _NAMESPACES) else 0


@reader(name="atom", suffixes=[".atom"], shared_suffixes=[*SUFFIXES, ".txt"], sniff=_sniff)
def read_atom(file: InputFile) -> Iterator[Record | Bad]:
    """Read a feed entry by entry. An entry that is not well-formed does not stop the others.

    Raises `InputError` for a file that is no feed.
    """
    records = XmlRecords(file, lambda path: _local(path[-1]) == "entry" and len(path) <= 2)
    count = 0
    head = FeedHead(_OF_FEED, "atom:")
    for entry in records:
        count += 1
        head.read(records.root)
        yield entry if isinstance(entry, Bad) else _read_entry(entry, head)
    if not count and (records.root is None or _local(records.root.tag) != "feed"):
        what = "this is not Atom (it has neither a feed nor an entry)"
        raise InputError(what, where=file.source.label, hint="use --input-format auto")


def _local(name: str) -> str:
    return name.removeprefix("atom:")


def _without_prefix(element: Element) -> None:
    """Name the elements of Atom without a prefix, whatever the feed does."""
    for one in element.iter():
        one.tag = _local(one.tag)


def _read_entry(record: XmlRecord, head: FeedHead) -> Record:
    entry = record.element
    _without_prefix(entry)
    root = head.element
    links = children(entry, "link")
    enclosures = [link for link in links if link.get("rel") == "enclosure"]
    body, summary = (_read_text(next(iter(children(entry, name)), None)) for name in ("content", "summary"))
    people = _read_people(entry, root)
    categories, schemes = _read_categories(entry)
    fields = {
        "id": first_text(entry, "id"),
        "url": _find_link(links, "alternate", ""),
        "headline": _read_title(entry),
        **text_fields(body, summary),
        "authors": people,
        "date_published": first_text(entry, "published", "issued", "created"),
        "date_modified": first_text(entry, "updated", "modified"),
        **categories,
        "language": _find_language(entry, root),
        "source_name": _name_source(entry, root),
        "rights": first_text(entry, "rights") or (first_text(root, "rights") if root is not None else ""),
        "license": _find_link(links, "license"),
        "comments": _find_link(links, "replies"),
        "images": find_images(entry, enclosures),
    }
    extra = {
        **values_of(element for element in entry if element.tag not in _READ),
        **summary_facts(body, summary, "summary"),
        "enclosures": find_other_media(entry, enclosures),
        "links": [dict(link.attrib) for link in links if link.get("rel", "alternate") not in _READ_LINKS],
        "categories": schemes,
        "mails": [person["email"] for person in people if person.get("email")],
        "content_src": next((one.get("src") for one in children(entry, "content")), None),
        "source": next(map(values_of, children(entry, "source")), None),
        "feed": head.facts,
    }
    return make_record(record, fields, extra)


def _read_text(element: Element | None) -> str:
    """Return a text construct: XHTML becomes HTML, anything else is text or HTML already."""
    if element is None:
        return ""
    if element.get("type") in ("xhtml", "application/xhtml+xml") or len(element):
        inner = element[0] if len(element) == 1 and element[0].tag.rpartition(":")[2] == "div" else element
        return inner_markup(inner).strip()
    return text_of(element)


def _read_title(entry: Element) -> str:
    title = next(iter(children(entry, "title")), None)
    text = _read_text(title)
    return plain_text(text) if title is not None and title.get("type", "text") != "text" else text


def _find_link(links: list[Element], *kinds: str) -> str:
    return next((link.get("href", "") for kind in kinds for link in links if link.get("rel", "") == kind), "")


def _read_people(entry: Element, root: Element | None) -> list[dict[str, str]]:
    """Return the authors of an entry, else those of its source or of the feed, and its contributors."""
    places = [entry, *children(entry, "source"), *([root] if root is not None else [])]
    authors = next((found for place in places if (found := children(place, "author"))), [])
    people = [_read_person(one) for one in authors]
    people += [{**_read_person(one), "role": "contributor"} for one in children(entry, "contributor")]
    return [person for person in people if person.get("name")]


def _read_person(element: Element) -> dict[str, str]:
    name, mail = first_text(element, "name"), first_text(element, "email")
    link = first_text(element, "uri", "url")
    return without_empty({"name": name or mail or text_of(element), "url": link, "email": mail})


def _read_categories(entry: Element) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the categories, all of them as keywords and the first one as the section; and what more they have."""
    found = children(entry, "category", "dc:subject")
    names = list(dict.fromkeys(filter(None, (one.get("label") or one.get("term") or text_of(one) for one in found))))
    schemes = [dict(one.attrib) for one in found if one.get("scheme") or (one.get("label") and one.get("term"))]
    return {"section": names[0] if names else None, "keywords": names}, schemes


def _find_language(entry: Element, root: Element | None) -> str:
    places = [*children(entry, "content", "title"), entry, *([root] if root is not None else [])]
    return next(filter(None, (place.get("xml:lang") for place in places)), "")


def _name_source(entry: Element, root: Element | None) -> str:
    sources = [first_text(source, "title") for source in children(entry, "source")]
    return next(filter(None, sources), "") or (first_text(root, "title") if root is not None else "")

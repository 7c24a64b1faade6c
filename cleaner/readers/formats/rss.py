"""RSS: versions 0.9 to 2.0, and 1.0, which is RDF. An item is a record."""

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
    is_image,
    summary_facts,
    text_fields,
)
from ..markup_kinds import SUFFIXES, find_root
from ..xml_records import XmlRecord, XmlRecords, text_of
from ..xml_values import make_record, plain_text, texts_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from ..source import InputFile

_RDF = (b"purl.org/rss/1.0", b"my.netscape.com/rdf", b"purl.org/net/rss")
_WORDPRESS = b"wordpress.org/export/"
# Fields of an article, each with the elements that fill it. The first that has a text wins.
_TEXTS = {
    "id": ("guid", "dc:identifier"),
    "headline": ("title", "dc:title", "media:title"),
    "date_published": ("pubDate", "dc:date", "dcterms:issued", "dcterms:created", "published"),
    "date_modified": ("atom:updated", "dcterms:modified", "updated"),
    "language": ("dc:language",),
    "rights": ("dc:rights", "media:copyright", "copyright"),
    "license": ("creativeCommons:license", "cc:license"),
    "comments": ("wfw:commentRss",),
    "dateline": ("dateline",),
}
_AUTHORS = ("dc:creator", "author", "atom:author", "itunes:author")
_BODY = ("content:encoded", "content", "xhtml:body", "fulltext", "body")
_SUMMARIES = ("description", "itunes:summary", "dc:description", "media:description")
_CATEGORIES = ("category", "dc:subject", "media:category")
_READ = frozenset(("link", "source", "enclosure", *_CATEGORIES, *MEDIA))
_BEFORE = 10  # elements of the root of which one is the channel
_OF_FEED = {"item", "items", "channel"}


def _sniff(start: bytes) -> float:
    root = find_root(start)
    if root is None:
        return 0
    if root.local == "RDF":
        return 0.9 if any(name in root.tag for name in _RDF) else 0
    return 0.9 if root.name.lower() == "rss" and _WORDPRESS not in root.tag else 0


@reader(name="rss", suffixes=[".rss", ".rdf", ".xml"], shared_suffixes=[*SUFFIXES, ".txt"], sniff=_sniff)
def read_rss(file: InputFile) -> Iterator[Record | Bad]:
    """Read a feed item by item. An item that is not well-formed does not stop the others.

    Raises `InputError` for a file that is no feed.
    """
    records = XmlRecords(file, lambda path: path[-1] == "item" and len(path) in (2, 3))
    head = FeedHead(_OF_FEED)
    for item in records:
        head.read(_find_channel(records.root))
        yield item if isinstance(item, Bad) else _read_item(item, head)
    if records.root is None or records.root.tag.lower() not in ("rss", "rdf:rdf"):
        name = records.root.tag[:60] if records.root is not None else "?"
        what = f"this is not RSS (its root element is <{name}>)"
        raise InputError(what, where=file.source.label, hint="use --input-format auto")


def _find_channel(root: Element | None) -> Element | None:
    """Return the element that describes the feed: in version 0.9, it is the root."""
    return next((child for child in root[:_BEFORE] if child.tag == "channel"), root) if root is not None else None


def _read_item(record: XmlRecord, head: FeedHead) -> Record:
    item = record.element
    channel = head.element
    chosen = {field: _first_element(item, names) for field, names in _TEXTS.items()}
    body, summary = _first_element(item, _BODY), _first_element(item, _SUMMARIES)
    used = {id(element) for element in (*chosen.values(), body, summary) if element is not None}
    authors = next((found for name in _AUTHORS if (found := children(item, name))), [])
    used.update(map(id, authors))
    texts = {field: text_of(element) for field, element in chosen.items()}
    fields = {
        **texts,
        **_read_links(item),
        **text_fields(text_of(body), text_of(summary)),
        **_read_categories(item),
        "headline": plain_text(texts["headline"]) if "</" in texts["headline"] else texts["headline"],
        "authors": texts_of(authors),
        "images": find_images(item, children(item, "enclosure")),
    }
    extra = {
        **values_of(element for element in item if id(element) not in used and element.tag not in _READ),
        **_other_values(item),
        **summary_facts(text_of(body), text_of(summary), summary.tag if summary is not None else ""),
    }
    if channel is not None:
        fields["language"] = texts["language"] or first_text(channel, "language", "dc:language")
        fields["source_name"] = _name_source(item, channel)
        fields["rights"] = texts["rights"] or first_text(channel, "copyright", "dc:rights")
        extra["feed"] = head.facts
    return make_record(record, fields, extra)


def _first_element(item: Element, names: tuple[str, ...]) -> Element | None:
    return next((child for name in names for child in children(item, name) if text_of(child)), None)


def _read_links(item: Element) -> dict[str, Any]:
    """Return the address of an item. A guid is one, too, unless it says that it is none."""
    link = first_text(item, "link")
    alternate = [one.get("href", "") for one in children(item, "atom:link", "link") if one.get("rel") != "self"]
    guid = next((text_of(one) for one in children(item, "guid") if one.get("isPermaLink", "true") != "false"), "")
    url = link or next(filter(None, alternate), "") or (guid if guid.startswith("http") else "")
    return {"url": url, "canonical_url": first_text(item, "feedburner:origLink")}


def _read_categories(item: Element) -> dict[str, Any]:
    """Return the categories: all of them as keywords, and the first one as the section."""
    names = texts_of(children(item, *_CATEGORIES))
    return {"section": names[0] if names else None, "keywords": names}


def _name_source(item: Element, channel: Element) -> str:
    """Return the name of the feed that an item comes from: in a feed of feeds, it stands in the item."""
    source = next(iter(children(item, "source")), None)
    own = (text_of(source) if source is not None and not len(source) else "") or (
        first_text(source, "title", "atom:title") if source is not None else ""
    )
    return own or first_text(channel, "title", "dc:publisher")


def _other_values(item: Element) -> dict[str, Any]:
    """Return what the elements that are read have beside what the article has a field for."""
    guid = next((one.get("isPermaLink") for one in children(item, "guid")), None)
    source = next((one.get("url") for one in children(item, "source")), None)
    domains = [
        {"name": text_of(one), "domain": one.get("domain")} for one in children(item, "category") if one.get("domain")
    ]
    sizes = [
        dict(one.attrib)
        for one in children(item, "enclosure")
        if is_image(one.get("type", ""), one.get("url", "")) and len(one.attrib) > 1
    ]
    enclosures = find_other_media(item, children(item, "enclosure"))
    return {
        "enclosures": enclosures,
        "guid_is_permalink": guid,
        "source_url": source,
        "category_domains": domains,
        "image_enclosures": sizes,
    }

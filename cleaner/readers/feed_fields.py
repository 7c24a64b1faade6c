"""What the formats of feeds have in common: media, categories, and what describes the feed as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from .xml_records import text_of
from .xml_values import has_markup, plain_text, texts_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEDIA = ("media:content", "media:group", "media:thumbnail", "itunes:image")
_IMAGE_NAMES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")
_LONGEST = 4000  # characters that describe the feed; each record has them
_MOST = 100  # elements of a feed that are looked at


def describe_feed(elements: Iterable[Element], left_out: set[str]) -> dict[str, Any]:
    """Return what describes a feed, for the field `feed` of its records."""
    described = values_of(element for element in elements if element.tag not in left_out)
    kept: dict[str, Any] = {}
    room = _LONGEST
    for name, value in described.items():
        size = len(name) + len(str(value))
        if size <= room:
            kept[name] = value
            room -= size
    return kept


class FeedHead:
    """What stands in a feed beside its items, and what of it describes the feed. It is read again only as it grows."""

    def __init__(self, left_out: set[str], prefix: str = "") -> None:
        self._left_out = left_out
        self._prefix = prefix
        self._size = -1
        self.element: Element | None = None
        """The feed with its first elements."""
        self.facts: dict[str, Any] = {}

    def read(self, feed: Element | None) -> None:
        """Read the first elements of a feed, as far as it is parsed."""
        if feed is None or min(len(feed), _MOST) == self._size:
            return
        self._size = min(len(feed), _MOST)
        self.element = Element(feed.tag, feed.attrib)
        self.element.extend(feed[:_MOST])
        for one in self.element.iter():
            one.tag = one.tag.removeprefix(self._prefix)
        self.facts = describe_feed(self.element, self._left_out)


def text_fields(full: str, summary: str) -> dict[str, str]:
    """Return the body, and the description beside it as plain text. A summary alone is the body."""
    return {"body": full, "description": plain_text(summary)} if full else {"body": summary}


def summary_facts(full: str, summary: str, name: str) -> dict[str, str]:
    """Return what the fields of `text_fields` do not tell: the markup of a summary, or that it is the body."""
    if not full:
        return {"body_from": name} if summary else {}
    return {f"{name}_html": summary} if has_markup(summary) and plain_text(summary) != summary else {}


def find_images(item: Element, enclosures: Iterable[Element]) -> list[dict[str, str]]:
    """Return the pictures of an item: of its enclosures and of Media RSS, each address once."""
    images: dict[str, dict[str, str]] = {}
    for element in enclosures:
        address = element.get("url") or element.get("href") or ""
        if address and is_image(element.get("type", ""), address):
            images.setdefault(address, {"url": address})
    for element, around in _find_media(item):
        address = element.get("url") or element.get("href") or ""
        if address and (element.tag != "media:content" or _is_picture(element, address)):
            images.setdefault(address, {"url": address}).update(_describe_image(element, around, item))
    return list(images.values())


def find_other_media(item: Element, enclosures: Iterable[Element]) -> list[dict[str, str]]:
    """Return the attributes of enclosures and media that are no pictures: sound, video, documents."""
    contents = [element for element, _ in _find_media(item) if element.tag == "media:content"]
    return [
        dict(element.attrib)
        for element in (*enclosures, *contents)
        if not _is_picture(element, element.get("url") or element.get("href") or "")
    ]


def _find_media(item: Element) -> Iterator[tuple[Element, Element]]:
    """Yield the elements of Media RSS, each with the group or the item around it."""
    for element in item:
        if element.tag == "media:group":
            yield from ((inner, element) for inner in element if inner.tag in MEDIA)
        elif element.tag in MEDIA:
            yield element, item
            yield from ((inner, element) for inner in element if inner.tag == "media:thumbnail")


def _is_picture(element: Element, address: str) -> bool:
    medium = element.get("medium")
    return medium == "image" if medium else is_image(element.get("type", ""), address)


def is_image(kind: str, address: str) -> bool:
    """Return whether a link is to a picture, by its media type, or by its address if it has none."""
    return kind.startswith("image") if kind else address.lower().partition("?")[0].endswith(_IMAGE_NAMES)


def _describe_image(element: Element, around: Element, item: Element) -> dict[str, str]:
    """Return caption and credit, which may stand in the picture, or in the group around it."""
    places = (element,) if around is item and element.tag == "media:content" else (element, around)
    described = {}
    for field, names in (("caption", ("media:description", "media:title")), ("credit", ("media:credit",))):
        texts = texts_of(found for place in places for name in names for found in children(place, name))
        described.update({field: plain_text(texts[0])} if texts else {})
    return described


def children(element: Element, *names: str) -> list[Element]:
    """Return the elements of these names right within an element, in their order."""
    return [child for child in element if child.tag in names]


def first_text(element: Element, *names: str) -> str:
    """Return the text of the first element of these names that has one; names that come first win."""
    return next((text for name in names for child in children(element, name) if (text := text_of(child))), "")

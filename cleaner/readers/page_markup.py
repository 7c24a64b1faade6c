"""The markup of a page that describes it: its meta tags, links, JSON-LD, microdata, times, and headings."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_JSON_LD = "ld+json"
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*< ?!\[CDATA\[|/\*\s*< ?!\[CDATA\[\s*\*/|< ?!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_SAVED = re.compile(r"saved from url=\(\d+\)(https?://\S+)")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_ITEMS = frozenset(("headline", "datePublished", "dateModified", "author", "name", "articleSection"))
_LONGEST = 1000  # characters of a text between tags
_MAX_PAGE = 4 << 20  # characters
_DEEPEST = 60  # levels of JSON-LD


@dataclass
class PageMarkup:
    """What a page says of itself. The values of a name stand in the order of the page."""

    title: str = ""
    language: str = ""
    metas: dict[str, list[str]] = field(default_factory=dict)
    """By the name or property of the tag, in lower case."""
    links: dict[str, list[str]] = field(default_factory=dict)
    """Addresses by the kind of link, in lower case."""
    items: dict[str, list[str]] = field(default_factory=dict)
    """Microdata by the name of the property; an author is `author`, or `author.name`."""
    times: list[tuple[str, str]] = field(default_factory=list)
    """The date and the class of each `<time>`."""
    headings: list[str] = field(default_factory=list)
    """The texts of `<h1>`."""
    authors: list[str] = field(default_factory=list)
    """The texts of links to authors."""
    nodes: list[dict[str, Any]] = field(default_factory=list)
    """The objects of JSON-LD."""
    saved_from: str = ""
    """The address that a browser wrote into the page when it saved it."""


def read_markup(page: str) -> PageMarkup:
    """Read what a page says of itself. No page raises an error, however broken it is.

    The parser would look for the end of every comment that has none through the whole page: those are left out.
    """
    page = page[:_MAX_PAGE].replace("<![", "< ![")
    page = page[: page.rfind(">") + 1]
    last = page.rfind("-->") + 3
    open_comment = page.find("<!--", last if last > 2 else 0)
    parser = _Parser()
    with contextlib.suppress(AssertionError):  # of the standard library, for odd declarations
        parser.feed(page[:open_comment] if open_comment >= 0 else page)
        parser.close()
    return parser.found


class _Parser(HTMLParser):
    """Collects what describes a page. The text of an element is collected while one is open that is wanted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = PageMarkup()
        self._open: list[tuple[str, str, int]] = []  # wanted elements: what for, their tags, levels of the same tag
        self._texts: list[str] = []
        self._size = 0
        self._within_author = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read a tag."""
        attributes = {name: value or "" for name, value in reversed(attrs)}
        if tag == "html":
            self.found.language = self.found.language or attributes.get("lang", "") or attributes.get("xml:lang", "")
        elif tag == "meta":
            self._read_meta(attributes)
        elif tag == "link":
            for kind in attributes.get("rel", "").lower().split():
                _add(self.found.links, kind, attributes.get("href", ""))
        elif tag == "time" and attributes.get("datetime"):
            self.found.times.append((attributes["datetime"], attributes.get("class", "").lower()))
        purpose = self._purpose(tag, attributes)
        if self._open and self._open[-1][1] == tag:
            wanted, _, level = self._open[-1]
            self._open[-1] = (wanted, tag, level + 1)
        elif purpose and not self._open and tag not in _VOID:
            self._open.append((purpose, tag, 1))
            self._texts, self._size = [], 0

    def _purpose(self, tag: str, attributes: dict[str, str]) -> str:
        """Return what the text of an element is wanted for; empty if it is not. Read its microdata."""
        if tag == "script":
            return _JSON_LD if _JSON_LD in attributes.get("type", "").lower() else ""
        if tag == "title":
            return "" if self.found.title else "title"
        for name in attributes.get("itemprop", "").split():
            value = attributes.get("content") or attributes.get("datetime")
            if name in _ITEMS and value:
                self._add_item(name, value)
            elif name in _ITEMS and (name != "name" or (self._open[-1:] and self._open[-1][0] == "item:author")):
                return f"item:{name}"
        if tag == "h1":
            return "h1"
        return "author" if tag == "a" and "author" in attributes.get("rel", "").lower().split() else ""

    def _read_meta(self, attributes: dict[str, str]) -> None:
        content = attributes.get("content", "").strip()
        for key in ("property", "name", "http-equiv", "itemprop"):
            if attributes.get(key):
                _add(self.found.metas, attributes[key].strip().lower(), content)

    def _add_item(self, name: str, value: str) -> None:
        _add(self.found.items, name, " ".join(value.split()))

    def handle_endtag(self, tag: str) -> None:
        """Keep the text of an element that is wanted."""
        if not self._open or self._open[-1][1] != tag:
            return
        purpose, _, level = self._open.pop()
        if level > 1:
            self._open.append((purpose, tag, level - 1))
            return
        text = "".join(self._texts)
        if purpose == _JSON_LD:
            self.found.nodes += read_json_ld(text)
            return
        text = " ".join(text.split())
        if not text or len(text) > _LONGEST:
            return
        if purpose == "title":
            self.found.title = text
        elif purpose == "h1":
            self.found.headings.append(text)
        elif purpose == "author":
            self.found.authors.append(text)
        else:
            self._add_item(purpose.removeprefix("item:"), text)
            if tag == "h1":
                self.found.headings.append(text)

    def handle_data(self, data: str) -> None:
        """Keep the text of an element that is wanted."""
        if self._open and (self._size <= _LONGEST or self._open[-1][0] == _JSON_LD):
            self._texts.append(data)
            self._size += len(data)

    def handle_comment(self, data: str) -> None:
        """Find the address that a browser wrote when it saved the page."""
        if not self.found.saved_from and (match := _SAVED.search(data[:2100])):
            self.found.saved_from = match[1]


def read_json_ld(text: str) -> list[dict[str, Any]]:
    """Return the objects of a script of JSON-LD, those of lists and graphs too; none if it is not JSON."""
    try:
        value = json.loads(_WRAPPED.sub("", text), strict=False)
    except (ValueError, RecursionError):
        return []
    nodes: list[dict[str, Any]] = []
    level = [value]
    for _ in range(_DEEPEST):
        below: list[Any] = []
        for one in level:
            if isinstance(one, list):
                below += one
            elif isinstance(one, dict):
                nodes.append(one)
                below += [one[key] for key in ("@graph", "mainEntity") if isinstance(one.get(key), (list, dict))]
        level = below
    return nodes


def _add(values: dict[str, list[str]], name: str, value: str) -> None:
    if value:
        values.setdefault(name, []).append(value)

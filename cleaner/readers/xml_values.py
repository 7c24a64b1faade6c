"""Elements of XML as values of a record, and markup as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from .declare import Record
from .xml_records import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from .xml_records import XmlRecord

_MARKUP = re.compile(r"<[a-zA-Z/!]|&#?\w+;")
_BLOCKS = frozenset(("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))
_SILENT = frozenset(("script", "style"))


def value_of(element: Element) -> Any:
    """Return an element as a text, or as an object if it has attributes or elements in it.

    >>> from xml.etree.ElementTree import XML
    >>> value_of(XML('<source url="https://lowmoor.example/">Lantern</source>'))
    {'@url': 'https://lowmoor.example/', '#text': 'Lantern'}
    """
    text = (element.text or "").strip() if len(element) else text_of(element)
    if not len(element) and not element.attrib:
        return text
    fields: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
    fields.update(values_of(element))
    return {**fields, "#text": text} if text else fields


def values_of(elements: Iterable[Element]) -> dict[str, Any]:
    """Return elements as an object by their names. A name that occurs several times gets a list."""
    grouped: dict[str, list[Any]] = {}
    for element in elements:
        value = value_of(element)
        if value not in ("", {}):
            grouped.setdefault(element.tag, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in grouped.items()}


def texts_of(elements: Iterable[Element]) -> list[str]:
    """Return the texts of elements without the empty ones, each once."""
    return list(dict.fromkeys(filter(None, map(text_of, elements))))


def without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def make_record(record: XmlRecord, fields: dict[str, Any], extra: dict[str, Any]) -> Record:
    """Return a record with the fields that have a value, and with a body even if it is empty."""
    extra = without_empty({**extra, "mended": record.mended})
    whole = {"body": "", **without_empty(fields), "extra": extra}
    return Record(whole, record.line, record.offset, record.raw)


def has_markup(text: str) -> bool:
    """Return whether a text has a tag or a character reference in it."""
    return _MARKUP.search(text) is not None


def plain_text(markup: str) -> str:
    """Return a short piece of HTML as one line of text.

    >>> plain_text("<p>Rain &amp; <b>snow</b></p><p>fell.</p>")
    'Rain & snow fell.'
    """
    if not has_markup(markup):
        return " ".join(markup.split())
    parser = _Texts()
    parser.feed(markup)
    parser.close()
    return " ".join("".join(parser.parts).split())


class _Texts(HTMLParser):
    """Collects the texts between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Part the text at a block."""
        self._silent += tag in _SILENT
        self.parts += [" "] if tag in _BLOCKS else []

    def handle_endtag(self, tag: str) -> None:
        """Part the text at the end of a block."""
        self._silent -= tag in _SILENT and self._silent > 0
        self.parts += [" "] if tag in _BLOCKS else []

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        if not self._silent:
            self.parts.append(data)

"""Documents of XML: those that trafilatura writes, and TEI. A document, or each of a corpus, is a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from ....schemas.errors import InputError
from ..declare import Bad, Record, reader
from ..feed_fields import children
from ..markup_kinds import SUFFIXES, find_root
from ..xml_records import XmlRecord, XmlRecords, text_of
from ..xml_texts import as_html
from ..xml_values import make_record, texts_of, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..source import InputFile

_TEI = b"www.tei-c.org/ns/1.0"
_DOCUMENT = re.compile(rb"<doc\b[^>]*>\s*<main\b")
_ATTRIBUTES = {
    "url": "url", "sitename": "source_name", "hostname": "source_domain", "title": "headline", "date": "date_published",
    "description": "description", "license": "license", "language": "language", "image": "images",
    "pagetype": "content_type", "author": "authors", "filedate": "date_retrieved",
}  # fmt: skip
_LISTS = ("categories", "tags")
_PUBLISHER = re.compile(r"(?P<name>.*?)\s*\((?P<host>[\w-]+(?:\.[\w-]+)+)\)$")


def _sniff_document(start: bytes) -> float:
    root = find_root(start)
    return 0.9 if root is not None and root.name in ("doc", "corpus") and _DOCUMENT.search(start) else 0


def _sniff_tei(start: bytes) -> float:
    root = find_root(start)
    return 0.9 if root is not None and root.local in ("TEI", "teiCorpus") and _TEI in root.tag else 0


@reader(name="trafilatura-xml", shared_suffixes=[*SUFFIXES, ".txt"], sniff=_sniff_document, form="html")
def read_documents(file: InputFile) -> Iterator[Record | Bad]:
    """Read what trafilatura writes as XML. Raises `InputError` for a file without a document."""
    return _read(file, "doc", _read_document)


@reader(name="tei", suffixes=[".tei"], shared_suffixes=[*SUFFIXES, ".txt"], sniff=_sniff_tei, form="html")
def read_tei(file: InputFile) -> Iterator[Record | Bad]:
    """Read TEI, as trafilatura and others write it. Raises `InputError` for a file without a document."""
    return _read(file, "TEI", _read_tei)


def _read(file: InputFile, name: str, read: Callable[[XmlRecord], Record]) -> Iterator[Record | Bad]:
    count = 0
    for item in XmlRecords(file, lambda path: path[-1].rpartition(":")[2] == name and len(path) <= 2):
        count += 1
        yield item if isinstance(item, Bad) else read(item)
    if not count:
        what = f"no document is in this file (no element <{name}>)"
        raise InputError(what, where=file.source.label, hint="use --input-format auto")


def _read_document(record: XmlRecord) -> Record:
    document = record.element
    attributes = dict(document.attrib)
    fields: dict[str, Any] = {field: attributes.pop(name) for name, field in _ATTRIBUTES.items() if name in attributes}
    lists = {name: _split(attributes.pop(name, "")) for name in _LISTS}
    identity = attributes.pop("id", "") or attributes.get("fingerprint", "")
    fields.update(_read_lists(**lists), id=identity, body=_read_body(children(document, "main")))
    fields["comments"] = "\n".join(texts_of(part for one in children(document, "comments") for part in one))
    others = {one.tag: value_of(one) for one in document if one.tag not in ("main", "comments")}
    return make_record(record, fields, {**attributes, **others, **_more_categories(lists["categories"])})


def _read_tei(record: XmlRecord) -> Record:
    document = record.element
    for one in document.iter():
        one.tag = one.tag.rpartition(":")[2]
    header = next(iter(children(document, "teiHeader")), document)
    find = _Finder(header)
    publisher = find.text("biblFull/publicationStmt/publisher") or find.text("publicationStmt/publisher")
    named = _PUBLISHER.match(publisher)
    terms = {one.get("type", ""): text_of(one) for one in find.all("term")}
    notes = {one.get("type", "note"): text_of(one) for one in find.all("notesStmt/note")}
    categories, tags = _split(terms.pop("categories", "")), _split(terms.pop("tags", ""))
    divisions = [one for one in document.iter("div") if one.get("type") == "comments"]
    fields = {
        "id": notes.pop("id", "") or notes.get("fingerprint"),
        "url": next((one.get("target") for one in find.all("ptr") if one.get("type") == "URL"), None),
        "source_name": named["name"] if named else publisher,
        "source_domain": named["host"] if named else None,
        "headline": find.text("titleStmt/title"),
        "authors": "; ".join(texts_of(find.all("titleStmt/author"))),
        "description": find.text("abstract"),
        "date_published": find.text("publicationStmt/date") or find.text("bibl/date"),
        "date_retrieved": next((text_of(one) for one in find.all("date") if one.get("type") == "download"), None),
        "license": find.text("availability"),
        "language": document.get("xml:lang") or next((one.get("ident") for one in find.all("language")), None),
        **_read_lists(categories, tags),
        "comments": "\n".join(texts_of(part for one in divisions for part in one)),
        "body": _read_body(_bodies(document)),
    }
    others = {"notes": notes, "terms": terms, **_more_categories(categories), "bibl": texts_of(find.all("bibl"))}
    application = next((dict(one.attrib) for one in find.all("application")), None)
    return make_record(record, fields, {**others, "application": application})


class _Finder:
    """Finds elements below a header by the ends of their paths."""

    def __init__(self, header: Element) -> None:
        self._found: list[tuple[str, Element]] = []
        self._walk(header, "")

    def _walk(self, element: Element, path: str) -> None:
        for child in element:
            below = f"{path}/{child.tag}"
            self._found.append((below, child))
            self._walk(child, below)

    def all(self, path: str) -> list[Element]:
        """Return the elements whose path ends in this one."""
        return [element for below, element in self._found if below.endswith(f"/{path}")]

    def text(self, path: str) -> str:
        """Return the text of the first of them that has one."""
        return next(iter(texts_of(self.all(path))), "")


def _bodies(document: Element) -> list[Element]:
    """Return copies of the bodies of a text, without the comments of readers."""
    bodies = []
    for body in document.iter("body"):
        kept = Element("body")
        kept.text = body.text
        kept.extend(child for child in body if child.get("type") != "comments")
        bodies.append(kept)
    return bodies


def _read_body(elements: Iterable[Element]) -> str:
    return "\n".join(text for one in elements if (text := as_html(one).strip()))


def _split(value: str) -> list[str]:
    """Return the entries of a list as trafilatura writes it: with semicolons, or with commas in TEI."""
    return [entry.strip() for entry in value.split(";" if ";" in value else ",") if entry.strip()]


def _read_lists(categories: list[str], tags: list[str]) -> dict[str, Any]:
    return {"section": categories[0] if categories else None, "keywords": tags}


def _more_categories(categories: list[str]) -> dict[str, Any]:
    return {"categories": categories} if len(categories) > 1 else {}

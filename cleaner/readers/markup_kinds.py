"""Kinds of markup, told by the root element of the first bytes."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

_BEFORE_ROOT = re.compile(rb"\s+|<\?[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>\[]*(?:\[[\s\S]*?\]\s*)?>", re.IGNORECASE)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)(\s[^>]*|/)?>")
_XML = re.compile(rb"\s*<\?xml[\s?]", re.IGNORECASE)
_HTML_DOCTYPE = re.compile(rb"<!DOCTYPE\s+html\b", re.IGNORECASE)
_HTML_PAGE = re.compile(rb"<(?:html|head|body)[\s>]", re.IGNORECASE)
_XMLNS = re.compile(rb"\bxmlns(?::[\w.-]+)?\s*=")
_SAMPLE = 1 << 16
SUFFIXES = (".xml", ".rss", ".rdf", ".atom", ".wxr", ".tei", ".html", ".htm", ".xhtml")
"""Endings of names that files of any kind of markup have: only their content tells which."""
_PICTURES = frozenset(("svg", "math"))  # that a fragment of HTML may begin with, too
# Elements that a fragment of HTML may begin with. Such a text is an article, not a document of an unknown kind.
_HTML_NAMES = frozenset(
    b"a abbr address article aside audio b base blockquote body br button canvas center cite code dd del details div dl"
    b" dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input"
    b" ins kbd label li link main map mark menu meta nav noscript object ol p param picture pre q s samp script section"
    b" select small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead"
    b" time title tr tt u ul var video amp-img math".split()
)


class Root(NamedTuple):
    """The root element of a document: its name as it is written, and its tag with the attributes."""

    name: str
    tag: bytes

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]


@lru_cache(maxsize=1)
def find_root(start: bytes) -> Root | None:
    """Return the root element of a text that begins like XML or HTML, None for other texts.

    Several formats ask in turn for the root element of the same bytes.
    """
    root = _ROOT.match(start, _find_root_start(start)[0])
    return Root(root[1].decode("latin-1"), root[0]) if root else None


def is_html_page(start: bytes) -> bool:
    """Return whether a text is a page of HTML, not a fragment or a text about HTML."""
    at, is_declared_html = _find_root_start(start)
    return is_declared_html or bool(_HTML_PAGE.match(start, at))


def _find_root_start(start: bytes) -> tuple[int, bool]:
    """Return where the root element begins, and whether a document type before it says HTML."""
    at = len(BOM_UTF8) if start.startswith(BOM_UTF8) else 0
    is_html = False
    while before := _BEFORE_ROOT.match(start, at):
        is_html = is_html or bool(_HTML_DOCTYPE.match(start, at))
        at = before.end()
    return at, is_html


def describe_unknown_markup(start: bytes) -> str:
    """Return what a document of XML is that no reader knows; empty for HTML, and for a text that begins with `<`."""
    root = find_root(start)
    is_declared = bool(_XML.match(start.removeprefix(BOM_UTF8)))
    if root is None:
        return "this is XML without a root element in its first bytes" if is_declared else ""
    if is_html_page(start) or (root.name.lower().encode() in _HTML_NAMES and not is_declared):
        is_picture = root.name.lower() in _PICTURES and _is_well_formed(start)
        return f"this is a picture or formula (its root element is <{root.name}>)" if is_picture else ""
    if is_declared or _XMLNS.search(root.tag) or _is_well_formed(start):
        return f"this is XML of a kind that is not read (its root element is <{root.name[:60]}>)"
    return ""


def _is_well_formed(start: bytes) -> bool:
    """Return whether the first bytes are XML without a fault. Prose that begins with `<` has faults."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(start, len(start) < _SAMPLE)
    except expat.ExpatError:
        return False
    return True

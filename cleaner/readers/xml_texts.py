"""The text of documents in XML (trafilatura's and TEI) as HTML, so that rules see headings, lists and links."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NAMES = {
    "p": "p", "head": "h2", "item": "li", "quote": "blockquote", "q": "q", "table": "table", "row": "tr",
    "code": "code", "del": "s", "lg": "p", "figDesc": "figcaption", "figure": "figure", "div": "div",
}  # fmt: skip
_RENDITIONS = {
    "#b": "b", "bold": "b", "b": "b", "#i": "i", "italic": "i", "i": "i", "#u": "u", "#t": "code", "#sup": "sup",
    "#sub": "sub",
}  # fmt: skip


def as_html(element: Element) -> str:
    """Return what is within an element as HTML. An element of an unknown name leaves its text.

    >>> from xml.etree.ElementTree import XML
    >>> as_html(XML('<main><head rend="h1">Rain</head><p>It <hi rend="#b">rained</hi>.<lb/>Much.</p></main>'))
    '<h1>Rain</h1><p>It <b>rained</b>.<br>Much.</p>'
    """
    parts = [_escape(element.text)]
    for child in element:
        name, attributes = _name(child)
        if name in ("br", "img"):
            parts.append(f"<{name}{attributes}>")
        elif name:
            parts.append(f"<{name}{attributes}>{as_html(child)}</{name}>")
        else:
            parts.append(as_html(child))
        parts.append(_escape(child.tail))
    return "".join(parts)


def _escape(text: str | None) -> str:
    return html.escape(text or "", quote=False)


def _name(element: Element) -> tuple[str, str]:
    """Return the element of HTML for one of TEI, and its attributes as they are written."""
    tag = element.tag.rpartition(":")[2]
    rendition = element.get("rend", "")
    if tag in ("head", "ab") and (tag == "head" or element.get("type") == "header"):
        return rendition if rendition in ("h1", "h2", "h3", "h4", "h5", "h6") else "h2", ""
    if tag == "hi":
        return _RENDITIONS.get(rendition, ""), ""
    if tag == "list":
        return "ol" if rendition in ("ol", "ordered", "numbered") else "ul", ""
    if tag == "cell":
        return "th" if element.get("role") == "head" else "td", ""
    if tag == "ref":
        return "a", f' href="{html.escape(element.get("target") or "")}"'
    if tag == "graphic":
        source, caption = (
            element.get("src") or element.get("url") or "",
            element.get("alt") or element.get("title") or "",
        )
        return "img", f' src="{html.escape(source)}" alt="{html.escape(caption)}"'
    if tag == "ab":
        return "p", ""
    return ("br", "") if tag == "lb" else (_NAMES.get(tag, ""), "")

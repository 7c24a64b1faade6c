"""Distinguish a text that is HTML from a text about HTML.

A tutorial names tags, shows code and writes `a < b`. A text of HTML has its own words in elements, or links and
pictures between them. What stands in backticks or in a fenced block is shown, not meant.
"""

from __future__ import annotations

import re

from .elements import HOLD_TEXT, NAMES, PARAGRAPHS, VOID

_SHOWN = re.compile(r"^(```|~~~).*?^\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_TAG = re.compile(
    r"""<(?P<slash>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<rest>(?:\s[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*)?/?)>"""
)
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_BLOCK_COMMENT = re.compile(r"<!--\s*/?wp:[a-z]")
_SUBJECT = re.compile(r"\b(?:html5?|tags?|elements?|markup|css|attributes?|jsx|xml|browsers?|syntax)\b", re.IGNORECASE)

_ALL = 0.8  # of the letters that stand in elements
_INSIDE_IF_FIRST = 0.25  # of a text that begins with a tag


def looks_like_html(text: str) -> bool:
    """Return whether a text is HTML.

    >>> looks_like_html("<p>It rained.</p>"), looks_like_html("Rain, <a href='/rain'>again</a>.")
    (True, True)
    >>> looks_like_html("Use the <div> element, if a < b."), looks_like_html("`<p>Rain</p>` is a paragraph.")
    (False, False)
    """
    if is_page(text):
        return True
    meant = _COMMENT.sub(" ", _SHOWN.sub(" ", text))
    tags = [match for match in _TAG.finditer(meant) if match["name"].lower() in NAMES]
    if not tags:
        return False
    pairs, inside = _pair(meant, tags)
    breaks = sum(_is_meant(meant, tag) for tag in tags if not tag["slash"])
    if not pairs and not breaks:
        return False
    outside = _letters(_TAG.sub(" ", meant)) - inside
    begins = not meant[: tags[0].start()].strip()
    if begins and inside > _INSIDE_IF_FIRST * (inside + outside):
        return True
    # its words stand between the tags, as in a post of WordPress, if the tags are not what it is about
    return (pairs > 1 and inside > _ALL * (inside + outside)) or not _SUBJECT.search(_TAG.sub(" ", meant))


def is_page(text: str) -> bool:
    """Return whether a text begins as a page of HTML does, or has the blocks of WordPress."""
    return _PAGE.match(text) is not None or _BLOCK_COMMENT.search(text) is not None


def share_in_paragraphs(text: str) -> float:
    """Return the share of the letters of a text that stand in paragraphs, items and cells of HTML."""
    meant = _SHOWN.sub(" ", text)
    tags = [match for match in _TAG.finditer(meant) if match["name"].lower() in HOLD_TEXT]
    _, inside = _pair(meant, tags)
    return inside / max(_letters(_TAG.sub(" ", meant)), 1)


def _is_meant(text: str, tag: re.Match[str]) -> bool:
    """Return whether a tag without an end parts something. In "use <br> for a break" it is a word among others."""
    name = tag["name"].lower()
    if name not in VOID and name not in ("p", "li"):
        return False
    before, behind = text[max(tag.start() - 1, 0) : tag.start()], text[tag.end() : tag.end() + 2]
    named = before == " " and behind[:1] == " " and behind[1:].islower()
    return not named


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _pair(text: str, tags: list[re.Match[str]]) -> tuple[int, int]:
    """Return how many elements are closed that hold something, and how many letters are in any of them."""
    opened: dict[str, list[int]] = {}
    spans: list[tuple[int, int]] = []
    for tag in tags:
        name = tag["name"].lower()
        if not tag["slash"]:
            if name in PARAGRAPHS:
                opened.pop("p", None)  # a block ends a paragraph that was not closed
            opened.setdefault(name, []).append(tag.end())
        elif opened.get(name):
            start = opened[name].pop()
            if text[start : tag.start()].strip():
                spans.append((start, tag.start()))
    letters = end = 0
    for start, stop in sorted(spans):
        letters += _letters(_TAG.sub(" ", text[max(start, end) : stop])) if stop > end else 0
        end = max(end, stop)
    return len(spans), letters

r"""Marks of Markdown that CommonMark does not take for marks, but that tools and people write.

Converters put blank lines into links, and bold words end before a letter ("**Note:**The ferry"). Such marks are still
marks in a text that is Markdown.

>>> [("[\n\nRain](/r) and **wind:**now"[a:b]) for a, b in find_loose_marks("[\n\nRain](/r) and **wind:**now")]
['[', '](/r)', '**', '**']
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = r"(?:<[^<>\n]*>|(?=[^\s()<>]*[./#:?])[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)"
"""What stands between the brackets of a link."""
TITLE = r"(?:[ \t]+[\"'(][^\n]{0,300}[\"')])?"
_BRACKET = re.compile(rf"!?\[|\]\([ \t]*{ADDRESS}{TITLE}[ \t]*\)|\]")
_BOLD = re.compile(r"(?<!\*)(\*{2,3})((?:[^*\n]|\n(?![ \t]*\r?\n)){1,400})(\*{2,3})(?!\*)")
_EMPTY_BOLD = re.compile(r"(?<![\w*])\*{4}(?=\w)")
_TAG = re.compile(r"""</?[a-zA-Z][a-zA-Z0-9]*(?:\s+[a-zA-Z_:@][\w:.@-]*(?:=(?:"[^"<>]*"|'[^'<>]*'))?)*\s*/?>""")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]")
_MOST_ALT = 1_000  # characters between the brackets of a picture


def find_loose_marks(text: str) -> list[tuple[int, int]]:
    """Return the spans of loose marks, sorted."""
    found = [*_find_links(text), *_find_bold(text), *(match.span() for match in _EMPTY_BOLD.finditer(text))]
    # tags that a converter has broken into lines
    found += (match.span() for match in _TAG.finditer(text) if "\n" in match[0] and "=" in match[0])
    found.sort()
    return [span for span, before in zip(found, [(0, 0), *found], strict=False) if span[0] >= before[1]]


def _find_links(text: str) -> Iterator[tuple[int, int]]:
    if "](" not in text:
        return
    opened: list[tuple[int, int]] = []
    for match in _BRACKET.finditer(text):
        if match[0].endswith("["):
            opened.append(match.span())
        elif match[0] == "]":
            if opened:
                opened.pop()
        elif not opened:
            yield match.span()
        else:
            start, end = opened.pop()
            if end - start > 1 and match.end() - start < _MOST_ALT:  # a picture, whose text no reader sees
                yield start, match.end()
            else:
                yield start, end
                yield match.span()


def _find_bold(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while match := _BOLD.search(text, at):
        before, inner = text[match.start() - 1 : match.start()], match[2]
        is_word = before.isalnum() and not _CJK.match(before)
        if (not is_word and not inner[0].isspace()) or not any(map(str.isalnum, inner)):
            yield match.span(1)
            yield match.span(3)
            at = match.end()
        else:
            at = match.start(3)

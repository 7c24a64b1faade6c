"""Distinguish a text that is Markdown from a plain text with an asterisk or a hash in it.

Each sign has a weight. Some are hardly ever anything else: a link with its address, a fence, the line below the head of
a table, front matter. Others are common in plain text, too: items that begin with a hyphen, an asterisk, a quoted
line. They count for little, each kind once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .detect import is_page, share_in_paragraphs
from .front_matter import find_front_matter
from .loose_marks import ADDRESS, TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator

ENOUGH = 4  # the sum of weights from which on a text is Markdown
_IF_IT_IS_THE_SUBJECT = 8  # the same for a text that speaks of Markdown, and may show it
_MOST = 0.5  # of the letters stand in elements of HTML: the text is HTML

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[`~]*", re.MULTILINE | re.DOTALL)
_SUBJECT = re.compile(r"\bmarkdown\b", re.IGNORECASE)
_BELOW_HEAD = re.compile(r"^[ \t>]{0,20}\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?[ \t]*\r?$", re.MULTILINE)
"""The line below the head of a table."""


class _Sign(NamedTuple):
    weight: int
    most: int
    """How often it counts at most."""
    needs: str
    """What each match has, which is faster to look for."""
    pattern: re.Pattern[str]


def _sign(weight: int, most: int, needs: str, pattern: str) -> _Sign:
    return _Sign(weight, most, needs, re.compile(pattern, re.MULTILINE))


_BLANK = r"(?:\A|\n[ \t]*\r?\n)"
_SIGNS = (
    _sign(4, 2, "](", rf"\]\((?:{ADDRESS})?{TITLE}\)"),
    _sign(4, 1, "]:", r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*<?(?:https?://|www\.|mailto:|/|#|\.{1,2}/)\S*"),
    _sign(4, 2, "##", r"^#{2,6}[ \t]+(?=\S)[^\n]*[^#\s][ \t]*\r?$"),
    _sign(4, 2, "# ", _BLANK + r"#[ \t]+(?=[^\W\d_])[^\n]*(?=\n[ \t]*\r?\n|\Z)"),
    _sign(2, 2, "**", r"(?<![\w*\\])\*\*(?=[^\s*])[^*\n]{1,300}(?<=[^\s*\\])\*\*(?![\w*])"),
    _sign(2, 1, "__", r"(?<![\w\\])__(?=[^\s_])(?=[^_\n]{1,300}[ ,.])[^_\n]{1,300}(?<=[^\s_\\])__(?!\w)"),
    _sign(2, 2, "\n===", _BLANK + r"[^\n]{2,120}\n={3,}[ \t]*\r?$"),
    _sign(2, 1, "`", r"(?<!`)`[^`\n]+`(?!`)"),
    _sign(2, 1, "\\", r"\\[*_\[\]#.`()!-]"),
    _sign(1, 1, "\n---", _BLANK + r"[^\n]{2,120}\n-{3,}[ \t]*\r?$"),
    _sign(1, 1, "*", r"(?<![\w*\\])\*(?=[^\s*])[^*\n]{1,300}(?<=[^\s*\\])\*(?![\w*])"),
    _sign(1, 1, "_", r"(?<![\w\\])_(?=[^\s_])[^_\n]{1,300}(?<=[^\s_\\])_(?!\w)"),
    _sign(1, 1, "\n", r"^ {0,3}[-*+][ \t]+\S[^\n]*\n\s*^ {0,3}[-*+][ \t]+\S"),
    _sign(1, 1, ">", r"^ {0,3}>[ \t]?\S"),
    _sign(1, 1, "\n", _BLANK + r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,})\r?$"),
)


def looks_like_markdown(text: str) -> bool:
    r"""Return whether a text is Markdown.

    >>> looks_like_markdown("## Rain\n\nIt rained."), looks_like_markdown("See [it](https://rain.example/).")
    (True, True)
    >>> looks_like_markdown("It *rained*. #rain")
    False
    """
    if is_page(text):
        return False
    enough = _IF_IT_IS_THE_SUBJECT if "arkdown" in text and _SUBJECT.search(text) else ENOUGH
    if _weigh(text, enough) < enough:
        return False
    return "</" not in text or share_in_paragraphs(text) < _MOST


def has_code_or_table(text: str) -> bool:
    """Return whether a text of Markdown has fenced code, or a table of data: then its structure is content."""
    return _FENCE.search(text) is not None or any(_is_of_data(text, line) for line in _find_tables(text))


def _find_tables(text: str) -> Iterator[re.Match[str]]:
    """Yield the line below the head of each table."""
    if "|" not in text or "-" not in text:
        return
    for line in _BELOW_HEAD.finditer(text):
        if "|" in _line_before(text, line.start()):
            yield line


def _line_before(text: str, start: int) -> str:
    return text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]


def _weigh(text: str, enough: int) -> int:
    weight = 4 if find_front_matter(text) else 0
    prose, fences = _FENCE.subn("\n", text) if "```" in text or "~~~" in text else (text, 0)
    weight += 4 * min(fences, 2) + 4 * any(True for _ in _find_tables(prose))
    for sign in _SIGNS:
        if weight >= enough or (sign.weight == 1 and not weight):
            break  # the signs that are common in plain text do not make it Markdown alone
        if sign.needs not in prose:
            continue
        for count, _ in enumerate(sign.pattern.finditer(prose), 1):
            weight += sign.weight
            if count == sign.most:
                break
    return weight


def _is_of_data(text: str, line: re.Match[str]) -> bool:
    """Return whether a table has data. Tables that lay out a page have no head, links, or whole paragraphs."""
    head = _line_before(text, line.start())
    cells = [cell.strip() for cell in head.strip().strip("|").split("|")]
    if len(cells) < 2 or not all(cells) or "](" in head:
        return False
    rows: list[str] = []
    for row in text[line.end() : line.end() + 4_000].split("\n")[1:]:
        if "|" not in row:
            break
        rows.append(row)
    return bool(rows) and not any("](" in row or len(row) > 60 * len(cells) for row in rows)

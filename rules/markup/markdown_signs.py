"""Distinguish a text that is Markdown from a plain text with an asterisk or a hash in it.

Each sign has a weight. Some are hardly ever anything else: a link with its address, a fence, front matter. Others are
common in plain text, too: items that begin with a hyphen, an asterisk, a quoted line. They count for little, each kind
once. Tables count only beside other signs: extractors
write them into plain text.

Most texts have so few signs that they cannot be Markdown. Counts of their bytes tell so, for all texts of a batch
together. Only the others are looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .detect import is_page, looks_like_html, share_in_paragraphs
from .front_matter import find_front_matter
from .loose_marks import ADDRESS, TITLE
from .tables import find_tables, holds_data

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Ints, Mask

ENOUGH = 4  # the sum of weights from which on a text is Markdown
_IF_IT_IS_THE_SUBJECT = 8  # the same for a text that speaks of Markdown, and may show it
_MOST = 0.5  # of the letters stand in elements of HTML: the text is HTML
_OF_TABLE = 2  # weight of tables, if there is another sign
_WEAK = 1  # weight of signs that are common in plain text: they do not make it Markdown alone

BEGINNINGS = (b"---", b"+++", b"\xef\xbb\xbf---", b"\xef\xbb\xbf+++")
"""How a text with front matter begins."""
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[`~]*", re.MULTILINE | re.DOTALL)
_SUBJECT = re.compile(r"\bmarkdown\b", re.IGNORECASE)


class _Sign(NamedTuple):
    weight: int
    most: int
    """How often it counts at most."""
    needs: str
    """What each match has, which is faster to look for."""
    pattern: re.Pattern[str]


def _sign(weight: int, most: int, needs: str, pattern: str) -> _Sign:
    return _Sign(weight, most, needs, re.compile(pattern, re.MULTILINE))


# Patterns begin with a literal, which is fast to look for. A text begins with a line feed of ours.
_BLANK = r"\n(?:(?<=\A\n)|(?<=\n\n)|(?<=\n\r\n)|(?<=\n[ \t]\n)|(?<=\n[ \t][ \t]\n))"
_SIGNS = (
    _sign(4, 2, "](", rf"\]\((?:{ADDRESS})?{TITLE}\)"),
    _sign(4, 1, "]:", r"\n {0,3}\[[^\]\n]{1,200}\]:[ \t]*<?(?:https?://|www\.|mailto:|/|#|\.{1,2}/)\S*"),
    _sign(4, 2, "\n##", r"\n#{2,6}[ \t]+(?=\S)[^\n]*[^#\s][ \t]*\r?$"),
    _sign(4, 2, "\n# ", _BLANK + r"#[ \t]+(?=[^\W\d_])[^\n]*(?=\n[ \t]*\r?\n|\Z)"),
    _sign(2, 2, "**", r"\*\*(?<![\w*\\]\*\*)(?=[^\s*])[^*\n]{1,300}(?<=[^\s*\\])\*\*(?![\w*])"),
    _sign(2, 1, "__", r"__(?<![\w\\]__)(?=[^\s_])(?=[^_\n]{1,300}[ ,.])[^_\n]{1,300}(?<=[^\s_\\])__(?!\w)"),
    _sign(2, 2, "\n==", _BLANK + r"[^\n]{2,120}\n={3,}[ \t]*\r?$"),
    _sign(2, 1, "`", r"`(?<!``)[^`\n]+`(?!`)"),
    _sign(2, 1, "\\", r"\\[*_\[\]#.`()!-]"),
    _sign(1, 1, "\n---", _BLANK + r"[^\n]{2,120}\n-{3,}[ \t]*\r?$"),
    _sign(1, 1, "*", r"\*(?<![\w*\\]\*)(?=[^\s*])[^*\n]{1,300}(?<=[^\s*\\])\*(?![\w*])"),
    _sign(1, 1, "_", r"_(?<![\w\\]_)(?=[^\s_])[^_\n]{1,300}(?<=[^\s_\\])_(?!\w)"),
    _sign(1, 1, "\n", r"\n {0,3}[-*+][ \t]+\S[^\n]*\n\s*^ {0,3}[-*+][ \t]+\S"),
    _sign(1, 1, ">", r"\n {0,3}>[ \t]?\S"),
    _sign(1, 1, "\n", _BLANK + r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,})\r?$"),
)
_COUNTED: tuple[tuple[tuple[bytes, ...], int, int, int], ...] = (
    # the bytes at each place, how many of them one sign has, its weight, and how often it counts
    ((b"]", b"("), 1, 4, 1),
    ((b"]", b":"), 1, 4, 1),
    ((b"\n", b"#", b"#"), 1, 4, 1),
    ((b"\n", b"#", b" \t"), 1, 4, 1),
    ((b"`", b"`", b"`"), 2, 4, 1),
    ((b"~", b"~", b"~"), 2, 4, 1),
    ((b"*", b"*"), 2, 2, 2),
    ((b"_", b"_"), 2, 2, 1),
    ((b"\n", b"=", b"="), 1, 2, 2),
    ((b"`",), 2, 2, 1),
    ((b"\\", b"*_[]#.`()!-"), 1, 2, 1),
)
COUNTED = tuple(places for places, *_ in _COUNTED)
"""What is counted of all texts together."""


def may_be_markdown(counts: Ints) -> Mask:
    """Return which texts may be Markdown. `counts` has a row for each text and a column for each of `COUNTED`.

    The weight of what was counted is as much as that of the strong signs, or more. With less than half of what is
    enough, signs that are common in plain text do not help.
    """
    _, needed, weight, most = (np.array(column) for column in zip(*((0, *rest) for _, *rest in _COUNTED), strict=True))
    weights = np.minimum(counts // needed, most) * weight
    may_be: Mask = weights.sum(axis=1) >= ENOUGH // 2
    return may_be


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
    return _FENCE.search(text) is not None or has_table_of_data(text)


def has_table(text: str) -> bool:
    """Return whether a text has a table, and is no page of HTML."""
    return any(True for _ in find_tables(text)) and ("</" not in text or not looks_like_html(text))


def has_table_of_data(text: str) -> bool:
    """Return whether a text has a table of data."""
    return any(holds_data(text, table) for table in find_tables(text))


def _weigh(text: str, enough: int) -> int:
    """Return the weight of the signs in a text, or less if it is enough."""
    weight = 4 if find_front_matter(text) else 0
    prose, fences = _FENCE.subn("\n", text) if "```" in text or "~~~" in text else (text, 0)
    prose = "\n" + prose
    weight += 4 * min(fences, 2)
    for sign in _SIGNS:
        if weight >= enough or (sign.weight == _WEAK and not weight):
            break
        if sign.needs not in prose:
            continue
        for count, _ in enumerate(sign.pattern.finditer(prose), 1):
            weight += sign.weight
            if count == sign.most:
                break
    if 0 < weight < enough and any(True for _ in find_tables(prose)):
        weight += _OF_TABLE
    return weight

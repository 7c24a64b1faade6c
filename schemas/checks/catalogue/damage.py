"""Checks for damage to the body: lost characters, leftover markup, missing line breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import regex

from ...byte_arrays import lines_of
from ..declare import check

if TYPE_CHECKING:
    from ...byte_arrays import Mask
    from ..frame import Frame

_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."
PAIRS = "|".join(
    (
        r"Ã[\x{80}-\x{BF}ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]",
        r"Â[\x{A0}-\x{BF}]",
        r"â[€‚„†]",
        r"[ÄÅ][\x{80}-\x{BF}ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]",
        r"[ÐÑ][\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—]",
    )
)
# The same pairs as bytes of UTF-8: Â Ã Ä Å Ð Ñ â begin with C3 and end with one of `_MISTAKEN`;
# the character behind them begins with one of `_LOST`.
_MISTAKEN, _LOST = b"\x82\x83\x84\x85\x90\x91\xa2", b"\xc2\xc5\xc6\xcb\xe2"
TAGS = (
    "a|abbr|article|aside|b|blockquote|body|br|button|center|div|em|figcaption|figure|font|footer|form|h[1-6]|head"
    "|header|hr|html|i|iframe|img|input|li|link|main|meta|nav|noscript|ol|option|p|picture|script|section|select"
    "|small|source|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|title|tr|u|ul|video"
)
ENTITY = r"&(?:amp|nbsp|quot|lt|gt|apos|[rl][ds]quo|[mn]dash|hellip|#\d{2,5}|#x[0-9a-fA-F]{2,5});"
CODE = "|".join(
    (
        r"function\s*\w*\([^)]*\)\s*\{",
        r"\bvar \w+\s*=",
        r"@media[^{\n]*\{",
        r"[.#][\w-]+\s*\{[^{}]*:[^{}]*;",  # a rule of CSS
    )
)
CONTROLS = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])


@check(
    "body/mojibake",
    severity="warning",
    fields=("body",),
    message="some characters were decoded with the wrong encoding",
    remedy="read the pages again in the encoding that they declare",
    fails={"text": f"{_BODY} The cafÃ© was closed; â€œnot todayâ€\x9d, it said."},
    passes={"text": f"{_BODY} Le café était fermé, SÃO PAULO aussi; “not today”, it said."},
)
def flag_mojibake(frame: Frame) -> Mask:
    """Flag UTF-8 that was read in another encoding, as ftfy detects it."""
    return frame.memo("mojibake", find_mojibake)


def find_mojibake(frame: Frame) -> Mask:
    """Find the bodies with UTF-8 that was read in another encoding."""
    suspects = frame.matches(PAIRS, frame.holds(b"\xc3", _MISTAKEN, _LOST))
    rows = np.flatnonzero(suspects)
    if len(rows):
        from ftfy.badness import is_bad

        suspects[rows] = [is_bad(text.as_py()) for text in frame.body.take(pa.array(rows))]
    return suspects


@check(
    "body/replacement-characters",
    severity="warning",
    fields=("body",),
    message="the body contains U+FFFD, the sign for a lost character ({count} or more)",
    remedy="read the pages again in the encoding that they declare",
    fails={"text": f"{_BODY} The caf\ufffd was closed."},
    passes={"text": _BODY},
    count=1,
)
def flag_replaced(frame: Frame, count: int) -> Mask:
    """Flag bodies with replacement characters."""
    return frame.places(b"\xef", b"\xbf", b"\xbd") >= count


# A letter that became a question mark within a word; then one at the end of a word counts, too.
_ASKED_WITHIN = regex.compile(r"\p{L}\?\p{Ll}")
_SMALL = range(ord("a"), ord("z") + 1)
_MAY_BE_SMALL = bytes([*_SMALL, *range(0xC2, 0xF5)])  # first bytes of small letters, and others
_MAY_BE_LETTER = bytes([*range(ord("A"), ord("Z") + 1), *_SMALL, *range(0x80, 0xC0)])  # last bytes of letters
_ASKED = regex.compile(r"\p{L}\?(?=\p{Ll}| \p{Ll})")
_WORD = regex.compile(r"\S+")
_ADDRESS = regex.compile(r"//|www\.|\?\w+=")


@check(
    "body/lost-letters",
    severity="warning",
    fields=("body",),
    message="question marks stand for letters in words ({count} or more)",
    remedy="read the pages again in the encoding that they declare",
    fails={"text": f"{_BODY} The caf? by the harbour doesn?t open."},
    passes={"text": f"{_BODY} Who has it? Nobody. https://lenn.example/a?id=7"},
    count=2,
)
def flag_lost_letters(frame: Frame, count: int) -> Mask:
    """Flag bodies in which letters became question marks. Addresses do not count."""
    found = frame.matches(r"\pL\?\p{Ll}", frame.places(_MAY_BE_LETTER, b"?", _MAY_BE_SMALL) > 0)
    for row in np.flatnonzero(found).tolist():
        text = read_asked_lines(frame.body[row].as_py())
        found[row] = _ASKED_WITHIN.search(text) is not None and len(_ASKED.findall(text)) >= count
    return found


@check(
    "body/control-characters",
    severity="warning",
    fields=("body",),
    message="the body contains control characters",
    remedy="check whether a binary file was read as text",
    fails={"text": f"{_BODY}\x00\x07"},
    passes={"text": f"{_BODY}\r\n\tThen."},
)
def flag_controls(frame: Frame) -> Mask:
    """Flag ASCII control characters other than tab, line feed and carriage return."""
    return frame.holds(CONTROLS)


@check(
    "body/markup",
    severity="warning",
    fields=("body",),
    message="the body contains markup",
    remedy="extract the text of the element, not its source",
    fails={"text": f'{_BODY}<br/><div class="more">Then.</div>'},
    passes={"text": f"{_BODY} If a < b and c > d, R&D; then."},
)
def flag_markup(frame: Frame) -> Mask:
    """Flag HTML tags and entities, scripts and styles, unless the body keeps its markup."""
    tag = frame.matches(rf"(?i)</?(?:{TAGS})(?:\s[^<>]*)?/?>", frame.holds(b"<"))
    entity = frame.matches(ENTITY, frame.holds(b"&", b"anqlgrmh#"))
    code = frame.matches(CODE, frame.matches("[;}]", frame.holds(b"{")))
    return (tag | entity | code) & ~frame.keeps_markup


@check(
    "body/long-line",
    severity="warning",
    fields=("body",),
    message="a line has more than {characters:,} characters",
    remedy="check whether the line breaks were lost",
    fails={"text": " ".join([f"{_BODY} That was day {day}." for day in range(200)])},
    passes={"text": _BODY},
    characters=20_000,
)
def flag_long_lines(frame: Frame, characters: int) -> Mask:
    """Flag very long lines. Sizes in bytes select the bodies whose lines are then measured in characters."""
    found = np.zeros(len(frame), np.bool_)
    rows = np.flatnonzero(frame.size > characters)
    line_row, sizes = lines_of(frame.body.take(pa.array(rows)))
    for row in rows[np.unique(line_row[sizes > characters])].tolist():
        found[row] = max(map(len, frame.body[row].as_py().split("\n"))) > characters
    return found


def read_asked_lines(text: str) -> str:
    r"""Return the lines with a question mark, without the words that are addresses, in linear time.

    >>> read_asked_lines("It is open. \nSee www.lamp.example?a=1 there")
    'See  there'
    """
    asked = (line for line in text.split("\n") if "?" in line)
    return "\n".join(_leave_addresses_out(line) if _ADDRESS.search(line) else line for line in asked)


def _leave_addresses_out(line: str) -> str:
    plain: str = _WORD.sub(lambda word: "" if _ADDRESS.search(word[0]) else word[0], line)
    return plain

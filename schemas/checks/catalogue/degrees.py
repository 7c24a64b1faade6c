"""Checks for damage beyond use: bodies that are lost characters, bytes or markup for the most part.

The checks in `damage` report a single such character. These measure how much of the body is damaged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import regex

from ..declare import check
from .damage import CODE, CONTROLS, ENTITY, PAIRS, TAGS, find_mojibake, read_asked_lines

if TYPE_CHECKING:
    from ...byte_arrays import Ints, Mask
    from ..frame import Frame

_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."
_LOST = (
    "T\ufffde f\ufffdrry l\ufffdft th\ufffd quay \ufffdn hour l\ufffdte on Mo\ufffdday, b\ufffdcause nob\ufffddy could."
)
_MOJIBAKE = regex.compile(regex.sub(r"\\x\{(..)\}", r"\\x\1", PAIRS))
# A letter that became a question mark, within a word; and whole words of them.
_ASKED = regex.compile(r"(?<=\p{L})\?(?=\p{Ll}\p{L})|\?{3,}")
_MARKUP = regex.compile(
    rf"(?is)<(script|style)\b.*?(?:</\1>|\Z)|<!--.*?(?:-->|\Z)|</?(?:{TAGS})(?:\s[^<>]*)?/?>|{ENTITY}"
)
_TURNED = regex.compile(r"(?<!\p{L})[а-яё][А-ЯЁ]{2,}")
_LETTER_CODE = regex.compile(r"(?<=\p{L})\\+u0[0-9a-f]{3}|\\+u0[0-9a-f]{3}(?=\p{L})")
_URL = regex.compile(r"https?://\S+")
_CODE_LINE = regex.compile(rf"(?m)^.*(?:{CODE}).*$|^.*[;{{}}][ \t]*$")
_SENTENCE = regex.compile(r"(?m)^\s*\p{Lu}[^{}<>=]{30,}[.!?:]$")
_EXPLAINED = 100  # characters of sentences
_JSON = regex.compile(r'\s*[\[{]\s*(?:"[^"\n]{1,80}"\s*:|[\[{])')
_MAGIC = regex.compile(
    r"%PDF-\d|PK\x03\x04|.PNG\r?\n|GIF8[79]a|\x7fELF|.{0,8}JFIF|RIFF.{0,8}WEBP|.{0,4}\x1f.\x08", regex.DOTALL
)
_ENCODED = regex.compile(r"[A-Za-z0-9+/=_-]{120,}")
_FEW = 5  # damaged characters that are a matter for a warning, however short the body is


@check(
    "body/damaged",
    severity="error",
    fields=("body",),
    message="more than {share:.1%} of the characters are lost or garbled",
    remedy="read the pages again in the encoding that they declare",
    fails={"text": _LOST},
    passes={"text": f"{_BODY} The caf\ufffd was closed."},
    share=0.01,
)
def flag_damaged(frame: Frame, share: float) -> Mask:
    """Flag bodies with many replacement and control characters, lost letters, or wrongly decoded characters.

    Up to five of them are left to the checks of a single one.
    """
    damaged = frame.count(CONTROLS) + frame.places(b"\xef", b"\xbf", b"\xbd")
    damaged = damaged + _count_garbled(frame) + _count_asked(frame) + _count_foreign(frame)
    damaged = damaged + _count_turned(frame) + _count_escaped(frame)
    flagged: Mask = (damaged > _FEW) & (damaged > share * frame.length)
    return flagged


def _count_garbled(frame: Frame) -> Ints:
    """Count pairs of characters that stand for one in another encoding."""
    counts = np.zeros(len(frame), np.int64)
    for row in np.flatnonzero(frame.memo("mojibake", find_mojibake)).tolist():
        counts[row] = sum(1 for _ in _MOJIBAKE.finditer(frame.body[row].as_py()))
    return counts


def _count_asked(frame: Frame) -> Ints:
    """Count question marks that stand for letters: within words, or one beside the other."""
    asked = frame.count(b"?")
    counts = np.zeros(len(frame), np.int64)
    for row in np.flatnonzero((asked > _FEW) & (200 * asked > frame.length)).tolist():
        text = read_asked_lines(frame.body[row].as_py())
        counts[row] = sum(len(match[0]) for match in _ASKED.finditer(text))
    return counts


def _count_foreign(frame: Frame) -> Ints:
    """Count letters with accents where nearly all letters have one, and box-drawing characters where there are many.

    No language is written so: these are Cyrillic or Greek letters, read in another encoding.
    """
    accented, boxes = frame.places(b"\xc3"), frame.places(b"\xe2", b"\x94\x95")
    solid = frame.length - frame.blanks
    counts: Ints = np.where(2 * accented > solid, accented, 0) + np.where(10 * boxes > solid, boxes, 0)
    return counts


def _count_turned(frame: Frame) -> Ints:
    """Count letters of Cyrillic words that begin with a small letter and go on with capitals.

    KOI8-R that is read as Windows-1251, or the other way, turns the cases.
    """
    counts = np.zeros(len(frame), np.int64)
    capitals = frame.places(b"\xd0", range(0x90, 0xB0))
    for row in np.flatnonzero(3 * capitals > frame.length - frame.blanks).tolist():
        counts[row] = sum(len(match[0]) for match in _TURNED.finditer(frame.body[row].as_py()))
    return counts


def _count_escaped(frame: Frame) -> Ints:
    """Count the characters of escapes, where spaces are escaped or letters with accents are."""
    counts = np.zeros(len(frame), np.int64)
    spaces, codes = 40 * frame.places(b"%", b"2", b"0"), 50 * frame.places(b"\\", b"u")
    for row in np.flatnonzero((spaces > frame.length) | (codes > frame.length)).tolist():
        text = frame.body[row].as_py()
        escapes = 3 * text.count("%20") if text.count("%20") > text.count(" ") else 0
        letters = sum(len(match[0]) for match in _LETTER_CODE.finditer(text))
        counts[row] = escapes + (letters if 50 * letters > len(text) else 0)
    return counts


@check(
    "body/binary",
    severity="error",
    fields=("body",),
    message="the text is the content of a binary file, or encoded data",
    remedy="leave out files that are no text, or extract their text first",
    fails={"text": "%PDF-1.7\n%\ufffd\ufffd\ufffd\ufffd\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\nstream\nx"},
    passes={"text": f"{_BODY} The file began with %PDF-1.7, she said."},
    share=0.5,
)
def flag_binary(frame: Frame, share: float) -> Mask:
    """Flag bodies that begin like a binary file, or of which a share is one run of encoded data without a space."""
    found = np.zeros(len(frame), np.bool_)
    begins = frame.matches(r"^(?:%PDF-\d|PK\x03\x04|[^\n]PNG|GIF8[79]a|\x7fELF|[^\n]{0,8}JFIF|RIFF)", frame.length > 0)
    for row in np.flatnonzero(begins).tolist():
        found[row] = _MAGIC.match(frame.body[row].as_py()[:40]) is not None
    dense = (frame.blanks * 12 < frame.length) & (frame.length >= 120) & ~frame.holds(range(0xE3, 0xEE))
    for row in np.flatnonzero(dense & ~found).tolist():
        text = frame.body[row].as_py()
        found[row] = sum(len(match[0]) for match in _ENCODED.finditer(text)) > share * len(text)
    return found


@check(
    "body/mostly-markup",
    severity="error",
    fields=("body",),
    message="more than {share:.0%} of the body is markup or code",
    remedy="extract the text of the element, not its source",
    fails={
        "text": '<div class="row"><span data-id="1">Ferry</span></div><div class="row"><span data-id="2">Key</span>'
    },
    passes={"text": f'{_BODY} <a href="/keys">Then</a> she wrote <b>No</b>.'},
    share=0.5,
)
def flag_mostly_markup(frame: Frame, share: float) -> Mask:
    """Flag bodies of which a share is tags, entities, scripts, styles, addresses or JSON.

    A body that keeps its markup may consist of it.
    """
    found = np.zeros(len(frame), np.bool_)
    signs = frame.count(b"<") * 4 + frame.count(b"{};") * 2 + frame.count(b"/") * 4
    candidates = (signs * 40 > share * frame.length) | frame.matches(r"^\s*[\[{]", frame.holds(b"{"))
    for row in np.flatnonzero(candidates & ~frame.keeps_markup).tolist():
        text = frame.body[row].as_py()
        words = _MARKUP.sub("", _URL.sub("", text))
        rest = _CODE_LINE.sub("", words)
        # sentences between lines of code explain them
        is_explained = sum(map(len, _SENTENCE.findall(rest))) >= _EXPLAINED
        kept = words if is_explained else rest
        found[row] = len(text) - len(kept) > share * len(text) or (_JSON.match(text) is not None and _is_json(text))
    return found


def _is_json(text: str) -> bool:
    """Return whether a text is a JSON value, or the beginning of a large one."""
    import msgspec

    try:
        return isinstance(msgspec.json.decode(text), (dict, list))
    except (ValueError, RecursionError):
        return text.count('":') * 60 > len(text)

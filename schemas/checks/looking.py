"""What gives pages away that are no articles, looked for in bodies that are too short, or too bare, to be any.

Articles are written *about* such pages, and quote them. So a phrase counts only outside of quotation marks, and only
where the rest of the body is no prose: sentences that speak of what such pages speak of are set apart, and what
remains must be short. The patterns of each kind stand in pages.toml, by language.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import hyperscan
import numpy as np
import pyarrow as pa
import regex

from ..scanning import Scanner, load_scanner

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .frame import Frame, Ints

MAX_LENGTH = 5000  # code points: a longer body has prose enough
MAX_SENTENCES = 14
PARAGRAPH = 200  # bytes: a line that is as long is one
MAX_PARAGRAPHS = 1200  # bytes in paragraphs
SHORT = 1200  # code points
_FULL_STOP = b"\x82"  # the last byte of an ideographic full stop, which few other characters of Chinese have
_QUOTED = regex.compile(
    r"“[^“”]{2,400}”|„[^„“”]{2,400}[“”]|«[^«»]{2,400}»|»[^«»]{2,400}«|‘[^‘’]{4,400}’|「[^「」]{2,400}」|『[^『』]{2,400}』"
    r"|(?<![\w\"])\"[^\"\n]{2,400}\"(?![\w])"
)
_OPENERS = regex.compile(r"[“„«»‘「『\"]")
_QUOTE = "\x1a"  # stands for each character of what was quoted: a sentence around it tells of somebody
# A sentence that says who said something, or when something happened, tells of a page and is not part of one.
_TELLS = regex.compile(
    _QUOTE
    + r"|\b(?:said|says|told|tells|explained|admitted|added|argues?|argued|according to|wrote|announced|ruled|recalls?"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|in (?:19|20)\d\d"
    r"|last (?:week|year|month|autumn|spring|summer|winter)|sagte|sagt|erklärte|laut"
    r"|am (?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)|a dit|a déclaré|selon|dijo|según|afirma"
    r"|ha detto|secondo|spiega|disse|afirmou|segundo|explica|zei|zegt|volgens|aldus|powiedział\w*|według"
    r"|сказал\w*|по словам|сообщил\w*|δήλωσε|λέει|σύμφωνα)\b"
    r"|记者|表示|称，|说，|と(?:話す|語る|述べ|説明)|によると",
    regex.IGNORECASE,
)
_SENTENCE_END = regex.compile(r"[.!?…][\")\]’”»]?(?=\s)|[。！？]|\n")
_QUOTING = frozenset(("machine-error",))  # what machines write is full of quotation marks
WIDE = regex.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, dict[str, list[str]]]:
    """Give the patterns of each kind, by key."""
    data: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("pages.toml").read_text("utf-8"))
    return data


@lru_cache
def compiled(name: str, key: str) -> regex.Pattern[str]:
    """Give the patterns of a kind (`error` …) that stand under a key (`phrases`, `words`, `weak`) as one."""
    return regex.compile("(?im)" + "|".join(f"(?:{one})" for one in _patterns()[name][key]))


@lru_cache
def _compiled_alone(pattern: str) -> regex.Pattern[str]:
    return regex.compile(f"(?im){pattern}")


@lru_cache
def sought(quoting: bool) -> list[tuple[str, str, str]]:
    """Give the (kind, key, pattern) of all patterns that are looked for in quotations, too, or only outside of them.

    Left out are those that only set sentences apart.
    """
    keys = dict.fromkeys(_patterns(), ("phrases", "weak")) | {"gallery": ("words", "weak"), "listing": ()}
    return [
        (name, key, pattern)
        for name, kind in _patterns().items()
        if (name in _QUOTING) == quoting
        for key in keys[name]
        for pattern in kind.get(key, ())
    ]


def loosened(pattern: str) -> str:
    """Give a pattern for Hyperscan that finds at least as much: only of ASCII does it know what is a letter."""
    # a gap of any length needs no counting
    found = regex.sub(r"\{1,\d\d+\}", "+", regex.sub(r"\{0,\d\d+\}", "*", pattern)).replace(r"\b", "")
    found = regex.sub(r"(\[\^?[^\]\[]*)\\([wds])", r"\1\\\2\\x{80}-\\x{10ffff}", found)
    loose: str = regex.sub(r"(?<!\[[^\]]*)\\([wds])", r"[\\\1\\x{80}-\\x{10ffff}]", found)
    return loose


@lru_cache
def _scanner(quoting: bool) -> Scanner:
    patterns = tuple(loosened(pattern) for _, _, pattern in sought(quoting))
    return load_scanner("pages", patterns, hyperscan.HS_FLAG_CASELESS, hyperscan.HS_FLAG_MULTILINE)


class Bodies(NamedTuple):
    """The bodies of a frame that are short enough to be no article."""

    rows: Ints
    texts: list[str]
    """Without quotations, and with one kind of apostrophe, as the patterns want them."""
    quoting: list[str]
    """As they are."""
    found: dict[tuple[str, str], dict[int, list[str]]]
    """For each kind and key, the patterns that may be found in a body, by its position among these."""


def candidates(
    frame: Frame, name: str, key: str = "phrases", *, most: float = float("inf")
) -> Iterator[tuple[int, str]]:
    """Give the rows and bodies in which a pattern of a kind is found, outside of quotations but for some kinds.

    Left out are bodies with more than `most` code points in sentences that tell of something.
    """
    bodies = short_bodies(frame)
    texts = bodies.quoting if name in _QUOTING else bodies.texts
    for at, patterns in sorted(bodies.found.get((name, key), {}).items()):
        text = texts[at]
        if sum(sentence.weight for sentence in _sentences(text) if sentence.tells) > most:
            continue
        # of phrases one is enough; other things are counted anyway
        if key != "phrases" or any(_compiled_alone(pattern).search(text) for pattern in patterns):
            yield int(bodies.rows[at]), text


def short_bodies(frame: Frame) -> Bodies:
    """Give the bodies that are short enough to be no article, and what may be found in them, once for all checks."""
    known: Bodies | None = frame.__dict__.get("short_bodies")
    if known is None:
        # where more sentences end than in any such page, there is prose: most articles go no further
        ends = frame.count(b".!?") + frame.count(_FULL_STOP) // 2
        short = (frame.length <= MAX_LENGTH) & (frame.length > 0) & (ends <= MAX_SENTENCES)
        rows = np.flatnonzero(short & (_in_paragraphs(frame) <= MAX_PARAGRAPHS))
        quoting = frame.body.take(pa.array(rows)).to_pylist()
        texts = [_without_quotations(text) for text in quoting]
        known = frame.__dict__["short_bodies"] = Bodies(rows, texts, quoting, scan(texts, quoting))
    return known


def _without_quotations(text: str) -> str:
    if _OPENERS.search(text):
        text = _QUOTED.sub(f" {_QUOTE} ", text)
    return text.replace("'", "’")


def scan(texts: list[str], quoting: list[str]) -> dict[tuple[str, str], dict[int, list[str]]]:
    """Give what may be found in texts, without quotations and with them; see `Bodies.found`."""
    found: dict[tuple[str, str], dict[int, list[str]]] = {}
    for searched, quoted in ((texts, False), (quoting, True)) if texts else ():
        encoded = [text.encode() + b"\n" for text in searched]
        ends = np.cumsum([len(text) for text in encoded])
        at, number = _scanner(quoted).scan(np.frombuffer(b"".join(encoded), np.uint8), ends)
        for position, one in sorted({*zip(at.tolist(), number.tolist(), strict=True)}):
            kind, key, pattern = sought(quoted)[one]
            found.setdefault((kind, key), {}).setdefault(position, []).append(pattern)
    return found


def _in_paragraphs(frame: Frame) -> Ints:
    """Count the bytes of each body that stand in lines as long as paragraphs."""
    row, sizes = frame.lines
    found: Ints = np.bincount(row, sizes * (sizes >= PARAGRAPH), minlength=len(frame)).astype(np.int64)
    return found


class Sentence(NamedTuple):
    """A sentence that is long enough to be prose."""

    text: str
    ends: bool
    """Whether it ends as sentences do."""
    tells: bool
    """Whether it says who said something, or when something happened."""
    weight: int
    """Its code points; those of scripts that need fewer count three times."""


@lru_cache(maxsize=512)
def _sentences(text: str) -> list[Sentence]:
    """Give the sentences of a text that may be prose. Several checks ask for those of one text."""
    found = []
    ends = [0, *(end.end() for end in _SENTENCE_END.finditer(text)), len(text)]
    for sentence in (text[start:end].strip() for start, end in pairwise(ends)):
        wide = not sentence.isascii() and WIDE.search(sentence) is not None
        if len(sentence) < (15 if wide else 40) or (not wide and sentence.count(" ") < 5 and _QUOTE not in sentence):
            continue
        closed = sentence[-1] in f'.!?。！？…:”"»)’{_QUOTE}'
        found.append(
            Sentence(sentence, closed, _TELLS.search(sentence) is not None, len(sentence) * (3 if wide else 1))
        )
    return found


def prose(text: str, words: regex.Pattern[str]) -> int:
    """Count the code points of sentences that are no part of a page of a kind: without its words, or telling of it."""
    return sum(
        sentence.weight
        for sentence in _sentences(text)
        if sentence.tells or (sentence.ends and not words.search(sentence.text))
    )


def is_bare(text: str, words: regex.Pattern[str]) -> bool:
    """Say whether nothing in a text is prose."""
    sentences = _sentences(text)
    return not any(sentence.tells for sentence in sentences) and not any(
        sentence.ends and not words.search(sentence.text) for sentence in sentences
    )

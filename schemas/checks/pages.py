"""Checks for records that are no article: error pages, walls, shells, lists and leftovers of machines.

Articles are written *about* such pages, and quote them. So a phrase counts only outside of quotation marks, and only
where the rest of the body is no prose: sentences that speak of what such pages speak of are set apart, and what
remains must be short. The patterns of each kind stand in pages.toml, by language.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import hyperscan
import numpy as np
import pyarrow as pa
import regex

from ..scanning import Scanner, load_scanner
from .model import check

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..reasons import Mask
    from .frame import Frame, Ints

MAX_LENGTH = 5000  # code points: a longer body has prose enough
MAX_SENTENCES = 14
PARAGRAPH = 200  # bytes: a line that is as long is one
MAX_PARAGRAPHS = 1200  # bytes in paragraphs
SHORT = 1200  # code points
LONG_LINE = 120  # code points
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
_SENTENCE = regex.compile(r"(?<=[.!?…][\")\]’”»]?)\s+|(?<=[。！？])|\n+")
_NEXT_SENTENCE = regex.compile(r"\p{L}{2}[.!?] \p{Lu}")
_QUOTING = frozenset(("machine-error",))  # what machines write is full of quotation marks
_WIDE = regex.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BODY = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain that had been laid "
    "across the basin during the storm.\n\nBy noon the fishermen had gathered on the pier, and a woman who mends nets "
    "told them that her grandfather had once waited four days for the same key."
)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, dict[str, list[str]]]:
    """Give the patterns of each kind, by key."""
    data: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("pages.toml").read_text("utf-8"))
    return data


@lru_cache
def _compiled(name: str, key: str) -> regex.Pattern[str]:
    return regex.compile("(?im)" + "|".join(f"(?:{one})" for one in _patterns()[name][key]))


@lru_cache
def _compiled_alone(pattern: str) -> regex.Pattern[str]:
    return regex.compile(f"(?im){pattern}")


@lru_cache(maxsize=1)
def _sought() -> list[tuple[str, str, str]]:
    """Give the (kind, key, pattern) of all patterns that are looked for, beside those that only set sentences apart."""
    keys = dict.fromkeys(_patterns(), ("phrases", "weak")) | {"gallery": ("words", "weak"), "listing": ()}
    return [
        (name, key, pattern)
        for name, kind in _patterns().items()
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


@lru_cache(maxsize=1)
def _scanner() -> Scanner:
    patterns = tuple(loosened(pattern) for _, _, pattern in _sought())
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


def _candidates(
    frame: Frame, name: str, key: str = "phrases", *, most: float = float("inf")
) -> Iterator[tuple[int, str]]:
    """Give the rows and bodies in which a pattern of a kind is found, outside of quotations but for some kinds.

    Left out are bodies with more than `most` code points in sentences that tell of something.
    """
    bodies = _short_bodies(frame)
    texts = bodies.quoting if name in _QUOTING else bodies.texts
    for at, patterns in sorted(bodies.found.get((name, key), {}).items()):
        text = texts[at]
        if sum(sentence.weight for sentence in _sentences(text) if sentence.tells) <= most and (
            # what they say is counted anyway
            len(bodies.quoting[at]) <= SHORT
            if key == "weak"
            else any(_compiled_alone(pattern).search(text) for pattern in patterns)
        ):
            yield int(bodies.rows[at]), text


def _short_bodies(frame: Frame) -> Bodies:
    """Give the bodies that are short enough to be no article, and what may be found in them, once for all checks."""
    known: Bodies | None = frame.__dict__.get("short_bodies")
    if known is None:
        # where more sentences end than in any such page, there is prose: most articles go no further
        ends = frame.count(b".!?") + frame.count(_FULL_STOP) // 2
        short = (frame.length <= MAX_LENGTH) & (frame.length > 0) & (ends <= MAX_SENTENCES)
        rows = np.flatnonzero(short & (_in_paragraphs(frame) <= MAX_PARAGRAPHS))
        quoting = frame.body.take(pa.array(rows)).to_pylist()
        texts = [_without_quotations(text) for text in quoting]
        known = frame.__dict__["short_bodies"] = Bodies(rows, texts, quoting, _scan(texts, quoting))
    return known


def _without_quotations(text: str) -> str:
    if _OPENERS.search(text):
        text = _QUOTED.sub(f" {_QUOTE} ", text)
    return text.replace("'", "’")


def _scan(texts: list[str], quoting: list[str]) -> dict[tuple[str, str], dict[int, list[str]]]:
    found: dict[tuple[str, str], dict[int, list[str]]] = {}
    if not texts:
        return found
    encoded = [text.encode() + b"\n" for text in (*texts, *quoting)]
    ends = np.cumsum([len(text) for text in encoded])
    at, number = _scanner().scan(np.frombuffer(b"".join(encoded), np.uint8), ends)
    count = len(texts)
    for pair in sorted({*zip(at.tolist(), number.tolist(), strict=True)}):
        kind, key, pattern = _sought()[pair[1]]
        if (pair[0] >= count) == (kind in _QUOTING):
            found.setdefault((kind, key), {}).setdefault(pair[0] % count, []).append(pattern)
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
    for sentence in _SENTENCE.split(text):
        wide = not sentence.isascii() and _WIDE.search(sentence) is not None
        if len(sentence) < (15 if wide else 40) or (not wide and sentence.count(" ") < 5 and _QUOTE not in sentence):
            continue
        ends = sentence[-1] in f'.!?。！？…:”"»)’{_QUOTE}'
        found.append(Sentence(sentence, ends, _TELLS.search(sentence) is not None, len(sentence) * (3 if wide else 1)))
    return found


def prose(text: str, words: regex.Pattern[str]) -> int:
    """Count the code points of sentences that are no part of a page of a kind: without its words, or telling of it."""
    return sum(
        sentence.weight
        for sentence in _sentences(text)
        if sentence.tells or (sentence.ends and not words.search(sentence.text))
    )


def _is_bare(text: str, words: regex.Pattern[str]) -> bool:
    """Say whether nothing in a text is prose."""
    sentences = _sentences(text)
    return not any(sentence.tells for sentence in sentences) and not any(
        sentence.ends and not words.search(sentence.text) for sentence in sentences
    )


def _flag(frame: Frame, kind: str, characters: int) -> Mask:
    """Flag bodies with a phrase of a kind and little prose beside."""
    found = np.zeros(len(frame), np.bool_)
    for row, text in _candidates(frame, kind, most=characters):
        found[row] = prose(text, _compiled(kind, "words")) <= characters
    return found | _flag_weakly(frame, kind)


def _flag_weakly(frame: Frame, kind: str) -> Mask:
    """Flag short bodies in which nothing is prose and two things are said that pages of a kind say."""
    found = np.zeros(len(frame), np.bool_)
    for row, text in _candidates(frame, kind, "weak", most=0):
        weak = _compiled(kind, "weak")
        if len(text) <= SHORT and _is_bare(text, weak):
            found[row] = len({match[0].lower() for match in weak.finditer(text)}) >= 2
    return found


@check(
    "page/error",
    severity="error",
    fields=("body",),
    message="this is an error page of a server",
    do="scrape the address again, or drop it",
    fails={"text": "404 Not Found\n\nSorry, the page you requested could not be found."},
    passes={"text": f"{_BODY} The harbour's website answered “404 Not Found”."},
    characters=100,
)
def flag_error_pages(frame: Frame, characters: int) -> Mask:
    """Flag pages that say that there is none: 403, 404, 410, 500, 503, maintenance."""
    return _flag(frame, "error", characters)


@check(
    "page/script-required",
    severity="error",
    fields=("body",),
    message="the page asks for JavaScript, another browser, or no ad blocker",
    do="render the page in a browser before its text is taken",
    fails={"text": "Please enable JavaScript to run this app."},
    passes={"text": f"{_BODY} “Please enable JavaScript,” said the timetable."},
    characters=100,
)
def flag_script_required(frame: Frame, characters: int) -> Mask:
    """Flag what is shown to browsers that run no scripts."""
    return _flag(frame, "script-required", characters)


@check(
    "page/bot-check",
    severity="error",
    fields=("body",),
    message="the page asks whether a human reads it, or refuses to answer",
    do="scrape more slowly, or ask the site for access",
    fails={"text": "Checking your browser before accessing lantern.example.\nThis process is automatic."},
    passes={"text": f"{_BODY} “Checking your browser,” said the timetable, and nothing more."},
    characters=100,
)
def flag_bot_checks(frame: Frame, characters: int) -> Mask:
    """Flag challenges and refusals of content networks."""
    return _flag(frame, "bot-check", characters)


@check(
    "page/cookie-wall",
    severity="error",
    fields=("body",),
    message="the text is a request for consent to cookies",
    do="accept or refuse before the text is taken",
    fails={
        "text": "We value your privacy\nWe and our partners store cookies on your device.\nAccept all\nManage options"
    },
    passes={"text": f"We use cookies. Accept all\n{_BODY}"},
    characters=100,
)
def flag_cookie_walls(frame: Frame, characters: int) -> Mask:
    """Flag consent texts that stand where an article should."""
    return _flag(frame, "cookie-wall", characters)


@check(
    "page/paywall",
    severity="error",
    fields=("body",),
    message="the text ends at a request to log in or to subscribe",
    do="drop it, or scrape it with an account",
    fails={
        "text": f"{_BODY[:145]}\n\nThis article is for subscribers only.\nSubscribe now\nAlready a subscriber? Log in"
    },
    passes={"text": f"{_BODY}\n\nSubscribe to our newsletter\nSign in to comment"},
    characters=700,
)
def flag_paywalls(frame: Frame, characters: int) -> Mask:
    """Flag beginnings of articles with a wall behind them: the wall must stand in the last third of the lines."""
    found = np.zeros(len(frame), np.bool_)
    phrase, words = _compiled("paywall", "phrases"), _compiled("paywall", "words")
    for row, text in _candidates(frame, "paywall", most=characters):
        lines = [line for line in text.split("\n") if line.strip()]
        after = "\n".join(lines[-max(len(lines) * 2 // 3, 4) :])
        last = [match.end() for match in phrase.finditer(after)]
        if last:
            found[row] = prose(text, words) <= characters and prose(after[last[-1] :], words) <= 100
    return found | _flag_weakly(frame, "paywall")


@check(
    "page/live-shell",
    severity="warning",
    fields=("body",),
    message="this is a live page without an entry in it",
    do="scrape it again when it is over",
    fails={"text": "Live: harbour council\nOur live coverage will begin shortly.\nNo updates yet"},
    passes={"text": f"{_BODY}\n\nLive coverage continues tomorrow."},
    characters=100,
)
def flag_live_shells(frame: Frame, characters: int) -> Mask:
    """Flag tickers, scoreboards and streams that hold no text."""
    return _flag(frame, "live-shell", characters)


@check(
    "page/lorem-ipsum",
    severity="error",
    fields=("body",),
    message="the text is a placeholder",
    do="drop it: the page was never written",
    fails={
        "text": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore."
    },
    passes={"text": f"{_BODY} The printer had set “lorem ipsum dolor sit amet” on every page."},
    characters=200,
)
def flag_placeholders(frame: Frame, characters: int) -> Mask:
    """Flag dummy texts and the first pages of new installations."""
    return _flag(frame, "lorem-ipsum", characters)


@check(
    "page/parked-domain",
    severity="error",
    fields=("body",),
    message="the domain is parked, for sale or empty",
    do="drop the site",
    fails={"text": "This domain is for sale!\nMake an offer"},
    passes={"text": f"{_BODY} The name of the ferry's old site is for sale now."},
    characters=100,
)
def flag_parked_domains(frame: Frame, characters: int) -> Mask:
    """Flag offers of a domain and default pages of servers."""
    return _flag(frame, "parked-domain", characters)


@check(
    "page/machine-error",
    severity="error",
    fields=("body",),
    message="the text is a program's error, or a template that was never filled",
    do="scrape the address again, or drop it",
    fails={"text": "Fatal error: Uncaught Error: Call to undefined function in /srv/site/index.php on line 7"},
    passes={"text": f"{_BODY} The timetable read “undefined” for an hour."},
    characters=100,
)
def flag_machine_errors(frame: Frame, characters: int) -> Mask:
    """Flag stack traces, database errors, raw answers of services, and variables without a value."""
    return _flag(frame, "machine-error", characters)


@check(
    "page/listing",
    severity="warning",
    fields=("body",),
    message="this is a list of articles, not one",
    do="follow its links instead",
    fails={"text": "Latest news\nFerry late\n4 May 2024\nKey in net\n3 May 2024\nChain cut\n2 May 2024\nNext page"},
    passes={"text": f"{_BODY}\n\nLatest news\nKey found in net"},
    lines=4,
)  # fmt: skip
def flag_listings(frame: Frame, lines: int) -> Mask:
    """Flag short lines under a heading of lists, with the marks of lists (pages, dates, "more") and without prose."""
    found = np.zeros(len(frame), np.bool_)
    phrase, words = _compiled("listing", "phrases"), _compiled("listing", "words")
    for row, parts in _short_lined(frame):
        if len(parts) < lines or _has_paragraph(parts):
            continue
        marks = sum(words.search(part) is not None for part in parts)
        heads = sum(phrase.search(part) is not None for part in parts)
        titles = sum(15 <= len(part) <= 140 and part[-1] not in ".!?。！？,;:" for part in parts)
        enough = (
            marks >= max(3, 0.3 * len(parts)) or heads >= 2 or (heads and marks) or titles >= max(5, 0.6 * len(parts))
        )
        found[row] = bool(enough)
    return found


@check(
    "page/gallery",
    severity="warning",
    fields=("body",),
    message="this is a gallery without a text",
    do="drop it, or keep the captions alone",
    fails={"text": "1 / 3\nPhoto: Marta Lindqvist\n2 / 3\nPhoto: Marta Lindqvist\n3 / 3"},
    passes={"text": f"Photo: Marta Lindqvist\n{_BODY}"},
    share=0.25,
)
def flag_galleries(frame: Frame, share: float) -> Mask:
    """Flag bodies of which a share of the lines counts or credits pictures, without paragraphs between them."""
    found = np.zeros(len(frame), np.bool_)
    phrase, words = _compiled("gallery", "phrases"), _compiled("gallery", "words")
    for row, text in _candidates(frame, "gallery", "words"):
        parts = _lines(text)
        if _has_paragraph(parts):
            continue
        marks = sum(words.search(part) is not None for part in parts)
        head = any(phrase.search(part) for part in parts[:12])
        found[row] = bool(marks >= max(2, share * len(parts)) or (head and (marks or len(parts) > 3)))
    return found | _flag_weakly(frame, "gallery")


def _short_lined(frame: Frame) -> list[tuple[int, list[str]]]:
    """Give the rows, and the lines without quotations, of bodies that have several and hardly a long one."""
    bodies = _short_bodies(frame)
    found = []
    for row, text in zip(bodies.rows.tolist(), bodies.texts, strict=True):
        if text.count("\n") >= 3:
            parts = _lines(text)
            if not any(len(part) > LONG_LINE and part[-1] in ".!?" for part in parts):
                found.append((row, parts))
    return found


def _lines(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n") if part.strip()]


def _has_paragraph(parts: list[str]) -> bool:
    """Say whether a line has several sentences, or a long one."""
    return any(len(part) >= LONG_LINE and part[-1] in '.!?。！？”"»' for part in parts) or any(
        (len(part) > 8 and len(_NEXT_SENTENCE.findall(part)) >= 2)
        or (len(part) >= 50 and not part.isascii() and _WIDE.search(part) is not None)
        for part in parts
    )

"""What gives pages away that are no articles, looked for in bodies that are too short, or too bare, to be any.

Articles are written *about* such pages, and quote them. So a phrase counts only outside of quotation marks, and only
where the rest of the body is no prose: sentences that speak of what such pages speak of are set apart, and what
remains must be short. The patterns of each kind stand in pages.toml, by language.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import hyperscan
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from ...byte_arrays import count_rare, encoded, is_among, lines_of
from ...cache.multi_pattern import Scanner, load_scanner
from ...cache.regexes import Patterns, load_patterns
from ...cache.store import cache_directory
from ...cache.toml_files import parse_own
from ..frame import mask
from .sentences import QUOTE, Spans, find_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...byte_arrays import Bytes, Ints, Mask
    from ..frame import Frame

MAX_LENGTH = 5000  # code points: a longer body has prose enough
MAX_SENTENCES = 14
LONG_LINE = 120  # code points
PARAGRAPH = 200  # bytes: a line that is as long is one
MAX_PARAGRAPHS = 1200  # bytes in paragraphs
SHORT = 1200  # code points
_FULL_STOP = b"\x82"  # the last byte of an ideographic full stop, which few other characters of Chinese have
_MARKS = np.isin(np.arange(256), list(b".!?"))
_SOLID = np.isin(np.arange(256), range(0x21, 0x7F))
_QUOTED = {
    "“": "“[^“”]{2,400}”",
    "„": "„[^„“”]{2,400}[“”]",
    "«": "«[^«»]{2,400}»",
    "»": "»[^«»]{2,400}«",
    "‘": "‘[^‘’]{4,400}’",
    "「": "「[^「」]{2,400}」",
    "『": "『[^『』]{2,400}』",
    '"': r'(?<![\w"])"[^"\n]{2,400}"(?![\w])',
}
"""What is quoted, by the mark that opens it."""
_OPENING = bytes({mark.encode()[0] for mark in _QUOTED})
_QUOTING = frozenset(("machine-error",))  # what machines write is full of quotation marks
_FEED, _EMPTY = pa.scalar("\n", pa.large_string()), pa.scalar("", pa.large_string())
# a part of a pattern: what is escaped, a class (a gap, if it is a negated one with a limit), or a character
_TOKEN = regex.compile(r"\\.|\[\^?(?:\\.|[^\]\\])*\](?:\{0,\d+\})?|.", regex.DOTALL)
# words that stand everywhere, or that many words begin with: what begins so keeps Hyperscan busy all the time
_COMMON = regex.compile(r"(?<![\w ])(?:the|this|our|we|us|use|an\?|you|live|tekst)(?![\w ])")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, dict[str, list[str]]]:
    """Give the patterns of each kind, by key."""
    return parse_own([Path(__file__).with_name("pages.toml").read_bytes()])[0]


def compiled(name: str, key: str) -> regex.Pattern[str]:
    """Give the patterns of a kind (`error` …) that stand under a key (`phrases`, `words`, `weak`) as one."""
    numbers, patterns = _compiled()
    found: regex.Pattern[str] = patterns[numbers[name, key]]
    return found


@lru_cache(maxsize=1)
def _compiled() -> tuple[dict[tuple[str, str], int], Patterns]:
    whole = {(name, key): found for name, kind in _patterns().items() for key, found in kind.items()}
    expressions = ["(?im)" + "|".join(f"(?:{one})" for one in patterns) for patterns in whole.values()]
    numbers = {names: number for number, names in enumerate(whole)}
    return numbers, load_patterns(expressions, cache_directory())


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
    found = "|".join(_without_common(alternative) for alternative in _alternatives(pattern))
    # a gap of any length needs no counting
    found = regex.sub(r"\{1,\d\d+\}", "+", regex.sub(r"\{0,\d\d+\}", "*", found))
    # beside a letter of ASCII it sees an end of a word wherever there is one
    found = regex.sub(r"(?<!(?<!\\)[A-Za-z0-9])\\b(?![A-Za-z0-9])", "", found)
    found = regex.sub(r"(\[\^?[^\]\[]*)\\([wds])", r"\1\\\2\\x{80}-\\x{10ffff}", found)
    loose: str = regex.sub(r"(?<!\[[^\]]*)\\([wds])", r"[\\\1\\x{80}-\\x{10ffff}]", found)
    return loose


def _alternatives(pattern: str) -> list[list[str]]:
    """Give the alternatives of a pattern, each as what stands between its gaps, and the gaps."""
    found: list[list[str]] = [[""]]
    depth = 0
    for token in _TOKEN.findall(pattern):
        depth += (token == "(") - (token == ")")
        if depth == 0 and token == "|":
            found.append([""])
        elif depth == 0 and token.startswith("[^") and token.endswith("}"):
            found[-1] += [token, ""]
        else:
            found[-1][-1] += token
    return found


def _without_common(alternative: list[str]) -> str:
    """Give an alternative without what stands before a gap, if much text has it: what follows is looked for alone."""
    while len(alternative) > 1 and _COMMON.search(alternative[0]):
        alternative = alternative[2:]
    return "".join(alternative)


@lru_cache
def _scanner(quoting: bool) -> Scanner:
    return _load(pattern for _, _, pattern in sought(quoting))


@lru_cache
def _line_scanner(name: str, key: str) -> Scanner:
    return _load(_patterns()[name][key])


def _load(patterns: Iterable[str]) -> Scanner:
    flags = hyperscan.HS_FLAG_CASELESS, hyperscan.HS_FLAG_MULTILINE
    return load_scanner("pages", tuple(patterns), *flags, loosen=loosened, code=__file__)


Found = dict[tuple[str, str], dict[int, list[str]]]
"""For each kind and key, by the position of a text: the patterns that may be found in it."""


class Bodies(NamedTuple):
    """The bodies of a frame that are short enough to be no article."""

    rows: Ints
    texts: pa.LargeStringArray
    """Without quotations, and with one kind of apostrophe, as the patterns want them."""
    quoting: pa.LargeStringArray
    """As they are."""
    found: Found
    feeds: Ints
    """How many line feeds are in each text."""
    paragraphs: Mask
    """In which texts there surely is a long line that ends as a sentence does."""


def candidates(frame: Frame, name: str, key: str = "phrases") -> Iterator[tuple[int, str]]:
    """Give the rows and bodies in which a pattern of a kind is found, outside of quotations but for some kinds.

    What is no phrase may not be found after all.
    """
    bodies = short_bodies(frame)
    texts = bodies.quoting if name in _QUOTING else bodies.texts
    for at, patterns in bodies.found.get((name, key), {}).items():
        text = texts[at].as_py()
        # of phrases one is enough; other things are counted anyway
        if key != "phrases" or any(_compiled_alone(pattern).search(text) for pattern in patterns):
            yield int(bodies.rows[at]), text


def short_bodies(frame: Frame) -> Bodies:
    """Return the bodies that are short enough not to be articles, and what may be found in them."""
    return frame.memo("short_bodies", _find_short_bodies)


def _find_short_bodies(frame: Frame) -> Bodies:
    rows = np.flatnonzero((frame.length <= MAX_LENGTH) & (frame.length > 0))
    bodies = frame.body.take(pa.array(rows))
    # a body with more sentences than any such page is prose: most articles go no further
    ends = count_rare(bodies, b".!?") + count_rare(bodies, _FULL_STOP) // 2
    few = (ends <= MAX_SENTENCES) & (_in_paragraphs(bodies) <= MAX_PARAGRAPHS)
    rows, quoting = rows[few], bodies.filter(pa.array(few))
    texts = _without_quotations(quoting)
    return Bodies(rows, texts, quoting, scan(texts, quoting), *_lines(texts))


def _without_quotations(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    rows = np.flatnonzero(count_rare(texts, _OPENING))
    opened = np.zeros(len(texts), np.bool_)
    opened[rows] = mask(pc.match_substring_regex(texts.take(pa.array(rows)), f"[{''.join(_QUOTED)}]"))
    if opened.any():
        cut = [_quoted(text).sub(f" {QUOTE} ", text) for text in texts.filter(pa.array(opened)).to_pylist()]
        texts = pc.replace_with_mask(texts, opened, pa.array(cut, pa.large_string()))
    return pc.replace_substring(texts, "'", "’") if count_rare(texts, b"'").any() else texts


def _quoted(text: str) -> regex.Pattern[str]:
    """Give the pattern of quotations in a text: one without alternatives is found much faster."""
    return _compiled_quoted("".join(filter(text.__contains__, _QUOTED)))


@lru_cache(maxsize=256)
def _compiled_quoted(openers: str) -> regex.Pattern[str]:
    return regex.compile("|".join(_QUOTED[opener] for opener in openers))


def scan(texts: pa.LargeStringArray, quoting: pa.LargeStringArray) -> Found:
    """Give what may be found in texts, without quotations and with them.

    Left out is what is weak and stands alone, or beside a sentence that has nothing to do with it.
    """
    found: Found = {}
    for searched, quoted in ((texts, False), (quoting, True)) if len(texts) else ():
        data, offsets = _fed(searched)
        # what is looked for in quotations, too, is so rare that sentences need not be found for it
        none = Spans(offsets[1:], np.arange(len(texts)), np.zeros(len(texts), np.bool_))
        spans = none if quoted else find_spans(data, offsets)
        at, number = _scanner(quoted).scan(data, spans.ends)
        pairs, times = np.unique(number * len(texts) + spans.row[at], return_counts=True)
        one, row = np.divmod(pairs, len(texts))
        weak = np.array([key == "weak" for _, key, _ in sought(quoted)], np.bool_)[one]
        kept = ~weak | (times > 1)
        for mine in np.unique(one[weak & kept]):
            other = spans.whole.copy()
            other[at[number == mine]] = False
            with_other = np.zeros(len(texts), np.bool_)
            with_other[spans.row[other]] = True
            kept &= (one != mine) | ~with_other[row]
        for which, position in zip(one[kept].tolist(), row[kept].tolist(), strict=True):
            kind, key, pattern = sought(quoted)[which]
            found.setdefault((kind, key), {}).setdefault(position, []).append(pattern)
    return found


def find_lines(name: str, key: str, texts: list[list[str]]) -> list[int]:
    """Count the lines of each text in which a pattern of a kind is found."""
    lines = list(itertools.chain.from_iterable(texts))
    pattern = compiled(name, key)
    found = np.zeros(len(lines), np.int64)
    if lines:
        data, offsets = _fed(pa.array(lines, pa.large_string()))
        for at in np.unique(_line_scanner(name, key).scan(data, offsets[1:])[0]).tolist():
            found[at] = pattern.search(lines[at]) is not None
    row = np.repeat(np.arange(len(texts)), list(map(len, texts)))
    counts: list[int] = np.bincount(row, found, minlength=len(texts)).astype(np.int64).tolist()
    return counts


def _fed(texts: pa.LargeStringArray) -> tuple[Bytes, Ints]:
    """Give the bytes of texts, each with a line feed behind it, as their ends are those of lines; see `encoded`."""
    data, offsets = encoded(pc.binary_join_element_wise(texts, _FEED, _EMPTY))
    return data[: offsets[-1]], offsets


def _in_paragraphs(texts: pa.LargeStringArray) -> Ints:
    """Count the bytes of each text that stand in lines as long as paragraphs."""
    row, sizes = lines_of(texts)
    found: Ints = np.bincount(row, sizes * (sizes >= PARAGRAPH), minlength=len(texts)).astype(np.int64)
    return found


def _lines(texts: pa.LargeStringArray) -> tuple[Ints, Mask]:
    """Give the number of line feeds of each text, and whether it surely has a long line that ends as sentences do."""
    data, offsets = encoded(texts)
    row, sizes = lines_of(texts)
    ends = offsets[0] + np.cumsum(sizes)
    begins = ends - sizes
    # but for the last one of each text, lines end in a line feed
    last = np.append(row[1:] != row[:-1], True)
    ends = np.maximum(ends - ~last, begins)
    continued = np.flatnonzero(is_among(data, range(0x80, 0xC0)))
    points = ends - begins - np.diff(np.searchsorted(continued, np.append(begins, ends[-1:])))
    long = np.flatnonzero(points >= LONG_LINE)
    long = long[_SOLID[data[begins[long]]] & _MARKS[data[ends[long] - 1]]]
    paragraphs = np.zeros(len(texts), np.bool_)
    paragraphs[row[long]] = True
    return np.bincount(row, minlength=len(texts)) - 1, paragraphs

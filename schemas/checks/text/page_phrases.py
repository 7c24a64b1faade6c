"""Find phrases of error pages, walls and other pages that are not articles, in bodies that are short or have no prose.

Articles are written *about* such pages and quote them. A phrase therefore counts only outside of quotation marks, and
only if there is little prose beside it. Sentences with words of such pages do not count as prose.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from ...byte_arrays import count_bytes, encoded, is_among, lines_of
from ..frame import mask
from .page_patterns import QUOTING, compile_entry, list_scanned, load_line_scanner, load_page_scanner, load_pattern
from .sentences import QUOTE, SENTENCE_GAP, Spans, find_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...byte_arrays import Bytes, Ints, Mask
    from ..frame import Frame

MAX_LENGTH = 5000  # code points: a longer body contains prose
MAX_SENTENCES = 14
LONG_LINE = 120  # code points
PARAGRAPH = 200  # bytes: a line of this length is a paragraph
MAX_PARAGRAPHS = 1200  # bytes in paragraphs
SHORT = 1200  # code points
MOST_LEFT = dict.fromkeys(("error", "script-required", "bot-check", "cookie-wall", "player", "form-answer"), 250) | {
    "paywall": 1400
}
"""The kinds of pages that are also looked for in what rules have cut, if at most so many code points are left."""
LEAST_CUT = 8  # bytes: shorter phrases are cut from every page
MAX_RAW = 200_000  # bytes: a wall is shorter
_FULL_STOP = b"\x82"  # last byte of the ideographic full stop; few other Chinese characters end with it
_MARKS = np.isin(np.arange(256), list(b".!?"))
_SOLID = np.isin(np.arange(256), range(0x21, 0x7F))
_QUOTATIONS = {
    "“": "“[^“”]{2,400}”",
    "„": "„[^„“”]{2,400}[“”]",
    "«": "«[^«»]{2,400}»",
    "»": "»[^«»]{2,400}«",
    "‘": "‘[^‘’]{4,400}’",
    "「": "「[^「」]{2,400}」",
    "『": "『[^『』]{2,400}』",
    '"': r'(?<![\w"])"[^"\n]{2,400}"(?![\w])',
}
"""The pattern of a quotation, by the mark that opens it."""
_OPENING = bytes({mark.encode()[0] for mark in _QUOTATIONS})
_FEED, _EMPTY = pa.scalar("\n", pa.large_string()), pa.scalar("", pa.large_string())

Hits = dict[tuple[str, str], dict[int, list[str]]]
"""By kind and key, then by the position of a text: the patterns that may match it."""


class ShortBodies(NamedTuple):
    """The bodies of a frame that are short enough not to be articles. All arrays have one entry for each of them."""

    rows: Ints
    """Their rows in the frame."""
    texts: pa.LargeStringArray
    """The bodies without quotations and with ’ for every apostrophe, as the patterns expect."""
    quoting: pa.LargeStringArray
    """The bodies as they are."""
    hits: Hits
    feeds: Ints
    """The number of line feeds in each of `texts`."""
    paragraphs: Mask
    """Which of `texts` certainly contain a long line that ends like a sentence."""


def find_candidates(frame: Frame, kind: str, key: str = "phrases") -> Iterator[tuple[int, str]]:
    """Yield the row and the text of each body in which a pattern of a kind occurs, outside of quotations.

    For keys other than `phrases`, the pattern may turn out not to occur: the caller counts the matches anyway.
    """
    bodies = find_short_bodies(frame)
    texts = bodies.quoting if kind in QUOTING else bodies.texts
    for position, patterns in bodies.hits.get((kind, key), {}).items():
        text = texts[position].as_py()
        if key != "phrases" or any(compile_entry(pattern).search(text) for pattern in patterns):
            yield int(bodies.rows[position]), text
    if key == "phrases" and kind in MOST_LEFT and frame.raw is not None:
        yield from _find_cut_walls(frame, kind)


def _find_cut_walls(frame: Frame, kind: str) -> Iterator[tuple[int, str]]:
    """Yield the row and the text of each short body from which rules cut a phrase of a kind.

    The text is the clean body, with the phrases back in their places. All else that was cut stays out: menus, cookie
    banners and footers are on the pages of good articles, too.
    """
    bodies = frame.memo("cut_bodies", _find_cut_bodies)
    for position, patterns in bodies.hits.get((kind, "phrases"), {}).items():
        clean = bodies.clean[position].as_py()
        if len(clean) > MOST_LEFT[kind]:
            continue
        compiled = [compile_entry(pattern) for pattern in patterns]
        text, has_phrase = _put_phrases_back(bodies.raw[position].as_py(), clean, compiled)
        if has_phrase:
            yield int(bodies.rows[position]), text


class _CutBodies(NamedTuple):
    """The short clean bodies from which something was cut. All arrays have one entry for each of them."""

    rows: Ints
    clean: pa.LargeStringArray
    raw: pa.LargeStringArray
    """The bodies before cleaning. Both are without quotations, as in `ShortBodies`."""
    hits: Hits


def _find_cut_bodies(frame: Frame) -> _CutBodies:
    raw = frame.raw.fill_null("") if frame.raw is not None else frame.body
    most = max(MOST_LEFT.values())
    cut = pc.greater_equal(pc.subtract(pc.binary_length(raw), pc.binary_length(frame.body)), LEAST_CUT)
    short = np.flatnonzero(mask(cut) & (frame.length <= most))
    raw = raw.take(pa.array(short))
    sizes = pc.binary_length(raw).to_numpy(zero_copy_only=False)
    rows, raw = short[sizes <= MAX_RAW], _without_quotations(raw.filter(pa.array(sizes <= MAX_RAW)))
    hits: Hits = {}
    if len(rows):
        _add_hits(hits, raw, quoting=False)
    return _CutBodies(rows, _without_quotations(frame.body.take(pa.array(rows))), raw, hits)


def _put_phrases_back(raw: str, clean: str, phrases: list[regex.Pattern[str]]) -> tuple[str, bool]:
    r"""Return the lines and sentences of a raw text that are in the clean one or have a phrase, and if any has.

    >>> _put_phrases_back("Home\nIt rained.\nNews. Log in to read on.", "It rained.", [regex.compile("read on")])
    ('It rained.\nLog in to read on.', True)
    """
    left = {line.strip() for line in clean.split("\n")}
    kept, has_phrase = [], False
    for line in filter(None, map(str.strip, raw.split("\n"))):
        if line in left:
            kept.append(line)
            continue
        for part in SENTENCE_GAP.split(line):
            cut = part not in clean
            if cut and not any(phrase.search(part) for phrase in phrases):
                continue
            kept.append(part)
            has_phrase |= cut
    return "\n".join(kept), has_phrase


def find_short_bodies(frame: Frame) -> ShortBodies:
    """Return the bodies that are short enough not to be articles, and the patterns that may match them."""
    return frame.memo("short_bodies", _find_short_bodies)


def _find_short_bodies(frame: Frame) -> ShortBodies:
    rows = np.flatnonzero((frame.length <= MAX_LENGTH) & (frame.length > 0))
    bodies = frame.body.take(pa.array(rows))
    # a body with more sentences than any such page is prose: most articles go no further
    ends = (frame.count(b".!?") + frame.count(_FULL_STOP) // 2)[rows]
    few = (ends <= MAX_SENTENCES) & (_count_in_paragraphs(bodies) <= MAX_PARAGRAPHS)
    rows, quoting = rows[few], bodies.filter(pa.array(few))
    texts = _without_quotations(quoting)
    return ShortBodies(rows, texts, quoting, scan_texts(texts, quoting), *_measure_lines(texts))


def _without_quotations(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Replace each quotation by the character `QUOTE`, and every apostrophe by ’."""
    rows = np.flatnonzero(count_bytes(texts, _OPENING))
    opened = np.zeros(len(texts), np.bool_)
    opened[rows] = mask(pc.match_substring_regex(texts.take(pa.array(rows)), f"[{''.join(_QUOTATIONS)}]"))
    if opened.any():
        cut = [_quotations_in(text).sub(f" {QUOTE} ", text) for text in texts.filter(pa.array(opened)).to_pylist()]
        texts = pc.replace_with_mask(texts, opened, pa.array(cut, pa.large_string()))
    return pc.replace_substring(texts, "'", "’") if count_bytes(texts, b"'").any() else texts


def _quotations_in(text: str) -> regex.Pattern[str]:
    """Return the pattern of the quotations that a text can contain. It is faster than the pattern of all."""
    return _compile_quotations("".join(filter(text.__contains__, _QUOTATIONS)))


@lru_cache(maxsize=256)
def _compile_quotations(openers: str) -> regex.Pattern[str]:
    return regex.compile("|".join(_QUOTATIONS[opener] for opener in openers))


def scan_texts(texts: pa.LargeStringArray, quoting: pa.LargeStringArray) -> Hits:
    """Return the patterns that may match each text. `texts` are without quotations, `quoting` are the same with them.

    A weak pattern is left out of a text in which it occurs once, or in which a whole sentence has no match of it.
    """
    hits: Hits = {}
    if len(texts):
        _add_hits(hits, texts, quoting=False)
        _add_hits(hits, quoting, quoting=True)
    return hits


def _add_hits(hits: Hits, texts: pa.LargeStringArray, *, quoting: bool) -> None:
    patterns = list_scanned(quoting=quoting)
    data, offsets = _end_with_feeds(texts)
    # patterns for quotations are so rare that their texts need not be split into sentences
    whole_texts = Spans(offsets[1:], np.arange(len(texts)), np.zeros(len(texts), np.bool_))
    spans = whole_texts if quoting else find_spans(data, offsets)
    span, number = load_page_scanner(quoting=quoting).scan(data, spans.ends)
    # One code for each pair of a pattern and a text. With 10 texts, pattern 3 in text 7 is the code 37.
    codes, times = np.unique(number * len(texts) + spans.row[span], return_counts=True)
    pattern, row = np.divmod(codes, len(texts))
    weak = np.array([each.key == "weak" for each in patterns], np.bool_)[pattern]
    kept = ~weak | (times > 1)
    for one in np.unique(pattern[weak & kept]):
        unrelated = spans.whole.copy()
        unrelated[span[number == one]] = False
        has_unrelated = np.zeros(len(texts), np.bool_)
        has_unrelated[spans.row[unrelated]] = True
        kept &= (pattern != one) | ~has_unrelated[row]
    for which, position in zip(pattern[kept].tolist(), row[kept].tolist(), strict=True):
        kind, key, expression = patterns[which]
        hits.setdefault((kind, key), {}).setdefault(position, []).append(expression)


def count_matching_lines(kind: str, key: str, texts: list[list[str]]) -> list[int]:
    """Count the lines of each text that a pattern of a kind matches."""
    lines = list(itertools.chain.from_iterable(texts))
    pattern = load_pattern(kind, key)
    matching = np.zeros(len(lines), np.int64)
    if lines:
        data, offsets = _end_with_feeds(pa.array(lines, pa.large_string()))
        for number in np.unique(load_line_scanner(kind, key).scan(data, offsets[1:])[0]).tolist():
            matching[number] = pattern.search(lines[number]) is not None
    row = np.repeat(np.arange(len(texts)), list(map(len, texts)))
    counts: list[int] = np.bincount(row, matching, minlength=len(texts)).astype(np.int64).tolist()
    return counts


def _end_with_feeds(texts: pa.LargeStringArray) -> tuple[Bytes, Ints]:
    """Return the bytes and offsets of texts as `encoded` does, with a line feed after each: `$` matches there."""
    data, offsets = encoded(pc.binary_join_element_wise(texts, _FEED, _EMPTY))
    return data[: offsets[-1]], offsets


def _count_in_paragraphs(texts: pa.LargeStringArray) -> Ints:
    """Count the bytes of each text in lines of at least `PARAGRAPH` bytes."""
    row, sizes = lines_of(texts)
    counts: Ints = np.bincount(row, sizes * (sizes >= PARAGRAPH), minlength=len(texts)).astype(np.int64)
    return counts


def _measure_lines(texts: pa.LargeStringArray) -> tuple[Ints, Mask]:
    r"""Return the number of line feeds of each text, and whether a long line certainly ends like a sentence.

    All lines of all texts are measured at once. For the texts "ab\nc." and "d", the arrays are::

        row    0 0 1     the text of each line
        begins 0 3 5     its first byte
        ends   2 5 6     the byte after its last one, without the line feed
    """
    data, offsets = encoded(texts)
    row, sizes = lines_of(texts)
    ends = offsets[0] + np.cumsum(sizes)
    begins = ends - sizes
    is_last = np.append(row[1:] != row[:-1], True)  # the last line of a text has no line feed
    ends = np.maximum(ends - ~is_last, begins)
    # code points of a line: its bytes without those that continue a character
    continuing = np.flatnonzero(is_among(data, range(0x80, 0xC0)))
    points = ends - begins - np.diff(np.searchsorted(continuing, np.append(begins, ends[-1:])))
    long = np.flatnonzero(points >= LONG_LINE)
    long = long[_SOLID[data[begins[long]]] & _MARKS[data[ends[long] - 1]]]
    paragraphs = np.zeros(len(texts), np.bool_)
    paragraphs[row[long]] = True
    return np.bincount(row, minlength=len(texts)) - 1, paragraphs

"""Sentences: which are prose, and what they say. Those of a batch are found at once, in the bytes of its texts."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from ...byte_arrays import is_among

if TYPE_CHECKING:
    from ...byte_arrays import Bytes, Ints, Mask

QUOTE = "\x1a"  # stands for each character of what was quoted: a sentence around it tells of somebody
# A sentence that says who said something, or when something happened, tells of a page and is not part of one.
_TELLS = regex.compile(
    QUOTE
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
WIDE = regex.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LEAST, _LEAST_WIDE = 40, 15  # code points of a sentence of prose
_LEAST_SPACES = 5
_CLOSED = f'.!?。！？…:”"»)’{QUOTE}'
_SPACE = np.isin(np.arange(256), list(b"\t\n\x0b\x0c\r "))
_CLOSER = np.isin(np.arange(256), list(b'")]')).astype(np.int64)
_CLOSED_BYTE = np.isin(np.arange(256), list(f'.!?:"){QUOTE}'.encode()))
_SPREAD, _ROWS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFFFFFF)  # a batch has fewer rows
_ENDS = np.isin(np.arange(256), list(b".!?\n"))
_LONGEST_CLOSER = 3  # bytes
_TRIMMED = 4  # bytes of white space around a sentence that are looked at


class Sentence(NamedTuple):
    """A sentence that is long enough to be prose."""

    text: str
    ends: bool
    """Whether it ends as sentences do."""
    weight: int
    """Its code points; those of scripts that need fewer count three times."""


@lru_cache(maxsize=512)
def _sentences(text: str) -> list[Sentence]:
    """Give the sentences of a text that may be prose. Several checks ask for those of one text."""
    found = []
    ends = [0, *(end.end() for end in _SENTENCE_END.finditer(text)), len(text)]
    for sentence in (text[start:end].strip() for start, end in pairwise(ends)):
        wide = not sentence.isascii() and WIDE.search(sentence) is not None
        if len(sentence) < (_LEAST_WIDE if wide else _LEAST):
            continue
        if wide or sentence.count(" ") >= _LEAST_SPACES or QUOTE in sentence:
            found.append(Sentence(sentence, sentence[-1] in _CLOSED, len(sentence) * (3 if wide else 1)))
    return found


@lru_cache(maxsize=4096)
def _tells(sentence: str) -> bool:
    """Say whether a sentence says who said something, or when something happened."""
    return _TELLS.search(sentence) is not None


def prose(text: str, words: regex.Pattern[str]) -> int:
    """Count the code points of sentences that are no part of a page of a kind: without its words, or telling of it."""
    return sum(
        sentence.weight
        for sentence in _sentences(text)
        if (sentence.ends and not words.search(sentence.text)) or _tells(sentence.text)
    )


def is_bare(text: str, words: regex.Pattern[str]) -> bool:
    """Say whether nothing in a text is prose."""
    sentences = _sentences(text)
    return not any(sentence.ends and not words.search(sentence.text) for sentence in sentences) and not any(
        _tells(sentence.text) for sentence in sentences
    )


class Spans(NamedTuple):
    """The sentences of a buffer in which every text ends in a line feed: all its bytes are of one of them."""

    ends: Ints
    """Where each ends."""
    row: Ints
    """The text that it is of."""
    whole: Mask
    """Which are surely prose if they hold no word of a page: long enough, and ending as sentences do."""


def find_spans(data: Bytes, offsets: Ints) -> Spans:
    """Find the sentences of all texts at once; `offsets` are where each begins, and the end."""
    at = np.flatnonzero(is_among(data, b".!?\n\xa6"))
    data = np.append(data, np.zeros(_LONGEST_CLOSER + 1, np.uint8))
    first, second, third = (data[at + step] for step in (1, 2, 3))
    closer = _CLOSER[first] + 2 * ((first == 0xC2) & (second == 0xBB))  # »
    closer += 3 * ((first == 0xE2) & (second == 0x80) & np.isin(third, (0x99, 0x9D)))  # ’ ”
    feed = data[at] == 0x0A
    behind = at + 1 + np.where(feed, 0, closer)
    is_mark = (data[at] != 0xA6) | ((data[at - 1] == 0x80) & (data[at - 2] == 0xE2))  # …
    ends = behind[feed | (is_mark & _SPACE[data[behind]])]
    row = np.searchsorted(offsets, ends, side="left") - 1
    start, stop = np.append(np.zeros(1, np.int64), ends[:-1]), ends.copy()
    for _ in range(_TRIMMED):
        start += _SPACE[data[start]] & (start < stop)
        stop -= _SPACE[data[stop - 1]] & (start < stop)
    long = np.flatnonzero((stop - start >= _LEAST) & ~_irregular(data, offsets)[row])
    long = long[_is_closed(data, stop[long]) & ~_SPACE[data[start[long]]]]
    bounds = np.stack([start[long], stop[long]], axis=1).ravel()
    points, spaces = (
        np.add.reduceat(chosen, bounds, dtype=np.int32)[::2] if len(long) else 0
        for chosen in (~is_among(data, range(0x80, 0xC0)), data == 0x20)
    )
    whole = np.zeros(len(ends), np.bool_)
    whole[long] = (points >= _LEAST) & (spaces >= _LEAST_SPACES)
    return Spans(ends, row, whole)


def _is_closed(data: Bytes, stop: Ints) -> Mask:
    """Say which spans end in a mark with which sentences end."""
    last, before, first = (data[stop - step] for step in (1, 2, 3))
    quoted = (first == 0xE2) & (before == 0x80) & np.isin(last, (0xA6, 0x99, 0x9D))  # … ’ ”
    closed: Mask = _CLOSED_BYTE[last] | quoted | ((before == 0xC2) & (last == 0xBB))  # »
    return closed


def _irregular(data: Bytes, offsets: Ints) -> Mask:
    """Say which texts hold wide letters, or white space that is not usual: what is rare is not looked at here."""
    rare = [np.flatnonzero(is_among(data, bytes([*range(0x1C, 0x20), 0xE1, *range(0xE3, 0x100)])))]
    at = np.flatnonzero(data == 0xC2)
    rare.append(at[np.isin(data[at + 1], (0x85, 0xA0))])
    at = np.flatnonzero(data == 0xE2)
    second, third = data[at + 1], data[at + 2]
    rare.append(at[(second == 0x80) & ((third <= 0x8A) | np.isin(third, (0xA8, 0xA9, 0xAF)))])
    rare.append(at[(second == 0x81) & (third == 0x9F)])
    found = np.zeros(len(offsets) - 1, np.bool_)
    found[np.searchsorted(offsets, np.concatenate(rare), side="right") - 1] = True
    return found


def with_same_endings(data: Bytes, offsets: Ints, times: int) -> list[int]:
    """Give the texts in which the 16 bytes before the end of a sentence come so many times; see `encoded`."""
    at = np.flatnonzero(is_among(data[: offsets[-1]], b".!?\n\xe3"))
    ends, wide = _ENDS[data[at]], at[data[at] == 0xE3]
    ends[data[at] == 0xE3] = (data[wide + 1] == 0x80) & (data[wide + 2] == 0x82)
    at = at[ends & ~_ENDS[data[at - 1]]]
    bounds = np.searchsorted(at, offsets)
    row = np.repeat(np.arange(len(offsets) - 1), np.diff(bounds))
    at = at[bounds[0] :]
    inside = at >= offsets[row] + 16
    at, row = at[inside], row[inside]
    if not len(at):
        return []
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    keys = (words[at - 16] * _SPREAD ^ words[at - 8]) * _SPREAD & ~_ROWS | row.astype(np.uint64)
    keys.sort()
    last = keys[times - 1 :]
    several = last[last == keys[: len(last)]]
    rows: list[int] = np.unique(several & _ROWS).tolist()
    return rows

"""Find sentences, in single texts and in the bytes of all texts of a batch at once, and decide which are prose."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from ...byte_arrays import is_among

if TYPE_CHECKING:
    from ...byte_arrays import Bytes, Ints, Mask

QUOTE = "\x1a"  # stands for a quotation that was cut out; a sentence around a quotation reports what somebody said
# A sentence that names a speaker or a time reports about a page. It is not part of one.
_REPORTS = regex.compile(
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
SENTENCE_GAP = regex.compile(r"(?<=[.!?…][\")\]’”»]?)\s+|(?<=[。！？])")
WIDE = regex.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MIN_LENGTH, _MIN_LENGTH_WIDE = 40, 15  # code points of a sentence of prose
_MIN_SPACES = 5
_CLOSED = f'.!?。！？…:”"»)’{QUOTE}'
_SPACE = np.isin(np.arange(256), list(b"\t\n\x0b\x0c\r "))
_CLOSER = np.isin(np.arange(256), list(b'")]')).astype(np.int64)
_CLOSED_BYTE = np.isin(np.arange(256), list(f'.!?:"){QUOTE}'.encode()))
_SPREAD, _ROWS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFFFFFF)  # a batch has fewer rows than `_ROWS`
_ENDS = np.isin(np.arange(256), list(b".!?\n"))
_LONGEST_CLOSER = 3  # bytes
_TRIMMED = 4  # bytes: white space that is trimmed at each side of a sentence


class Sentence(NamedTuple):
    """A sentence that is long enough to be prose."""

    text: str
    ends: bool
    """Whether it ends with punctuation."""
    weight: int
    """Its code points. Those of Chinese, Japanese and Korean count three times."""


@lru_cache(maxsize=512)
def _sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text that may be prose. The result is cached: several checks ask for one text."""
    sentences = []
    ends = [0, *(end.end() for end in _SENTENCE_END.finditer(text)), len(text)]
    for sentence in (text[start:end].strip() for start, end in pairwise(ends)):
        wide = not sentence.isascii() and WIDE.search(sentence) is not None
        if len(sentence) < (_MIN_LENGTH_WIDE if wide else _MIN_LENGTH):
            continue
        if wide or sentence.count(" ") >= _MIN_SPACES or QUOTE in sentence:
            sentences.append(Sentence(sentence, sentence[-1] in _CLOSED, len(sentence) * (3 if wide else 1)))
    return sentences


@lru_cache(maxsize=4096)
def _reports(sentence: str) -> bool:
    """Return whether a sentence reports what somebody said or when something happened."""
    return _REPORTS.search(sentence) is not None


def count_prose(text: str, words: regex.Pattern[str]) -> int:
    """Count the code points of the prose in a text.

    A sentence is prose if it reports something, or if it ends with punctuation and contains none of `words`.
    """
    return sum(
        sentence.weight
        for sentence in _sentences(text)
        if (sentence.ends and not words.search(sentence.text)) or _reports(sentence.text)
    )


def is_bare(text: str, words: regex.Pattern[str]) -> bool:
    """Return whether a text contains no prose."""
    sentences = _sentences(text)
    return not any(sentence.ends and not words.search(sentence.text) for sentence in sentences) and not any(
        _reports(sentence.text) for sentence in sentences
    )


class Spans(NamedTuple):
    """The sentences of all texts in a buffer, one after the other. Every byte belongs to one of them."""

    ends: Ints
    """The offset after the last byte of each sentence, in ascending order."""
    row: Ints
    """The number of the text that each sentence is in."""
    whole: Mask
    """Which sentences are certainly long enough for prose and end with punctuation."""


def find_spans(data: Bytes, offsets: Ints) -> Spans:
    r"""Find the sentences of all texts at once. Every text must end with a line feed.

    `data` are the bytes of the texts; `offsets` are the beginning of each text and the end of the last. For the texts
    "Hi. Yo\n" and "Ok.\n", `data` is "Hi. Yo\nOk.\n", `offsets` are 0 7 11, and the sentences end at 3 7 10 11.
    """
    marks = np.flatnonzero(is_among(data, b".!?\n\xa6"))
    data = np.append(data, np.zeros(_LONGEST_CLOSER + 1, np.uint8))
    is_feed = data[marks] == 0x0A
    after = marks + 1 + np.where(is_feed, 0, _measure_closers(data, marks + 1))
    is_mark = (data[marks] != 0xA6) | ((data[marks - 1] == 0x80) & (data[marks - 2] == 0xE2))  # A6 as part of …
    ends = after[is_feed | (is_mark & _SPACE[data[after]])]
    row = np.searchsorted(offsets, ends, side="left") - 1
    start, stop = _trim(data, np.append(np.zeros(1, np.int64), ends[:-1]), ends)
    long = np.flatnonzero((stop - start >= _MIN_LENGTH) & ~_find_unusual(data, offsets)[row])
    long = long[_is_closed(data, stop[long]) & ~_SPACE[data[start[long]]]]
    whole = np.zeros(len(ends), np.bool_)
    if len(long):
        # sums over start:stop of each sentence; every second sum is of the bytes between two sentences
        bounds = np.stack([start[long], stop[long]], axis=1).ravel()
        points = np.add.reduceat(~is_among(data, range(0x80, 0xC0)), bounds, dtype=np.int32)[::2]
        spaces = np.add.reduceat(data == 0x20, bounds, dtype=np.int32)[::2]
        whole[long] = (points >= _MIN_LENGTH) & (spaces >= _MIN_SPACES)
    return Spans(ends, row, whole)


def _measure_closers(data: Bytes, position: Ints) -> Ints:
    """Return the size in bytes of the closing quotation mark or bracket at each position, 0 if there is none."""
    first, second, third = (data[position + step] for step in range(3))
    size: Ints = _CLOSER[first] + 2 * ((first == 0xC2) & (second == 0xBB))  # »
    size += 3 * ((first == 0xE2) & (second == 0x80) & np.isin(third, (0x99, 0x9D)))  # ’ ”
    return size


def _trim(data: Bytes, start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Return spans without up to `_TRIMMED` bytes of white space at each side."""
    start, stop = start.copy(), stop.copy()
    for _ in range(_TRIMMED):
        start += _SPACE[data[start]] & (start < stop)
        stop -= _SPACE[data[stop - 1]] & (start < stop)
    return start, stop


def _is_closed(data: Bytes, stop: Ints) -> Mask:
    """Return which spans end with the punctuation of a sentence."""
    last, before, first = (data[stop - step] for step in (1, 2, 3))
    quoted = (first == 0xE2) & (before == 0x80) & np.isin(last, (0xA6, 0x99, 0x9D))  # … ’ ”
    closed: Mask = _CLOSED_BYTE[last] | quoted | ((before == 0xC2) & (last == 0xBB))  # »
    return closed


def _find_unusual(data: Bytes, offsets: Ints) -> Mask:
    """Return which texts contain wide letters or unusual white space. `find_spans` does not judge their sentences."""
    unusual = [np.flatnonzero(is_among(data, bytes([*range(0x1C, 0x20), 0xE1, *range(0xE3, 0x100)])))]
    lead = np.flatnonzero(data == 0xC2)
    unusual.append(lead[np.isin(data[lead + 1], (0x85, 0xA0))])
    lead = np.flatnonzero(data == 0xE2)
    second, third = data[lead + 1], data[lead + 2]
    unusual.append(lead[(second == 0x80) & ((third <= 0x8A) | np.isin(third, (0xA8, 0xA9, 0xAF)))])
    unusual.append(lead[(second == 0x81) & (third == 0x9F)])
    found = np.zeros(len(offsets) - 1, np.bool_)
    found[np.searchsorted(offsets, np.concatenate(unusual), side="right") - 1] = True
    return found


def find_repeated_endings(data: Bytes, offsets: Ints, times: int) -> list[int]:
    """Return the texts in which at least `times` sentences end with the same 16 bytes. See `encoded` for the arrays."""
    end, row = _find_sentence_ends(data, offsets)
    inside = end >= offsets[row] + 16
    end, row = end[inside], row[inside]
    if not len(end):
        return []
    # One key for each sentence: a hash of the 16 bytes before its end in the upper 40 bits, its text in the lower 24.
    # Sorted, equal keys are neighbours: a key that equals the one `times - 1` places before it occurs often enough.
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))  # the 8 bytes at each offset as one number
    keys = (words[end - 16] * _SPREAD ^ words[end - 8]) * _SPREAD & ~_ROWS | row.astype(np.uint64)
    keys.sort()
    last = keys[times - 1 :]
    repeated = last[last == keys[: len(last)]]
    rows: list[int] = np.unique(repeated & _ROWS).tolist()
    return rows


def _find_sentence_ends(data: Bytes, offsets: Ints) -> tuple[Ints, Ints]:
    """Return the offset of each mark that ends a sentence, and the text that it is in. Of `...`, only the first."""
    marks = np.flatnonzero(is_among(data[: offsets[-1]], b".!?\n\xe3"))
    is_end, wide = _ENDS[data[marks]], marks[data[marks] == 0xE3]
    is_end[data[marks] == 0xE3] = (data[wide + 1] == 0x80) & (data[wide + 2] == 0x82)  # 。
    marks = marks[is_end & ~_ENDS[data[marks - 1]]]
    bounds = np.searchsorted(marks, offsets)
    row = np.repeat(np.arange(len(offsets) - 1), np.diff(bounds))
    return marks[bounds[0] :], row

"""What the gate sees of a line: hashed words and shape, for all lines of a batch at once.

A line is a span of bytes in a buffer of UTF-8. Its words are runs of letters and digits. In a long line only the first
and the last words count. Nothing here depends on the other texts of a batch. All numbers are integers, so that sums are
the same in any order.

Features are packed: a *lane* is one byte of a 64-bit number, and a *block* is such a number with eight lanes. Adding
two blocks adds all their lanes at once, as long as no lane grows beyond 255. So `0x0201 + 0x0101 = 0x0302` adds 1 to
the first lane and 1 to the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes, Ints, Mask

Words = npt.NDArray[np.uint64]

HEAD, TAIL = 12, 4  # words that count at the beginning and at the end of a line
BITS = 16  # words, pairs and lines are hashed into 2^16 buckets each
LINE_LANES = 32  # the shape of the line as a whole: four blocks
TOKEN_LANES = 16  # the shape of its words: two blocks
PLACE_LANES = 24  # its place in the text: three blocks

_K1, _K2, _K3, _K4 = (
    np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
)
_EDGE = np.uint64(0x51ED270B0A1F39C1)  # the hash of the word before the first one
_LOWER = np.uint64(0x2020202020202020)
_ON = 64  # the value of a lane for yes


@dataclass
class Tokens:
    """The words that count. Those of line i are the tokens `[lo[i], hi[i])`, and `[start, end)` are their bytes."""

    start: Ints
    end: Ints
    lo: Ints
    hi: Ints
    count: Ints  # all words of each line, with those in the middle that do not count


def padded(data: Bytes) -> Bytes:
    """Return a copy of a buffer between sixteen line feeds, so that each word can be read eight bytes at a time."""
    out = np.full(len(data) + 32, 10, np.uint8)
    out[16:-16] = data
    return out


def tokenize(data: Bytes, start: Ints, end: Ints) -> Tokens:
    """Find the words of the lines `[start, end)` of a padded buffer."""
    word = (data | 32) - np.uint8(97) < 26
    word |= data - np.uint8(48) < 10
    word |= data >= 0x80
    first, stop = _runs(word, np.flatnonzero(data >= 0xC2), data)
    hi = np.searchsorted(first, end)
    lo = np.empty_like(hi)
    lo[1:] = hi[:-1]
    lo[:1] = 0
    between = np.flatnonzero((lo < hi) & (first[np.minimum(lo, len(first) - 1)] < start)) if len(first) else lo[:0]
    lo[between] = np.searchsorted(first, start[between])  # words between the lines do not belong to them
    count = hi - lo
    used = np.minimum(count, HEAD + TAIL)
    after = np.cumsum(used)
    if len(lo) and used.sum() < len(first):
        # Leave out the words in the middle of long lines. `edges` has +1 where a stretch of words that count begins
        # and -1 behind its end, so that the running sum is 1 for words that count. A line of the words 0 to 19 has +1
        # at 0, -1 at 12 (HEAD), +1 at 16 (TAIL words before the end) and -1 at 20.
        edges = np.zeros(len(first) + 1, np.int8)
        some = count > 0
        edges[lo[some]] += 1
        edges[hi[some]] -= 1
        long = count > HEAD + TAIL
        edges[lo[long] + HEAD] -= 1
        edges[hi[long] - TAIL] += 1
        chosen = np.flatnonzero(np.cumsum(edges[:-1], dtype=np.int8))
        first, stop = first[chosen], stop[chosen]
    return Tokens(first, stop, after - used, after, count)


def _runs(word: Mask, leads: Ints, data: Bytes) -> tuple[Ints, Ints]:
    """Return starts and ends of words, which are runs of word bytes.

    `leads` are the first bytes of characters beyond ASCII. Punctuation among them ends a word. Each ideograph and each
    kana is a word of its own.
    """
    lead = data[leads]
    wide = (lead == 0xE2) | (lead == 0xEF) | ((lead == 0xE3) & (data[leads + 1] == 0x80))
    for at, width in ((leads[wide], 3), (leads[lead == 0xC2], 2)):
        for k in range(width):
            word[at + k] = False
    ideographs = leads[(lead >= 0xE3) & (lead <= 0xE9) & ~wide]
    if not len(ideographs):
        edges = np.flatnonzero(word[1:] != word[:-1])
        edges += 1
        return edges[::2], edges[1::2]
    begins = np.zeros(len(word), np.bool_)
    begins[1:] = word[1:] & ~word[:-1]
    begins[ideographs] = True
    stops = word[:-1] & (~word[1:] | begins[1:])
    return np.flatnonzero(begins), np.flatnonzero(stops) + 1


def hash_words(data: Bytes, tokens: Tokens) -> tuple[Words, Words, Words]:
    """Return hashes of the words, of the pairs of each word and the one before it, and of the lines.

    Words are hashed by their first eight bytes, long ones also by their last eight, in lower case if they are Latin,
    Greek or Cyrillic. A number is hashed by its length and by whether it looks like a year.
    """
    # the eight bytes from each offset on, as one number
    eight = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
    size = tokens.end - tokens.start
    lead = data[tokens.start]
    word = eight[tokens.start]
    word |= _LOWER * (lead < 0xE0)
    word &= _masks()[np.minimum(size, 8)]
    digits = np.flatnonzero((lead >= 48) & (lead <= 57))
    if len(digits):
        begin = word[digits] & np.uint64(0xFFFF)
        century = (size[digits] == 4) & ((begin == 0x3931) | (begin == 0x3032))
        word[digits] = np.minimum(size[digits], 9) + 16 * century
    word *= _K1
    long = np.flatnonzero(size > 8)
    if len(long):
        rest = eight[tokens.end[long] - 8]
        rest |= _LOWER
        word[long] ^= rest * _K2 + size[long].astype(np.uint64)
    word ^= word >> np.uint64(32)
    word *= _K3
    before = np.empty_like(word)
    before[1:] = word[:-1]
    before[tokens.lo[tokens.hi > tokens.lo]] = _EDGE
    pair = before * _K4 + word
    pair ^= pair >> np.uint64(29)
    pair *= _K2
    line = span_sums(pair, tokens.lo, tokens.hi)
    line ^= line >> np.uint64(31)
    line *= _K3
    return word, pair, line


@lru_cache(maxsize=1)
def _masks() -> Words:
    return np.array([(1 << 8 * k) - 1 for k in range(9)], np.uint64)


def span_sums(values: Words, lo: Ints, hi: Ints) -> Words:
    """Return the sums of the spans `[lo, hi)` of packed values, modulo 2^64.

    A sum is the difference of two running sums: with the values 3, 4, 5 these are 0, 3, 7, 12, and the span [1, 3) has
    12 - 3 = 9.
    """
    sums = np.empty(len(values) + 1, np.uint64)
    sums[0] = 0
    np.cumsum(values, out=sums[1:])
    return sums[hi] - sums[lo]


def token_shape(data: Bytes, tokens: Tokens) -> Bytes:
    """Return sixteen lanes for each line: which share of its words begin with, look like or precede what."""
    first, after, size_table = _token_tables()
    lead = data[tokens.start]
    left = first[lead]
    left += after[data[tokens.end]]
    right = size_table[np.minimum(tokens.end - tokens.start, 15)]
    right += (lead - np.uint8(65) < 26) & (data[tokens.start + 1] - np.uint8(65) < 26)
    out = np.empty((len(tokens.lo), 2), np.uint64)
    out[:, 0] = span_sums(left, tokens.lo, tokens.hi)
    out[:, 1] = span_sums(right, tokens.lo, tokens.hi)
    lanes = out.view(np.uint8).reshape(-1, TOKEN_LANES)
    scale = _shares()[tokens.hi - tokens.lo]
    shares: Bytes = (lanes * scale[:, None] >> 4).astype(np.uint8)
    return shares


@lru_cache(maxsize=1)
def _shares() -> npt.NDArray[np.uint16]:
    """Return, for each n, the factor that turns a count into its share of n, in 1/1024."""
    return np.array([0] + [1024 // n for n in range(1, HEAD + TAIL + 1)], np.uint16)


def _lanes(*classes: str) -> Words:
    """Return a block for each byte value: lane k is 1 for the characters of class k."""
    table = np.zeros(256, np.uint64)
    for k, characters in enumerate(classes):
        for c in characters.encode("latin-1"):
            table[c] |= np.uint64(1 << 8 * k)
    return table


_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_WIDE = "".join(map(chr, range(0x80, 0x100)))


@lru_cache(maxsize=1)
def _token_tables() -> tuple[Words, Words, Words]:
    first = _lanes(_UPPER, _DIGITS, _WIDE)
    after = _lanes("", "", "", ".!?", ",;'\"", "|/\\>\xc2\xe2", ":", "@-_#&=+(")
    size = np.zeros(16, np.uint64)
    for n in range(16):
        size[n] = sum(1 << 8 * (k + 1) for k, ok in enumerate((n == 1, n in (2, 3), n >= 7, n >= 10, n == 4)) if ok)
    return first, after, size


def line_shape(data: Bytes, start: Ints, end: Ints, count: Ints) -> Bytes:
    """Return four blocks for each line: its length, its number of words, how it begins and how it ends."""
    length, words, first, last = _line_tables()
    out = np.empty((len(start), 4), np.uint64)
    out[:, 0] = length[np.minimum(end - start, len(length) - 1)]
    out[:, 1] = words[np.minimum(count, len(words) - 1)]
    out[:, 2] = first[data[start]]
    tail = data[end - 1]
    out[:, 3] = last[tail]
    closed = np.flatnonzero(_closers()[tail])
    out[closed, 3] |= last[data[end[closed] - 2]] & np.uint64(0xFF)
    wide = np.flatnonzero(tail >= 0x80)
    if len(wide):
        at = end[wide]
        code = (data[at - 3].astype(np.int64) << 16) | (data[at - 2].astype(np.int64) << 8) | data[at - 1]
        codes, plain = _wide_ends()
        found = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
        hit = codes[found] == code
        out[wide[hit], 3] = last[plain[found[hit]]]
    return out.view(np.uint8).reshape(-1, LINE_LANES)


@lru_cache(maxsize=1)
def _closers() -> Mask:
    table = np.zeros(256, np.bool_)
    table[np.frombuffer(b"\"')]*", np.uint8)] = True
    return table


@lru_cache(maxsize=1)
def _wide_ends() -> tuple[Ints, Bytes]:
    """Return characters of three bytes that end lines, as sorted numbers, and the plain ones they count as."""
    plain = {"”": '"', "’": '"', "»": '"', "」": '"', "』": '"', "）": '"', "。": ".", "！": ".", "？": ".", "…": ".",
             "।": ".", "：": ":", "，": ",", "、": ",", "›": ">", "→": ">", "▼": ">", "•": ">", "–": "-"}  # fmt: skip
    codes = {int.from_bytes(k.encode(), "big"): ord(v) for k, v in plain.items() if len(k.encode()) == 3}
    return np.array(sorted(codes), np.int64), np.array([codes[c] for c in sorted(codes)], np.uint8)


def _block(*lanes: npt.NDArray[np.generic]) -> Words:
    out = np.zeros((len(lanes[0]), 8), np.uint8)
    for k, lane in enumerate(lanes):
        out[:, k] = np.clip(np.rint(lane.astype(np.float64)), 0, 127)
    return out.view(np.uint64).ravel()


@lru_cache(maxsize=1)
def _line_tables() -> tuple[Words, Words, Words, Words]:
    n = np.arange(1024)
    length = _block(np.log2(n + 1) * 12, n, n / 4, (n >= 30) * _ON, (n >= 60) * _ON, (n >= 120) * _ON,
                    (n >= 200) * _ON, (n >= 400) * _ON)  # fmt: skip
    n = np.arange(128)
    words = _block(np.log2(n + 1) * 18, n * 6, (n == 0) * _ON, (n == 1) * _ON, (n == 2) * _ON, (n == 3) * _ON,
                   ((n == 4) | (n == 5)) * _ON, (n > 16) * _ON)  # fmt: skip
    low = "abcdefghijklmnopqrstuvwxyz"
    first = _lanes(_UPPER, low, _DIGITS, "\xc3\xc4\xc5", _WIDE[0x46:0x62] + _WIDE[0x63:], "-*|>/+#\xe2\xc2",
                   "\"'([\xe2", ".,:;!?&)")  # fmt: skip
    last = _lanes(".!?", ":", ",;-", low, _DIGITS, _UPPER, "\"')]*", "|>/" + _WIDE)
    return length, words, first * np.uint64(_ON), last * np.uint64(_ON)


def place(position: Ints, lines: Ints) -> Bytes:
    """Return three blocks for each line: its distance from the beginning and the end of the text, and its place."""
    table = _place_table()
    out = np.empty((len(position), 3), np.uint64)
    out[:, 0] = table[np.minimum(position, len(table) - 1)]
    out[:, 1] = table[np.minimum(lines - 1 - position, len(table) - 1)]
    lanes = out.view(np.uint8).reshape(-1, PLACE_LANES)
    lanes[:, 16] = position * 127 // lines
    lanes[:, 17:] = _size_table()[np.minimum(lines, len(table) - 1)]
    return lanes


@lru_cache(maxsize=1)
def _place_table() -> Words:
    n = np.arange(2048)
    return _block(np.log2(n + 1) * 11, n * 4, n / 4, (n == 0) * _ON, (n <= 1) * _ON, (n <= 3) * _ON, (n <= 8) * _ON,
                  (n <= 20) * _ON)  # fmt: skip


@lru_cache(maxsize=1)
def _size_table() -> Bytes:
    n = np.arange(2048)
    table = _block(np.log2(n + 1) * 11, (n <= 1) * _ON, (n <= 3) * _ON, (n <= 10) * _ON, (n <= 30) * _ON,
                   (n <= 100) * _ON, (n <= 300) * _ON, n * 0)  # fmt: skip
    lanes: Bytes = table.view(np.uint8).reshape(-1, 8)[:, :7].copy()
    return lanes

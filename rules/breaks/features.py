"""What the break model sees of the place between two words, for all words of a buffer at once.

A *word* is a run of letters and digits. It also begins where a capital follows a small letter ("closedBy"), since
extractors that drop line breaks glue words together. Ideographs are words of their own. A *gap* is what lies between
two words: a space, punctuation, or nothing.

A gap is a *candidate* for a break if it has white space, or if words are glued. Each candidate is described by a few
hashed features: the words around it, what the gap holds, upper and lower case, and how far the next sentence ends
are. All numbers are whole numbers, and nothing depends on the other texts of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes, Ints, Mask

Hashes = npt.NDArray[np.uint64]

BITS = 20  # features are hashed into 2^20 weights
PADDING = 16  # bytes around the buffer, so that eight bytes can be read at each word
_SHIFT = np.uint64(64 - BITS)
_K1, _K2, _K3, _K4 = (
    np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
)
_KEYS = np.arange(64, dtype=np.uint64) * _K1  # one for each kind of feature
_LOWER_BITS = np.uint64(0x2020202020202020)
_PREFIX_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
_LOWER, _UPPER, _CAPITALS, _DIGIT, _WIDE = range(5)  # classes of words by their first letters
_NOTHING = np.uint64(0)  # stands for a word or a gap outside of a text
_FAR = 72  # words; sentence ends are looked for no further away
# Distances in words, in twelve steps.
_STEPS = np.array([0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 7, 8, 8, 8, 8, 8] + [9] * 15 + [10] * 40 + [11], np.uint64)


@dataclass(frozen=True)
class Words:
    """The words of a buffer: `[start, end)` in bytes, their hashes, and their classes."""

    start: Ints
    end: Ints
    hashed: Hashes
    kind: Hashes
    small: Mask
    """Words that begin with a small letter; other scripts have none."""

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Candidates:
    """Places where a line may have ended, in their order.

    `[stop, after)` is the white space that would be the line break, empty between glued words. `sentence` marks gaps
    that begin with the end of a sentence, `small` words behind the gap that begin with a small letter. `features`
    holds the numbers of the weights, of shape (candidates, features).
    """

    stop: Ints
    after: Ints
    glued: Mask
    sentence: Mask
    small: Mask
    features: npt.NDArray[np.int32]


def pad(data: Bytes) -> Bytes:
    """Return a copy of a buffer with line feeds around it."""
    padded = np.full(len(data) + 2 * PADDING, 10, np.uint8)
    padded[PADDING:-PADDING] = data
    return padded


def find_words(data: Bytes) -> Words:
    """Find the words of a padded buffer of UTF-8."""
    word = _word_bytes()[data]
    upper = data - np.uint8(65) < 26
    lower = data - np.uint8(97) < 26
    small = lower.copy()
    begins = np.zeros(len(data), np.bool_)
    lead_at = np.flatnonzero(data >= 0xC2)
    if len(lead_at):
        lead = data[lead_at]
        # punctuation beyond ASCII parts words: U+0080 to U+00BF, U+2000 to U+2FFF, U+3000 to U+303F, U+F000 and above
        marks = (lead == 0xE2) | (lead == 0xEF) | ((lead == 0xE3) & (data[lead_at + 1] == 0x80))
        for at, width in ((lead_at[marks], 3), (lead_at[lead == 0xC2], 2)):
            for k in range(width):
                word[at + k] = False
        begins[lead_at[(lead >= 0xE3) & (lead <= 0xE9) & ~marks]] = True
        pairs = lead_at[(lead >= 0xC3) & (lead <= 0xDF)]
        is_upper, is_lower = _letter_case()
        code = (data[pairs].astype(np.int64) & 0x1F) << 6 | (data[pairs + 1] & 0x3F)
        upper[pairs] = is_upper[code]
        lower[pairs + 1] = is_lower[code]
        small[pairs] = is_lower[code]
    begins[1:] |= word[1:] & (~word[:-1] | (lower[:-1] & upper[1:]))
    stops = word[:-1] & (~word[1:] | begins[1:])
    start, end = np.flatnonzero(begins), np.flatnonzero(stops) + 1
    return Words(start, end, _hash_words(data, start, end), _classify(data, start, end, upper), small[start])


@lru_cache(maxsize=1)
def _word_bytes() -> Mask:
    """Return which bytes are part of words: letters and digits of ASCII, and all others beyond ASCII."""
    table = np.zeros(256, np.bool_)
    table[[byte for byte in range(128) if chr(byte).isalnum()]] = True
    table[128:] = True
    return table


@lru_cache(maxsize=1)
def _letter_case() -> tuple[Mask, Mask]:
    """Return which code points below U+0800 are capitals, and which are small letters."""
    codes = [chr(code) for code in range(0x800)]
    return np.array([c.isupper() for c in codes], np.bool_), np.array([c.islower() for c in codes], np.bool_)


def _hash_words(data: Bytes, start: Ints, end: Ints) -> Hashes:
    """Hash words by their first and last eight bytes, without regard to case; numbers by their length alone."""
    eight = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
    size, lead = end - start, data[start]
    hashed: Hashes = eight[start]
    hashed |= _LOWER_BITS * (lead < 0xE0)
    hashed &= _PREFIX_MASKS[np.minimum(size, 8)]
    digits = np.flatnonzero(lead - np.uint8(48) < 10)
    hashed[digits] = np.minimum(size[digits], 9).astype(np.uint64)
    hashed *= _K1
    long = np.flatnonzero(size > 8)
    hashed[long] ^= (eight[end[long] - 8] | _LOWER_BITS) * _K2
    hashed ^= hashed >> np.uint64(32)
    hashed *= _K3
    return hashed


def _classify(data: Bytes, start: Ints, end: Ints, upper: Mask) -> Hashes:
    """Return the class of each word: small letter, capital, all capitals, digit, or a script without case."""
    lead = data[start]
    kind = np.full(len(start), _LOWER, np.uint64)
    kind[upper[start]] = _UPPER
    kind[upper[start] & (end - start > 1) & upper[np.minimum(start + 1, end - 1)]] = _CAPITALS
    kind[lead - np.uint8(48) < 10] = _DIGIT
    kind[lead >= 0xE3] = _WIDE
    return kind


def find_candidates(data: Bytes, starts: Ints) -> Candidates | None:
    """Find where lines of a padded buffer may have ended; None if it has less than two words.

    Texts begin at `starts`. What a candidate sees ends at the edges of its text.
    """
    words = find_words(data)
    if len(words) < 2:
        return None
    start, end = words.end[:-1], words.start[1:]
    spaces, feeds = np.flatnonzero((data == 32) | (data == 9)), np.flatnonzero(data == 10)
    first_space = _first_within(spaces, start, end)
    has_space, has_feed = first_space >= 0, _first_within(feeds, start, end) >= 0
    mark = data[start]
    wide_stop = ((mark == 0xE3) & (data[start + 2] == 0x82)) | ((mark == 0xEF) & (data[start + 1] == 0xBC))
    sentence = (mark == 46) | (mark == 33) | (mark == 63) | wide_stop  # . ! ? 。 ！ ？ and their like
    closing = sentence | (mark == 41) | (mark == 34) | (mark == 124) | (mark == 93) | (mark >= 0xE2)  # ) " | ]
    capital = (words.kind[1:] == _UPPER) | (words.kind[1:] == _CAPITALS)
    number = (words.kind[1:] == _DIGIT) & (words.kind[:-1] != _DIGIT)
    opening = capital | number | (words.kind[1:] == _WIDE)
    glued = ~has_space & np.where(start == end, capital, closing & opening)
    chosen = np.flatnonzero((has_space | glued) & ~has_feed)
    text = _Texts.of(words, starts, chosen)
    features = _features(data, words, chosen, text, sentence | has_feed, glued[chosen])
    # the first run of white space is the break, so that an opening bracket stays with what it opens
    stop = np.where(has_space, first_space, end)[chosen]
    return Candidates(
        stop, _skip(data, stop, spaces), glued[chosen], sentence[chosen], words.small[chosen + 1], features
    )


def _first_within(places: Ints, start: Ints, end: Ints) -> Ints:
    """Return the first of the sorted places in each `[start, end)`, or -1."""
    if not len(places):
        return np.full(len(start), -1, np.int64)
    index = np.searchsorted(places, start)
    found = places[np.minimum(index, len(places) - 1)]
    return np.where((index < len(places)) & (found < end), found, -1)


def _skip(data: Bytes, at: Ints, spaces: Ints) -> Ints:
    """Move each place behind the run of white space that begins there, if any does."""
    blank = np.zeros(len(data) + 1, np.bool_)
    blank[spaces] = True
    at = at.copy()
    while (more := np.flatnonzero(blank[at])).size:
        at[more] += 1
    return at


@dataclass(frozen=True)
class _Texts:
    """The first and the last word of the text of each candidate."""

    first: Ints
    last: Ints

    @classmethod
    def of(cls, words: Words, starts: Ints, chosen: Ints) -> _Texts:
        bounds = np.append(np.searchsorted(words.start, starts), len(words))
        text = np.searchsorted(bounds, chosen, side="right") - 1
        return cls(bounds[text], bounds[text + 1] - 1)

    def clip(self, word: Ints) -> Ints:
        """Return the nearest words of the same texts."""
        return np.clip(word, self.first, self.last)

    def holds(self, word: Ints) -> Mask:
        """Return which words are of the same texts."""
        return (word >= self.first) & (word <= self.last)


class _Neighbours:
    """The words and gaps around each of some gaps. Outside of the text of a gap there is nothing: 0."""

    def __init__(self, data: Bytes, words: Words, chosen: Ints, text: _Texts) -> None:
        self._words, self._chosen, self._text = words, chosen, text
        pairs = np.empty(len(words), np.uint64)
        pairs[0] = words.hashed[0]
        pairs[1:] = words.hashed[:-1] * _K4 + words.hashed[1:]
        pairs ^= pairs >> np.uint64(29)
        self._pairs = pairs * _K2
        eight = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
        self._gaps = eight[words.end[:-1]] & _PREFIX_MASKS[np.minimum(words.start[1:] - words.end[:-1], 8)]
        cased = (words.kind > _LOWER) & (words.kind < _WIDE)
        self._capitals = np.concatenate([np.zeros(1, np.int64), np.cumsum(cased)])

    def word(self, k: int) -> Hashes:
        """Return the k-th word from each gap: 0 is the one before it, 1 the one behind it."""
        at = self._chosen + k
        return np.where(self._text.holds(at), self._words.hashed[self._text.clip(at)], _NOTHING)

    def pair(self, k: int) -> Hashes:
        """Return the k-th word from each gap with the one before that."""
        at = self._chosen + k
        inside = self._text.holds(at) & self._text.holds(at - 1)
        pairs: Hashes = np.where(inside, self._pairs[self._text.clip(at)], _NOTHING)
        return pairs

    def kind(self, k: int) -> Hashes:
        """Return the class of the k-th word from each gap."""
        at = self._chosen + k
        return np.where(self._text.holds(at), self._words.kind[self._text.clip(at)], _NOTHING)

    def gap(self, k: int) -> Hashes:
        """Return the k-th gap from each gap: 0 is itself."""
        at = self._chosen + k
        inside = self._text.holds(at) & self._text.holds(at + 1)
        gaps: Hashes = np.where(inside, self._gaps[np.minimum(self._text.clip(at), len(self._gaps) - 1)], _NOTHING)
        return gaps

    def capitals(self) -> tuple[Hashes, Hashes]:
        """Return how many of the four words before each gap, and of the five behind it, begin with a capital."""
        middle = self._capitals[self._chosen + 1]
        before = middle - self._capitals[self._text.clip(self._chosen - 4)]
        behind = self._capitals[self._text.clip(self._chosen + 5) + 1] - middle
        return before.astype(np.uint64), behind.astype(np.uint64)


def _features(data: Bytes, words: Words, chosen: Ints, text: _Texts, ends: Mask, glued: Mask) -> npt.NDArray[np.int32]:
    """Compute the numbers of the weights of the gaps `chosen`; `ends` marks the gaps that end a sentence or a line."""
    around = _Neighbours(data, words, chosen, text)
    word, pair, shape = around.word, around.pair, around.kind
    since, until = (distance[chosen] for distance in _sentence_distances(ends))
    left, right = around.capitals()
    plain = (around.gap(0) == 32).astype(np.uint64)
    glue = glued.astype(np.uint64)
    gap = around.gap(0) * _K1
    gap ^= gap >> np.uint64(31)
    five, sixteen = np.uint64(5), np.uint64(16)
    window = shape(-2)
    for k, power in enumerate((5, 25, 125, 625, 3125), -1):
        window = window + np.uint64(power) * shape(k)
    near = shape(0) * five + shape(1)
    columns = [
        word(0),
        word(1),
        word(-1),
        word(2),
        pair(1),
        pair(2),
        pair(0),
        _mix(gap + near),
        _mix(gap + window * _K4),
        _mix(window * np.uint64(3) + glue + plain),
        _mix(gap * _K4 + since * sixteen + until),
        _mix(since * sixteen + left),
        _mix(until * sixteen + right),
        _mix(((left * np.uint64(8) + right) * np.uint64(32) + near) * np.uint64(2) + glue),
        _mix(word(0) ^ gap),
        _mix(word(1) + gap * _K1 + shape(2)),
        _mix(word(0) * _K4 + shape(1) * five + shape(2)),
        _mix(word(1) * _K1 + shape(-1) * five + shape(0)),
        _mix(around.gap(-1) * _K1 + gap + around.gap(1) * _K3),
        pair(2) * _K1 + _mix(word(3)),
        pair(-1) * _K1 + word(0) * _K4,
    ]
    return np.stack([((column * _K3 + _KEYS[k]) >> _SHIFT).astype(np.int32) for k, column in enumerate(columns, 1)], 1)


def _mix(values: Hashes) -> Hashes:
    values = values * _K2
    values ^= values >> np.uint64(30)
    return values


def _sentence_distances(ends: Mask) -> tuple[Hashes, Hashes]:
    """Return for each gap how many words ago a sentence ended, and in how many the next one does, in steps."""
    index, count = np.arange(len(ends)), len(ends)
    last = np.maximum.accumulate(np.where(ends, index, -1))
    before = np.concatenate([np.full(1, -1, np.int64), last[:-1]])
    following = np.minimum.accumulate(np.where(ends, index, count)[::-1])[::-1]
    after = np.concatenate([following[1:], np.full(1, count, np.int64)])
    return _STEPS[np.minimum(index - before, _FAR - 1)], _STEPS[np.minimum(after - index, _FAR - 1)]

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
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

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
_TWO, _THREE, _FIVE, _EIGHT, _SIXTEEN, _THIRTY_TWO = (np.uint64(k) for k in (2, 3, 5, 8, 16, 32))
_NOTHING = np.uint64(0)  # stands for a word or a gap outside of a text
_ROOM = 6  # words around each text that stand for nothing
ALL = tuple(range(21))  # the kinds of features
FIRST = (0, 1, 9, 10, 12)
"""The features that alone show that a line hardly ever ends before most small letters."""
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


@dataclass(frozen=True)
class Gaps:
    """The gaps of a buffer in which a line may have ended, in their order.

    `[stop, after)` is the white space that would be the line break, empty between glued words. `sentence` marks gaps
    that begin with the end of a sentence, `small` words behind the gap that begin with a small letter.
    """

    stop: Ints
    after: Ints
    glued: Mask
    sentence: Mask
    small: Mask
    _around: _Around
    _word: Ints
    _since: Hashes
    _until: Hashes

    def features(self, chosen: Ints, columns: tuple[int, ...] = ALL) -> npt.NDArray[np.int32]:
        """Return the numbers of the weights of some gaps, of shape (gaps, columns)."""
        view = _View(self._around, self._word[chosen], self._since[chosen], self._until[chosen], self.glued[chosen])
        out = np.empty((len(chosen), len(columns)), np.int32)
        for place, column in enumerate(columns):
            out[:, place] = (_COLUMNS[column](view) * _K3 + _KEYS[column + 1]) >> _SHIFT
        return out


def find_gaps(data: Bytes, starts: Ints) -> Gaps | None:
    """Find where lines of a padded buffer may have ended; None if it has less than two words.

    Texts begin at `starts`. What is seen of a gap ends at the edges of its text.
    """
    words = find_words(data)
    if len(words) < 2:
        return None
    start, end = words.end[:-1], words.start[1:]
    space, feed = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
    space[[9, 32]] = True
    feed[10] = True
    first_space = _first_within(data, space, start, end)
    has_space, has_feed = first_space >= 0, _first_within(data, feed, start, end) >= 0
    mark = data[start]
    wide_stop = ((mark == 0xE3) & (data[start + 2] == 0x82)) | ((mark == 0xEF) & (data[start + 1] == 0xBC))
    sentence = (mark == 46) | (mark == 33) | (mark == 63) | wide_stop  # . ! ? 。 ！ ？ and their like
    closing = sentence | (mark == 41) | (mark == 34) | (mark == 124) | (mark == 93) | (mark >= 0xE2)  # ) " | ]
    capital = (words.kind[1:] == _UPPER) | (words.kind[1:] == _CAPITALS)
    number = (words.kind[1:] == _DIGIT) & (words.kind[:-1] != _DIGIT)
    opening = capital | number | (words.kind[1:] == _WIDE)
    glued = ~has_space & np.where(start == end, capital, closing & opening)
    chosen = np.flatnonzero((has_space | glued) & ~has_feed)
    # the first run of white space is the break, so that an opening bracket stays with what it opens
    stop = np.where(has_space, first_space, end)[chosen]
    after = stop + has_space[chosen]
    while (more := np.flatnonzero(space[data[after]] & (after > stop))).size:
        after[more] += 1
    since, until = (distance[chosen] for distance in _sentence_distances(sentence | has_feed))
    around = _Around(data, words, starts)
    return Gaps(
        stop,
        after,
        glued[chosen],
        sentence[chosen],
        words.small[chosen + 1],
        around,
        around.place(chosen),
        since,
        until,
    )


def _first_within(data: Bytes, table: Mask, start: Ints, end: Ints) -> Ints:
    """Return where the first byte of a table is in each `[start, end)`, or -1."""
    found = np.where((end > start) & table[data[start]], start, -1)
    wide = np.flatnonzero((found < 0) & (end - start > 1))
    if not len(wide):
        return found
    places = np.flatnonzero(table[data])
    index = np.minimum(np.searchsorted(places, start[wide]), len(places) - 1)
    inside = wide[(places[index] >= start[wide]) & (places[index] < end[wide])] if len(places) else wide[:0]
    found[inside] = places[np.searchsorted(places, start[inside])]
    return found


class _Around:
    """Words and gaps as columns, with room around each text, so that nothing is seen beyond its edges."""

    def __init__(self, data: Bytes, words: Words, starts: Ints) -> None:
        count = len(words)
        bounds = np.searchsorted(words.start, starts)
        sizes = np.diff(np.append(bounds, count))
        self._at = np.arange(count) + np.repeat(_ROOM * np.arange(1, len(starts) + 1), sizes)
        total = count + _ROOM * (len(starts) + 1)
        pairs = words.hashed[:-1] * _K4 + words.hashed[1:]
        pairs ^= pairs >> np.uint64(29)
        eight = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
        gaps = eight[words.end[:-1]] & _PREFIX_MASKS[np.minimum(words.start[1:] - words.end[:-1], 8)]
        inner = np.diff(self._at) == 1  # both words of the gap are of one text
        self.hashed = self._spread(words.hashed, self._at, total)
        self.kind = self._spread(words.kind, self._at, total)
        self.pairs = self._spread((pairs * _K2)[inner], self._at[1:][inner], total)
        self.gaps = self._spread(gaps[inner], self._at[:-1][inner], total)
        cased = (self.kind > _LOWER) & (self.kind < _WIDE)
        self.capitals = np.concatenate([np.zeros(1, np.uint64), np.cumsum(cased, dtype=np.uint64)])

    @staticmethod
    def _spread(values: Hashes, at: Ints, total: int) -> Hashes:
        out = np.full(total, _NOTHING)
        out[at] = values
        return out

    def place(self, word: Ints) -> Ints:
        """Return where words are in the columns."""
        return self._at[word]


class _View:
    """What there is around each of some gaps. Outside of the text of a gap there is nothing: 0."""

    def __init__(self, around: _Around, at: Ints, since: Hashes, until: Hashes, glued: Mask) -> None:
        self._around, self._at = around, at
        self.since, self.until, self.glue = since, until, glued.astype(np.uint64)

    def word(self, k: int) -> Hashes:
        """Return the k-th word from each gap: 0 is the one before it, 1 the one behind it."""
        found: Hashes = self._around.hashed[self._at + k]
        return found

    def pair(self, k: int) -> Hashes:
        """Return the k-th word from each gap with the one before that."""
        found: Hashes = self._around.pairs[self._at + k]
        return found

    def kind(self, k: int) -> Hashes:
        """Return the class of the k-th word from each gap."""
        found: Hashes = self._around.kind[self._at + k]
        return found

    def raw_gap(self, k: int) -> Hashes:
        """Return the first eight bytes of the k-th gap from each gap: 0 is itself."""
        found: Hashes = self._around.gaps[self._at + k]
        return found

    @cached_property
    def gap(self) -> Hashes:
        """The gap itself, hashed."""
        gap: Hashes = self.raw_gap(0) * _K1
        gap ^= gap >> np.uint64(31)
        return gap

    @cached_property
    def plain(self) -> Hashes:
        """Whether the gap is a space and nothing else."""
        plain: Hashes = (self.raw_gap(0) == 32).astype(np.uint64)
        return plain

    @cached_property
    def near(self) -> Hashes:
        """The classes of the two words beside the gap."""
        near: Hashes = self.kind(0) * _FIVE + self.kind(1)
        return near

    @cached_property
    def window(self) -> Hashes:
        """The classes of the six words around the gap."""
        window = self.kind(-2)
        for k, power in enumerate((5, 25, 125, 625, 3125), -1):
            window = window + np.uint64(power) * self.kind(k)
        return window

    @cached_property
    def left(self) -> Hashes:
        """How many of the five words before the gap begin with a capital or a digit."""
        count: Hashes = self._around.capitals[self._at + 1] - self._around.capitals[self._at - 4]
        return count

    @cached_property
    def right(self) -> Hashes:
        """How many of the five words behind the gap do."""
        count: Hashes = self._around.capitals[self._at + 6] - self._around.capitals[self._at + 1]
        return count


_COLUMNS: tuple[Callable[[_View], Hashes], ...] = (
    lambda v: v.word(0),
    lambda v: v.word(1),
    lambda v: v.word(-1),
    lambda v: v.word(2),
    lambda v: v.pair(1),
    lambda v: v.pair(2),
    lambda v: v.pair(0),
    lambda v: _mix(v.gap + v.near),
    lambda v: _mix(v.gap + v.window * _K4),
    lambda v: _mix(v.window * _THREE + v.glue + v.plain),
    lambda v: _mix(v.gap * _K4 + v.since * _SIXTEEN + v.until),
    lambda v: _mix(v.since * _SIXTEEN + v.left),
    lambda v: _mix(v.until * _SIXTEEN + v.right),
    lambda v: _mix(((v.left * _EIGHT + v.right) * _THIRTY_TWO + v.near) * _TWO + v.glue),
    lambda v: _mix(v.word(0) ^ v.gap),
    lambda v: _mix(v.word(1) + v.gap * _K1 + v.kind(2)),
    lambda v: _mix(v.word(0) * _K4 + v.kind(1) * _FIVE + v.kind(2)),
    lambda v: _mix(v.word(1) * _K1 + v.kind(-1) * _FIVE + v.kind(0)),
    lambda v: _mix(v.raw_gap(-1) * _K1 + v.gap + v.raw_gap(1) * _K3),
    lambda v: v.pair(2) * _K1 + _mix(v.word(3)),
    lambda v: v.pair(-1) * _K1 + v.word(0) * _K4,
)


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

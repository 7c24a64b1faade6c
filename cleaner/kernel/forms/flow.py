"""One long line (`flow`): where the lines of the page ended, without a byte of the text changing.

A text is flow if nearly all of it stands in very long lines. Its lines end where the break model is sure of it, and
at the ends of sentences. They are lines to the rules, the zones and the gate; the text stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ....rules.breaks.model import load_break_model
from ..arrays import starts_run
from .feed_notes import find_inside_notes
from .tables import find_inside_tables

if TYPE_CHECKING:
    import numpy.typing as npt

    from ....rules.breaks.model import Breaks
    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.split import Joined

LONG = 1_200  # bytes from which on a line is longer than a paragraph usually is
SHARE = 0.8  # of the bytes of a text that stand in long lines
ALONE = 240  # bytes from which on a line that is all of a text may be more than a paragraph
SURE = 0.0  # score of a break inside of a sentence
SENTENCE_SURE = -3.0  # score of a break between two sentences
IDEOGRAPHS = -1.0  # least score of white space between two characters of Chinese or Japanese
_BYWORDS = (b" By", b"Von", b"Par", b"Por")  # they belong to the name behind them
_LINKS = (
    b"the",
    b" of",
    b"and",
    b" or",
    b" on",
    b" at",
    b"und",
    b"der",
    b"die",
    b"das",
    b"les",
    b"des",
    b" et",
    b"los",
)
"""Words in small letters that belong to the words behind them, so that hardly any line ends in one."""
SMALL_SURE = 3.0  # score of a break before a small letter, which few lines of a page begin with


def find_flow(joined: Joined, stop: Ints, after: Ints) -> Mask:
    """Return which texts of a buffer are flow; `[stop, after)` are its line ends."""
    if not joined.rows:
        return np.zeros(0, np.bool_)
    begin = np.concatenate([np.zeros(1, np.int64), after[:-1]])
    row = np.searchsorted(joined.text_start, begin, side="right") - 1
    size = stop - begin
    total = np.bincount(row, size, minlength=joined.rows)
    in_long = np.bincount(row, size * (size >= LONG), minlength=joined.rows)
    alone = (np.bincount(row, size > 0, minlength=joined.rows) == 1) & (total >= ALONE)
    flow: Mask = ((total > 0) & (in_long >= SHARE * total)) | alone
    return flow


@dataclass(frozen=True)
class Places:
    """Places in flow where a line may have ended: `[stop, after)` in bytes of a buffer, with scores; see `Breaks`."""

    stop: Ints
    after: Ints
    score: npt.NDArray[np.float32]
    sentence: Mask
    small: Mask

    @property
    def sure(self) -> Mask:
        """The places where a line did end, as far as the model can tell."""
        needed = np.where(self.sentence, SENTENCE_SURE, SURE)
        return self.score > np.where(self.small, SMALL_SURE, needed)


def find_places(joined: Joined, flow: Mask) -> Places:
    """Score the places of the flow texts of a buffer."""
    rows = np.flatnonzero(flow)
    starts, stops = joined.text_start[rows], joined.text_stop[rows] + 1
    # the flow texts alone, one behind the other
    data = np.concatenate([joined.data[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True)])
    begins = np.cumsum(stops - starts) - (stops - starts)
    found = load_break_model().score(data, begins)
    shift = (starts - begins)[np.searchsorted(begins, found.stop, side="right") - 1]
    # a line hardly ever begins with a mark that ends a word (French has a space before it), or ends with "By"
    kept = ~_closing()[data[found.after]] & ~_follows_link(data, found.stop) & ~find_inside_notes(data, found.stop)
    kept &= ~find_inside_tables(data, found.stop, found.after) & ~_parts_date(data, found.stop, found.after)
    score = np.where(_parts_ideographs(data, found), np.maximum(found.score, IDEOGRAPHS), found.score)
    sentence = (found.sentence | _follows_stop(data, found)) & ~_follows_comma(data, found.stop)
    columns = (found.stop + shift, found.after + shift, score, sentence, found.small)
    return Places(*(column[kept] for column in columns))


def _parts_ideographs(data: Bytes, found: Breaks) -> Mask:
    """Return which places are white space between two Chinese characters or Kana, which running text does not have."""
    parts: Mask = found.after > found.stop
    for at in (np.maximum(found.stop - 3, 0), found.after):
        kana = (data[at] == 0xE3) & (data[np.minimum(at + 1, len(data) - 1)] - np.uint8(0x81) < 3)
        parts = parts & ((data[at] - np.uint8(0xE4) < 6) | kana)
    return parts


def _parts_date(data: Bytes, stop: Ints, after: Ints) -> Mask:
    """Return which places are between a date and a time, or before a year in a script without capitals.

    Examples: "2024年3月3日 | 10:15", "3 مارس | 2024".
    """
    is_digit = data - np.uint8(48) < 10
    last = len(data) - 1
    digits = [is_digit[np.minimum(after + k, last)] for k in range(5)]
    colon = [data[np.minimum(after + k, last)] == ord(":") for k in (1, 2)]
    time = digits[0] & ((colon[0] & digits[2]) | (digits[1] & colon[1] & digits[3]))
    third, second, first = (data[np.maximum(stop - k, 0)] for k in (3, 2, 1))
    day = is_digit[np.maximum(stop - 1, 0)] | ((third == 0xE6) & (second == 0x97) & (first == 0xA5))
    year = digits[0] & digits[1] & digits[2] & digits[3] & (data[np.minimum(after + 4, last)] == ord(" "))
    parts: Mask = (time & day) | (year & (first >= 0x80) & ~day & (second >= 0xD8))
    return parts


def _follows_stop(data: Bytes, found: Breaks) -> Mask:
    """Return which places are white space behind a full stop of Hindi or Urdu, or an Arabic question mark."""
    third, second, first = (data[np.maximum(found.stop - k, 0)] for k in (3, 2, 1))
    danda = (third == 0xE0) & (second == 0xA5) & ((first == 0xA4) | (first == 0xA5))
    follows: Mask = danda | ((second == 0xDB) & (first == 0x94)) | ((second == 0xD8) & (first == 0x9F))
    return follows & (found.after > found.stop)


def _follows_comma(data: Bytes, stop: Ints) -> Mask:
    """Return which places follow a comma, slash, colon or semicolon of full width, which ends no sentence."""
    third, second, first = (data[np.maximum(stop - k, 0)] for k in (3, 2, 1))
    wide = (third == 0xEF) & (second == 0xBC) & np.isin(first, [0x8C, 0x8F, 0x9A, 0x9B])
    follows: Mask = wide | ((third == 0xE3) & (second == 0x80) & (first == 0x81))
    return follows


def _follows_link(data: Bytes, stop: Ints) -> Mask:
    """Return which places follow a word that belongs to the next one, such as "By" or "the"."""
    before, first, second, third = (data[np.maximum(stop - k, 0)] for k in (4, 3, 2, 1))
    outside = (before | 32) - np.uint8(97) >= 26
    follows: Mask = (second == ord("B")) & (third == ord("y"))
    for word in _BYWORDS[1:]:
        follows |= (first == word[0]) & (second == word[1]) & (third == word[2])
    for word in _LINKS:
        follows |= (outside | (word[0] == ord(" "))) & (first == word[0]) & (second == word[1]) & (third == word[2])
    return follows


@lru_cache(maxsize=1)
def _closing() -> Mask:
    """Return which bytes are marks that end a word."""
    table = np.zeros(256, np.bool_)
    table[list(b":;!?,.)%")] = True
    return table


def merge_breaks(*breaks: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Merge lists of breaks `[stop, after)` into one, sorted."""
    stop, after = (np.concatenate(column) for column in zip(*breaks, strict=True))
    order = np.argsort(stop, kind="stable")
    return stop[order], after[order]


def unite_breaks(one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Merge two lists of breaks into one, sorted, each break once."""
    stop, after = merge_breaks(one, other)
    first = starts_run(stop)
    return stop[first], after[first]

"""The lines of a batch of texts, as offsets into one buffer: no Python object for any of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ....rules.patterns.alphabet import CLOSERS, DECORATION, PROSE_BYTES, QUOTES, SENTENCE_BYTES, SENTENCE_END, WHITE

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Bytes, Ints, Mask

SPREAD = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS = 16  # characters that are stripped off all lines together; what has more of them is done line by line
TABLE_SIZE = 0x20000  # code points above it are none of the characters looked up here


@dataclass
class Joined:
    """The texts of a batch as UTF-8 in one buffer, each followed by one line feed of ours.

    `text_start[r]` and `text_stop[r]` bound text r in it, in bytes.
    """

    data: Bytes
    text_start: Ints
    text_stop: Ints

    @property
    def rows(self) -> int:
        """Number of texts."""
        return len(self.text_start)


@dataclass
class Lines(Joined):
    """The lines that are not blank, of all texts of a batch.

    For line i: `row` is its text, `number` counts all lines of the batch, blank ones too; `[begin, stop)` is the line
    without its line end, `[start, end)` what is left of it without white space, `[core_start, core_end)` without
    decoration. All offsets are bytes.
    """

    row: Ints
    number: Ints
    begin: Ints
    stop: Ints
    start: Ints
    end: Ints
    core_start: Ints
    core_end: Ints

    def __len__(self) -> int:
        return len(self.row)

    @property
    def first(self) -> Ints:
        """Index of the first line of each text, and the number of lines at the end."""
        return np.searchsorted(self.row, np.arange(self.rows + 1)).astype(np.int64)

    @cached_property
    def initials(self) -> Bytes:
        """The first byte of each line's core, as `rules.characters.initial` gives it."""
        found = self.data[np.minimum(self.core_start, len(self.data) - 1)]
        found = np.where((found >= 65) & (found <= 90), found | 32, np.minimum(found, 128))
        return np.where(self.core_start < self.core_end, found, 0).astype(np.uint8)

    @cached_property
    def quoted(self) -> Mask:
        """Lines that begin with a quotation mark: somebody says them."""
        last = len(self.data) - 1
        code, _ = _code_after(self.data, np.minimum(self.start, last))
        return character_table(QUOTES)[code]

    @cached_property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """A number for each line that is as long as a sentence, alike for lines that seem to say the same; else 0."""
        size = self.end - self.start
        index = np.flatnonzero(size >= SENTENCE_BYTES)
        hashed = size[index].astype(np.uint64)
        for at in (self.start[index], (self.start[index] + self.end[index]) // 2 - 4, self.end[index] - 8):
            hashed = (hashed ^ eight_bytes(self.data, at)) * SPREAD
        found = np.zeros(len(self), np.uint64)
        found[index] = hashed
        return found

    def text(self, line: int) -> str:
        """Give one line as a Python string, stripped."""
        return self.data[self.start[line] : self.end[line]].tobytes().decode()


def join(texts: pa.LargeStringArray) -> Joined:
    """Put texts into one buffer. None counts as an empty text."""
    filled = texts.fill_null("") if texts.null_count else texts
    empty, feed = pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string())
    joined = pc.binary_join_element_wise(filled, empty, feed)
    _, offsets_buffer, data_buffer = joined.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[joined.offset : joined.offset + len(joined) + 1]
    # a copy only where the array is a slice: the buffer is ours and starts at the first offset
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.empty(0, np.uint8)
    return Joined(data[: int(offsets[-1])], offsets[:-1], offsets[1:] - 1)


def split(texts: pa.LargeStringArray) -> Lines:
    r"""Split texts at \\n, \\r\\n, \\r, U+2028 and U+2029. None counts as an empty text."""
    joined = join(texts)
    data = joined.data
    stop, after = _line_ends(data)
    begin = np.concatenate([np.zeros(1, np.int64), after[:-1]])
    # the last line end of each text is the feed that follows it
    counts = np.diff(np.searchsorted(after, joined.text_stop + 1, side="right"), prepend=0)
    row = np.repeat(np.arange(len(texts)), counts)
    start, end = strip(data, begin, stop, WHITE)
    kept = np.flatnonzero(start < end)
    core_start, core_end = strip(data, start[kept], end[kept], DECORATION)
    return Lines(
        data=data,
        text_start=joined.text_start,
        text_stop=joined.text_stop,
        row=row[kept],
        number=kept,
        begin=begin[kept],
        stop=stop[kept],
        start=start[kept],
        end=end[kept],
        core_start=core_start,
        core_end=core_end,
    )


def _line_ends(data: Bytes) -> tuple[Ints, Ints]:
    """Give, for each line end, where the line stops and where the next one begins."""
    feeds = np.flatnonzero(data == 10)
    stop, after = feeds.copy(), feeds + 1
    returns = np.flatnonzero(data == 13)
    if len(returns):
        paired = data[np.minimum(returns + 1, len(data) - 1)] == 10
        stop[np.searchsorted(feeds, returns[paired] + 1)] -= 1
        alone = returns[~paired]
        stop, after = np.concatenate([stop, alone]), np.concatenate([after, alone + 1])
    # U+2028 and U+2029; a line feed stands behind the last text, so that no character is cut off
    wide = np.flatnonzero(data == 0xE2)
    wide = wide[(data[wide + 1] == 0x80) & ((data[np.minimum(wide + 2, len(data) - 1)] & 0xFE) == 0xA8)]
    if len(wide):
        stop, after = np.concatenate([stop, wide]), np.concatenate([after, wide + 3])
    if len(stop) > len(feeds):
        order = np.argsort(stop, kind="stable")
        stop, after = stop[order], after[order]
    return stop, after


@lru_cache(maxsize=8)
def character_table(characters: str) -> Mask:
    """Give a table that says of each code point below 0x20000 whether it is one of `characters`."""
    table = np.zeros(TABLE_SIZE, np.bool_)
    table[np.fromiter(map(ord, characters), np.int64)] = True
    return table


@lru_cache(maxsize=8)
def _ends_table(characters: str) -> Mask:
    """Give a table that says of each byte whether one of `characters` may begin or end with it."""
    table = np.zeros(256, np.bool_)
    table[[byte for character in characters for byte in (character.encode()[0], character.encode()[-1])]] = True
    return table


def strip(data: Bytes, start: Ints, end: Ints, characters: str) -> tuple[Ints, Ints]:
    """Strip `characters` from both ends of each `[start, end)`; an empty span is left where it is."""
    table, ends = character_table(characters), _ends_table(characters)
    start = start.copy()
    todo = np.flatnonzero(start < end)
    for _ in range(_ROUNDS):
        at = start[todo]
        found = ends[data[at]]  # of ASCII, that is the character itself
        todo, at = todo[found], at[found]
        width = np.ones(len(todo), np.int64)
        wide = np.flatnonzero(data[at] >= 0x80)
        if len(wide):
            code, width[wide] = decode(data, at[wide])
            width[wide[~table[code]]] = 0
            todo, at, width = todo[width > 0], at[width > 0], width[width > 0]
        start[todo] = at + width
        todo = todo[start[todo] < end[todo]]
    for line in todo.tolist():
        text = data[start[line] : end[line]].tobytes().decode()
        start[line] = end[line] - len(text.lstrip(characters).encode())
    return start, strip_end(data, start, end, characters)


def strip_end(data: Bytes, start: Ints, end: Ints, characters: str) -> Ints:
    """Strip `characters` from the right end of each `[start, end)`."""
    table, ends = character_table(characters), _ends_table(characters)
    end = end.copy()
    todo = np.flatnonzero(start < end)
    for _ in range(_ROUNDS):
        at = end[todo] - 1
        found = ends[data[at]]
        todo, at = todo[found], at[found]
        width = np.ones(len(todo), np.int64)
        wide = np.flatnonzero(data[at] >= 0x80)
        if len(wide):
            code, width[wide] = _code_before(data, at[wide] + 1)
            width[wide[~table[code]]] = 0
            todo, at, width = todo[width > 0], at[width > 0], width[width > 0]
        end[todo] = at + 1 - width
        todo = todo[start[todo] < end[todo]]
    for line in todo.tolist():
        text = data[start[line] : end[line]].tobytes().decode()
        end[line] = start[line] + len(text.rstrip(characters).encode())
    return end


def _code_after(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Give the code point that begins at each offset, and its width in bytes; beyond the table, its last entry."""
    code = data[at].astype(np.int64)
    width = np.ones(len(at), np.int64)
    wide = np.flatnonzero(code >= 0x80)
    if len(wide):
        code[wide], width[wide] = decode(data, at[wide])
    return code, width


def _code_before(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Give the code point that ends at each offset, and its width in bytes."""
    code = data[at - 1].astype(np.int64)
    width = np.ones(len(at), np.int64)
    wide = np.flatnonzero(code >= 0x80)
    if len(wide):
        lead = at[wide] - 1
        for _ in range(3):
            lead -= (data[lead] & 0xC0) == 0x80
        code[wide], width[wide] = decode(data, lead)
    return code, width


def decode(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Give the code point of two bytes or more at each offset, and its width; beyond the tables, their last entry."""
    last = len(data) - 1
    b0 = data[at].astype(np.int64)
    b1, b2, b3 = (data[np.minimum(at + k, last)].astype(np.int64) & 0x3F for k in (1, 2, 3))
    width = np.where(b0 >= 0xF0, 4, np.where(b0 >= 0xE0, 3, 2))
    two = (b0 & 0x1F) << 6 | b1
    three = (b0 & 0x0F) << 12 | b1 << 6 | b2
    four = (b0 & 0x07) << 18 | b1 << 12 | b2 << 6 | b3
    code = np.where(width == 4, four, np.where(width == 3, three, two))
    return np.minimum(code, TABLE_SIZE - 1), width


def looks_like_prose(lines: Lines) -> Mask:
    """Say of each line whether its length and end make it prose (`rules.characters.is_prose`)."""
    size = lines.end - lines.start
    prose = size >= PROSE_BYTES
    middle = np.flatnonzero((size >= SENTENCE_BYTES) & ~prose)
    prose[middle] = ends_in(lines, middle, SENTENCE_END)
    return prose


def ends_in(lines: Lines, index: Ints, characters: str) -> Mask:
    """Say of some lines whether they end in one of `characters`, if brackets and quotation marks are left out."""
    end = strip_end(lines.data, lines.start[index], lines.end[index], CLOSERS)
    some = end > lines.start[index]
    code, _ = _code_before(lines.data, np.where(some, end, lines.end[index]))
    return some & character_table(characters)[code]


def eight_bytes(data: Bytes, starts: Ints) -> npt.NDArray[np.uint64]:
    """Give the eight bytes at each start as one number; the data goes on for as long behind each."""
    numbers: npt.NDArray[np.uint64] = np.ndarray((max(len(data) - 7, 0),), "<u8", data, strides=(1,))[starts]
    return numbers


def take_spans(data: Bytes, start: Ints, end: Ints) -> pa.LargeBinaryArray:
    """Give spans of a buffer, in order and disjoint, as an array: copied at once, without an object for any of them."""
    offsets = np.empty(2 * len(start) + 1, np.int64)
    offsets[0:-1:2], offsets[1::2] = start, end
    offsets[-1] = offsets[-2] if len(start) else 0
    pieces = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), 2 * len(start), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
    wanted = np.zeros(2 * len(start), np.bool_)
    wanted[::2] = True
    return pieces.filter(pa.array(wanted))


def gather(data: Bytes, start: Ints, end: Ints) -> tuple[Bytes, Ints]:
    """Copy the spans into one buffer, each followed by a line feed; give it and where each line ends behind that."""
    ends = np.cumsum(end + 1 - start)
    size = int(ends[-1]) if len(ends) else 0
    # with the byte behind each, in whose place the line feed goes
    _, _, copied = take_spans(data, start, end + 1).buffers()
    out = np.frombuffer(copied, np.uint8)[:size].copy() if size else np.empty(0, np.uint8)
    out[ends - 1] = 10
    return out, ends


def unique_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Give the pairs of two columns once each, sorted; the second column holds numbers below 2^24."""
    pairs = np.sort(first << 24 | second)
    # sorted and compared: several times as fast as np.unique, which hashes
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    return pairs >> 24, pairs & 0xFFFFFF

"""Split a batch of texts into lines, as offsets into one buffer, without a Python object for a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....rules.patterns.alphabet import CLOSERS, DECORATION, PROSE_BYTES, QUOTES, SENTENCE_BYTES, SENTENCE_END, WHITE

if TYPE_CHECKING:
    import numpy.typing as npt

    from ....schemas.byte_arrays import Bytes, Ints, Mask

Refine = Callable[["Joined", "Ints", "Ints"], tuple["Ints", "Ints"]]
"""Takes a buffer and its line breaks, sorted spans `[stop, after)` in bytes, and returns those that count."""
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio: a factor that spreads numbers for hashing
TABLE_SIZE = 0x20000  # code points; those above are none of the characters that are looked up here
_ROUNDS = 16  # characters that are stripped from all lines together; lines with more of them are stripped one by one


@dataclass
class Joined:
    """The texts of a batch as UTF-8 in one buffer, each followed by one line feed of ours.

    Text r is `data[text_start[r]:text_stop[r]]`.
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
    """The lines of all texts of a batch that are not blank.

    For each line, `row` is its text, and `number` its position among all lines of the batch, blank ones included.
    `[begin, stop)` is the line without its line end, `[start, end)` the line without white space at its ends, and
    `[core_start, core_end)` its core, which has no decoration at its ends either. All offsets are in bytes.
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
        """Index of the first line of each text, and at the end the number of lines."""
        return np.searchsorted(self.row, np.arange(self.rows + 1)).astype(np.int64)

    @property
    def initial_bytes(self) -> Bytes:
        """The first byte of each line's core."""
        return self.data[np.minimum(self.core_start, len(self.data) - 1)]

    @cached_property
    def initials(self) -> Bytes:
        """The first byte of each line's core, as `alphabet.initial` returns it."""
        initials = np.minimum(self.initial_bytes, 128)
        initials[(initials >= ord("A")) & (initials <= ord("Z"))] |= 32  # lower case
        initials[self.core_start >= self.core_end] = 0
        return initials

    @cached_property
    def quoted(self) -> Mask:
        """The lines that begin with a quotation mark: they are speech."""
        last = len(self.data) - 1
        return character_table(QUOTES)[_code_after(self.data, np.minimum(self.start, last))]

    @cached_property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """A hash of each line that is as long as a sentence, from its size and three parts of it; 0 for others."""
        size = self.end - self.start
        index = np.flatnonzero(size >= SENTENCE_BYTES)
        hashed = size[index].astype(np.uint64)
        for at in (self.start[index], (self.start[index] + self.end[index]) // 2 - 4, self.end[index] - 8):
            hashed = (hashed ^ eight_bytes(self.data, at)) * SPREAD
        hashes = np.zeros(len(self), np.uint64)
        hashes[index] = hashed
        return hashes

    def text(self, line: int) -> str:
        """Return one line as a Python string, without white space at its ends."""
        return self.data[self.start[line] : self.end[line]].tobytes().decode()


def join(texts: pa.LargeStringArray) -> Joined:
    """Put texts into one buffer. A null counts as an empty text."""
    filled = texts.fill_null("") if texts.null_count else texts
    empty, feed = pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string())
    joined = pc.binary_join_element_wise(filled, empty, feed)
    _, offsets_buffer, data_buffer = joined.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[joined.offset : joined.offset + len(joined) + 1]
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.empty(0, np.uint8)
    return Joined(data[: int(offsets[-1])], offsets[:-1], offsets[1:] - 1)


def split(texts: pa.LargeStringArray, refine: Refine | None = None) -> Lines:
    r"""Split texts at \\n, \\r\\n, \\r, U+2028 and U+2029. A null counts as an empty text.

    `refine` adds line breaks to those of the buffer, or takes some out: see `Refine`.

    >>> lines = split(pa.array(["One.\n\n * Two *", "Three."], pa.large_string()))
    >>> [lines.text(line) for line in range(len(lines))], lines.row.tolist(), lines.number.tolist()
    (['One.', '* Two *', 'Three.'], [0, 0, 1], [0, 2, 3])
    >>> lines.data[lines.core_start[1] : lines.core_end[1]].tobytes()
    b'Two'
    """
    joined = join(texts)
    data = joined.data
    stop, after = find_line_ends(data)
    if refine is not None:
        stop, after = refine(joined, stop, after)
    begin = np.concatenate([np.zeros(1, np.int64), after[:-1]])
    # the last line end of each text is our line feed behind it
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


def merge_lines(lines: Lines, first: Ints) -> Lines:
    """Return longer lines: each begins with a line of `first`, and goes on to the next one of them."""
    if len(first) == len(lines):
        return lines
    last = np.append(first[1:], len(lines)) - 1
    of_first = {name: getattr(lines, name)[first] for name in ("row", "begin", "start", "core_start")}
    of_first["number"] = lines.number[first] - (first - np.arange(len(first)))
    of_last = {name: getattr(lines, name)[last] for name in ("stop", "end", "core_end")}
    return Lines(lines.data, lines.text_start, lines.text_stop, **of_first, **of_last)


def find_line_ends(data: Bytes) -> tuple[Ints, Ints]:
    r"""Return where each line stops, and where the next one begins.

    >>> [column.tolist() for column in find_line_ends(np.frombuffer(b"a\r\nb\rc\n", np.uint8))]
    [[1, 4, 6], [3, 5, 7]]
    """
    feeds = np.flatnonzero(data == 10)
    stop, after = feeds.copy(), feeds + 1
    returns = np.flatnonzero(data == 13)
    if len(returns):
        paired = data[np.minimum(returns + 1, len(data) - 1)] == 10
        stop[np.searchsorted(feeds, returns[paired] + 1)] -= 1
        alone = returns[~paired]
        stop, after = np.concatenate([stop, alone]), np.concatenate([after, alone + 1])
    # U+2028 is E2 80 A8, U+2029 is E2 80 A9; a line feed follows the last text, so that no character is cut off
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
    """Return a table of the code points below `TABLE_SIZE` in which those of `characters` are true."""
    table = np.zeros(TABLE_SIZE, np.bool_)
    table[np.fromiter(map(ord, characters), np.int64)] = True
    return table


@lru_cache(maxsize=8)
def _ends_table(characters: str) -> Mask:
    """Return a table of the bytes with which one of `characters` begins or ends."""
    table = np.zeros(256, np.bool_)
    table[[byte for character in characters for byte in (character.encode()[0], character.encode()[-1])]] = True
    return table


def strip(data: Bytes, start: Ints, end: Ints, characters: str) -> tuple[Ints, Ints]:
    """Strip `characters` from both ends of each `[start, end)`. An empty span is left where it is."""
    start = start.copy()
    pending = np.flatnonzero(start < end)
    for _ in range(_ROUNDS):
        found, width = _find_among(data, start[pending], characters, decode)
        pending = pending[found]
        start[pending] += width
        pending = pending[start[pending] < end[pending]]
    for line in pending.tolist():
        text = data[start[line] : end[line]].tobytes().decode()
        start[line] = end[line] - len(text.lstrip(characters).encode())
    return start, strip_end(data, start, end, characters)


def strip_end(data: Bytes, start: Ints, end: Ints, characters: str) -> Ints:
    """Strip `characters` from the right end of each `[start, end)`."""
    end = end.copy()
    pending = np.flatnonzero(start < end)
    for _ in range(_ROUNDS):
        found, width = _find_among(data, end[pending] - 1, characters, _decode_before)
        pending = pending[found]
        end[pending] -= width
        pending = pending[start[pending] < end[pending]]
    for line in pending.tolist():
        text = data[start[line] : end[line]].tobytes().decode()
        end[line] = start[line] + len(text.rstrip(characters).encode())
    return end


def _find_among(
    data: Bytes, at: Ints, characters: str, read: Callable[[Bytes, Ints], tuple[Ints, Ints]]
) -> tuple[Ints, Ints]:
    """Return at which of some offsets there is one of `characters`, and its width in bytes.

    Each offset is that of the first byte of a character if `read` is `decode`, or of the last byte if it is
    `_decode_before`.

    >>> data = np.frombuffer("a»b".encode(), np.uint8)
    >>> [column.tolist() for column in _find_among(data, np.array([0, 1, 3]), "»b", decode)]
    [[1, 2], [2, 1]]
    """
    found = np.flatnonzero(_ends_table(characters)[data[at]])  # for ASCII, the byte is the character
    at = at[found]
    width = np.ones(len(found), np.int64)
    wide = np.flatnonzero(data[at] >= 0x80)
    if len(wide):
        code, bytes_ = read(data, at[wide])
        width[wide] = bytes_ * character_table(characters)[code]
        found, width = found[width > 0], width[width > 0]
    return found, width


def _code_after(data: Bytes, at: Ints) -> Ints:
    """Return the code point that begins at each offset."""
    code = data[at].astype(np.int64)
    wide = np.flatnonzero(code >= 0x80)
    if len(wide):
        code[wide], _ = decode(data, at[wide])
    return code


def _code_before(data: Bytes, at: Ints) -> Ints:
    """Return the code point that ends before each offset."""
    code = data[at - 1].astype(np.int64)
    wide = np.flatnonzero(code >= 0x80)
    if len(wide):
        code[wide], _ = _decode_before(data, at[wide] - 1)
    return code


def decode(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Return the code point at each offset, of two bytes or more, and its width in bytes.

    A code point beyond the tables becomes their last entry.

    >>> data = np.frombuffer("éℕ😀".encode(), np.uint8)
    >>> [column.tolist() for column in decode(data, np.array([0, 2, 5]))] == [[0xE9, 0x2115, 0x1F600], [2, 3, 4]]
    True
    """
    last = len(data) - 1
    lead = data[at].astype(np.int64)
    second, third, fourth = (data[np.minimum(at + k, last)].astype(np.int64) & 0x3F for k in (1, 2, 3))
    width = 2 + (lead >= 0xE0) + (lead >= 0xF0)
    code = (lead & 0x1F) << 6 | second
    code = np.where(width == 3, (lead & 0x0F) << 12 | second << 6 | third, code)
    code = np.where(width == 4, (lead & 0x07) << 18 | second << 12 | third << 6 | fourth, code)
    return np.minimum(code, TABLE_SIZE - 1), width


def _decode_before(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Return the code point whose last byte is at each offset, of two bytes or more, and its width in bytes."""
    lead = at.copy()
    for _ in range(3):
        lead -= (data[lead] & 0xC0) == 0x80  # a continuation byte
    return decode(data, lead)


def looks_like_prose(lines: Lines) -> Mask:
    """Return for each line whether its length and end make it prose, as `alphabet.is_prose` does."""
    size = lines.end - lines.start
    prose = size >= PROSE_BYTES
    middle = np.flatnonzero((size >= SENTENCE_BYTES) & ~prose)
    prose[middle] = ends_in(lines, middle, SENTENCE_END)
    return prose


def ends_in(lines: Lines, index: Ints, characters: str) -> Mask:
    """Return for some lines whether they end in one of `characters`, with closing brackets and quotes left out."""
    end = strip_end(lines.data, lines.start[index], lines.end[index], CLOSERS)
    is_filled = end > lines.start[index]
    code = _code_before(lines.data, np.where(is_filled, end, lines.end[index]))
    return is_filled & character_table(characters)[code]


def eight_bytes(data: Bytes, starts: Ints) -> npt.NDArray[np.uint64]:
    """Return the eight bytes at each start as one number, the first byte lowest. The data must have eight bytes there.

    >>> eight_bytes(np.arange(9, dtype=np.uint8), np.array([0, 1])).tolist() == [0x0706050403020100, 0x0807060504030201]
    True
    """
    numbers: npt.NDArray[np.uint64] = np.ndarray((max(len(data) - 7, 0),), "<u8", data, strides=(1,))[starts]
    return numbers


def take_spans(data: Bytes, start: Ints, end: Ints) -> pa.LargeBinaryArray:
    """Return spans of a buffer, sorted and disjoint, as an array. They are copied at once, without an object for each.

    >>> take_spans(np.frombuffer(b"one two", np.uint8), np.array([0, 4]), np.array([3, 7])).to_pylist()
    [b'one', b'two']
    """
    # as one array: a span, what is between, a span, ...
    offsets = np.empty(2 * len(start) + 1, np.int64)
    offsets[0:-1:2], offsets[1::2] = start, end
    offsets[-1] = offsets[-2] if len(start) else 0
    pieces = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), 2 * len(start), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
    is_span = np.zeros(2 * len(start), np.bool_)
    is_span[::2] = True
    return pieces.filter(pa.array(is_span))


def gather(data: Bytes, start: Ints, end: Ints) -> tuple[Bytes, Ints]:
    r"""Copy spans into one buffer, a line feed behind each. Return it and where each line ends, the line feed included.

    A byte follows each span.

    >>> copied, ends = gather(np.frombuffer(b"one, two.", np.uint8), np.array([0, 5]), np.array([3, 8]))
    >>> copied.tobytes(), ends.tolist()
    (b'one\ntwo\n', [4, 8])
    """
    ends = np.cumsum(end + 1 - start)
    size = int(ends[-1]) if len(ends) else 0
    # copy the byte behind each span too, and write the line feed over it
    _, _, copied = take_spans(data, start, end + 1).buffers()
    out = np.frombuffer(copied, np.uint8)[:size].copy() if size else np.empty(0, np.uint8)
    out[ends - 1] = 10
    return out, ends

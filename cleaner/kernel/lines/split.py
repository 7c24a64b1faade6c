"""Split a batch of texts into lines, as offsets into one buffer, without a Python object for a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....rules.patterns.alphabet import CLOSERS, DECORATION, PROSE_BYTES, QUOTES, SENTENCE_BYTES, SENTENCE_END, WHITE
from ....schemas.loops import load_loops

if TYPE_CHECKING:
    from types import ModuleType

    import numpy.typing as npt

    from ....schemas.byte_arrays import Bytes, Ints, Mask

Refine = Callable[["Joined", "Ints", "Ints"], tuple["Ints", "Ints"]]
"""Takes a buffer and its line breaks, sorted spans `[stop, after)` in bytes, and returns those that count."""
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio: a factor that spreads numbers for hashing
TABLE_SIZE = 0x20000  # code points; those above are none of the characters that are looked up here
_COLUMNS = ("row", "number", "begin", "stop", "start", "end", "core_start", "core_end")  # as the loop writes them


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

    @cached_property
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
        found = np.zeros(len(self), np.bool_)
        loops().find_openings(view(self.data), view(self.start), table_view(QUOTES), view(found))
        return found

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
    stop, after = find_line_ends(joined.data)
    if refine is not None:
        stop, after = refine(joined, stop, after)
    columns = np.empty((len(_COLUMNS), len(stop)), np.int64)
    count = loops().split_lines(
        view(joined.data),
        view(stop),
        view(after),
        view(joined.text_stop),
        table_view(WHITE),
        table_view(DECORATION),
        view(columns),
    )
    # copies, so that the room of blank lines is free again
    named = {name: column[:count].copy() for name, column in zip(_COLUMNS, columns, strict=True)}
    return Lines(joined.data, joined.text_start, joined.text_stop, **named)


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
    room = len(data) // 16 + 16
    while True:
        ends = np.empty((2, room), np.int64)
        count = loops().find_line_ends(view(data), view(ends[0]), view(ends[1]))
        if count <= room:
            return ends[0, :count].copy(), ends[1, :count].copy()
        room = count


@lru_cache(maxsize=8)
def character_table(characters: str) -> Mask:
    """Return a table of the code points below `TABLE_SIZE` in which those of `characters` are true."""
    table = np.zeros(TABLE_SIZE, np.bool_)
    table[np.fromiter(map(ord, characters), np.int64)] = True
    return table


def table_view(characters: str) -> memoryview:
    """Return the table of some characters for loops."""
    return view(character_table(characters))


def view(array: npt.NDArray[Any]) -> memoryview:
    """Return an array for loops. Masks become bytes. Plain loops read numbers of Python, which do not overflow."""
    return (array.view(np.uint8) if array.dtype == np.bool_ else np.ascontiguousarray(array)).data


def loops() -> ModuleType:
    """Return the loops over lines."""
    return load_loops("copydesk.cleaner.kernel.loops.lines")


def looks_like_prose(lines: Lines) -> Mask:
    """Return for each line whether its length and end make it prose, as `alphabet.is_prose` does."""
    size = lines.end - lines.start
    prose = size >= PROSE_BYTES
    middle = np.flatnonzero((size >= SENTENCE_BYTES) & ~prose)
    prose[middle] = ends_in(lines, middle, SENTENCE_END)
    return prose


def ends_in(lines: Lines, index: Ints, characters: str) -> Mask:
    """Return for some lines whether they end in one of `characters`, with closing brackets and quotes left out."""
    start, end = lines.start[index], lines.end[index]
    found = np.zeros(len(start), np.bool_)
    loops().find_endings(
        view(lines.data), view(start), view(end), table_view(CLOSERS), table_view(characters), view(found)
    )
    return found


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

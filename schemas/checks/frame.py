"""The frame that checks read: the articles of a batch, with measurements that all checks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..byte_arrays import count_values, encoded, is_among, sum_values
from ..twins import RecordNames
from .record_keys import KEYS
from .seen import DuplicateIndex, Repeats
from .text.minhash import similarity_of, sketch

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from ..byte_arrays import Bytes, Ints, Mask

T = TypeVar("T")
_ENDING = 200  # code points
FOREVER = datetime.max.replace(tzinfo=timezone.utc)


@dataclass
class Frame:
    """The articles of a batch, with facts from reading and cleaning them."""

    articles: pa.Table
    _now: datetime
    seen: DuplicateIndex = field(default_factory=DuplicateIndex)
    """Knows the earlier records of the run; it gets each kind of key at most once."""
    known_but_kept: Ints | None = None
    """By row, the number of lines that a rule matches but does not cut in that place."""
    would_cut: Ints | None = None
    """By row, the number of cuts that rules would make in the body."""
    misread: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)
    """By row, triples (field, message, kind) for values that do not fit their field."""
    raw: pa.LargeStringArray | None = None
    """The bodies before cleaning, without markup. None if the bodies are not clean."""
    differing: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """By row, pairs (field, message) for values in the text that are others than the record's own."""
    valid_until: datetime = FOREVER
    """From this time on, checks may return other results for the same articles."""
    duplicate_keys: dict[str, str | None] = field(default_factory=dict)
    """By the id of a check for duplicates: the kind of key that decides, or None if the key alone does not decide."""
    key_kinds: set[str] = field(default_factory=set)
    """Kinds of keys that checks have asked for."""
    _repeats: dict[str, Repeats] = field(default_factory=dict)
    _memos: dict[str, Any] = field(default_factory=dict)
    _parent: tuple[Frame, Ints] | None = None

    def __len__(self) -> int:
        """Return the number of articles."""
        count: int = self.articles.num_rows
        return count

    def memo(self, key: str, make: Callable[[Frame], T]) -> T:
        """Return what `make` returns for this frame. It is called once for each key, for all checks that share it."""
        if key not in self._memos:
            self._memos[key] = make(self)
        made: T = self._memos[key]
        return made

    def column(self, name: str) -> pa.Array:
        """Return a column of the articles as one array."""
        column = self.articles.column(name)
        # `combine_chunks` would copy even a single chunk
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    @property
    def _root(self) -> Frame:
        return self._parent[0]._root if self._parent else self

    @property
    def now(self) -> datetime:
        """The time of the run. A check that reads it cannot be cached; use `lies_ahead` if you can."""
        self._root.valid_until = self._now
        return self._now

    def lies_ahead(self, name: str, days: float) -> Mask:
        """Return which articles have a time more than some days after the time of the run."""
        column, ahead = self.column(name), timedelta(days=days)
        later = mask(pc.greater(column, pa.scalar(self._now + ahead, column.type)))
        if later.any():
            first: datetime = pc.min(column.filter(pa.array(later))).as_py()
            self._root.valid_until = min(self._root.valid_until, first - ahead)
        return later

    def duplicate(self, kind: str) -> Mask:
        """Return which articles repeat an earlier one of the run, by a kind of key: one of `KEYS`, or a `near_kind`."""
        return self.repeats(kind).mask

    def repeats(self, kind: str) -> Repeats:
        """Return which articles repeat an earlier one of the run, and which one, by a kind of key."""
        self._root.key_kinds.add(kind)
        if kind not in self._repeats:
            self._repeats[kind] = self._find_repeats(kind)
        return self._repeats[kind]

    def _find_repeats(self, kind: str) -> Repeats:
        if self._parent is not None:
            parent, rows = self._parent
            whole = parent.repeats(kind)
            twins = {new: whole.twins[old] for new, old in enumerate(rows.tolist()) if old in whole.twins}
            return Repeats(whole.mask[rows], twins)
        self.memo("entered", lambda frame: frame.seen.enter(frame.names))
        if similarity_of(kind) is not None:
            return self.seen.near(kind, self.memo("sketches", lambda frame: sketch(frame.body)))
        return self.seen.known(kind, KEYS[kind](self))

    @property
    def names(self) -> RecordNames:
        """The ids and places of the articles."""
        places = self.column("provenance")
        return RecordNames(self.column("id"), *(pc.struct_field(places, name) for name in ("file", "line")))

    def take(self, rows: Ints) -> Frame:
        """Return a frame of some of the articles."""
        return Frame(
            self.articles.take(pa.array(rows)),
            self._now,
            self.seen,
            self.known_but_kept[rows] if self.known_but_kept is not None else None,
            self.would_cut[rows] if self.would_cut is not None else None,
            {new: self.misread[old] for new, old in enumerate(rows.tolist()) if old in self.misread},
            raw=self.raw.take(pa.array(rows)) if self.raw is not None else None,
            differing={new: self.differing[old] for new, old in enumerate(rows.tolist()) if old in self.differing},
            _parent=(self, rows),
        )

    @cached_property
    def body(self) -> pa.LargeStringArray:
        """The bodies."""
        return self.column("body")

    def assumed(self, name: str, how: str) -> Mask:
        """Return which articles have a field that was filled in some way: see `Provenance.assumed`."""
        items = pc.struct_field(self.column("provenance"), "assumed")
        values = items.flatten()
        chosen = mask(pc.and_(pc.equal(values.field("field"), name), pc.equal(values.field("how"), how)))
        found = np.zeros(len(self), np.bool_)
        found[pc.list_parent_indices(items).to_numpy()[chosen]] = True
        return found

    @cached_property
    def keeps_markup(self) -> Mask:
        """The bodies that keep their markup because they should, as `body_format` says."""
        mask: Mask = pc.not_equal(self.column("body_format"), "text").fill_null(False).to_numpy(zero_copy_only=False)
        return mask

    @cached_property
    def encoded(self) -> tuple[Bytes, Ints]:
        """The UTF-8 bytes of all bodies, and the offset of each body with the end of the last one behind them."""
        return encoded(self.body)

    def count(self, values: bytes | range) -> Ints:
        """Count the bytes of each body that have one of some values."""
        return sum_values(self.byte_counts, values)

    @cached_property
    def byte_counts(self) -> npt.NDArray[np.int32]:
        """The number of bytes of each value in each body: shape (bodies, 256). Each body is read once for them all."""
        if self._parent is not None:
            parent, rows = self._parent
            return parent.byte_counts[rows]
        return count_values(self.body)

    @cached_property
    def size(self) -> Ints:
        """The length of each body in bytes."""
        return np.diff(self.encoded[1])

    @cached_property
    def blanks(self) -> Ints:
        """The number of spaces and control characters of ASCII in each body."""
        return self.count(range(0x21))

    def places(self, *following: bytes | range) -> Ints:
        """Count the places in each body where bytes follow each other: the first of these values, then the next."""
        if len(following) == 1:
            return self.count(following[0])
        # a body without one of these bytes has no such place; the rarest of them is looked for
        each = np.array([self.count(values) for values in following])
        rows = np.flatnonzero((each > 0).all(axis=0))
        counts = np.zeros(len(self), np.int64)
        rarest = int(each.sum(axis=1).argmin())
        counts[rows] = _count_places(self.body.take(pa.array(rows)), following, rarest)
        return counts

    def holds(self, *following: bytes | range) -> Mask:
        """Return which bodies have such a place."""
        return self.places(*following) > 0

    @cached_property
    def length(self) -> Ints:
        """The length of each body in code points."""
        return np.asarray(pc.utf8_length(self.body).to_numpy(zero_copy_only=False), np.int64)

    def lengths(self, name: str) -> Ints:
        """Return the length of each value of a text column in code points; 0 for a missing value."""
        return np.asarray(pc.fill_null(pc.utf8_length(self.column(name)), 0).to_numpy(zero_copy_only=False), np.int64)

    @cached_property
    def blank(self) -> Mask:
        """Articles whose body is empty or white space."""
        short = np.flatnonzero(self.length < 400)
        blank = np.zeros(len(self), np.bool_)
        trimmed = pc.utf8_trim_whitespace(self.body.take(pa.array(short)))
        blank[short] = mask(pc.equal(pc.binary_length(trimmed), 0))
        return blank

    def matches(self, pattern: str, among: Mask, texts: pa.Array | None = None, *, ignore_case: bool = False) -> Mask:
        """Return which of some articles have an RE2 pattern in their body, or in another text."""
        matching = np.zeros(len(self), np.bool_)
        rows = np.flatnonzero(among)
        if len(rows):
            chosen = (texts if texts is not None else self.body).take(pa.array(rows))
            matching[rows] = mask(pc.match_substring_regex(chosen, pattern, ignore_case=ignore_case))
        return matching

    @cached_property
    def endings(self) -> pa.LargeStringArray:
        """The last 200 code points of each body, without white space at the end."""
        data, offsets = self.encoded
        # A code point has up to four bytes. Skip continuation bytes (10xxxxxx), so that no code point is cut in two.
        start = np.maximum(offsets[:-1], offsets[1:] - 4 * _ENDING)
        for _ in range(3):
            start += (start < offsets[1:]) & (data[np.minimum(start, len(data) - 1)] & 0xC0 == 0x80) if len(data) else 0
        last = _spans(data, start, offsets[1:])
        return pc.utf8_rtrim_whitespace(pc.utf8_slice_codeunits(last, -_ENDING, 2**31))


def _count_places(texts: pa.LargeStringArray, following: tuple[bytes | range, ...], rarest: int) -> Ints:
    """Count the places in each text where bytes follow each other. `rarest` is the number of those to look for."""
    data, offsets = encoded(texts)
    positions = np.flatnonzero(is_among(data[: offsets[-1]], following[rarest])) - rarest
    positions = positions[(positions >= 0) & (positions + len(following) <= offsets[-1])]
    for step, values in enumerate(following):
        positions = positions[np.isin(data[positions + step], list(values))]
    # a place that reaches into the next text is none: what a text holds does not depend on its neighbour
    ends = offsets[np.searchsorted(offsets, positions, side="right")]
    counts: Ints = np.diff(np.searchsorted(positions[positions + len(following) <= ends], offsets))
    return counts


def _spans(data: Bytes, start: Ints, end: Ints) -> pa.LargeStringArray:
    """Return spans of a buffer as texts. The spans must be in order and must not overlap.

    The bounds start, end, start, end … make texts and gaps in turn; every second one is a text.
    """
    bounds = np.append(np.stack([start, end], axis=1).ravel(), end[-1:])
    pieces = pa.LargeStringArray.from_buffers(max(len(bounds) - 1, 0), pa.py_buffer(bounds), pa.py_buffer(data))
    return pieces.filter(pa.array(np.arange(len(pieces)) % 2 == 0))


def mask(array: Any) -> Mask:
    """Return a Boolean column as a mask; null becomes false."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=np.bool_)

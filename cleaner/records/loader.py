"""Raw records as columns: the fields of a dump found by name and read into the article's types."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE
from ...schemas.article import CONVERTERS, DERIVED
from ...schemas.byte_arrays import encoded, row_sums
from ...schemas.errors import NoTextFieldError, SettingError, nearest
from ...schemas.field_aliases import guess_text_field, rename_fields
from ...schemas.field_values import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_PLAIN = frozenset(("body", "headline"))  # columns of text are taken over as they are
_TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
)
_encode = msgspec.json.Encoder(enc_hook=str).encode


@dataclass
class Place:
    """Where the records of a batch stand in their input; arrays have one entry a record."""

    file: str | list[str] | None = None
    line: pa.Int64Array | None = None
    byte_offset: pa.Int64Array | None = None
    reader: str = "arrow"
    encoding: str = "utf-8"

    def of(self, row: int) -> tuple[str | None, int | None, int | None]:
        """Give file, line and byte offset of a record."""
        file = self.file[row] if isinstance(self.file, list) else self.file
        line, offset = (column[row].as_py() if column is not None else None for column in (self.line, self.byte_offset))
        return file, line, offset


def concatenated(columns: list[pa.Array | None]) -> pa.Array | None:
    """Give the values of some columns one after the other; None if any is missing."""
    found = [column for column in columns if column is not None]
    return pa.concat_arrays(found) if len(found) == len(columns) else None


@dataclass
class Misread:
    """A value that makes no sense in its field; it is kept under `extra`."""

    field: str
    message: str


@dataclass
class Records:
    """Raw records as columns of the article's types; a field that no record has is missing."""

    count: int
    columns: dict[str, pa.Array]
    text_field: str | list[str]
    place: Place
    extra: list[bytes | None] | None = None
    misread: dict[int, list[Misread]] = field(default_factory=dict)

    @property
    def body(self) -> pa.LargeStringArray:
        """The raw texts."""
        return self.columns["body"]

    def strings(self, name: str) -> list[str | None] | None:
        """Give a column as Python strings, or None if no record has the field."""
        column = self.columns.get(name)
        return column.to_pylist() if column is not None else None

    @cached_property
    def digests(self) -> pa.LargeStringArray:
        """The SHA-256 of each raw text; of a missing one, that of nothing."""
        data, offsets = encoded(self.body)
        whole, sha256 = data.data, hashlib.sha256
        digits = b"".join([sha256(whole[a:b]).digest() for a, b in itertools.pairwise(offsets.tolist())]).hex().encode()
        bounds = np.arange(0, len(digits) + 1, 2 * sha256().digest_size)
        return pa.LargeStringArray.from_buffers(self.count, pa.py_buffer(bounds), pa.py_buffer(digits))

    @cached_property
    def ids(self) -> pa.LargeStringArray:
        """The id of each record: its own, else one made of its address and text."""
        given = self.columns.get("id")
        if given is None and "url" not in self.columns:
            return self.digests
        if given is not None and not given.null_count:
            return given
        ids, urls = (self.strings(name) or [None] * self.count for name in ("id", "url"))
        for i, url in enumerate(urls):
            if ids[i] is None:
                whole = f"{url}{self.body[i].as_py() or ''}".encode()
                ids[i] = self.digests[i].as_py() if url is None else hashlib.sha256(whole).hexdigest()
        return pa.array(ids, pa.large_string())


@lru_cache(maxsize=4096)
def _names(names: tuple[str, ...], mapping: tuple[tuple[str, str], ...]) -> tuple[list[tuple[str, str]], list[str]]:
    """Give the (name, field) pairs that are read, and the names that are kept under `extra`."""
    renamed = rename_fields(list(names), dict(mapping))
    return list(renamed.items()), [name for name in names if name not in renamed and name not in ("extra", *DERIVED)]


class Loader:
    """Reads raw records by the names of their fields; `mapping` is the user's `{field: name}`."""

    def __init__(self, mapping: dict[str, str] | None = None) -> None:
        self._mapping = tuple(sorted((mapping or {}).items()))
        self.unseen = {name for _, name in self._mapping}
        """Names of the mapping that no record had so far."""

    def fields(self, names: Sequence[str]) -> dict[str, str]:
        """Give the article's field that each of some names is read into; a name that none is read from is missing."""
        return dict(_names(tuple(names), self._mapping)[0])

    def from_rows(self, rows: Sequence[dict[str, Any]], place: Place) -> Records:
        """Load records that are Python objects, each with names of its own."""
        count = len(rows)
        values: dict[str, list[Any]] = {"body": [None] * count}
        text_fields = ["body"] * count
        kept: dict[int, dict[str, Any]] = {}
        misread: dict[int, list[Misread]] = {}
        for names, mine in _by_names(rows).items():
            self.unseen.difference_update(names)
            known, others = _names(names, self._mapping)
            if "extra" in names:
                kept.update((i, _extra(rows[i]["extra"])) for i in mine)
            for name, target in known:
                if target not in values:
                    values[target] = [None] * count
                column = [rows[i][name] for i in mine]
                found, unread = _converted(target, column)
                for i, value in zip(mine, found, strict=True):
                    values[target][i] = value
                if target == "body":
                    for i in mine:
                        text_fields[i] = name
                for at, message in unread:
                    kept.setdefault(mine[at], {})[name] = column[at]
                    misread.setdefault(mine[at], []).append(Misread(target, message))
            if others:
                for i in mine:
                    kept.setdefault(i, {}).update((name, rows[i][name]) for name in others)
        columns: dict[str, pa.Array] = {}
        for target, column in values.items():
            if target == "body" or any(value is not None for value in column):
                columns.update(_typed(target, column))
        extra = [_encode(kept[i]) if kept.get(i) else None for i in range(count)] if any(kept.values()) else None
        text_field = text_fields[0] if len(set(text_fields)) == 1 else text_fields
        return Records(count, columns, text_field, place, extra, misread)

    def from_table(self, table: pa.Table, place: Place) -> Records:
        """Load records that are rows of an Arrow table; text columns are taken over without a copy."""
        self.unseen -= set(table.column_names)
        known, others = _names(tuple(table.column_names), self._mapping)
        count = table.num_rows
        columns: dict[str, pa.Array] = {}
        misread: dict[int, list[Misread]] = {}
        kept: list[dict[str, Any]] = [{} for _ in range(count)]
        text_field = "body"
        for name, target in known:
            column = table.column(name)
            if target == "body":
                text_field = name
            if target in _PLAIN and (texts := _texts(column)) is not None:
                columns[target] = texts
                continue
            values = python_values(column, table.field(name))
            found, unread = _converted(target, values)
            for i, message in unread:
                kept[i][name] = values[i]
                misread.setdefault(i, []).append(Misread(target, message))
            columns.update(_typed(target, found))
        columns.setdefault("body", pa.nulls(count, pa.large_string()))
        self._add_extra(table, others, kept)
        extra = [_encode(row) if row else None for row in kept] if any(kept) else None
        return Records(count, columns, text_field, place, extra, misread)

    def _add_extra(self, table: pa.Table, others: list[str], kept: list[dict[str, Any]]) -> None:
        for name in others:
            for row, value in zip(kept, python_values(table.column(name), table.field(name)), strict=True):
                if value is not None:
                    row[name] = value
        if "extra" in table.column_names:
            for row, value in zip(kept, table.column("extra").to_pylist(), strict=True):
                row.update(_extra(value))

    def require_text(self, names: Sequence[Sequence[str]], where: str) -> None:
        """Raise `NoTextFieldError` if in none of the records, given by their names, a field holds the text."""
        seen: dict[str, None] = {}
        for record in names:
            if any(target == "body" for _, target in _names(tuple(record), self._mapping)[0]):
                return
            seen.update(dict.fromkeys(record))
        if names:
            raise NoTextFieldError(where, list(seen), guess_text_field(list(seen)))


def _by_names(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, ...], Sequence[int]]:
    """Give the records that have the same names in the same order."""
    kinds = set(map(tuple, rows))
    if len(kinds) == 1:
        return {kinds.pop(): range(len(rows))}
    found: dict[tuple[str, ...], list[int]] = {}
    for i, names in enumerate(map(tuple, rows)):
        found.setdefault(names, []).append(i)
    return {**found}


def _converted(target: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, str]]]:
    """Read the values of a field; where one makes no sense, give None for it, and its position with what is wrong.

    A body is kept as it is, be it empty.
    """
    convert = CONVERTERS[target]
    as_it_is = target == "body"
    try:
        return [value if as_it_is and type(value) is str else convert(value) for value in values], []
    except ValueError:
        pass
    found: list[Any] = [None] * len(values)
    unread = []
    for at, value in enumerate(values):
        try:
            found[at] = value if as_it_is and type(value) is str else convert(value)
        except ValueError as error:
            unread.append((at, str(error)))
    return found, unread


def _extra(value: Any) -> dict[str, Any]:
    """Give what a field `extra` holds: an object, or one as JSON text; anything else is kept under its name."""
    found = value
    if isinstance(value, str):
        try:
            found = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            found = value
    if isinstance(found, dict):
        return dict(found)
    return {} if value is None or value == "" else {"extra": value}


def python_values(column: pa.ChunkedArray, field: pa.Field) -> list[Any]:
    """Give the values of a column as Python objects, JSON decoded, times in microseconds."""
    kind = column.type
    # Python's own times know no nanoseconds
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        # a date that Python has no object for
        values = column.cast(pa.string()).to_pylist()
    if _is_json(field):
        return [msgspec.json.decode(value) if isinstance(value, str) else value for value in values]
    return values


def _is_json(field: pa.Field) -> bool:
    """Say whether a column is declared to hold JSON; not every pyarrow makes a type of that declaration."""
    declared = (field.metadata or {}).get(b"ARROW:extension:name", b"").decode()
    return bool(getattr(field.type, "extension_name", declared) == "arrow.json")


def _texts(column: pa.ChunkedArray) -> pa.LargeStringArray | None:
    """Give a column of texts, or of bytes that are all UTF-8, as one array of texts; None if it is another."""
    if pa.types.is_dictionary(column.type):
        # not all texts that Arrow has can be taken from a dictionary as they are
        parts = [_texts(pa.chunked_array([chunk.dictionary])) for chunk in column.chunks]
        taken = [part.take(chunk.indices) for part, chunk in zip(parts, column.chunks, strict=True) if part is not None]
        return _joined(taken) if len(taken) == len(parts) else None
    if not any(is_kind(column.type) for is_kind in _TEXTS):
        return None
    try:
        return _joined(column.cast(pa.large_string()).chunks)
    except pa.ArrowInvalid:
        return None


def _joined(chunks: list[pa.LargeStringArray]) -> pa.LargeStringArray:
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string())


def _typed(name: str, values: list[Any]) -> dict[str, pa.Array]:
    """Give the column of a field, and that of a date's precision."""
    kind = ARTICLE.field(name).type
    if name == "date_published":
        precision = [value.precision if value is not None else None for value in values]
        times = pa.array([value.time if value is not None else None for value in values], kind)
        return {name: times, "date_published_precision": pa.array(precision, pa.large_string())}
    if pa.types.is_timestamp(kind):
        return {name: pa.array([v.time if isinstance(v, Moment) else None for v in values], kind)}
    if pa.types.is_list(kind):
        values = [value if value is not None else [] for value in values]
    return {name: pa.array(values, kind)}


def misread_values(records: Records) -> dict[int, list[tuple[str, str]]]:
    """Give the (field, message) of values that make no sense in their fields, by row, as checks want them."""
    return {row: [(bad.field, bad.message) for bad in found] for row, found in records.misread.items()}


def word_counts(texts: pa.LargeStringArray) -> pa.Int64Array:
    """Count the runs of bytes that are neither white space nor control characters of ASCII, in each text."""
    data, offsets = encoded(texts)
    solid = data[: offsets[-1]] > 32
    begins = solid.copy()
    begins[1:] &= ~solid[:-1]
    starts = offsets[:-1][np.diff(offsets) > 0]
    begins[starts] = solid[starts]
    return pa.array(row_sums(begins, offsets))


def hosts_of(records: Records) -> pa.Array | None:
    """Give the domain of each record: its own field, else the host of its URL; None if no record has either."""
    if "source_domain" in records.columns or "url" not in records.columns:
        return records.columns.get("source_domain")
    return pc.utf8_lower(pc.struct_field(pc.extract_regex(records.columns["url"], _HOST), "host"))


_HOST = r"(?i)^https?://(?:[^/@?#]*@)?(?:www\.)?(?P<host>[^/:?#]+)"


def known_fields(mapping: Mapping[str, str]) -> dict[str, str]:
    """Give a mapping of fields as it is. Raises `SettingError` for a field that no article has."""
    for name in mapping:
        if name not in CONVERTERS:
            raise SettingError(f"map: the article has no field {name!r}{nearest(name, CONVERTERS)}")
    return dict(mapping)

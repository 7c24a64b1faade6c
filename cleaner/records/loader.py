"""Raw records as columns of the article's types: fields are found by name, and their values converted."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE
from ...schemas.article import CONVERTERS, EXTRA
from ...schemas.byte_arrays import encoded, row_sums
from ...schemas.errors import NoTextFieldError, SettingError, nearest
from ...schemas.field_aliases import guess_text_field, rename_fields
from ...schemas.field_values import Moment
from .column_values import python_values, text_column
from .extra_fields import LONE_SURROGATE, ExtraFields, escape_surrogates, has_surrogates

if TYPE_CHECKING:
    from collections.abc import Mapping


_PLAIN = frozenset(("body", "headline"))  # columns of text are used as they are
_CACHED_NAMES = 256  # fields of a record; the names of larger ones would fill the memory


@dataclass
class Place:
    """Where the records of a batch come from. Arrays have one entry a record."""

    file: str | list[str] | None = None
    line: pa.Int64Array | None = None
    byte_offset: pa.Int64Array | None = None
    reader: str = "arrow"
    encoding: str = "utf-8"

    def of(self, row: int) -> tuple[str | None, int | None, int | None]:
        """Return file, line and byte offset of a record."""
        file = self.file[row] if isinstance(self.file, list) else self.file
        line, offset = (column[row].as_py() if column is not None else None for column in (self.line, self.byte_offset))
        return file, line, offset


def concatenated(columns: list[pa.Array | None]) -> pa.Array | None:
    """Return the values of some columns one after the other; None if a column is missing."""
    present = [column for column in columns if column is not None]
    return pa.concat_arrays(present) if len(present) == len(columns) else None


@dataclass
class Misread:
    """A value that does not fit its field. It is kept under `extra`."""

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
    headline_field: str | list[str | None] | None = None
    """Name of the input field of the headline, or one name a record, like `text_field`."""

    @property
    def body(self) -> pa.LargeStringArray:
        """The raw texts."""
        return self.columns["body"]

    def strings(self, name: str) -> list[str | None] | None:
        """Return a column as Python strings, None if no record has the field."""
        column = self.columns.get(name)
        return column.to_pylist() if column is not None else None

    @cached_property
    def digests(self) -> pa.LargeStringArray:
        """The SHA-256 of each raw text; of a missing one, that of the empty text."""
        data, offsets = encoded(self.body)
        whole, sha256 = data.data, hashlib.sha256
        digits = b"".join([sha256(whole[a:b]).digest() for a, b in itertools.pairwise(offsets.tolist())]).hex().encode()
        bounds = np.arange(0, len(digits) + 1, 2 * sha256().digest_size)
        return pa.LargeStringArray.from_buffers(self.count, pa.py_buffer(bounds), pa.py_buffer(digits))

    @cached_property
    def ids(self) -> pa.LargeStringArray:
        """The id of each record: its own, else one made from its address and text."""
        own = self.columns.get("id")
        if own is None and "url" not in self.columns:
            return self.digests
        if own is not None and not own.null_count:
            return own
        ids, urls = (self.strings(name) or [None] * self.count for name in ("id", "url"))
        for i, url in enumerate(urls):
            if ids[i] is None:
                whole = f"{url}{self.body[i].as_py() or ''}".encode()
                ids[i] = self.digests[i].as_py() if url is None else hashlib.sha256(whole).hexdigest()
        return pa.array(ids, pa.large_string())


Mapped = tuple[Sequence[tuple[str, str]], Sequence[str]]


def _map_names(names: tuple[str, ...], mapping: tuple[tuple[str, str], ...]) -> Mapped:
    """Return the (name, field) pairs that are read, and the other names, which are kept under `extra`."""
    renamed = rename_fields(list(names), dict(mapping))
    return tuple(renamed.items()), tuple(name for name in names if name not in renamed and name != EXTRA)


_map_few_names = lru_cache(maxsize=4096)(_map_names)


class Loader:
    """Loads raw records by the names of their fields. `mapping` is the user's `{field: name}`."""

    def __init__(self, mapping: dict[str, str] | None = None) -> None:
        self._mapping = tuple(sorted((mapping or {}).items()))
        self.unseen = {name for _, name in self._mapping}
        """Names of the mapping that no record has had so far."""

    def _map(self, names: tuple[str, ...]) -> Mapped:
        return (_map_few_names if len(names) <= _CACHED_NAMES else _map_names)(names, self._mapping)

    def fields(self, names: Sequence[str]) -> dict[str, str]:
        """Return `{name: field of the article}` for the names that are read."""
        return dict(self._map(tuple(names))[0])

    def from_rows(self, rows: Sequence[dict[str, Any]], place: Place) -> Records:
        """Load records that are Python objects, each with its own names."""
        try:
            return self._from_rows(rows, place, _convert)
        except UnicodeEncodeError:  # half of a surrogate pair; looking for one in every value takes time
            return self._from_rows(rows, place, _convert_one_by_one)

    def _from_rows(self, rows: Sequence[dict[str, Any]], place: Place, convert: Convert) -> Records:
        count = len(rows)
        values: dict[str, list[Any]] = {"body": [None] * count}
        text_fields = ["body"] * count
        title_fields: list[str | None] = [None] * count
        extra = ExtraFields(count)
        misread: dict[int, list[Misread]] = {}
        for names, numbers in _group_by_names(rows).items():
            self.unseen.difference_update(names)
            pairs, others = self._map(names)
            for name, target in pairs:
                if target not in values:
                    values[target] = [None] * count
                column = [rows[i][name] for i in numbers]
                converted, unread = convert(target, column)
                for i, value in zip(numbers, converted, strict=True):
                    values[target][i] = value
                if target in _PLAIN:
                    for i in numbers:
                        (text_fields if target == "body" else title_fields)[i] = escape_surrogates(name)
                for at, message in unread:
                    extra.add(numbers[at], name, column[at])
                    misread.setdefault(numbers[at], []).append(Misread(target, message))
            is_mapped = any(name == EXTRA for name, _ in pairs)
            extra.add_rows(rows, numbers, others, has_object=EXTRA in names and not is_mapped)
        columns: dict[str, pa.Array] = {}
        for target, column in values.items():
            if target == "body" or any(value is not None for value in column):
                columns.update(_typed(target, column))
        text_field = text_fields[0] if len(set(text_fields)) == 1 else text_fields
        title_field = title_fields[0] if len(set(title_fields)) == 1 else title_fields
        return Records(count, columns, text_field, place, extra.encode(), misread, title_field)

    def from_table(self, table: pa.Table, place: Place) -> Records:
        """Load records that are rows of an Arrow table. Text columns are used without a copy."""
        self.unseen -= set(table.column_names)
        pairs, others = self._map(tuple(table.column_names))
        count = table.num_rows
        columns: dict[str, pa.Array] = {}
        misread: dict[int, list[Misread]] = {}
        extra = ExtraFields(count)
        text_field, title_field = "body", None
        for name, target in pairs:
            column = table.column(name)
            if target == "body":
                text_field = name
            elif target == "headline":
                title_field = name
            if target in _PLAIN and (texts := text_column(column)) is not None:
                columns[target] = texts
                continue
            values = python_values(column, table.field(name))
            converted, unread = _convert(target, values)
            for i, message in unread:
                extra.add(i, name, values[i])
                misread.setdefault(i, []).append(Misread(target, message))
            columns.update(_typed(target, converted))
        columns.setdefault("body", pa.nulls(count, pa.large_string()))
        is_mapped = any(name == EXTRA for name, _ in pairs)
        kept = [*others, EXTRA] if EXTRA in table.column_names and not is_mapped else others
        extra.add_columns({name: python_values(table.column(name), table.field(name)) for name in kept})
        return Records(count, columns, text_field, place, extra.encode(), misread, title_field)

    def require_text(self, names: Sequence[Sequence[str]], where: str) -> None:
        """Raise `NoTextFieldError` if no record, each as the names of its fields, has a field with the text."""
        seen: dict[str, None] = {}
        for record in names:
            if any(target == "body" for _, target in self._map(tuple(record))[0]):
                return
            seen.update(dict.fromkeys(record))
        if names:
            raise NoTextFieldError(where, list(seen), guess_text_field(list(seen)))


def _group_by_names(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, ...], Sequence[int]]:
    """Return the numbers of the records that have the same names in the same order."""
    kinds = set(map(tuple, rows))
    if len(kinds) == 1:
        return {kinds.pop(): range(len(rows))}
    numbers: dict[tuple[str, ...], list[int]] = {}
    for i, names in enumerate(map(tuple, rows)):
        numbers.setdefault(names, []).append(i)
    return {**numbers}


Convert = Callable[[str, list[Any]], tuple[list[Any], list[tuple[int, str]]]]


def _convert(target: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, str]]]:
    """Convert the values of a field. A value that does not fit becomes None; its position and the reason are returned.

    A body stays as it is, even if it is empty.
    """
    convert = CONVERTERS[target]
    is_body = target == "body"
    try:
        return [value if is_body and type(value) is str else convert(value) for value in values], []
    except ValueError:
        return _convert_one_by_one(target, values)


def _convert_one_by_one(target: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, str]]]:
    convert = CONVERTERS[target]
    converted: list[Any] = [None] * len(values)
    unread = []
    for at, value in enumerate(values):
        try:
            one = value if target == "body" and type(value) is str else convert(value)
            if has_surrogates(one):
                raise ValueError(LONE_SURROGATE)
            converted[at] = one
        except ValueError as error:
            unread.append((at, escape_surrogates(str(error))))
    return converted, unread


def _typed(name: str, values: list[Any]) -> dict[str, pa.Array]:
    """Return the column of a field, and that of a date's precision."""
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
    """Return (field, message) of the values that do not fit their fields, by row, for checks."""
    return {row: [(bad.field, bad.message) for bad in values] for row, values in records.misread.items()}


def word_counts(texts: pa.LargeStringArray) -> pa.Int64Array:
    """Count the runs of bytes in each text that are neither white space nor control characters of ASCII."""
    data, offsets = encoded(texts)
    solid = data[: offsets[-1]] > 32
    begins = solid.copy()
    begins[1:] &= ~solid[:-1]
    starts = offsets[:-1][np.diff(offsets) > 0]
    begins[starts] = solid[starts]
    return pa.array(row_sums(begins, offsets))


def hosts_of(records: Records) -> pa.Array | None:
    """Return the domain of each record: its own, else the host of its URL; None if no record has either."""
    if "source_domain" in records.columns or "url" not in records.columns:
        return records.columns.get("source_domain")
    return pc.utf8_lower(pc.struct_field(pc.extract_regex(records.columns["url"], _HOST), "host"))


_HOST = r"(?i)^https?://(?:[^/@?#]*@)?(?:www\.)?(?P<host>[^/:?#]+)"


def known_fields(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return a mapping of fields unchanged. Raises `SettingError` for a field that articles do not have."""
    for name in mapping:
        if name not in CONVERTERS:
            raise SettingError(f"map: the article has no field {name!r}{nearest(name, CONVERTERS)}")
    return dict(mapping)

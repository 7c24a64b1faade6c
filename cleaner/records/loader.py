"""Raw records as columns of the article's types: fields are found by name, and their values converted."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE
from ...schemas.article import CONVERTERS, EXTRA
from ...schemas.byte_arrays import encoded, row_sums
from ...schemas.dialects.catalogue import find_dialect
from ...schemas.errors import NoTextFieldError, SettingError, nearest
from ...schemas.field_aliases import guess_text_field
from ...schemas.field_plan import DIALECT, FieldPlan, plan_fields, rename_fields
from ...schemas.field_reader import Convert, FieldReader, Misfit
from ...schemas.field_wrappers import Wrapped, wrapped_in_records, wrapped_in_table
from ...schemas.values.date_settings import NO_SETTINGS
from ...schemas.values.dates import Moment
from .column_values import python_values, text_column
from .extra_fields import LONE_SURROGATE, ExtraFields, escape_surrogates, has_surrogates
from .record_dates import Assumed, DateReader, Misread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...schemas.values.date_settings import DateSettings
    from .record_dates import SourceDates


_PLAIN = frozenset(("body", "headline"))  # columns of text are used as they are


@dataclass
class Place:
    """Where the records of a batch come from. Arrays have one entry a record."""

    file: str | list[str] | None = None
    line: pa.Int64Array | None = None
    byte_offset: pa.Int64Array | None = None
    reader: str = "arrow"
    encoding: str = "utf-8"
    warc_record_id: list[str | None] | None = None
    whole_pages: bool = False
    """Whether the texts are whole pages, of which most is not the article."""
    form: str | None = None
    """The form of the texts, if the format tells it."""

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
    assumed: dict[int, list[Assumed]] = field(default_factory=dict)
    """By row, what was assumed to read its values."""
    titled: frozenset[int] = frozenset()
    """Records whose headline comes from the front matter of their text, so that it has no edits."""

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


class Loader:
    """Loads raw records by the names of their fields.

    `mapping` is the user's `{field: name or path}`; its key `dialect` names the dialect of the records. `dates` has the
    time zone of times without one, and the order of day and month.
    """

    def __init__(self, mapping: dict[str, str] | None = None, dates: DateSettings = NO_SETTINGS) -> None:
        self._mapping = tuple(sorted((mapping or {}).items()))
        self._dates = dates
        self._names = {target: name for target, name in self._mapping if target != DIALECT}
        self.wanted = frozenset(self._names.values())
        """Names of the mapping."""
        self.unseen = set(self.wanted)
        """Names of the mapping that no record has had so far."""
        self.dialects: dict[str, float] = {}
        """The dialects of the records so far, each with the least confidence."""
        self.places: dict[str, str] = {}
        """For each field, the name or path of the first record that had it."""

    def plan(self, names: Sequence[str], wrapped: Wrapped = ()) -> FieldPlan:
        """Return how records with these names, and with fields in these wrappers, are read."""
        plan = plan_fields(tuple(names), self._mapping, wrapped)
        self.unseen -= self._wanted_by(plan) if self.unseen else set()
        if plan.dialect:
            self.dialects[plan.dialect] = min(plan.confidence, self.dialects.get(plan.dialect, 1))
        return plan

    def wanted_in(self, names: Iterable[str]) -> set[str]:
        """Return the names of the mapping that a record with these names has."""
        return self._wanted_by(self.plan(tuple(names)))

    def _wanted_by(self, plan: FieldPlan) -> set[str]:
        return {self._names[target] for target, _ in plan.sources if target in self._names}

    def fields(self, names: Sequence[str]) -> dict[str, str]:
        """Return `{name: field of the article}` for the names that are read."""
        return rename_fields(names, dict(self._mapping))

    def from_rows(self, rows: Sequence[dict[str, Any]], place: Place, sources: SourceDates | None = None) -> Records:
        """Load records that are Python objects, each with its own names. `sources` knows their files."""
        try:
            return self._from_rows(rows, place, sources, _convert)
        except UnicodeEncodeError:  # half of a surrogate pair; looking for one in every value takes time
            return self._from_rows(rows, place, sources, _convert_one_by_one)

    def _from_rows(
        self, rows: Sequence[dict[str, Any]], place: Place, sources: SourceDates | None, convert: Convert
    ) -> Records:
        count = len(rows)
        values: dict[str, list[Any]] = {"body": [None] * count}
        labels: dict[str, list[Any]] = {"body": ["body"] * count, "headline": [None] * count}
        extra = ExtraFields(count)
        kept: list[tuple[int, str, Any]] = []
        misfits: list[Misfit] = []
        for names, numbers in _group_by_names(rows).items():
            some = rows if len(numbers) == count else [rows[i] for i in numbers]
            plan = self.plan(names, wrapped_in_records(names, some))
            read = FieldReader(plan, partial(_column_of, some), len(some), convert).read({})
            self.places = {**read.places, **self.places}
            _scatter(values, read.values, numbers, count)
            _scatter(
                labels,
                {name: _escape_all(of) for name, of in read.labels.items() if of},
                numbers,
                count,
            )
            misfits += [misfit._replace(row=numbers[misfit.row]) for misfit in read.misread]
            kept += [(numbers[at], name, value) for at, name, value in read.extra]
            others = [name for name in plan.others if name != EXTRA]
            extra.add_rows(rows, numbers, others, has_object=EXTRA in plan.others)
        settled = DateReader(values, place.file, self._dates, sources).settle(misfits)
        settled.keep(extra, kept)
        columns: dict[str, pa.Array] = {}
        for target, column in values.items():
            if target == "body" or any(value is not None for value in column):
                columns.update(_typed(target, column))
        text_field, title_field = _one_or_all(labels["body"]), _one_or_all(labels["headline"])
        return Records(count, columns, text_field, place, extra.encode(), settled.misread, title_field, settled.assumed)

    def from_table(self, table: pa.Table, place: Place, sources: SourceDates | None = None) -> Records:
        """Load records that are rows of an Arrow table. Text columns are used without a copy."""
        plan = self.plan(table.column_names, wrapped_in_table(table.schema))
        count = table.num_rows
        columns, done = _text_columns(table, plan)
        extra = ExtraFields(count)
        values = lru_cache(maxsize=None)(lambda name: python_values(table.column(name), table.field(name)))
        read = FieldReader(plan, values, count, _convert).read(done)
        self.places = {**done, **read.places, **self.places}
        settled = DateReader(read.values, place.file, self._dates, sources).settle(read.misread)
        for target, column in read.values.items():
            columns.update(_typed(target, column))
        columns.setdefault("body", pa.nulls(count, pa.large_string()))
        labels = {**{target: _one_or_all(of) for target, of in read.labels.items() if of}, **done}
        settled.keep(extra, read.extra)
        extra.add_columns({name: values(name) for name in plan.others})
        text_field, title_field = labels.get("body") or "body", labels.get("headline")
        return Records(count, columns, text_field, place, extra.encode(), settled.misread, title_field, settled.assumed)

    def require_text(
        self,
        names: Sequence[Sequence[str]],
        where: str,
        records: Iterable[Mapping[str, Any]] = (),
        *,
        schema: pa.Schema | None = None,
    ) -> None:
        """Raise `NoTextFieldError` if no record, each as the names of its fields, has a field with the text.

        The text can be within a wrapper of `records`, or of a table with this `schema`. The error suggests a field that
        has a long text in `records`, if some are passed.
        """
        seen: dict[str, None] = {}
        for record in names:
            if any(target == "body" for target, _ in self.plan(record).sources):
                return
            seen.update(dict.fromkeys(record))
        sample = list(records)
        wrappers = [(tuple(record), wrapped_in_records(tuple(record), [record])) for record in sample]
        if schema is not None:
            wrappers.append((tuple(schema.names), wrapped_in_table(schema)))
        if names and not any(self._finds_text(*one) for one in wrappers):
            raise NoTextFieldError(where, list(seen), guess_text_field(list(seen), sample))

    def _finds_text(self, names: tuple[str, ...], wrapped: Wrapped) -> bool:
        return any(target == "body" for target, _ in self.plan(names, wrapped).sources)


def _escape_all(labels: list[str]) -> list[str]:
    """Return labels, of which most are the same few, without lone surrogates."""
    escaped = {label: escape_surrogates(label) for label in set(labels)}
    return [escaped[label] for label in labels]


def _column_of(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def _scatter(whole: dict[str, list[Any]], part: Mapping[str, list[Any]], numbers: Sequence[int], count: int) -> None:
    """Put the values of some rows, by field, into those of all rows."""
    for target, values in part.items():
        if len(numbers) == count:
            whole[target] = values
            continue
        column = whole.setdefault(target, [None] * count)
        for number, value in zip(numbers, values, strict=True):
            column[number] = value


def _one_or_all(labels: list[Any]) -> Any:
    """Return the one label that all rows have, else the label of each row."""
    return labels[0] if len(set(labels)) == 1 else labels if labels else None


def _text_columns(table: pa.Table, plan: FieldPlan) -> tuple[dict[str, pa.Array], dict[str, str]]:
    """Return columns of text that fill body or headline in all rows, or alone, as they are; and their names."""
    columns: dict[str, pa.Array] = {}
    done: dict[str, str] = {}
    for target, alternatives in plan.sources:
        place = alternatives[0][0]
        if target not in _PLAIN or place.path or place.is_weak or place.name in done.values():
            continue
        texts = text_column(table.column(place.name))
        if texts is not None and (len(alternatives) == 1 or _is_full(texts)):
            columns[target], done[target] = texts, place.name
    return columns, done


def _is_full(texts: pa.LargeStringArray) -> bool:
    """Return whether no text is missing or blank."""
    return bool(pc.all(pc.match_substring_regex(texts, r"\S").fill_null(False)).as_py())


def _group_by_names(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, ...], Sequence[int]]:
    """Return the numbers of the records that have the same names in the same order."""
    kinds = set(map(tuple, rows))
    if len(kinds) == 1:
        return {kinds.pop(): range(len(rows))}
    numbers: dict[tuple[str, ...], list[int]] = {}
    for i, names in enumerate(map(tuple, rows)):
        numbers.setdefault(names, []).append(i)
    return {**numbers}


def _convert(target: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, ValueError]]]:
    """Convert the values of a field. A value that does not fit becomes None; its position and the reason are returned.

    A body stays as it is, even if it is empty.
    """
    convert = CONVERTERS[target]
    is_body = target == "body"
    try:
        return [value if is_body and type(value) is str else convert(value) for value in values], []
    except ValueError:
        return _convert_one_by_one(target, values)


def _convert_one_by_one(target: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, ValueError]]]:
    convert = CONVERTERS[target]
    converted: list[Any] = [None] * len(values)
    unread: list[tuple[int, ValueError]] = []
    for at, value in enumerate(values):
        try:
            one = value if target == "body" and type(value) is str else convert(value)
            if has_surrogates(one):
                raise ValueError(LONE_SURROGATE)
            converted[at] = one
        except ValueError as error:
            unread.append((at, error))
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


def misread_values(records: Records) -> dict[int, list[tuple[str, str, str]]]:
    """Return (field, message, kind) of the values that do not fit their fields, by row, for checks."""
    return {row: [(bad.field, bad.message, bad.kind) for bad in values] for row, values in records.misread.items()}


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
        if name == DIALECT:
            find_dialect(mapping[name])
        elif name not in CONVERTERS:
            raise SettingError(f"map: the article has no field {name!r}{nearest(name, CONVERTERS)}")
    return dict(mapping)

"""What a check that is declared as data does: it compares one field of the articles with one condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..arrow import ARTICLE
from ..safe_patterns import search
from .frame import mask

if TYPE_CHECKING:
    from ..byte_arrays import Ints, Mask
    from .frame import Frame

Kind = Literal["texts", "list", "records", "time", "number", "truth"]
Condition = Literal["required", "must-match", "must-not-match", "allowed", "range", "length"]
# The conditions that fit each kind of field.
FITTING: dict[Kind, tuple[Condition, ...]] = {
    "texts": ("required", "must-match", "must-not-match", "allowed", "length"),
    "list": ("required", "must-match", "must-not-match", "allowed", "length"),
    "records": ("required", "length"),
    "time": ("required", "range"),
    "number": ("range",),
    "truth": ("required", "allowed"),
}
_BLANK = pa.scalar("", pa.large_string())


def kind_of(field: str) -> Kind:
    """Return what a field of articles holds. Names in `authors` count as texts of a list."""
    column = ARTICLE.field(field).type
    if field == "authors":
        return "list"
    if pa.types.is_list(column):
        return "list" if pa.types.is_large_string(column.value_type) else "records"
    if pa.types.is_timestamp(column):
        return "time"
    if pa.types.is_boolean(column):
        return "truth"
    return "number" if pa.types.is_integer(column) else "texts"


@dataclass(frozen=True)
class Bounds:
    """The least and the most that a value may be; None for no bound."""

    least: Any = None
    most: Any = None


@dataclass(frozen=True)
class FieldFlag:
    """Flags the articles whose field breaks a condition. A missing value breaks only `required`.

    `value` is a pattern, a tuple of values, or `Bounds`. With `languages`, other articles are not flagged.
    """

    field: str
    condition: Condition
    value: Any
    languages: tuple[str, ...] = ()

    def __call__(self, frame: Frame) -> Mask:
        """Return which articles to flag. Raises `TimeoutError` if a pattern takes too long on one of them."""
        rows = np.flatnonzero(self._covers(frame))
        flagged = np.zeros(len(frame), np.bool_)
        if len(rows):
            flagged[rows] = self._flag(frame.column(self.field).take(pa.array(rows)))
        return flagged

    def _covers(self, frame: Frame) -> Mask:
        if not self.languages:
            return np.ones(len(frame), np.bool_)
        primary = pc.replace_substring_regex(pc.utf8_lower(frame.column("language")), r"[-_].*", "")
        return mask(pc.is_in(primary, pa.array(self.languages, pa.large_string())))

    def _flag(self, column: pa.Array) -> Mask:
        if self.condition == "required":
            return _is_missing(column)
        if self.condition == "length":
            return _is_outside(_lengths(column), self.value)
        if self.condition == "range":
            return _is_outside(column, _as_bounds_of(column, self.value))
        values, owners = _flatten(column)
        if self.condition == "allowed":
            broken = mask(pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, pa.array(self.value, values.type)))))
        else:
            broken = self._search(values)
        flagged = np.zeros(len(column), np.bool_)
        flagged[owners[broken]] = True
        return flagged

    def _search(self, values: pa.Array) -> Mask:
        """Return which texts do not match, or must not. Equal texts are searched once; bodies are hardly ever equal."""
        wanted = self.condition == "must-match"
        if self.field != "body":
            encoded = values.dictionary_encode()
            broken = [search(self.value, text) != wanted for text in encoded.dictionary.to_pylist()]
            codes = np.asarray(encoded.indices.fill_null(len(broken)), np.int64)
            return np.array([*broken, False], np.bool_)[codes]
        texts = (scalar.as_py() for scalar in values)
        return np.array([text is not None and search(self.value, text) != wanted for text in texts], np.bool_)


def _is_missing(column: pa.Array) -> Mask:
    if pa.types.is_large_string(column.type):
        return mask(pc.equal(pc.utf8_trim_whitespace(pc.fill_null(column, _BLANK)), _BLANK))
    if pa.types.is_list(column.type):
        return mask(pc.equal(pc.fill_null(pc.list_value_length(column), 0), 0))
    return mask(pc.is_null(column))


def _lengths(column: pa.Array) -> pa.Array:
    """Return the characters of texts, or the entries of lists; null for a missing value."""
    return pc.utf8_length(column) if pa.types.is_large_string(column.type) else pc.list_value_length(column)


def _is_outside(values: pa.Array, bounds: Bounds) -> Mask:
    outside = np.zeros(len(values), np.bool_)
    if bounds.least is not None:
        outside |= mask(pc.less(values, pa.scalar(bounds.least, values.type)))
    if bounds.most is not None:
        outside |= mask(pc.greater(values, pa.scalar(bounds.most, values.type)))
    return outside


def _as_bounds_of(column: pa.Array, bounds: Bounds) -> Bounds:
    """Return bounds as values of a column: a day as a time, UTC. The most includes the whole of its day."""
    if not pa.types.is_timestamp(column.type):
        return bounds
    return Bounds(_as_moment(bounds.least), _as_moment(bounds.most, end=True))


def _as_moment(value: date | datetime | None, *, end: bool = False) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    start = datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    return start + timedelta(days=1, microseconds=-1) if end else start


def _flatten(column: pa.Array) -> tuple[pa.Array, Ints]:
    """Return the texts of a column, and the row of each: those of lists one by one, authors by their names."""
    if not pa.types.is_list(column.type):
        return column, np.arange(len(column))
    values, owners = pc.list_flatten(column), np.asarray(pc.list_parent_indices(column), np.int64)
    return (pc.struct_field(values, "name") if pa.types.is_struct(values.type) else values), owners

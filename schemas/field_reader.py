"""Fields of articles read from columns of scraped values, each from the first place that has a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .field_paths import is_empty, look_up, without
from .values.dates import UTC, Moment, localize

if TYPE_CHECKING:
    from .field_plan import Candidate, FieldPlan

Convert = Callable[[str, list[Any]], tuple[list[Any], list[tuple[int, ValueError]]]]
"""Converts values of a field; returns them, and the position and the error of each that does not fit."""

_UTC_NAMES = ("gmt", "utc")
"""How names of dates end whose times are of this zone: `date_gmt`, `publishedUtc`."""
_PLAIN = frozenset(("body", "headline"))  # fields of which edits name the place
_LISTS = frozenset(("alt_headlines", "authors", "keywords", "images"))
_JOINED = {"body": "\n\n", "description": "\n"}
_SIMPLE = {str, int, float, bool, type(None)}
_ADDRESS = re.compile(r"\s*(?:https?:)?//|\s*www\.", re.IGNORECASE)
# The parts of an object that each kind of field keeps; an object with more stays under `extra`, too.
_PARTS = {
    "authors": {"name", "url", "role", "@type"},
    "images": {"url", "caption", "credit", "@type"},
    "url": {"url", "@id", "href", "@type"},
    "canonical_url": {"url", "@id", "href", "@type"},
}
_LABEL_PARTS = {"name", "title", "@value", "@type", "$date", "$oid", "#text"}
_Group = tuple["Candidate", ...]


@dataclass
class _Use:
    """What fields have taken of the values of a name."""

    in_all: bool = False
    """Whether a field has taken the values of all rows, whole."""
    rows: set[int] = field(default_factory=set)
    """Rows of which a field has taken the value."""
    shared: set[int] = field(default_factory=set)
    """Rows of which a field has taken the value that another may take, too."""
    kept: set[int] = field(default_factory=set)
    """Rows of which the value has more than its field keeps."""
    parts: dict[int, list[Candidate]] = field(default_factory=dict)
    """The parts that fields have taken of a nested value, by row."""


class Misfit(NamedTuple):
    """A value that does not fit its field, the name that it is under, and why it does not fit."""

    row: int
    field: str
    name: str
    value: Any
    error: ValueError


@dataclass
class ReadFields:
    """What some records with the same names have for each field."""

    values: dict[str, list[Any]] = field(default_factory=dict)
    """The converted values by field, one a row, None where a row has none."""
    labels: dict[str, list[str]] = field(default_factory=dict)
    """The names that the body and the headline of each row come from."""
    places: dict[str, str] = field(default_factory=dict)
    """For each field, the name or path that has given the first value."""
    misread: list[Misfit] = field(default_factory=list)
    """Values that do not fit, where no other place had one."""
    extra: list[tuple[int, str, Any]] = field(default_factory=list)
    """Row, name and value of what no field has taken."""


class FieldReader:
    """Reads the fields of `count` records with the same names; `column` returns the values of a name."""

    def __init__(self, plan: FieldPlan, column: Callable[[str], Sequence[Any]], count: int, convert: Convert) -> None:
        self._plan, self._column, self._count, self._convert = plan, column, count, convert
        self._uses: dict[str, _Use] = {}
        self._read = ReadFields()

    def read(self, done: Mapping[str, str]) -> ReadFields:
        """Read all fields but those of `done`, which some name has filled in all rows already."""
        for name in done.values():
            self._uses[name] = _Use(in_all=True)
        for target, alternatives in self._plan.sources:
            if target not in done:
                self._read_field(target, alternatives)
        names = [place.name for _, alternatives in self._plan.sources for group in alternatives for place in group]
        for name in dict.fromkeys(names):
            self._keep_rest(name, self._uses.get(name, _Use()))
        return self._read

    def _read_field(self, target: str, alternatives: Sequence[_Group]) -> None:
        values: list[Any] = []
        labels: list[str] = [alternatives[0][0].label] * self._count if target in _PLAIN else []
        rows: Sequence[int] = range(self._count)
        unread: dict[int, Misfit] = {}
        for number, group in enumerate(alternatives):
            found = self._look_up(target, group, rows)
            converted, wrong = self._convert(target, found)
            for at, error in wrong:
                unread.setdefault(rows[at], Misfit(rows[at], target, group[0].name, found[at], error))
            self._note_use(target, group, rows, found, converted)
            if group[0].name.lower().endswith(_UTC_NAMES):
                converted = [localize(one, UTC) if isinstance(one, Moment) else one for one in converted]
            if target not in self._read.places and not all(map(is_empty, converted)):
                self._read.places[target] = group[0].label
            if not number:
                values = converted
            else:
                for row, value in zip(rows, converted, strict=True):
                    if not is_empty(value):
                        values[row] = value
                        if labels:
                            labels[row] = group[0].label
            if number + 1 < len(alternatives):
                rows = [row for row in rows if is_empty(values[row])]
                if not rows:
                    break
        self._read.values[target] = values
        self._read.labels[target] = labels
        self._read.misread += [misfit for row, misfit in unread.items() if is_empty(values[row])]

    def _look_up(self, target: str, group: _Group, rows: Sequence[int]) -> list[Any]:
        """Return the value of each row at the place, or those of a group of places as one list."""
        columns = [self._values_at(target, place, rows) for place in group]
        if len(columns) == 1:
            return columns[0]
        return [_merge(values) or None for values in zip(*columns, strict=True)]

    def _values_at(self, target: str, place: Candidate, rows: Sequence[int]) -> list[Any]:
        column = self._column(place.name)
        values = list(column) if len(rows) == self._count else [column[row] for row in rows]
        if place.path:
            values = [look_up(value, place.path) if type(value) not in _SIMPLE else None for value in values]
            if target in _JOINED:
                values = [_join(value, _JOINED[target]) for value in values]
        elif not place.is_weak and place.name in self._uses:
            use = self._uses[place.name]
            values = [None if use.in_all or row in use.rows else value for row, value in zip(rows, values, strict=True)]
        return [value if _fits(target, value) else None for value in values] if place.is_weak else values

    def _note_use(
        self, target: str, group: _Group, rows: Sequence[int], found: Sequence[Any], converted: Sequence[Any]
    ) -> None:
        """Remember which values a field has taken, whole or in part."""
        simple = len(group) == 1 and not group[0].path and set(map(type, found)) <= _SIMPLE
        if simple and len(rows) == self._count and None not in converted and not group[0].is_weak:
            self._uses[group[0].name] = _Use(in_all=True)
            return
        for place in group:
            use = self._uses.setdefault(place.name, _Use())
            column = self._column(place.name)
            for row, value, result in zip(rows, found, converted, strict=True):
                if is_empty(result):
                    continue
                if not _is_taken_whole(target, value if place.path else column[row]):
                    use.kept.add(row)
                elif place.path:
                    use.parts.setdefault(row, []).append(place)
                if not place.path:
                    (use.shared if place.is_weak else use.rows).add(row)

    def _keep_rest(self, name: str, use: _Use) -> None:
        """Keep what no field has taken of the values of a name."""
        if use.in_all and not use.kept:
            return
        for row, value in enumerate(self._column(name)):
            if row not in use.kept and (use.in_all or row in use.rows or row in use.shared):
                continue
            rest = value
            for place in use.parts.get(row, ()):
                rest = without(rest, place.path)
            if not is_empty(rest) and not (row in use.parts and _is_only_a_type(rest)):
                self._read.extra.append((row, name, rest))


def _is_only_a_type(value: Any) -> bool:
    """Return whether an object of JSON-LD has no more than its type, such as `Person`."""
    return isinstance(value, Mapping) and value.keys() == {"@type"} and str(value["@type"])[:1].isupper()


def _merge(values: Sequence[Any]) -> list[Any]:
    """Return the values of several places as one list, in order and without repeats."""
    merged: list[Any] = []
    for value in values:
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if not is_empty(item) and item not in merged:
                merged.append(item)
    return merged


def _join(value: Any, between: str) -> Any:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return between.join(value)
    return value


_TEXT_LENGTH = 200  # characters of a value that is a body, whatever the name of its field


def _fits(target: str, value: Any) -> bool:
    """Return whether a value looks like one of a field, for names that mean many things."""
    if target in ("url", "canonical_url"):
        return isinstance(value, str) and _ADDRESS.match(value) is not None
    if target == "body":
        return isinstance(value, str) and ("<" in value or len(value) >= _TEXT_LENGTH)
    if target in ("source_name", "location", "section", "content_type"):
        return isinstance(value, str) and 0 < len(value) <= 80 and _ADDRESS.match(value) is None
    if target in ("date_published", "date_modified") and isinstance(value, (str, list, Mapping)):
        return isinstance(value, str) and len(value) <= 80 and any(sign.isdigit() for sign in value)
    return True


def _is_taken_whole(target: str, value: Any) -> bool:
    """Return whether a field keeps all of a value. It keeps the first item of a list, and the name of an object."""
    if type(value) in _SIMPLE:
        return True
    if isinstance(value, Mapping):
        parts = _PARTS.get(target, _LABEL_PARTS)
        return all(name in parts or is_empty(part) for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return (target in _LISTS or len(value) <= 1) and all(_is_taken_whole(target, item) for item in value)
    return True

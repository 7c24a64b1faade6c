"""Shapes of JSON around records: envelopes of services, orients of pandas, hits of Elasticsearch, values of MongoDB."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ...schemas.field_plan import rename_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Names under which services put the list of their records, and objects that hold such a list.
_LISTS = frozenset(
    (
        "@graph",
        "articles",
        "data",
        "docs",
        "documents",
        "entries",
        "hits",
        "items",
        "news",
        "posts",
        "records",
        "results",
    )
)
_AROUND = _LISTS | {"body", "feed", "response", "result", "rss"}
_KEY = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*')
_OPEN_LIST = re.compile(rb"\[\s*\{")
_DEEPEST = 4  # objects around the list
# Beginnings of what pandas writes: {"title":{"0":… by columns, {"0":{"title":… by index, {"columns":[… split.
_ORIENTS = (
    ("columns", re.compile(rb'\s*\{\s*"(?!\d+")(?:[^"\\]|\\.)+"\s*:\s*\{\s*"\d+"\s*:')),
    ("index", re.compile(rb'\s*\{\s*"\d+"\s*:\s*\{\s*"')),
    ("split", re.compile(rb'\s*\{\s*"columns"\s*:\s*\[\s*"')),
)
_EXTENDED = re.compile(rb'\$(?:oid|date|numberLong|numberInt|numberDouble|numberDecimal|uuid|symbol)"\s*:')
_ARTICLE_TYPE = re.compile(r"(Article|BlogPosting|Report|Review|Recipe)$")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ListPlace(NamedTuple):
    """Where the list of an envelope begins, and under which name."""

    offset: int
    name: str


def find_list(start: bytes) -> ListPlace | None:
    """Return the list of records in the object that these bytes begin with; None if the object is a record itself.

    >>> find_list(b'{"status": "ok", "articles": [{"title": "Rain"}]}')
    ListPlace(offset=29, name='articles')
    >>> find_list(b'{"text": "It rained.", "items": [{"title": "Rain"}]}')
    """
    at = len(start) - len(start.lstrip())
    return _find_in_object(start, at + 1, 1) if start[at : at + 1] == b"{" else None


def _find_in_object(data: bytes, at: int, depth: int) -> ListPlace | None:
    """Find the list in an object whose first key begins at `at`."""
    found: ListPlace | None = None
    names: list[str] = []
    while key := _KEY.match(data, at):
        name, at = _text(key[1]), key.end()
        names.append(name)
        if found is None and name in _AROUND:
            if name in _LISTS and _OPEN_LIST.match(data, at):
                found = ListPlace(at, name)
            elif data[at : at + 1] == b"{" and depth < _DEEPEST:
                found = _find_in_object(data, at + 1, depth + 1)
        end = end_of_value(data, at, last=False)
        if end is None:
            break
        at = end
    return None if "body" in rename_fields(names).values() else found


def _text(quoted: bytes) -> str:
    try:
        return str(msgspec.json.decode(quoted))
    except (msgspec.DecodeError, UnicodeError):
        return ""


_BRACKET_OR_QUOTE = re.compile(rb'["{}\[\]]')
_SCALAR = re.compile(rb'[^\s,"{}\[\]]+')


def end_of_value(data: bytes, start: int, *, last: bool) -> int | None:
    """Return the end of the value that begins at `start`, None if it is incomplete."""
    if scalar := _SCALAR.match(data, start):
        return scalar.end() if last or scalar.end() < len(data) else None
    depth, at = 0, start
    while mark := _BRACKET_OR_QUOTE.search(data, at):
        at = mark.end()
        if mark[0] == b'"':
            closed = _end_of_string(data, at)
            if closed is None:
                return None
            at = closed
        else:
            depth += 1 if mark[0] in b"{[" else -1
        if depth <= 0:
            return at
    return None


def _end_of_string(data: bytes, at: int) -> int | None:
    """Return the end of the string whose opening quote is right before `at`."""
    while (quote := data.find(b'"', at)) >= 0:
        escapes = quote
        while data[escapes - 1] == 0x5C:
            escapes -= 1
        if (quote - escapes) % 2 == 0:
            return quote + 1
        at = quote + 1
    return None


def find_orient(start: bytes) -> str:
    """Return the orient of pandas that the first bytes of an object tell, empty for any other object."""
    return next((orient for orient, pattern in _ORIENTS if pattern.match(start)), "")


def rows_of(record: dict[str, Any], orient: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of an object that pandas wrote with an orient; the object itself if it is another one."""
    if orient == "split" and isinstance(record.get("data"), list):
        names = [str(name) for name in record["columns"]]
        yield from (dict(zip(names, row, strict=False)) for row in record["data"] if isinstance(row, list))
    elif orient in ("columns", "index") and all(isinstance(value, dict) for value in record.values()):
        if orient == "index":
            yield from record.values()
        else:
            numbers = dict.fromkeys(number for column in record.values() for number in column)
            yield from ({name: column.get(number) for name, column in record.items()} for number in numbers)
    else:
        yield record


def is_of_list(record: Mapping[str, Any], name: str) -> bool:
    """Return whether an object in the list of an envelope is a record.

    A `@graph` of JSON-LD also describes the page, the site and the authors: these are none.
    """
    if name != "@graph":
        return True
    kinds = record.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return "articleBody" in record or any(_ARTICLE_TYPE.search(str(kind)) for kind in kinds)


def unwrap_rows(rows: list[dict[str, Any]], data: bytes) -> list[dict[str, Any]]:
    """Return records with plain values; `data` are their bytes. See `unwrap`."""
    if _EXTENDED.search(data) is not None or any("_source" in row for row in rows):
        return [unwrap(row) for row in rows]
    return rows


def unwrap(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with plain values: the source of a hit of Elasticsearch, extended JSON of MongoDB.

    >>> unwrap({"_id": "7", "_source": {"text": "It rained."}})
    {'id': '7', 'text': 'It rained.'}
    >>> unwrap({"_id": {"$oid": "65e5"}, "date": {"$date": {"$numberLong": "1709632800000"}}, "n": {"$numberInt": "3"}})
    {'_id': '65e5', 'date': '2024-03-05T10:00:00+00:00', 'n': 3}
    """
    source = record.get("_source")
    if isinstance(source, dict):
        around = {"id" if name == "_id" else name: value for name, value in record.items() if name != "_source"}
        record = {**around, **source}
    try:
        return {name: _plain(value) for name, value in record.items()}
    except RecursionError:  # nested more deeply than anything that is meant
        return record


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name in _READERS:
            try:
                return _READERS[name](_plain(inner))
            except (ValueError, TypeError, OverflowError):
                return value
    return {name: _plain(inner) for name, inner in value.items()}


def _date(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (_EPOCH + timedelta(milliseconds=value)).isoformat()
    return value


def _as_is(value: Any) -> Any:
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "$oid": _as_is,
    "$uuid": _as_is,
    "$symbol": _as_is,
    "$date": _date,
    "$numberLong": int,
    "$numberInt": int,
    "$numberDouble": float,
    "$numberDecimal": _as_is,
}

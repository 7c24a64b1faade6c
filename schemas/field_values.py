"""Scraped values made into the article's types.

Each function takes whatever a dump may hold in a field (text, number, list, object, nothing) and gives the value
that the field of `Article` has, or raises `ValueError` when there is no sense to be made of it. They are used by the
Pydantic models and, value by value, by the column builder: there is no second definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from functools import lru_cache
from typing import Any, NamedTuple

ABSOLUTE_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s]*$"
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"

_URL = re.compile(ABSOLUTE_URL)
_LANGUAGE = re.compile(LANGUAGE_TAG)
_EPOCH = re.compile(r"-?\d{9,13}(\.\d+)?$")
_BY = re.compile(r"^by\s+", re.IGNORECASE)


class Moment(NamedTuple):
    """A point in time, in UTC, with the precision and the time zone that the dump gave."""

    time: datetime
    precision: str


def text(value: Any) -> str | None:
    """Give a single value as text; empty text is nothing."""
    if type(value) is str:
        return value or None
    if value is None or isinstance(value, (Mapping, list, tuple, bytes)):
        if value:
            raise ValueError(f"text expected, {type(value).__name__} found")
        return None
    return str(value) or None


def label(value: Any) -> str | None:
    """Give a short text without white space around it; of a list or object, its first or its name."""
    if type(value) is str:
        return value.strip() or None
    found = text(_first(value, "name", "title", "@value"))
    return (found.strip() or None) if found else None


def _first(value: Any, *names: str) -> Any:
    """Give the first of a list that is not empty, and of an object the first value by these names that is not."""
    if isinstance(value, (list, tuple)):
        value = next((v for v in value if v), None)
    return next((value[n] for n in names if value.get(n)), None) if isinstance(value, Mapping) else value


def url(value: Any) -> str | None:
    """Give an absolute http(s) address; of a list or object, its first or its `url`."""
    found = label(_first(value, "url", "@id", "href"))
    if found is None:
        return None
    if not _URL.match(found):
        raise ValueError(f"not an absolute http(s) URL: {found[:80]!r}")
    return found


def language(value: Any) -> str | None:
    """Give a BCP 47 tag, `_` read as `-`."""
    found = label(value)
    if found is None:
        return None
    tag = found.replace("_", "-")
    if not _LANGUAGE.match(tag):
        raise ValueError(f"not a language tag: {found[:40]!r}")
    return tag


def labels(value: Any) -> list[str]:
    """Give a list of short texts; one text is cut at `;` or, without one, at `,`."""
    if isinstance(value, str):
        value = value.split(";" if ";" in value else ",")
    items = value if isinstance(value, (list, tuple)) else [value]
    return [found for item in items if (found := label(item))]


def titles(value: Any) -> list[str]:
    """Give a list of headlines, which are never cut at a comma."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return [found for item in items if (found := label(item))]


def authors(value: Any) -> list[dict[str, str | None]]:
    """Give `{name, url, role}` for each author of a text ("By A; B"), a list of texts or of objects."""
    if isinstance(value, str):
        value = value.split(";")
    items = value if isinstance(value, (list, tuple)) else [value]
    found = []
    for item in items:
        if isinstance(item, Mapping):
            name, link, role = label(item), item.get("url"), item.get("role")
        else:
            name, link, role = label(item), None, None
        if name:
            name = _BY.sub("", name)
            found.append({"name": name, "url": _or_none(url, link), "role": _or_none(label, role)})
    return found


def images(value: Any) -> list[dict[str, str | None]]:
    """Give `{url, caption, credit}` for each image of an address, a list of them or of objects."""
    items = value if isinstance(value, (list, tuple)) else [value]
    found = []
    for item in items:
        source: Mapping[str, Any] = item if isinstance(item, Mapping) else {"url": item}
        image = {
            "url": _or_none(url, source),
            "caption": _or_none(label, source.get("caption") or source.get("description")),
            "credit": _or_none(label, source.get("credit") or source.get("creditText")),
        }
        if any(image.values()):
            found.append(image)
    return found


def flag(value: Any) -> bool | None:
    """Give a truth value of JSON or of its usual spellings."""
    if value is None or isinstance(value, bool):
        return value
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": None}
    try:
        return known[str(value).strip().lower()]
    except KeyError:
        raise ValueError(f"neither true nor false: {str(value)[:40]!r}") from None


def moment(value: Any) -> Moment | None:
    """Give a point in time in UTC and its precision: `day`, `second`, each with `-naive` if no zone was given."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return Moment(datetime(value.year, value.month, value.day, tzinfo=timezone.utc), "day")
    if isinstance(value, (list, tuple)):
        return moment(value[0]) if value else None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"not a date: {str(value)[:40]!r}")
    return _parse_moment(str(value).strip())


@lru_cache(maxsize=65536)
def _parse_moment(found: str) -> Moment | None:
    if not found:
        return None
    try:
        if _EPOCH.match(found):
            seconds = float(found)
            return _moment(datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= 1e11 else seconds, timezone.utc))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", found):
            return Moment(datetime.fromisoformat(found).replace(tzinfo=timezone.utc), "day")
        try:
            return _moment(datetime.fromisoformat(found.replace("Z", "+00:00")))
        except ValueError:
            return _parse_free(found)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"not a date: {found[:40]!r}") from None


def _parse_free(found: str) -> Moment:
    """Read a date in words; a part that is missing from it must not be filled in from today."""
    from dateutil import parser

    if not re.search(r"\d{4}", found):
        raise ValueError(found)
    first = parser.parse(found, default=datetime(2001, 1, 1))
    second = parser.parse(found, default=datetime(2002, 2, 2))
    if first.date() != second.date():
        raise ValueError(found)
    if not re.search(r"\d:\d", found):
        return Moment(first.replace(tzinfo=timezone.utc), "day")
    return _moment(first)


def _moment(value: datetime) -> Moment:
    if value.tzinfo is None:
        return Moment(value.replace(tzinfo=timezone.utc), "second-naive")
    return Moment(value.astimezone(timezone.utc), "second")


def _or_none(convert: Callable[[Any], str | None], value: Any) -> str | None:
    """Give nothing for a part of a value that makes no sense, so that the rest of it is kept."""
    try:
        return convert(value)
    except ValueError:
        return None

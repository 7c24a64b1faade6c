"""Convert scraped values to the types of the article's fields.

Each function takes any value of a dump (text, number, list, object, None) and returns the value for the field of
`Article`. It raises `ValueError` if the value does not fit the field. The Pydantic models and the column builder both
use these functions, so that there is one definition.
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
    """A point in time in UTC, with its precision: `day`, `second`, or `second-naive` if the dump has no time zone."""

    time: datetime
    precision: str


def text(value: Any) -> str | None:
    """Return a single value as text, or None for an empty one."""
    if type(value) is str:
        return value or None
    if value is None or isinstance(value, (Mapping, list, tuple, bytes)):
        if value:
            raise ValueError(f"text expected, {type(value).__name__} found")
        return None
    return str(value) or None


def label(value: Any) -> str | None:
    """Return a short text, stripped. A list gives its first entry, an object its name."""
    if type(value) is str:
        return value.strip() or None
    short = text(_first(value, "name", "title", "@value"))
    return (short.strip() or None) if short else None


def _first(value: Any, *names: str) -> Any:
    """Return the first non-empty entry of a list, or of these fields of an object; other values as they are."""
    if isinstance(value, (list, tuple)):
        value = next((v for v in value if v), None)
    return next((value[n] for n in names if value.get(n)), None) if isinstance(value, Mapping) else value


def url(value: Any) -> str | None:
    """Return an absolute http(s) address. A list gives its first entry, an object its `url`."""
    address = label(_first(value, "url", "@id", "href"))
    if address is None:
        return None
    if not _URL.match(address):
        raise ValueError(f"not an absolute http(s) URL: {address[:80]!r}")
    return address


def language(value: Any) -> str | None:
    """Return a BCP 47 tag; `_` is read as `-`."""
    name = label(value)
    if name is None:
        return None
    tag = name.replace("_", "-")
    if not _LANGUAGE.match(tag):
        raise ValueError(f"not a language tag: {name[:40]!r}")
    return tag


def labels(value: Any) -> list[str]:
    """Return a list of short texts. A single text is split at `;`, or at `,` if it has no `;`."""
    if isinstance(value, str):
        value = value.split(";" if ";" in value else ",")
    items = value if isinstance(value, (list, tuple)) else [value]
    return [entry for item in items if (entry := label(item))]


def titles(value: Any) -> list[str]:
    """Return a list of headlines. A headline is never split at a comma."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return [entry for item in items if (entry := label(item))]


def authors(value: Any) -> list[dict[str, str | None]]:
    """Return `{name, url, role}` for each author of a text ("By A; B"), of a list of texts or of objects."""
    if isinstance(value, str):
        value = value.split(";")
    items = value if isinstance(value, (list, tuple)) else [value]
    people = []
    for item in items:
        if isinstance(item, Mapping):
            name, link, role = label(item), item.get("url"), item.get("role")
        else:
            name, link, role = label(item), None, None
        if name:
            name = _BY.sub("", name)
            people.append({"name": name, "url": _or_none(url, link), "role": _or_none(label, role)})
    return people


def images(value: Any) -> list[dict[str, str | None]]:
    """Return `{url, caption, credit}` for each image of an address, of a list of addresses or of objects."""
    items = value if isinstance(value, (list, tuple)) else [value]
    pictures = []
    for item in items:
        source: Mapping[str, Any] = item if isinstance(item, Mapping) else {"url": item}
        image = {
            "url": _or_none(url, source),
            "caption": _or_none(label, source.get("caption") or source.get("description")),
            "credit": _or_none(label, source.get("credit") or source.get("creditText")),
        }
        if any(image.values()):
            pictures.append(image)
    return pictures


def flag(value: Any) -> bool | None:
    """Return true or false for a JSON boolean or one of its usual spellings, None for an empty value."""
    if value is None or isinstance(value, bool):
        return value
    spellings = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": None}
    try:
        return spellings[str(value).strip().lower()]
    except KeyError:
        raise ValueError(f"neither true nor false: {str(value)[:40]!r}") from None


def moment(value: Any) -> Moment | None:
    """Return a point in time in UTC, or None for an empty value. A list gives its first entry."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        try:
            return _moment(value)
        except OverflowError:  # in UTC, it is before the year 1 or after the year 9999
            raise ValueError(f"not a date: {value.isoformat()!r}") from None
    if isinstance(value, date):
        return Moment(datetime(value.year, value.month, value.day, tzinfo=timezone.utc), "day")
    if isinstance(value, (list, tuple)):
        return moment(value[0]) if value else None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"not a date: {str(value)[:40]!r}")
    return _parse_moment(str(value).strip())


@lru_cache(maxsize=65536)
def _parse_moment(written: str) -> Moment | None:
    if not written:
        return None
    try:
        if _EPOCH.match(written):
            seconds = float(written)
            return _moment(datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= 1e11 else seconds, timezone.utc))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
            return Moment(datetime.fromisoformat(written).replace(tzinfo=timezone.utc), "day")
        try:
            return _moment(datetime.fromisoformat(written.replace("Z", "+00:00")))
        except ValueError:
            return _parse_free(written)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"not a date: {written[:40]!r}") from None


def _parse_free(written: str) -> Moment:
    """Read a date in words.

    Two different defaults show whether a part of the date is missing: the parser fills it in from the default.
    """
    from dateutil import parser

    if not re.search(r"\d{4}", written):
        raise ValueError(written)
    first = parser.parse(written, default=datetime(2001, 1, 1))
    second = parser.parse(written, default=datetime(2002, 2, 2))
    if first.date() != second.date():
        raise ValueError(written)
    if not re.search(r"\d:\d", written):
        return Moment(first.replace(tzinfo=timezone.utc), "day")
    return _moment(first)


def _moment(value: datetime) -> Moment:
    if value.tzinfo is None:
        return Moment(value.replace(tzinfo=timezone.utc), "second-naive")
    return Moment(value.astimezone(timezone.utc), "second")


def _or_none(convert: Callable[[Any], str | None], value: Any) -> str | None:
    """Convert a part of a value; return None if it does not fit, so that the other parts are kept."""
    try:
        return convert(value)
    except ValueError:
        return None

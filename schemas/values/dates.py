"""Dates and times: any common form, in the languages of the tables, as a point in time in UTC.

ISO 8601 and numbers are read first, by one pattern each. Everything else goes to `date_forms`. What is written the same
is read once.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from .date_errors import AmbiguousDateError, RelativeDateError
from .texts import shorten
from .zones import in_utc, named_zone, zone_of_offset

Precision = Literal["year", "month", "day", "second", "second-naive"]
PRECISIONS: tuple[str, ...] = get_args(Precision)
Order = Literal["day-first", "month-first"]


class Moment(NamedTuple):
    """A point in time in UTC, with its precision; `second-naive` if the dump has no time zone."""

    time: datetime
    precision: str
    assumed: tuple[str, ...] = ()
    """What was assumed to read it."""


class Context(NamedTuple):
    """What is known about the dates of a record."""

    order: str | None = None
    """`day-first`, `month-first`, or None."""
    why_order: str = ""
    """Where the order comes from, empty if the user named it."""
    timezone: str | None = None
    """The zone of times without one."""
    language: str | None = None
    base: datetime | None = None
    """The time that relative dates count from."""


NO_CONTEXT = Context()
UTC = Context(timezone="UTC")
__all__ = [
    "NO_CONTEXT",
    "UTC",
    "AmbiguousDateError",
    "Context",
    "Moment",
    "RelativeDateError",
    "has_order",
    "localize",
    "moment",
]


def moment(value: Any, context: Context = NO_CONTEXT) -> Moment | None:
    """Return a point in time in UTC, or None for an empty value. A list gives its first entry.

    Raises `ValueError` for a value that is no date. If the context does not decide, raises `AmbiguousDateError` or
    `RelativeDateError`.

    >>> moment("5. März 2024, 9:15 Uhr MEZ").time.isoformat()
    '2024-03-05T08:15:00+00:00'
    """
    if value is None or value == "":
        return None
    if type(value) is str:
        return localize(_parse(value), context) if context is NO_CONTEXT else _parse_in(value, context)
    if isinstance(value, datetime):
        try:
            return localize(_moment(value), context)
        except OverflowError:  # in UTC, it is before the year 1 or after the year 9999
            raise ValueError(f"not a date: {value.isoformat()!r}") from None
    if isinstance(value, date):
        return Moment(datetime(value.year, value.month, value.day, tzinfo=timezone.utc), "day")
    if isinstance(value, (list, tuple)):
        return _of_list(value, context)
    if isinstance(value, Mapping):
        return _of_object(value, context)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"not a date: {shorten(value)}")
    if isinstance(value, int) and value.bit_length() > 64:
        raise ValueError(f"not a date: {shorten(value)}")
    return moment(str(value), context)


def _of_list(values: list[Any] | tuple[Any, ...], context: Context) -> Moment | None:
    """Return the first date of a list, or that of the nine numbers of Python's `struct_time`, which feeds have."""
    if len(values) == 9 and all(type(value) is int for value in values):
        try:
            return _moment(datetime(*values[:6], tzinfo=timezone.utc))  # type: ignore[misc]
        except (ValueError, OverflowError):
            raise ValueError(f"not a date: {shorten(values)}") from None
    return moment(values[0], context) if values and not isinstance(values[0], (list, tuple)) else None


_KEYS = ("$date", "$numberLong", "@value", "#text", "value", "date", "datetime", "dateTime", "iso", "timestamp")


def _of_object(value: Mapping[str, Any], context: Context) -> Moment | None:
    """Return the date of an object, such as those of MongoDB: `{"$date": {"$numberLong": "1709630100000"}}`."""
    for key in _KEYS:
        inner = value.get(key)
        if isinstance(inner, Mapping):
            inner = next((inner[name] for name in _KEYS if isinstance(inner.get(name), (str, int, float))), None)
        if inner is not None:
            if key.startswith("$") and str(inner).lstrip("-").isdigit():
                return _of_seconds(int(inner) / 1000)
            return moment(inner, context)
    if not value:
        return None
    raise ValueError(f"not a date: an object with the keys {', '.join(map(str, value))[:60]}")


def localize(read: Moment | None, context: Context) -> Moment | None:
    """Return a time without a zone as one of the zone that the context names."""
    if read is None or context.timezone is None or read.precision != "second-naive":
        return read
    local = read.time.replace(tzinfo=None)
    return read._replace(time=in_utc(local, named_zone(context.timezone)), precision="second")


def _parse_in(written: str, context: Context) -> Moment | None:
    return localize(_parse(written.strip(), *context[:2], context.language, context.base), context)


_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?"
    r"(?:(Z)|([+-])(\d\d):?(\d\d)?)?)?(?:\[UTC\])?$"
)
_NUMBER = re.compile(r"(-?\d{8,19})(\.\d+)?$")
_DOTNET = re.compile(r"/Date\((-?\d{9,14})(?:[+-]\d{4})?\)/$")
_EMPTY = frozenset(("none", "null", "nan", "nat", "n/a", "na", "-", "undefined", "unknown"))


@lru_cache(maxsize=65536)
def _parse(
    written: str,
    order: str | None = None,
    why_order: str = "",
    language: str | None = None,
    base: datetime | None = None,
) -> Moment | None:
    stripped = written.strip()
    if not stripped:
        return None
    try:
        if iso := _ISO.match(stripped):
            return _of_iso(*iso.groups())
        if number := _NUMBER.match(stripped):
            return _of_number(*number.groups())
        if stripped.lower() in _EMPTY:
            raise ValueError("no date")
        if dotnet := _DOTNET.match(stripped):
            return _of_seconds(int(dotnet[1]) / 1000)
        return _of_words(stripped, order, why_order, language, base)
    except (AmbiguousDateError, RelativeDateError) as error:
        raise type(error)(f"{shorten(stripped)}: {error}") from None
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"not a date: {shorten(stripped)}") from None


def _of_iso(
    year: str, month: str, day: str, hour: str | None, minute: str, second: str | None, fraction: str | None,
    utc: str | None, sign: str | None, hours: str, minutes: str | None,
) -> Moment:  # fmt: skip
    if hour is None:
        return Moment(datetime(int(year), int(month), int(day), tzinfo=timezone.utc), "day")
    micro = int(fraction.ljust(6, "0")[:6]) if fraction else 0
    zone = timezone.utc if utc else zone_of_offset(sign, hours, minutes) if sign else None
    return _moment(
        datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro, tzinfo=zone)
    )


def _of_number(digits: str, fraction: str | None) -> Moment:
    """Read a number: 20240305, 202403050915, 20240305091500, or seconds, milliseconds and so on since 1970."""
    if not fraction and len(digits) in (8, 12, 14) and (digits.startswith(("19", "20"))):
        try:
            compact = datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
            return Moment(compact, "day" if len(digits) == 8 else "second-naive")
        except ValueError:
            pass  # 8 digits are no seconds either; 12 digits may be milliseconds
    seconds = float(digits + (fraction or ""))
    if abs(seconds) < 1e8:
        raise ValueError(digits)
    while abs(seconds) >= 1e11:  # a number of seconds has up to 11 digits, of milliseconds up to 14, and so on
        seconds /= 1000
    return _of_seconds(seconds)


def _of_seconds(seconds: float) -> Moment:
    return Moment(datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds), "second")


def _of_words(written: str, order: str | None, why_order: str, language: str | None, base: datetime | None) -> Moment:
    """Read a date in any other form."""
    from .date_forms import local_time, precision_of, read_parts  # slow: many patterns

    short = language.split("-")[0].lower() if language else None
    try:
        parts = read_parts(written, order, short)
    except AmbiguousDateError:
        raise
    except ValueError:
        relative = _relative(written, short, base)
        if relative is None:
            raise
        return relative
    local = local_time(parts)
    assumed = list(parts.assumed)
    if why_order and _needs_order(written, short):
        assumed.append(why_order)
    if parts.zone is None:
        return Moment(local.replace(tzinfo=timezone.utc), precision_of(parts), tuple(assumed))
    return Moment(in_utc(local, parts.zone), precision_of(parts), tuple(assumed))


def _needs_order(written: str, language: str | None) -> bool:
    from .date_forms import read_parts

    try:
        read_parts(written, None, language)
    except AmbiguousDateError:
        return True
    return False


def has_order(value: Any) -> str | None:
    """Return the order of day and month that a date shows by itself, such as 21/02/2019; None if it shows none."""
    if type(value) is not str or not (found := _BOTH.search(value)):
        return None
    first, second = int(found[1]), int(found[2])
    if first <= 12 < second <= 31:
        return "month-first"
    return "day-first" if second <= 12 < first <= 31 else None


_BOTH = re.compile(r"(?<![\d./-])(\d{1,2})[/-](\d{1,2})[/-]\d{4}(?!\d)")
# Words of relative dates. Where none of them occurs, a text is not handed to the library, which is slow.
_RELATIVE = re.compile(
    r"\bago\b|yesterday|today|just now|\bvor\s|gestern|heute|il y a|hier\b|aujourd"
    r"|\bhace\b|ayer|\bhoy\b|\bhá\b|atrás|ontem|\bhoje\b"
    r"|\bfa\b|\bieri\b|\boggi\b|geleden|gisteren|vandaag|назад|вчера|сегодня|тому|вчора|temu|wczoraj|dzisiaj|前|昨天|昨日|今天"
    r"|전\b|어제|오늘|önce|dün\b|bugün|lalu\b|kemarin|trước"
    r"|hôm|منذ|أمس|पहले|sedan\b|igår|siden\b|sitten|eilen|před\b|včera|πριν|χθες"
    r"|לפני|ที่แล้ว",
    re.IGNORECASE,
)


def _relative(written: str, language: str | None, base: datetime | None) -> Moment | None:
    """Read a date such as "il y a 2 jours", counted from `base`. Raises `RelativeDateError` without a base."""
    if len(written) > 60 or not _RELATIVE.search(written):
        return None
    if base is None:
        raise RelativeDateError("it counts from the time that the page was read, and the record has no date_retrieved")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dateparser.date import DateDataParser

        settings = {
            "PARSERS": ["relative-time"],
            "RELATIVE_BASE": base.replace(tzinfo=None),
            "RETURN_TIME_AS_PERIOD": True,
            "TIMEZONE": "UTC",
        }
        for languages in ([language] if language else None, None):
            try:
                read = DateDataParser(languages=languages, settings=settings).get_date_data(written)
            except ValueError:  # a language that the library has no table of
                continue
            if read.date_obj is not None:
                precision = "second" if read.period == "time" else "day"
                time = read.date_obj.replace(tzinfo=timezone.utc)
                if precision == "day":
                    time = time.replace(hour=0, minute=0, second=0, microsecond=0)
                return Moment(time, precision, ("counted from date_retrieved",))
    return None


def _moment(value: datetime) -> Moment:
    if value.tzinfo is None:
        return Moment(value.replace(tzinfo=timezone.utc), "second-naive")
    return Moment(value.astimezone(timezone.utc), "second")

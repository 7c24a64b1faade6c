"""The parts of a date as people write it: numbers and words in any order, in any language of the tables."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

import regex

from .date_clock import WORD, Parts, take_clock, take_zone, tokens_of
from .date_errors import AmbiguousDateError
from .date_figures import spell_out
from .date_words import ENGLISH, Words, all_words, fold, is_between, writes_day_first

MAX_LENGTH = 200  # characters: no date is longer
_EARLIEST, _LATEST = 1600, 2999
_BUDDHIST = 543  # years that the calendar of Thailand is ahead


def read_parts(written: str, order: str | None, language: str | None) -> Parts:
    """Return the parts of a written date.

    `order` is `day-first`, `month-first` or None. Raises `AmbiguousDateError` if it is needed, and `ValueError` for a
    text that is no date.
    """
    if len(written) > MAX_LENGTH:
        raise ValueError("too long for a date")
    parts = Parts(_ascii_digits(unicodedata.normalize("NFKC", written)))
    _drop_tail(parts)
    take_zone(parts)
    parts.rest = spell_out(fold(parts.rest))
    parts.day_first = writes_day_first(parts.rest, language)
    if not regex.search(r"\d", parts.rest):
        raise ValueError("no number in it")
    numbers = _take_numeric_date(parts)
    words = ENGLISH if _fits_english(parts.rest, is_numeric=numbers is not None) else all_words()
    take_clock(parts, words)
    tokens = tokens_of(parts.rest)
    parts.is_english = any(word in ENGLISH.days for word in tokens)
    months = {word for word in tokens if word in words.months}
    parts.weekdays = frozenset().union(*(words.days.get(word, frozenset()) for word in tokens if word not in months))
    if numbers is not None:
        _decide_order(parts, numbers, order)
    else:
        _take_month_in_words(parts, tokens, words, language)
    if regex.search(r"\d", parts.rest):
        raise ValueError("a number in it is no part of a date")
    _check_year(parts, written)
    return parts


def _ascii_digits(text: str) -> str:
    """Return a text with the digits of all scripts as 0 to 9.

    >>> _ascii_digits("٢٠٢٤")
    '2024'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)


# Behind a date: when the article was changed, or how long it takes to read.
_TAIL = regex.compile(
    r"\s*(?:[|·•(/,]|[–—-]\s)\s*(?:(?:last )?(?:updated?|modified)|modifica(?:to)?|modifiée?|mise? à jour|aktualisiert"
    r"|zuletzt|ultimo aggiornamento|aggiornato|actualizado|atualizado|bijgewerkt|lesedauer|lesezeit|lecture"
    r"|temps de lecture|reading time|tempo di lettura|tiempo de lectura|leestijd"
    r"|\d+ min\w* (?:read|de lectura|lesezeit))"
    r"\b.*$",
    regex.IGNORECASE,
)


def _drop_tail(parts: Parts) -> None:
    """Drop what follows a date: "5 March 2024 | Updated: 9:41"."""
    found = _TAIL.search(parts.rest)
    if found and regex.search(r"\d{4}", parts.rest[: found.start()]):
        parts.rest = parts.rest[: found.start()]
        parts.assumed.append("the first of several dates" if regex.search(r"\d", found.group()) else "a date in a text")


# Year first; or day and month in either order, then the year. The separator is the same twice.
_YEAR_FIRST = regex.compile(r"(?<![\d.,])(\d{4})\s?([-/.:])\s?(\d{1,2})\s?\2\s?(\d{1,2})\.?(?!\d)(?!-\d)")
_YEAR_LAST = regex.compile(r"(?<![\d.:])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})(?![\d])")
_SHORT_YEAR = regex.compile(r"(?<![\d.:/-])(\d{1,2})([-/.])(\d{1,2})\2['’]?(\d{2})(?![\d:/-]|\.\d)")
_COMPACT = regex.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?!\d)")
_YEAR_MONTH = regex.compile(r"^\W*(\d{4})\s?[-/.]\s?(\d{1,2})\W*$")
_MONTH_YEAR = regex.compile(r"^\W*(\d{1,2})\s?[-/.]\s?(\d{4})\W*$")
_YEAR_AND_TIME = regex.compile(r"(?<=/\d{4}):(?=\d\d:)")  # of the logs of web servers
_T = regex.compile(r"(?<=\d)t(?=\d\d:?\d\d)")


@dataclass(frozen=True)
class _Numbers:
    """The numbers of a date in figures. If `first` and `second` are set, they are day and month, or month and day."""

    year: int
    first: int | None = None
    second: int | None = None
    separator: str = ""


def _take_numeric_date(parts: Parts) -> _Numbers | None:
    """Take a date in figures out of a text; set its parts, unless their order is open."""
    parts.rest = _YEAR_AND_TIME.sub(" ", _T.sub(" ", parts.rest))
    for pattern in (_YEAR_FIRST, _COMPACT, _YEAR_LAST, _YEAR_MONTH, _MONTH_YEAR, _SHORT_YEAR):
        found = pattern.search(parts.rest)
        if found is None:
            continue
        others = pattern.search(parts.rest, found.end())
        if others is not None:
            parts.assumed.append("the first of several dates")
            parts.rest = parts.rest[: others.start()]
        parts.rest = f"{parts.rest[: found.start()]} {parts.rest[found.end() :]}"
        return _numbers_of(parts, pattern, found)
    return None


def _numbers_of(parts: Parts, pattern: regex.Pattern[str], found: regex.Match[str]) -> _Numbers:
    if pattern is _YEAR_FIRST or pattern is _COMPACT:
        year, *_, month, day = found.groups()
        parts.month, parts.day = int(month), int(day)
        return _Numbers(int(year))
    if pattern is _YEAR_MONTH or pattern is _MONTH_YEAR:
        year, month = found.groups() if pattern is _YEAR_MONTH else found.groups()[::-1]
        parts.month = int(month)
        return _Numbers(int(year))
    first, separator, second, year = found.groups()
    if len(year) == 2:
        parts.assumed.append("a year of two digits")
        return _Numbers(_full_year(int(year)), int(first), int(second), separator)
    return _Numbers(int(year), int(first), int(second), separator)


def _full_year(short: int) -> int:
    return short + (2000 if short < 70 else 1900)


def _decide_order(parts: Parts, numbers: _Numbers, order: str | None) -> None:
    """Set the year, and day and month if their order is open."""
    parts.year = numbers.year
    if numbers.first is None or numbers.second is None:
        return
    first, second = numbers.first, numbers.second
    day_first, month_first = second <= 12 and 1 <= first <= 31, first <= 12 and 1 <= second <= 31
    if day_first and month_first and first != second:
        choice = "day-first" if numbers.separator == "." else _order_by_weekday(parts, numbers) or order
        if choice is None and parts.day_first:
            choice = "day-first"
            parts.assumed.append("the day first, as its language has it")
        if choice is None:
            raise AmbiguousDateError(f"{first}{numbers.separator}{second} may be day and month, or month and day")
        day_first = choice == "day-first"
    elif not (day_first or month_first):
        raise ValueError("no such day")
    parts.day, parts.month = (first, second) if day_first else (second, first)


def _order_by_weekday(parts: Parts, numbers: _Numbers) -> str | None:
    """Return the order that fits the weekday, None if there is no weekday or both orders fit."""
    assert numbers.first is not None
    assert numbers.second is not None
    fits = [
        order
        for order, (day, month) in {
            "day-first": (numbers.first, numbers.second),
            "month-first": (numbers.second, numbers.first),
        }.items()
        if date(numbers.year, month, day).weekday() in parts.weekdays
    ]
    if len(fits) == 2 and not parts.is_english:  # only English is written with the month first
        return "day-first"
    return fits[0] if len(fits) == 1 else None


def _fits_english(text: str, *, is_numeric: bool) -> bool:
    """Return whether all words are of English dates. A date in figures may have any words beside it in ASCII."""
    assert ENGLISH.others is not None
    return all(
        word in ENGLISH.others or word in ENGLISH.months or word in ENGLISH.days or word in ("h", "z")
        for word in WORD.findall(text)
    ) and (text.isascii() or is_numeric)


Item = tuple[str, bool, tuple[int, int]]
"""A word or number of a date: its text, whether it is a number, and its place."""
_DATE_TOKEN = regex.compile(r"(?P<number>\d+)|(?P<word>[\p{L}\p{M}]+)")


def _take_month_in_words(parts: Parts, tokens: list[str], words: Words, language: str | None) -> None:
    """Take a date with the name of its month, or of a year alone, out of a text."""
    items = [
        (found.group(), found.group("number") is not None, found.span()) for found in _DATE_TOKEN.finditer(parts.rest)
    ]
    numbers = [at for at, (_, is_number, _) in enumerate(items) if is_number]
    names = _month_names(items, words)
    if not names:
        _take_year(parts, items, numbers, tokens)
        return
    for at in sorted(names, key=lambda at: min((abs(at - number) for number in numbers), default=0)):
        months = words.month(_without_prefix(items[at][0], words), language)
        picked = _around(items, at, numbers, words)
        if picked is None:
            continue
        if len(months) > 1:
            raise AmbiguousDateError(f"{items[at][0]} is a month of several languages, and not the same in all of them")
        parts.month = next(iter(months))
        _set_year_and_day(parts, items, at, picked)
        for number in picked:
            start, end = items[number][2]
            parts.rest = parts.rest[:start] + " " * (end - start) + parts.rest[end:]
        if _DATE_TOKEN.search(parts.rest, items[max(picked)][2][1]) and len(numbers) > len(picked):
            parts.rest = _drop_second_date(parts, items, max(*picked, at), words)
        return
    raise ValueError("no year beside the month")


def _without_prefix(word: str, words: Words) -> str:
    """Return the name of a month without the Hebrew preposition before it."""
    return word[1:] if word not in words.months and word[:1] == "ב" else word


def _month_names(items: list[Item], words: Words) -> list[int]:
    """Return the positions of the names of months. Beside another month, `mar` is a Tuesday, not March."""
    names = [
        at
        for at, (word, is_number, _) in enumerate(items)
        if not is_number and _without_prefix(word, words) in words.months
    ]
    others = [at for at in names if items[at][0] not in words.days]
    return others or names[-1:] if len(names) > 1 else names


def _around(items: list[Item], at: int, numbers: list[int], words: Words) -> list[int] | None:
    """Return the numbers beside the name of a month that are its day and year; None if no year is beside it."""

    def reach(step: int) -> list[int]:
        reached: list[int] = []
        position = at + step
        while 0 <= position < len(items) and len(reached) < 2:
            word, is_number, _ = items[position]
            if is_number:
                reached.append(position)
            elif not is_between(word, words):
                break
            position += step
        return reached

    before, behind = reach(-1), reach(1)
    year_before = next((n for n in before if len(items[n][0]) == 4), None)
    year_behind = next((n for n in behind if len(items[n][0]) == 4), None)
    if year_behind is not None:
        day = behind[: behind.index(year_behind)] or [n for n in before[:1] if len(items[n][0]) <= 2]
        return [*day, year_behind]
    if year_before is not None:
        day = [n for n in behind[:1] if len(items[n][0]) <= 2] or before[: before.index(year_before)]
        return [*day, year_before]
    short = [n for n in (*before[:1], *behind[:2]) if len(items[n][0]) <= 2]
    return short if len(short) == 2 and len(numbers) == 2 else None


def _set_year_and_day(parts: Parts, items: list[Item], at: int, picked: list[int]) -> None:
    year = next((n for n in picked if len(items[n][0]) == 4), None)
    if year is None:  # 5 March 24: the year comes last
        day, year = picked
        parts.assumed.append("a year of two digits")
        parts.day, parts.year = int(items[day][0]), _full_year(int(items[year][0]))
        return
    parts.year = int(items[year][0])
    days = [number for number in picked if number != year]
    parts.day = int(items[days[0]][0]) if days else None


def _drop_second_date(parts: Parts, items: list[Item], last: int, words: Words) -> str:
    """Return the rest of a text without a second date that follows."""
    following = [at for at in range(last + 1, len(items)) if items[at][0] in words.months]
    if not following:
        return parts.rest
    parts.assumed.append("the first of several dates")
    return parts.rest[: items[last][2][1]]


def _take_year(parts: Parts, items: list[Item], numbers: list[int], tokens: list[str]) -> None:
    """Take a year that stands alone."""
    if len(numbers) != 1 or tokens or len(items[numbers[0]][0]) != 4 or parts.clock:
        raise ValueError("no month in it")
    parts.year, parts.rest = int(items[numbers[0]][0]), ""


_THAI = regex.compile(r"\p{Thai}")


def _check_year(parts: Parts, written: str) -> None:
    """Turn a year of the Thai calendar into one of ours. Raises `ValueError` for a year of no known calendar."""
    assert parts.year is not None
    if 2400 <= parts.year <= 2699 and _THAI.search(written):
        parts.year -= _BUDDHIST
        parts.assumed.append("a year of the Thai calendar")
    if not _EARLIEST <= parts.year <= _LATEST:
        raise ValueError(f"the year {parts.year}")


def precision_of(parts: Parts) -> str:
    """Return how precise a date is: year, month, day, second, or second-naive without a time zone."""
    if parts.month is None:
        return "year"
    if parts.day is None:
        return "month"
    if parts.clock is None:
        return "day"
    return "second" if parts.zone is not None else "second-naive"


def local_time(parts: Parts) -> datetime:
    """Return the time of day of some parts without its zone. Raises `ValueError` if there is no such day."""
    hour, minute, second, micro = parts.clock or (0, 0, 0, 0)
    assert parts.year is not None
    day = datetime(parts.year, parts.month or 1, parts.day or 1, hour, minute, second, micro)
    if parts.weekdays and parts.day and day.weekday() not in parts.weekdays:
        parts.assumed.append("another weekday than that of the date")
    return day

"""The parts of a date, and those of them that name the time of day and its zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import regex

from .zones import ABBREVIATION, IANA, OFFSET, UNSURE, named_zone, zone_of_abbreviation, zone_of_offset

if TYPE_CHECKING:
    from datetime import tzinfo

    from .date_words import Words


@dataclass
class Parts:
    """The parts of a date that were read so far."""

    rest: str
    """What is left of the text."""
    year: int | None = None
    month: int | None = None
    day: int | None = None
    clock: tuple[int, int, int, int] | None = None
    """Hours, minutes, seconds, microseconds."""
    zone: tzinfo | None = None
    assumed: list[str] = field(default_factory=list)
    weekdays: frozenset[int] = frozenset()
    day_first: bool = False
    """Whether its words are of a language that writes the day first."""
    is_english: bool = False
    """Whether the weekday is named in English."""


WORD = regex.compile(r"[\p{L}\p{M}’']+")


def tokens_of(text: str) -> list[str]:
    """Return the words of a text."""
    return [word.strip("’'") for word in WORD.findall(text)]


def take_zone(parts: Parts) -> None:
    """Take the time zone out of a text. Only texts with a time have one."""
    if not _HAS_TIME.search(parts.rest):
        return
    # behind an offset, brackets name the zone as Java writes it: 09:15:00+01:00[Europe/Paris]
    parts.rest = _ZONE_IN_BRACKETS.sub("", parts.rest)
    if offset := OFFSET.search(parts.rest):
        sign, hours, minutes, sign2, hours2 = offset.group("sign", "hours", "minutes", "sign2", "hours2")
        parts.zone = zone_of_offset("+" if (sign or sign2) == "+" else "-", hours or hours2, minutes)
        parts.rest = regex.sub(r"\(\s*\)", " ", f"{parts.rest[: offset.start()]} {parts.rest[offset.end() :]}")
        # behind an offset, the name of the zone says nothing new: GMT+0100 (Central European Standard Time)
        parts.rest = _ZONE_NAME.sub(" ", parts.rest)
        parts.rest = ABBREVIATION.sub(" ", parts.rest)
    elif name := IANA.search(parts.rest):
        parts.zone = named_zone(name.group())
        parts.rest = parts.rest.replace(name.group(), " ", 1)
    elif short := ABBREVIATION.search(parts.rest):
        abbreviation = next(filter(None, short.groups()))
        parts.zone = zone_of_abbreviation(abbreviation)
        parts.rest = f"{parts.rest[: short.start()]} {parts.rest[short.end() :]}"
        if abbreviation.upper() in UNSURE:
            parts.assumed.append(f"zone {abbreviation.upper()}")


_HAS_TIME = regex.compile(
    r"\d\s?[:.h]\s?\d\d|\d\s?(?:[ap]\.?m\b|uhr|h\b)|\d\d\d\d\d\d|\d{4} (?:GMT|UTC)|[時时시點点]", regex.I
)
_ZONE_IN_BRACKETS = regex.compile(r"(?<=\d(?:Z|[+-]\d\d:?\d\d))\[[\p{L}/_]+\]")
_ZONE_NAME = regex.compile(r"\([\p{L} ]+\)|\[[\p{L}/_]+\]|\b(?:UTC|GMT|Z)\b")


_CLOCK = regex.compile(
    r"(?<![\d.,:])(?P<hour>\d{1,2})\s?(?:[:h]|uhr|ч\.?)\s?(?P<minute>\d{2})"
    r"(?:\s?[:m]\s?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?(?!\d)(?:\s?(?:min|uhr|hrs|h|น)\b)?\.?"
)
_DOTTED = regex.compile(
    r"(?<![\d.,:])(?P<hour>\d{1,2})\.(?P<minute>\d{2})(?:\.(?P<second>\d{2}))?(?![\d.:])(?:\s?(?:uhr|h)\b)?"
)
_HOUR = regex.compile(r"(?<![\d.,:])(?P<hour>\d{1,2})\s?(?:uhr|h\b|ч\b|час\w*|(?=[ap]m\b))")
_MILITARY = regex.compile(r"(?<![\d.,:])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s?(?:hrs|h|hours)\b")
_MILITARY_ZONED = regex.compile(r"(?<![\d.,:])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?=\W*$)")
_COMPACT_CLOCK = regex.compile(r"(?<=^\W*)(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)(?=\W*$)")


def take_clock(parts: Parts, words: Words) -> None:
    """Take the time of day out of a text, with the half of the day that it is in."""
    # of a date that is not taken out yet, 5.3 may be a part: then dots are no times
    has_date = parts.month is not None or not regex.search(r"\d\.\d{1,2}\.\d", parts.rest)
    found = _CLOCK.search(parts.rest) or (_DOTTED.search(parts.rest) if has_date else None) or _HOUR.search(parts.rest)
    found = found or _MILITARY.search(parts.rest) or _COMPACT_CLOCK.search(parts.rest)
    if found is None and parts.zone is not None:
        found = _MILITARY_ZONED.search(parts.rest)
    if found is None:
        return
    before, after = parts.rest[: found.start()], parts.rest[found.end() :]
    if (more := _CLOCK.search(after)) is not None:
        parts.assumed.append("the first of several times")
        after = after[: more.start()] + after[more.end() :]
    groups = found.groupdict()
    fraction = (groups.get("fraction") or "").ljust(6, "0")[:6]
    hour = _on_24_hours(int(groups["hour"]), _half_of_day(before, after, words))
    clock = (hour, int(groups.get("minute") or 0), int(groups.get("second") or 0), int(fraction or 0))
    if clock[0] > 23 or clock[1] > 59 or clock[2] > 59:
        raise ValueError("no such time of day")
    parts.clock, parts.rest = clock, f"{before} {after}"


def _half_of_day(before: str, after: str, words: Words) -> str | None:
    """Return `am` or `pm` from the words right before or behind a time: 9:15 de la noche."""
    behind = [words.halves.get(word) for word in tokens_of(after[:24])[:4]]
    ahead = [words.halves.get(word) for word in tokens_of(before)[-1:] if word != "em"]  # a preposition, too
    return next((half for half in (*behind, *ahead) if half), None)


def _on_24_hours(hour: int, half: str | None) -> int:
    if half == "am" and hour == 12:
        return 0
    return hour + 12 if half == "pm" and hour < 12 else hour

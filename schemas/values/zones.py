"""Time zones: by abbreviation, by name and by offset."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

# Minutes east of UTC. One abbreviation may stand for several zones: see `UNSURE`.
_OFFSETS = {
    "GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120,
    "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180, "МСК": 180, "TRT": 180, "SAST": 120, "CAT": 120, "WAT": 60,
    "EAT": 180, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "NST": -210, "NDT": -150, "BRT": -180,
    "ART": -180, "CLT": -240, "CLST": -180, "COT": -300, "PET": -300, "UYT": -180, "VET": -240, "IST": 330, "PKT": 300,
    "NPT": 345, "BDT": 360, "ICT": 420, "WIB": 420, "WITA": 480, "WIT": 540, "SGT": 480, "MYT": 480, "PHT": 480,
    "HKT": 480, "JST": 540, "KST": 540, "AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720,
    "NZDT": 780, "GST": 240, "IRST": 210, "AFT": 270, "UZT": 300, "IDT": 180,
}  # fmt: skip
_NAMES = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "EASTERN": "America/New_York",
    "CENTRAL": "America/Chicago",
    "MOUNTAIN": "America/Denver",
    "PACIFIC": "America/Los_Angeles",
}
UNSURE = frozenset(("AST", "BST", "CST", "GST", "IST"))
"""Abbreviations that stand for other zones, too: CST for Central Standard Time and for China Standard Time."""
_ABBREVIATION = "|".join(
    sorted({*_OFFSETS, *_NAMES} - {"Z", "EASTERN", "CENTRAL", "MOUNTAIN", "PACIFIC"}, key=len)[::-1]
)
# Lower case only right behind a time, as `est` and `art` are words, too.
ABBREVIATION = re.compile(
    rf"(?<![\w+-])(?P<plain>{_ABBREVIATION})(?![\w/])"
    r"|(?P<name>Eastern|Central|Mountain|Pacific)(?: Standard| Daylight)? Time\b"
    r"|(?<=\d)\s?(?P<low>z|Z|gmt|utc|est|edt|cst|cdt|pst|pdt|cet|cest|bst|ist)\b"
    r"|(?<=\d)\s?\(?(?P<moscow>мск)\b"
    r"|(?<=[ap]m)\s(?P<later>gmt|utc|est|edt|cst|cdt|pst|pdt|et|pt|ct)\b"
)
OFFSET = re.compile(
    r"(?:(?:gmt|utc|z)\s?|(?<=[:.h]\d\d)\s?|(?<=[ap]m)\s?|(?<=\())(?P<sign>[+−-])(?P<hours>\d{2}):?(?P<minutes>\d{2})(?!\d)"
    r"|(?:gmt|utc)\s?(?P<sign2>[+−-])\s?(?P<hours2>\d{1,2})(?!\d)",
    re.IGNORECASE,
)
IANA = re.compile(r"\b(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_/-]+")


def zone_of_abbreviation(name: str) -> tzinfo:
    """Return the zone of an abbreviation that `ABBREVIATION` matches."""
    short = name.upper()
    if short in _NAMES:
        return named_zone(_NAMES[short])
    return timezone(timedelta(minutes=_OFFSETS[short]))


def zone_of_offset(sign: str, hours: str, minutes: str | None) -> tzinfo:
    """Return the zone of an offset such as +05:30. Raises `ValueError` for one of more than 14 hours."""
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > timedelta(hours=14) or int(minutes or 0) > 59:
        raise ValueError("an offset of more than 14 hours")
    return timezone(offset if sign == "+" else -offset)


@lru_cache(maxsize=256)
def named_zone(name: str) -> tzinfo:
    """Return a zone by its name of the IANA database, its abbreviation, or its offset. Raises `ValueError`.

    >>> named_zone("+02:00").utcoffset(None)
    datetime.timedelta(seconds=7200)
    """
    from zoneinfo import ZoneInfo

    if name in _OFFSETS or name in _NAMES:
        return zone_of_abbreviation(name)
    if (offset := re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?", name)) is not None:
        return zone_of_offset(*offset.groups())
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not there, a folder, or a path that leads elsewhere
        raise ValueError(f"unknown time zone {name[:40]!r}") from None


def in_utc(local: datetime, zone: tzinfo) -> datetime:
    """Return a time of a zone, given without one, in UTC."""
    return local.replace(tzinfo=zone).astimezone(timezone.utc)

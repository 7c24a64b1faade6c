"""Texts, titles and yes or no."""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Mapping
from typing import Any

_LONGEST_LIST = 20_000  # characters of a list that is written as text
_DIGITS = 4_000  # Python writes integers of up to 4,300 digits
_BITS = 13_000  # about as many


_NAMES = frozenset(
    "name title label term tag value @value #text @term url href @href @id src contentUrl $oid $date".split()
)


def text(value: Any) -> str | None:
    """Return a single value as text, or None for an empty one."""
    if type(value) is str:
        return value or None
    if value is None or isinstance(value, (Mapping, list, tuple, bytes)):
        if value:
            raise ValueError(f"text expected, {name_kind(value)} found")
        return None
    return as_text(value) or None


def as_text(value: Any) -> str:
    """Return a number, a date or the like as text. Raises `ValueError` for an integer of thousands of digits."""
    if type(value) is int and value.bit_length() > _BITS:
        raise ValueError(f"an integer of more than {_DIGITS:,} digits")
    return str(value)


def name_kind(value: Any) -> str:
    """Return the name of a value's type in JSON.

    >>> name_kind([1]), name_kind({"a": 1}), name_kind(1)
    ('list', 'object', 'number')
    """
    if isinstance(value, Mapping):
        return "object"
    if isinstance(value, (list, tuple)):
        return "list"
    if isinstance(value, bool):
        return "true or false"
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def shorten(value: Any, longest: int = 40) -> str:
    """Return a value as it is quoted in a message: its beginning, in one line."""
    if type(value) is int and value.bit_length() > _BITS:
        return f"an integer of more than {_DIGITS:,} digits"
    return repr(str(value)[:longest])


def label(value: Any) -> str | None:
    """Return a short text, stripped. A list gives its first entry, an object its name."""
    if value is None:
        return None
    if type(value) is str:
        short = value.strip()
        # an object that somebody has written as text: {'name': 'Daily'}
        if short[:2] not in ("{'", '{"') or not isinstance(read := read_list(short), Mapping):
            return short or None
        value = read
    if isinstance(value, Mapping) and value and not value.keys() & _NAMES:
        raise ValueError(f"text expected, an object with {', '.join(map(str, value))[:60]} found")
    name = text(first(value, "name", "title", "@value"))
    return (name.strip() or None) if name else None


_TAG = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1>|</?(?P<inline>a|b|i|u|em|strong|span|small|sup|sub|font|mark|abbr)\b[^<>]*>"
    r"|</?(?:p|br|div|img|ul|ol|li|h[1-6]|blockquote|figure|figcaption|iframe|hr|section|table|tr|td)\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,30}\d{0,2});", re.IGNORECASE)


def plain_label(value: Any) -> str | None:
    """Return a short text as `label` does, without the tags and the character references of HTML.

    >>> plain_label("<p>Two <b>cracks</b> &amp; a leak</p><p>No ferry</p>"), plain_label("a < b")
    ('Two cracks & a leak No ferry', 'a < b')
    """
    short = label(value)
    if short is None or ("<" not in short and "&" not in short):
        return short
    without = _TAG.sub(lambda tag: "" if tag["inline"] else " ", short)
    plain = _REFERENCE.sub(lambda found: html.unescape(found[0]), without)
    return " ".join(plain.split()) or None if without != short else plain.strip() or None


def first(value: Any, *names: str) -> Any:
    """Return the first non-empty entry of a list, or of these fields of an object; other values as they are."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, (list, tuple)):
        value = next((v for v in value if v), None)
    return next((value[n] for n in names if value.get(n)), None) if isinstance(value, Mapping) else value


def titles(value: Any) -> list[str]:
    """Return a list of headlines. A headline is never split at a comma."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return [entry for item in items if (entry := label(item))]


def flag(value: Any) -> bool | None:
    """Return true or false for a JSON boolean or one of its usual spellings, None for an empty value."""
    if value is None or isinstance(value, bool):
        return value
    spellings = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": None}
    try:
        return spellings[as_text(value).strip().lower()]
    except KeyError:
        raise ValueError(f"neither true nor false: {shorten(value)}") from None


def read_list(written: str) -> Any:
    """Return the list or object that is written as JSON or as Python, else the text itself.

    >>> read_list("['A', 'B']"), read_list('["A"]'), read_list("[sic]")
    (['A', 'B'], ['A'], '[sic]')
    """
    if len(written) > _LONGEST_LIST or written[-1:] not in "]}":
        return written
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(written)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return found if isinstance(found, (list, tuple, dict)) else written
    return written

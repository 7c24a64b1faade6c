"""Words for messages: what is wrong with a value in a file, numbers of things, and data made safe to print."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .errors import nearest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# What the value should be and how to write it, by the first word of pydantic's error type.
_EXPECTED = {
    "list": ("a list", 'write it in brackets, as in ["tags"]'),
    "string": ("a text", "write it in quotes"),
    "bool": ("true or false", "write it without quotes"),
    "dict": ("a table", "write it as in { name = ... }"),
    "model": ("a table", "write it as in { name = ... }"),
    "int": ("a whole number", "write it as in 3"),
    "date": ("a date", "write it as in 2030-12-31"),
}
_SHOWN = 60  # characters of a value in a message
# Characters that a terminal obeys, hides or reorders: controls, lone surrogates, line separators, marks of direction,
# characters without a width.
UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def describe_invalid_value(error: ErrorDetails, place: str) -> tuple[str, str]:
    """Return what is wrong with a value, and what to do about it (empty if that is unknown).

    `place` is the dotted path of the value, as in `suppressions.expires`.

    >>> describe_invalid_value({"type": "list_type", "loc": ("ignore",), "msg": "", "input": "tags"}, "ignore")
    ("ignore: 'tags' is not a list", 'write it in brackets, as in ["tags"]')
    """
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    shown = repr(value) if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    prefix = f"{place}: " if place else ""
    if kind == "missing":
        key = error["loc"][-1]
        parent = place.removesuffix(str(key)).rstrip(".")
        return f"{f'{parent}: ' if parent else ''}the key {str(key)!r} is missing", f"add: {key} = ..."
    if kind == "literal_error":
        choices = limits["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{prefix}{shown} is not allowed{nearest(str(value), choices)}", f"use one of: {', '.join(choices)}"
    if kind == "string_too_short":
        return f"{prefix}{shown} is too short", f"write at least {limits['min_length']} characters"
    if kind == "too_long":
        return f"{prefix}it has more than {limits['max_length']:,} entries", "remove some of them"
    if kind == "too_short":
        return f"{prefix}the list is empty", "add an entry, or remove the key"
    if kind.partition("_")[0] in _EXPECTED:
        expected, hint = _EXPECTED[kind.partition("_")[0]]
        return f"{prefix}{shown} is not {expected}", hint
    return prefix + error["msg"].removeprefix("Value error, "), ""


def counted(count: int, what: str) -> str:
    """Return a number with its noun, in the plural if needed.

    >>> counted(1, "finding"), counted(1200, "text")
    ('1 finding', '1,200 texts')
    """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def printable(text: str, keep: str = "") -> str:
    r"""Return a text from data as it may reach a terminal or a log: unsafe characters become visible escapes.

    `keep` names the characters that stay as they are, such as line ends. The result can be encoded in UTF-8.

    >>> print(printable("\x1b[31mred\u202e\n"))
    \x1b[31mred\u202e\n
    >>> print(printable("one\ntwo\r", keep="\n"))
    one
    two\r
    """
    if text.isascii() and text.isprintable():
        return text
    return UNPRINTABLE.sub(lambda match: match[0] if match[0] in keep else _escape(match[0]), text)


def _escape(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

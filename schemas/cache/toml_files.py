"""TOML: the parser, the cache of the package's own files, and the line of a key for error messages."""

from __future__ import annotations

import hashlib
import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from .store import cache_directory, load_or_make

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Table", "line_of_key", "parse_own", "tomllib"]

Table = dict[str, Any]


def parse_own(files: Sequence[bytes]) -> list[Table]:
    """Parse TOML files of this package, or take them parsed from the user's cache.

    The cache has no dates, so the files must not have any: a date would come back as text.
    """
    digest = hashlib.sha256(b"".join(hashlib.sha256(file).digest() for file in files)).hexdigest()

    def parse() -> list[Table]:
        return [tomllib.loads(file.decode()) for file in files]

    return load_or_make(cache_directory() / f"{digest}.tables", _decode, parse, msgspec.msgpack.encode)


def _decode(body: bytes) -> list[Table] | None:
    try:
        return msgspec.msgpack.decode(body, type=list[Table])
    except msgspec.DecodeError:
        return None


def line_of_key(text: str, *keys: str, table: str = "", index: int = 0) -> int:
    r"""Return the line of TOML, from 1, on which the innermost of some nested keys is written.

    With `table`, only the `index`-th `[[table]]` is searched. A key that is not written gives the line of that table,
    or 1. The parser keeps no positions, so the lines are searched: a key inside a text can be taken for the key itself.

    >>> line_of_key("a = 1\n[[rule]]\nid = 2\n[[rule]]\nid = 3", "id", table="rule", index=1)
    5
    """
    lines = text.split("\n")
    first, last = _span_of_table(lines, table, index) if table else (0, len(lines))
    for key in reversed(keys):
        for form in _written_forms(key):
            for number in range(first, last):
                if form.search(lines[number]):
                    return number + 1
    return first + 1


def _span_of_table(lines: list[str], table: str, index: int) -> tuple[int, int]:
    """Return the lines, counted from 0, from a header `[[table]]` to the next one; all lines if it is not there."""
    header = re.compile(rf"\s*\[\[\s*(?:[\w-]+\s*\.\s*)*{re.escape(table)}\s*\]\]")
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    if index >= len(starts):
        return 0, len(lines)
    return (starts[index], [*starts, len(lines)][index + 1])


def _written_forms(key: str) -> list[re.Pattern[str]]:
    """Return patterns of a key in a line, the surest first: `key =`, `[table.key]`, and the bare word."""
    word = rf"""["']?{re.escape(key)}["']?\s*"""
    return [
        re.compile(rf"(?:^|[{{,])\s*{word}="),
        re.compile(rf"^\s*\[+[^#]*(?<![\w-]){word}(?:\.[^#]*)?\]"),
        re.compile(rf"(?<![\w/-]){re.escape(key)}(?![\w/-])"),
    ]

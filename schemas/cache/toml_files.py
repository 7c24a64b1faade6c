"""TOML: the parser, the cache of the package's own files, and the line of a key for error messages."""

from __future__ import annotations

import errno
import hashlib
import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from .store import cache_directory, load_or_make

if sys.version_info >= (3, 11):
    import tomllib as tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


Table = dict[str, Any]
MAX_BYTES = 8 << 20  # of a file; ten times the rules of this package
MAX_DEPTH = 32  # of tables and lists in each other
_SEARCHED = 1_000  # characters at the start of each line: searching a longer one could take hours
_MAX_PARTS = 256  # of a key; a text of several lines may have such a line, but not by chance
_PART = r"""(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*"""  # of a key, bare or in quotes
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*(?:{_PART}\.[ \t]*){{{_MAX_PARTS}}}", re.MULTILINE | re.ASCII)
_INTEGERS = range(-(2**63), 2**63)  # what TOML allows; Python cannot even print much longer ones


def read_toml(path: Path) -> tuple[str, Table]:
    """Read a TOML file; return its text and its content. Raises `OSError`, or `ValueError` as `parse_toml` does."""
    data = read_bounded(path)
    content = parse_toml(data)
    return data.decode(), content


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a TOML file. Raises `OSError` if it cannot be read, or is far too large."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(errno.EINVAL, f"it is larger than {MAX_BYTES >> 20} MB", str(path))
    return data


def parse_toml(data: bytes) -> Table:
    """Parse TOML of anybody. Raises `ValueError`, with the reason, for everything that is not sound TOML.

    It also refuses deep nesting and huge integers, because later code fails on them. Keys of many parts are found
    before the parser sees them, because it takes quadratic time for them.
    """
    text = data.decode()
    if long_key := _LONG_KEY.search(text):
        line = text.count("\n", 0, long_key.end()) + 1
        raise ValueError(f"a key has more than {_MAX_PARTS} parts (at line {line})")
    try:
        content: Table = tomllib.loads(text)
    except RecursionError:
        raise ValueError("tables or lists are nested too deeply") from None
    _require_plain(content)
    return content


def _require_plain(content: Table) -> None:
    """Raise `ValueError` for deep nesting and huge integers. One level after the other, so that no stack overflows."""
    level: list[Any] = [content]
    for _ in range(MAX_DEPTH):
        level = [value for parent in level for value in _children(parent)]
        if any(type(value) is int and value not in _INTEGERS for value in level):
            raise ValueError("an integer does not fit into 64 bits")
        if not level:
            return
    raise ValueError(f"tables or lists are nested more than {MAX_DEPTH} deep")


def _children(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


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
    lines = [line[:_SEARCHED] for line in text.split("\n")]
    first, last = _span_of_table(text, table, index) if table else (0, len(lines))
    for key in reversed(keys):
        for form in _written_forms(key):
            for number in range(first, last):
                if form.search(lines[number]):
                    return number + 1
    return first + 1


def lines_of_tables(text: str, table: str) -> list[int]:
    """Return the lines, from 1, of all headers `[[table]]`."""
    header = re.compile(rf"\s*\[\[\s*(?:[\w-]+\s*\.\s*)*{re.escape(table)}\s*\]\]")
    return [number for number, line in enumerate(text.split("\n"), 1) if header.match(line[:_SEARCHED])]


def _span_of_table(text: str, table: str, index: int) -> tuple[int, int]:
    """Return the lines, counted from 0, from a header `[[table]]` to the next one; all lines if it is not there."""
    starts = [line - 1 for line in lines_of_tables(text, table)]
    ends = [*starts[1:], text.count("\n") + 1]
    return (starts[index], ends[index]) if index < len(starts) else (0, ends[-1])


def _written_forms(key: str) -> list[re.Pattern[str]]:
    """Return patterns of a key in a line, the surest first: `key =`, `[table.key]`, and the bare word."""
    word = rf"""["']?{re.escape(key)}["']?\s*"""
    return [
        re.compile(rf"(?:^|[{{,])\s*{word}="),
        re.compile(rf"^\s*\[+[^#]*(?<![\w-]){word}(?:\.[^#]*)?\]"),
        re.compile(rf"(?<![\w/-]){re.escape(key)}(?![\w/-])"),
    ]

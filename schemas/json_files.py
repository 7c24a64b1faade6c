"""JSON files that a user names, read with limits: they can come from a stranger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 10_000_000
MAX_DEPTH = 100
MAX_DIGITS = 30


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises `OSError` if it cannot be read, and `ValueError` if it is not a regular file, is not JSON in UTF-8, or has
    more than `MAX_BYTES` bytes, `MAX_DEPTH` levels, or `MAX_DIGITS` digits in a whole number.
    """
    if path.exists() and not path.is_file():
        raise ValueError("it is not a regular file")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_int=_read_whole, parse_constant=_refuse_constant)
        _require_depth(value)
    except RecursionError:
        raise ValueError(f"it is nested more than {MAX_DEPTH} deep") from None
    return value


def _read_whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def _require_depth(value: Any) -> None:
    """Raise `RecursionError` if lists and objects are nested too deep."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level for inner in _children(each)]
        if not level:
            return
    raise RecursionError


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value

"""Input fields that an article has no place for, kept under `extra` as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ...schemas.article import DERIVED, EXTRA, is_article, merge_extra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONE_SURROGATE = "a text in it has half of a surrogate pair, which is not a character"
_DEEPEST = 400  # levels of a value; deeper ones are cut off
_encode = msgspec.json.Encoder(enc_hook=str).encode


class ExtraFields:
    """The other fields of some records, each as JSON."""

    def __init__(self, count: int) -> None:
        self._fields: list[dict[str, Any]] = [{} for _ in range(count)]
        self._objects: dict[int, Any] = {}

    def add(self, row: int, name: str, value: Any) -> None:
        """Add a field of a record. Adding `extra` adds the fields of the object that it holds."""
        if name == EXTRA:
            self._objects[row] = value
        else:
            self._fields[row][name] = value

    def add_rows(
        self, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int], names: Sequence[str], *, has_object: bool
    ) -> None:
        """Add fields of some of the records. `has_object` says that they have a field `extra`, too."""
        if names:
            others = [name for name in names if name not in DERIVED]
            for i in numbers:
                row = rows[i]
                chosen = others if len(others) < len(names) and is_article(row) else names
                self._fields[i].update((name, row[name]) for name in chosen)
        if has_object:
            self._objects.update((i, rows[i][EXTRA]) for i in numbers)

    def add_columns(self, columns: Mapping[str, list[Any]]) -> None:
        """Add columns of all records. Missing values are left out."""
        derived = {name: values for name, values in columns.items() if name in DERIVED}
        articles = [False] * len(self._fields)
        if "schema_version" in derived:
            articles = [
                is_article(dict(zip(derived, values, strict=True))) for values in zip(*derived.values(), strict=True)
            ]
        for name, values in columns.items():
            for i, value in enumerate(values):
                if value is not None and not (articles[i] and name in derived):
                    self.add(i, name, value)

    def encode(self) -> list[bytes | None] | None:
        """Return the fields of each record as JSON, None for a record without any; None if no record has any."""
        for i, value in self._objects.items():
            self._fields[i] = merge_extra(self._fields[i], value)
        return [encode_json(fields) if fields else None for fields in self._fields] if any(self._fields) else None


def encode_json(value: Any) -> bytes:
    """Return a value as JSON. What JSON cannot hold becomes text: other types, lone surrogates, endless numbers."""
    try:
        return _encode(value)
    except (ValueError, RecursionError):
        return _encode(_simplify(value, _DEEPEST))


def _simplify(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return escape_surrogates(value)
    if isinstance(value, int) and abs(value) >> 64:
        return f"{value:#x}" if abs(value) >> 14_000 else value  # Python writes 4,300 decimal digits at most
    if not isinstance(value, (dict, list, tuple, set, frozenset)):
        return value
    if not levels:
        return "…"
    if isinstance(value, dict):
        return {escape_surrogates(str(name)): _simplify(one, levels - 1) for name, one in value.items()}
    return [_simplify(one, levels - 1) for one in value]


def escape_surrogates(text: str) -> str:
    r"""Return a text in which lone surrogates are escapes.

    >>> print(escape_surrogates("caf\udce9"))
    caf\udce9
    """
    return text.encode("utf-8", "backslashreplace").decode()


def has_surrogates(value: Any) -> bool:
    """Return whether a value, or a text within it, has half of a surrogate pair."""
    try:
        msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False

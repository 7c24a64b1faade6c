"""The dialects of the package, and how a record is recognised as one of a dialect.

Each is a TOML file beside this one, with these keys:

- `name`, for `--from`, and `summary`
- `signs`: names of a record by which the dialect is recognised; of names with `|` between them, one is enough
- `lacks`: names that records of the dialect never have
- `other`: names that fill no field, and are kept under `extra`
- `fields`: for each field its names, the best first, before the names that any dump may use; a list within the list
  has names that are read together
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cache.toml_files import parse_own
from ..errors import SettingError, nearest
from ..field_paths import fold_name, parse_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SURE = 0.6
"""The confidence from which a dialect is used."""
Alternatives = tuple[tuple[str, ...], ...]
"""Names of a field, the best first; those of one inner tuple are read together."""


@dataclass(frozen=True)
class Dialect:
    """How a tool names the fields of an article."""

    name: str
    summary: str
    signs: tuple[str, ...]
    lacks: tuple[str, ...]
    other: tuple[str, ...]
    fields: Mapping[str, Alternatives]

    def confidence(self, folded: set[str]) -> float:
        """Return how many of its signs a record has, from 0 to 1. `folded` has the record's names, folded."""
        if any(fold_name(name) in folded for name in self.lacks):
            return 0
        present = sum(any(fold_name(name) in folded for name in sign.split("|")) for sign in self.signs)
        return present / len(self.signs)


@lru_cache(maxsize=1)
def load_dialects() -> dict[str, Dialect]:
    """Return the dialects of the package by name."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    dialects = map(_read, parse_own([path.read_bytes() for path in files]))
    return {dialect.name: dialect for dialect in dialects}


def _read(table: Mapping[str, Any]) -> Dialect:
    fields = {
        field: tuple(tuple(entry) if isinstance(entry, list) else (entry,) for entry in entries)
        for field, entries in table["fields"].items()
    }
    lists = {key: tuple(table.get(key, ())) for key in ("signs", "lacks", "other")}
    return Dialect(table["name"], table["summary"], **lists, fields=fields)


def find_dialect(name: str) -> Dialect:
    """Return a dialect by name. Raises `SettingError` for an unknown one."""
    dialects = load_dialects()
    if name not in dialects:
        hint = f"use one of: {', '.join(dialects)}"
        raise SettingError(f"unknown dialect {name!r}{nearest(name, dialects)}", hint=hint)
    return dialects[name]


def recognise(names: Iterable[str]) -> tuple[Dialect | None, float]:
    """Return the dialect of a record with these names, None if no dialect is sure, and the confidence in the best one.

    >>> dialect, confidence = recognise(["maintext", "date_publish", "date_download", "title_rss", "title_page", "url"])
    >>> dialect.name, round(confidence, 2)
    ('news-please', 0.71)
    """
    roots = [name for name in names if isinstance(name, str)]
    folded = set(map(fold_name, roots))
    folded |= {fold_name(str(parse_path(name)[0])) for name in roots if "." in name and parse_path(name)}
    # of two dialects with the same share of their signs, that with more signs
    best = max(load_dialects().values(), key=lambda dialect: (dialect.confidence(folded), len(dialect.signs)))
    confidence = best.confidence(folded)
    return (best if confidence >= SURE else None), confidence

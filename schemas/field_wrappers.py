"""Wrappers: objects within a record that hold the fields of the article, as in `{"url": ..., "article": {...}}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa

from .field_paths import fold_name

Wrapped = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""For each wrapper of a record, the names that lead to it, and the names within it."""
_WRAPPERS = frozenset(
    map(
        fold_name,
        """
        article story post news news_item item entry document doc node page record content data attributes fields
        payload result meta metadata meta_data artikel nota noticia
        """.split(),
    )
)
OF_ELASTICSEARCH = "_source"
_DEEPEST = 3  # wrappers around a field


@lru_cache(maxsize=4096)
def _wrappers_among(names: tuple[str, ...]) -> tuple[str, ...]:
    texts = [name for name in names if isinstance(name, str)]
    return tuple(name for name in texts if fold_name(name) in _WRAPPERS or name == OF_ELASTICSEARCH)


def wrapped_in_records(names: tuple[str, ...], records: Iterable[Mapping[str, Any]]) -> Wrapped:
    """Return the wrappers of records with these names.

    >>> wrapped_in_records(("url", "article"), [{"url": "", "article": {"title": "Rain"}}])
    ((('article',), ('title',)),)
    """
    wrappers = _wrappers_among(names)
    inside: dict[tuple[str, ...], dict[str, None]] = {}
    for record in records if wrappers else ():
        for name in wrappers:
            _add(inside, (name,), record.get(name))
    return tuple((path, tuple(keys)) for path, keys in inside.items())


def _add(inside: dict[tuple[str, ...], dict[str, None]], path: tuple[str, ...], value: Any) -> None:
    if not isinstance(value, Mapping):
        return
    keys = [key for key in value if isinstance(key, str)]
    inside.setdefault(path, {}).update(dict.fromkeys(keys))
    for key in _wrappers_among(tuple(keys)) if len(path) < _DEEPEST else ():
        _add(inside, (*path, key), value[key])


def wrapped_in_table(schema: pa.Schema) -> Wrapped:
    """Return the wrappers of a table: columns of structs."""
    found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    waiting: list[tuple[tuple[str, ...], pa.DataType]] = [
        ((name,), schema.field(at).type) for at, name in enumerate(schema.names) if _wrappers_among((name,))
    ]
    for path, kind in waiting:
        if pa.types.is_struct(kind):
            found.append((path, tuple(field.name for field in kind)))
            inner = [field for field in kind if len(path) < _DEEPEST and _wrappers_among((field.name,))]
            waiting += [((*path, field.name), field.type) for field in inner]
    return tuple(found)

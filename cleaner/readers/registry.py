"""The readers that are there: those of the modules in `formats/`, and those of plugins."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, NamedTuple

from ...schemas.errors import SettingError
from ...schemas.plugins import LoadedPlugin, Plugin, find_added, load_plugins
from . import formats
from .declare import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GROUP = "copydesk.readers"
AUTO = "auto"


@lru_cache(maxsize=1)
def own_readers() -> dict[str, Reader]:
    """Return the readers of the modules in `formats/` by the names of their formats.

    All modules are imported, but only when an input is looked for: each takes a fraction of a millisecond, because it
    imports its libraries when it reads.
    """
    readers: dict[str, Reader] = {}
    for info in iter_modules(formats.__path__):
        module = import_module(f"{formats.__name__}.{info.name}")
        declared = [value for value in vars(module).values() if isinstance(value, Reader)]
        readers.update((one.name, one) for one in declared if one.read.__module__ == module.__name__)
    return readers


def load_reader_plugins() -> tuple[LoadedPlugin[Reader], ...]:
    """Return the plugins that add readers, each by the name of its format and by its suffixes."""
    owned = [name for reader in own_readers().values() for name in (reader.name, *reader.suffixes)]
    return load_plugins(GROUP, _classify, (AUTO, *owned))


def _classify(value: Any, plugin: Plugin) -> dict[str, Reader]:
    if not isinstance(value, Reader):
        raise SettingError("it is no reader: `copydesk.plugins.reader` makes one of a function")
    return dict.fromkeys((plugin.name, *value.suffixes), replace(value, name=plugin.name))


def all_readers() -> Iterator[Reader]:
    """Yield all readers: first those of copydesk, then those of plugins."""
    yield from own_readers().values()
    for loaded in load_reader_plugins():
        if loaded.adds:
            yield loaded.adds[loaded.plugin.name]


def find_reader(name: str) -> tuple[Reader, Plugin | None]:
    """Return the reader of a format, and the plugin that it comes from, if any.

    Raises `SettingError` for an unknown format, or the `PluginError` of a plugin that should have it and is left out.
    """
    if name in own_readers():
        return own_readers()[name], None
    plugins = load_reader_plugins()
    for loaded in plugins:
        if name == loaded.plugin.name and loaded.adds:
            return loaded.adds[name], loaded.plugin
    find_added(plugins, name)
    names = [AUTO, *sorted(reader.name for reader in all_readers())]
    raise SettingError(f"unknown format {name!r}", hint=f"use one of: {', '.join(names)}")


def all_magic() -> tuple[bytes, ...]:
    """Return the first bytes of files of all formats that have such bytes."""
    return _list_signs(tuple(own_readers()), tuple(sys.path)).magic


def formats_by_suffix() -> Mapping[str, str]:
    """Return the format of each suffix."""
    return _list_signs(tuple(own_readers()), tuple(sys.path)).formats


def shared_suffixes() -> frozenset[str]:
    """Return the suffixes that several formats share: the first bytes decide between them."""
    return _list_signs(tuple(own_readers()), tuple(sys.path)).shared


class _Signs(NamedTuple):
    """What tells formats: the format of each suffix, the suffixes that several share, and first bytes."""

    formats: dict[str, str]
    shared: frozenset[str]
    magic: tuple[bytes, ...]


@lru_cache(maxsize=4)
def _list_signs(_own: tuple[str, ...], _path: tuple[str, ...]) -> _Signs:
    """List signs once: they are asked for with every file. The path tells which plugins there are."""
    readers = list(all_readers())
    return _Signs(
        {suffix: reader.name for reader in readers for suffix in reader.suffixes},
        frozenset(suffix for reader in readers for suffix in reader.shared_suffixes),
        tuple(magic for reader in readers for magic in reader.magic),
    )


def name_suffixes() -> str:
    """Return the suffixes of all formats, as in messages."""
    *others, last = sorted(formats_by_suffix())
    return f"{', '.join(others)} or {last}"

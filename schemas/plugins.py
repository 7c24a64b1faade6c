"""Plugins: what installed distributions add, found by their entry points, sorted, loaded and classified.

A distribution names what it adds in the entry-point groups `copydesk.rules`, `.readers`, `.checks` and `.reporters`.
All groups are loaded in the same way: an id belongs to one distribution, with its whole family (what stands before the
slash), and one that cannot be used is named in a warning and left out, while the others go on.
"""

from __future__ import annotations

import logging
import sys
import traceback
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .errors import CopydeskError, PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

API_VERSION = 1
API_NAME = "COPYDESK_API"
"""The name under which a module of a plugin may say for which version of this interface it was written."""
OURS = "copydesk"
FAILED = "plugin/failed"
"""The reason of records that a rule or check of a plugin failed on."""
_MESSAGE = 200  # characters of what a plugin says that are told
T = TypeVar("T")
LOGGER = "copydesk.plugins"
"""Of what is said of plugins: a process that works for another one does not say it again."""
_log = logging.getLogger(LOGGER)


@dataclass(frozen=True)
class Plugin:
    """An entry point, and the distribution that it comes from."""

    group: str
    name: str
    value: str
    distribution: str
    version: str
    point: EntryPoint = field(repr=False, compare=False)

    def is_of(self, name: str) -> bool:
        """Say whether it comes from a distribution, however its name is written."""
        from packaging.utils import canonicalize_name

        return canonicalize_name(name) == canonicalize_name(self.distribution)

    def __str__(self) -> str:
        return f"the plugin {self.name!r} of {self.distribution} {self.version} ({self.group}: {self.value})"


@dataclass(frozen=True, eq=False)
class LoadedPlugin(Generic[T]):
    """A plugin with what it adds, by id, or with the reason why it is left out."""

    plugin: Plugin
    adds: Mapping[str, T] = field(default_factory=dict)
    error: PluginError | None = None


def load_plugins(
    group: str, classify: Callable[[Any, Plugin], Mapping[str, T]], owned: tuple[str, ...] = (), *, warn: bool = True
) -> tuple[LoadedPlugin[T], ...]:
    """Load the plugins of a group, in the order of their distributions and names.

    `classify` gives what an entry point adds by id, or raises a `CopydeskError`; `owned` are the ids that come with
    copydesk. A plugin that is left out is named in a warning, once.
    """
    return _load_group(group, classify, owned, warn, tuple(sys.path))


def some_are_left_out() -> bool:
    """Say whether a plugin of those that were loaded so far was left out with a warning."""
    return tuple(sys.path) in _left_out


_left_out: set[tuple[str, ...]] = set()


@lru_cache(maxsize=16)
def _load_group(
    group: str,
    classify: Callable[[Any, Plugin], Mapping[str, T]],
    owned: tuple[str, ...],
    warn: bool,
    path: tuple[str, ...],
) -> tuple[LoadedPlugin[T], ...]:
    owners = {_family(name): OURS for name in owned}
    taken: set[str] = set()
    loaded: list[LoadedPlugin[T]] = []
    for plugin in _find(group):
        try:
            adds = _load(plugin, classify)
            _require_free(plugin, adds, owners, taken)
        except PluginError as error:
            if warn:
                _log.warning("left out: %s", error)
                _left_out.add(path)
            loaded.append(LoadedPlugin(plugin, error=error))
            continue
        owners.update((_family(name), plugin.distribution) for name in adds)
        taken.update(adds)
        loaded.append(LoadedPlugin(plugin, adds))
    return tuple(loaded)


def find_added(plugins: Iterable[LoadedPlugin[T]], name: str) -> T | None:
    """Give what plugins add under an id, None if there is no such thing.

    Raises the `PluginError` of a plugin that has that name itself and is left out.
    """
    for loaded in plugins:
        if name in loaded.adds:
            return loaded.adds[name]
        if loaded.error and loaded.plugin.name == name:
            raise loaded.error
    return None


@lru_cache(maxsize=4)
def _installed(_path: tuple[str, ...]) -> Any:
    """Give the entry points of all that can be imported: they are looked up in the files of each distribution.

    What this is called differs between versions of Python; all have `select`.
    """
    return entry_points()


def _find(group: str) -> list[Plugin]:
    found = [
        Plugin(
            group,
            point.name,
            point.value,
            point.dist.name if point.dist else "an unknown distribution",
            point.dist.version if point.dist else "",
            point,
        )
        for point in _installed(tuple(sys.path)).select(group=group)
    ]
    return sorted(found, key=lambda plugin: (plugin.distribution.lower(), plugin.name, plugin.value))


def _load(plugin: Plugin, classify: Callable[[Any, Plugin], Mapping[str, T]]) -> Mapping[str, T]:
    """Import what an entry point names and classify it. Raises `PluginError`, whatever the plugin raises."""
    try:
        found = plugin.point.load()
        _require_api(plugin)
        return classify(found, plugin)
    except PluginError:
        raise
    except CopydeskError as error:
        raise _unusable(plugin, error.what, error.where or place_of(error) or _file_of(plugin)) from error
    except (Exception, SystemExit) as error:
        raise _unusable(plugin, f"{type(error).__name__}: {error}", place_of(error) or _file_of(plugin)) from error


def _require_api(plugin: Plugin) -> None:
    """Raise `PluginError` if a module of the plugin, or a package around it, is for another interface."""
    name = plugin.point.module
    while name:
        version = getattr(sys.modules.get(name), API_NAME, API_VERSION)
        if version != API_VERSION:
            what = f"it is for version {version!r} of the plugin interface, and this is version {API_VERSION}"
            raise _unusable(plugin, what, _file_of(plugin))
        name = name.rpartition(".")[0]


def _require_free(plugin: Plugin, adds: Mapping[str, T], owners: Mapping[str, str], taken: set[str]) -> None:
    for name in adds:
        owner = owners.get(_family(name), plugin.distribution)
        if owner != plugin.distribution:
            whose = name if name == _family(name) else f"{name}: its family {_family(name)!r}"
            raise _unusable(plugin, f"{whose} belongs to {owner}", _file_of(plugin))
        if name in taken:
            raise _unusable(plugin, f"{name} is declared by another plugin of {owner}, too", _file_of(plugin))


def _family(name: str) -> str:
    return name.partition("/")[0]


def _unusable(plugin: Plugin, cause: str, where: str) -> PluginError:
    hint = f"update {plugin.distribution}, or uninstall it"
    error = PluginError(f"{plugin} cannot be used: {cause}", where=where, hint=hint)
    error.cause = cause
    return error


def _file_of(plugin: Plugin) -> str:
    return getattr(sys.modules.get(plugin.point.module), "__file__", None) or ""


def is_ours(function: Callable[..., Any]) -> bool:
    """Say whether a function comes with copydesk, and not from a plugin."""
    return function.__module__.partition(".")[0] == OURS


def describe_failed_check(check_id: str, error: BaseException) -> str:
    """Say in a line that a check of a plugin was left out, and what it raised."""
    return f"judged without the check {check_id}: {describe_failure(error)}"


def describe_failure(error: BaseException) -> str:
    """Say in a line what foreign code raised, and where, without the folder that it lies in."""
    file, _, line = place_of(error).rpartition(":")
    message = " ".join(str(error).split())[:_MESSAGE]
    return f"{type(error).__name__}: {message}" + (f" ({Path(file).name}:{line})" if file else "")


def place_of(error: BaseException) -> str:
    """Give `file:line` of where foreign code raised an error, or nothing."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not frame.f_globals.get("__name__", "").startswith((f"{OURS}.", "importlib")):
            place = f"{frame.f_code.co_filename}:{line}"
    return place

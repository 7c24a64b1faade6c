"""Plugins: find the entry points of installed distributions, then sort, load and classify them.

A distribution uses the entry-point groups `copydesk.rules`, `.readers`, `.checks` and `.reporters`. All groups load in
the same way. One distribution owns an id and its whole family (the part before the slash). A plugin that cannot be used
is skipped with a warning; the others still load.
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
"""A plugin's module can set this name to the version of the interface that it was written for."""
OURS = "copydesk"
FAILED = "plugin/failed"
"""The reason code of a record on which a rule or check of a plugin failed."""
_MESSAGE = 200  # characters of an error message of a plugin that are shown
T = TypeVar("T")
LOGGER = "copydesk.plugins"
"""The logger of warnings about plugins. Worker processes silence it, so that each warning appears once."""
_log = logging.getLogger(LOGGER)


@dataclass(frozen=True)
class Plugin:
    """An entry point, and the distribution that it belongs to."""

    group: str
    name: str
    value: str
    distribution: str
    version: str
    point: EntryPoint = field(repr=False, compare=False)

    def is_of(self, name: str) -> bool:
        """Return whether it comes from a distribution, in any spelling of its name."""
        from packaging.utils import canonicalize_name

        return canonicalize_name(name) == canonicalize_name(self.distribution)

    def __str__(self) -> str:
        return f"the plugin {self.name!r} of {self.distribution} {self.version} ({self.group}: {self.value})"


@dataclass(frozen=True, eq=False)
class LoadedPlugin(Generic[T]):
    """A plugin with what it adds, by id, or with the error that caused it to be skipped."""

    plugin: Plugin
    adds: Mapping[str, T] = field(default_factory=dict)
    error: PluginError | None = None


def load_plugins(
    group: str, classify: Callable[[Any, Plugin], Mapping[str, T]], owned: tuple[str, ...] = (), *, warn: bool = True
) -> tuple[LoadedPlugin[T], ...]:
    """Load the plugins of a group, sorted by distribution and name.

    `classify` returns what an entry point adds, by id, or raises a `CopydeskError`. `owned` are the ids that come with
    copydesk. A plugin that is skipped causes one warning.
    """
    return _load_group(group, classify, owned, warn, tuple(sys.path))


def any_skipped() -> bool:
    """Return whether a plugin was skipped with a warning so far."""
    return tuple(sys.path) in _skipped


_skipped: set[tuple[str, ...]] = set()


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
                _log.warning("skipped: %s", error)
                _skipped.add(path)
            loaded.append(LoadedPlugin(plugin, error=error))
            continue
        owners.update((_family(name), plugin.distribution) for name in adds)
        taken.update(adds)
        loaded.append(LoadedPlugin(plugin, adds))
    return tuple(loaded)


def find_added(plugins: Iterable[LoadedPlugin[T]], name: str) -> T | None:
    """Return what plugins add under an id, or None.

    Raises the `PluginError` of a plugin that has this name itself and was skipped.
    """
    for loaded in plugins:
        if name in loaded.adds:
            return loaded.adds[name]
        if loaded.error and loaded.plugin.name == name:
            raise loaded.error
    return None


@lru_cache(maxsize=4)
def _installed(_path: tuple[str, ...]) -> Any:
    """Return the entry points of all installed distributions. Reading their files is slow, so the result is kept.

    The type differs between versions of Python; each has `select`.
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
    """Import the object of an entry point and classify it. Raises `PluginError`, whatever the plugin raises."""
    try:
        loaded = plugin.point.load()
        _require_api(plugin)
        return classify(loaded, plugin)
    except PluginError:
        raise
    except CopydeskError as error:
        raise _unusable(plugin, error.what, error.where or place_of(error) or _file_of(plugin)) from error
    except (Exception, SystemExit) as error:
        cause = f"{type(error).__name__}: {_message_of(error)}"
        raise _unusable(plugin, cause, place_of(error) or _file_of(plugin)) from error


def _require_api(plugin: Plugin) -> None:
    """Raise `PluginError` if the plugin's module, or a package around it, is for another version of the interface."""
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
            raise _unusable(plugin, f"another plugin of {owner} also declares {name}", _file_of(plugin))


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
    """Return whether a function is part of copydesk, not of a plugin."""
    return function.__module__.partition(".")[0] == OURS


def describe_failed_check(check_id: str, error: BaseException) -> str:
    """Describe in one line that a check of a plugin was skipped, and the error."""
    return f"the check {check_id} was skipped: {describe_failure(error)}"


def describe_failure(error: BaseException) -> str:
    """Describe in one line an error of a plugin and its place, without the folder of the file."""
    file, _, line = place_of(error).rpartition(":")
    message = " ".join(_message_of(error).split())[:_MESSAGE]
    return f"{type(error).__name__}: {message}" + (f" ({Path(file).name}:{line})" if file else "")


def _message_of(error: BaseException) -> str:
    """Return the message of an error of a plugin as text that can be written to any file."""
    try:
        message = str(error)
    except Exception:
        return "its message cannot be read"
    return message.encode("utf-8", "backslashreplace").decode()


def place_of(error: BaseException) -> str:
    """Return `file:line` where a plugin's code raised an error, or an empty text."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not frame.f_globals.get("__name__", "").startswith((f"{OURS}.", "importlib")):
            place = f"{frame.f_code.co_filename}:{line}"
    return place

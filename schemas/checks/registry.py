"""The checks: those of this package, and those of installed plugins."""

from __future__ import annotations

import importlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cache.toml_files import read_toml
from ..errors import SettingError
from ..plugins import LoadedPlugin, Plugin, load_plugins
from .check_files import read_checks
from .declare import Check, SetCheck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .declare import AnyCheck

GROUP = "copydesk.checks"
_MODULES = (
    *("body", "damage", "degrees", "pages", "fields", "dates", "urls"),
    *("languages", "consistency", "training", "dataset"),
)


def load_checks() -> dict[str, AnyCheck]:
    """Return every check by its id: the built-in checks first, then those of plugins."""
    return _with_builtin(load_check_plugins())


@lru_cache(maxsize=4)
def _with_builtin(plugins: tuple[LoadedPlugin[AnyCheck], ...]) -> dict[str, AnyCheck]:
    checks = dict(load_builtin_checks())
    for loaded in plugins:
        checks |= loaded.adds
    return checks


def load_check_plugins() -> tuple[LoadedPlugin[AnyCheck], ...]:
    """Return the plugins that add checks.

    An entry point names a module with checks, or a list of checks. If it names a package, the `.toml` files in its
    folder that have `[[check]]` add theirs.
    """
    return load_plugins(GROUP, _classify, tuple(load_builtin_checks()))


@lru_cache(maxsize=1)
def load_builtin_checks() -> dict[str, AnyCheck]:
    """Return the checks of this package by their ids."""
    checks: dict[str, AnyCheck] = {}
    for name in _MODULES:
        for declared in _checks_of(importlib.import_module(f".catalogue.{name}", __package__)):
            if declared.id in checks:
                raise SettingError(f"two checks have the id {declared.id}")
            checks[declared.id] = declared
    return checks


def _classify(loaded: Any, _plugin: Plugin) -> dict[str, AnyCheck]:
    checks = list(loaded) if isinstance(loaded, (list, tuple)) else [*_checks_of(loaded), *_data_checks_of(loaded)]
    if not checks or not all(isinstance(each, (Check, SetCheck)) for each in checks):
        raise SettingError("it declares no check")
    adds = {each.id: each for each in checks}
    if len(adds) < len(checks):
        raise SettingError("two of its checks have the same id")
    return adds


def _data_checks_of(package: Any) -> Iterator[AnyCheck]:
    """Yield the checks of the files in the folder of a package. Files of rules may be there, too."""
    for folder in getattr(package, "__path__", ()):
        for path in sorted(Path(folder).glob("*.toml")):
            text, data = read_toml(path)
            yield from read_checks(path, text, data, ()).values()


def _checks_of(module: Any) -> list[AnyCheck]:
    return [value for value in vars(module).values() if isinstance(value, (Check, SetCheck))]

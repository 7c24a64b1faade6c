"""The checks: those of this package, and those of installed plugins."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import SettingError
from ..plugins import LoadedPlugin, Plugin, load_plugins
from .declare import Check, SetCheck

if TYPE_CHECKING:
    from .declare import AnyCheck

GROUP = "copydesk.checks"
_MODULES = ("body", "damage", "pages", "fields", "consistency", "training", "dataset")


def load_checks() -> dict[str, AnyCheck]:
    """Give every check by its id: the built-in ones first, then those of plugins."""
    return _with_builtin(load_check_plugins())


@lru_cache(maxsize=4)
def _with_builtin(plugins: tuple[LoadedPlugin[AnyCheck], ...]) -> dict[str, AnyCheck]:
    checks = dict(load_builtin_checks())
    for loaded in plugins:
        checks |= loaded.adds
    return checks


def load_check_plugins() -> tuple[LoadedPlugin[AnyCheck], ...]:
    """Give the plugins that add checks: each names a module with checks, or a list of them."""
    return load_plugins(GROUP, _classify, tuple(load_builtin_checks()))


@lru_cache(maxsize=1)
def load_builtin_checks() -> dict[str, AnyCheck]:
    """Give the checks of this package by their ids."""
    checks: dict[str, AnyCheck] = {}
    for name in _MODULES:
        for found in _checks_of(importlib.import_module(f".catalogue.{name}", __package__)):
            if found.id in checks:
                raise SettingError(f"two checks have the id {found.id}")
            checks[found.id] = found
    return checks


def _classify(found: Any, _plugin: Plugin) -> dict[str, AnyCheck]:
    checks = list(found) if isinstance(found, (list, tuple)) else _checks_of(found)
    if not checks or not all(isinstance(each, (Check, SetCheck)) for each in checks):
        raise SettingError("no check in it")
    adds = {each.id: each for each in checks}
    if len(adds) < len(checks):
        raise SettingError("two of its checks have the same id")
    return adds


def _checks_of(module: Any) -> list[AnyCheck]:
    return [value for value in vars(module).values() if isinstance(value, (Check, SetCheck))]

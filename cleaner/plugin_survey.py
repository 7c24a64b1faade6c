"""The plugins of all groups together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rules.ruleset.ruleset import load_installed_rules
from ..schemas.checks.registry import load_check_plugins
from .readers.registry import load_reader_plugins
from .reports.reporter import load_reporter_plugins

if TYPE_CHECKING:
    from ..schemas.plugins import LoadedPlugin


def survey_plugins() -> list[LoadedPlugin[Any]]:
    """Load the plugins of every group, and return them by distribution with their additions or their errors."""
    plugins: list[LoadedPlugin[Any]] = [
        *load_installed_rules(),
        *load_reader_plugins(),
        *load_check_plugins(),
        *load_reporter_plugins(),
    ]
    return sorted(plugins, key=lambda loaded: loaded.plugin.distribution.lower())


def require_plugins() -> None:
    """Raise the `PluginError` of the first broken plugin, if there is one."""
    for loaded in survey_plugins():
        if loaded.error:
            raise loaded.error

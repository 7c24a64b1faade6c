"""What you write plugins with.

`rule` declares a rule, `reader` a reader and `check` a check, each from a function. `set_check` declares a check of a
whole data set, which returns a `SetFinding` for each fault. `Reporter` is the base class of report formats for
`copydesk check`. docs/plugins.md has an example of each.

A module may set `COPYDESK_API = 1`. A copydesk with another plugin interface then refuses to load it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .schemas.plugins import API_VERSION

if TYPE_CHECKING:
    from .cleaner.readers.plugin_readers import Bad, reader
    from .cleaner.reports.reporter import Reporter
    from .rules.ruleset.model import Case
    from .rules.ruleset.plugin_rules import rule
    from .schemas.checks.declare import SetFinding, check, set_check

# Loaded on first use, so that a plugin that only has rules does not pay for the rest.
_HOME = {
    "Bad": "cleaner.readers.plugin_readers",
    "Case": "rules.ruleset.model",
    "Reporter": "cleaner.reports.reporter",
    "SetFinding": "schemas.checks.declare",
    "check": "schemas.checks.declare",
    "reader": "cleaner.readers.plugin_readers",
    "rule": "rules.ruleset.plugin_rules",
    "set_check": "schemas.checks.declare",
}
_OLD_NAMES = {"Miss": "SetFinding"}

__all__ = ["API_VERSION", "Bad", "Case", "Reporter", "SetFinding", "check", "reader", "rule", "set_check"]


def __getattr__(name: str) -> Any:
    current = _OLD_NAMES.get(name, name)
    if current not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[current]}", __package__), current)
    globals()[name] = value
    return value

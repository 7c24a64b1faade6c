"""What plugins are made with.

`rule` makes a rule of a function, `reader` a reader, `check` and `set_check` checks (the latter gives a `Miss` for each
thing that is wrong with the set); `Reporter` is the base of formats
that `copydesk check` reports in. docs/plugins.md shows each. A module may say `COPYDESK_API = 1`: it is then refused by
a copydesk with another plugin interface.
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
    from .schemas.checks.declare import Miss, check, set_check

# Loaded on first use, so that a plugin with rules alone costs no more than those.
_HOME = {
    "Bad": "cleaner.readers.plugin_readers",
    "Case": "rules.ruleset.model",
    "Miss": "schemas.checks.declare",
    "Reporter": "cleaner.reports.reporter",
    "check": "schemas.checks.declare",
    "reader": "cleaner.readers.plugin_readers",
    "rule": "rules.ruleset.plugin_rules",
    "set_check": "schemas.checks.declare",
}

__all__ = ["API_VERSION", "Bad", "Case", "Miss", "Reporter", "check", "reader", "rule", "set_check"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __package__), name)
    globals()[name] = value
    return value

"""What you write plugins with.

Each of these declares something from a function: `rule` a rule that takes the text, `page_rule` a rule that takes a
`Page` and returns each `Cut`, `reader` a reader and `check` a check. `set_check` declares a check of a whole data set,
which returns a `SetFinding` for each fault. `Reporter` is the base class of report formats for `copydesk check`.
docs/plugins.md has an example of each. The built-in rules are written with the same functions.

A module may set `COPYDESK_API = 1`. A copydesk with another plugin interface then refuses to load it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .schemas.plugins import API_VERSION

if TYPE_CHECKING:
    from .cleaner.readers.declare import Bad, Record, reader
    from .cleaner.reports.reporter import Reporter
    from .rules.ruleset.declare import page_rule, rule
    from .rules.ruleset.model import Case, RuleInfo
    from .rules.ruleset.page import Cut, FieldCut, Page, RuleOutcome
    from .schemas.checks.declare import SetFinding, check, set_check

# Loaded on first use, so that a plugin that only has rules does not pay for the rest.
_HOME = {
    "Bad": "cleaner.readers.declare",
    "Case": "rules.ruleset.model",
    "Cut": "rules.ruleset.page",
    "FieldCut": "rules.ruleset.page",
    "Page": "rules.ruleset.page",
    "Record": "cleaner.readers.declare",
    "Reporter": "cleaner.reports.reporter",
    "RuleInfo": "rules.ruleset.model",
    "RuleOutcome": "rules.ruleset.page",
    "SetFinding": "schemas.checks.declare",
    "check": "schemas.checks.declare",
    "page_rule": "rules.ruleset.declare",
    "reader": "cleaner.readers.declare",
    "rule": "rules.ruleset.declare",
    "set_check": "schemas.checks.declare",
}
_OLD_NAMES = {"Miss": "SetFinding"}

__all__ = [
    "API_VERSION",
    "Bad",
    "Case",
    "Cut",
    "FieldCut",
    "Page",
    "Record",
    "Reporter",
    "RuleInfo",
    "RuleOutcome",
    "SetFinding",
    "check",
    "page_rule",
    "reader",
    "rule",
    "set_check",
]


def __getattr__(name: str) -> Any:
    current = _OLD_NAMES.get(name, name)
    if current not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[current]}", __package__), current)
    globals()[name] = value
    return value

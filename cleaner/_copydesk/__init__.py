r"""copydesk: clean scraped articles, explain every cut, and quarantine malformed records with their reasons.

>>> import copydesk
>>> cleaned = copydesk.clean("It rained all day in Ostwick, and the river rose.\n\nScroll to Top")
>>> cleaned.article.body
'It rained all day in Ostwick, and the river rose.'
>>> [edit.rule for edit in cleaned.edits]
['navigation/top']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .cleaner.api import Cleaned, Cleaner, check, clean, clean_batches, clean_stream, clean_table, restore
    from .cleaner.kernel.site_templates import Templates
    from .cleaner.learn_templates import learn_templates
    from .cleaner.settings import Settings, load_settings
    from .cleaner.validate.result import Validation
    from .cleaner.validate.validator import Validator, validate
    from .rules.ruleset.ruleset import Ruleset, load_ruleset
    from .rules.ruleset.selection import Selection
    from .schemas.article import Article, RawArticle
    from .schemas.checks.suites import Suite, find_suite
    from .schemas.edits import Edit
    from .schemas.errors import CopydeskError

# Imported on first use, so that `import copydesk` is fast.
_HOME = {
    "Article": "schemas.article",
    "Cleaned": "cleaner.api",
    "Cleaner": "cleaner.api",
    "CopydeskError": "schemas.errors",
    "Edit": "schemas.edits",
    "RawArticle": "schemas.article",
    "Ruleset": "rules.ruleset.ruleset",
    "Selection": "rules.ruleset.selection",
    "Settings": "cleaner.settings",
    "Suite": "schemas.checks.suites",
    "Templates": "cleaner.kernel.site_templates",
    "Validation": "cleaner.validate.result",
    "Validator": "cleaner.validate.validator",
    "check": "cleaner.api",
    "clean": "cleaner.api",
    "clean_batches": "cleaner.api",
    "clean_stream": "cleaner.api",
    "clean_table": "cleaner.api",
    "find_suite": "schemas.checks.suites",
    "learn_templates": "cleaner.learn_templates",
    "load_ruleset": "rules.ruleset.ruleset",
    "load_settings": "cleaner.settings",
    "restore": "cleaner.api",
    "validate": "cleaner.validate.validator",
}

__all__ = [
    "Article",
    "Cleaned",
    "Cleaner",
    "CopydeskError",
    "Edit",
    "RawArticle",
    "Ruleset",
    "Selection",
    "Settings",
    "Suite",
    "Templates",
    "Validation",
    "Validator",
    "__version__",
    "check",
    "clean",
    "clean_batches",
    "clean_stream",
    "clean_table",
    "find_suite",
    "learn_templates",
    "load_ruleset",
    "load_settings",
    "restore",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name == "spark":
        return import_module(".spark", __name__)
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

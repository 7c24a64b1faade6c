"""Find and load the checks: those of this package, and those of installed plugins."""

from __future__ import annotations

import importlib
import logging
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from ..errors import SettingError
from .model import Check, SetCheck

if TYPE_CHECKING:
    from .model import AnyCheck

GROUP = "copydesk.checks"
_MODULES = ("text", "damage", "pages", "shape", "relations", "corpus", "dataset")
_log = logging.getLogger("copydesk")


@lru_cache(maxsize=1)
def load_checks() -> dict[str, AnyCheck]:
    """Give every check by its id: the built-in ones first, then those of plugins, in the order of their names.

    A plugin that cannot be loaded, or whose checks have ids of others, is named in a warning and left out.
    """
    checks: dict[str, AnyCheck] = {}
    for name in _MODULES:
        for found in _checks_of(importlib.import_module(f".{name}", __package__)):
            if found.id in checks:
                raise SettingError(f"two checks have the id {found.id}")
            checks[found.id] = found
    families = {check_id.partition("/")[0] for check_id in checks}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        try:
            fresh = {found.id: found for found in _load(point)}
            taken = sorted(i for i in fresh if i in checks or i.partition("/")[0] in families)
            if taken:
                raise SettingError(f"the id {taken[0]} or its family is another's")
        except Exception as error:  # whatever a plugin raises must not stop the others
            owner = point.dist.name if point.dist else "an unknown distribution"
            _log.warning("the plugin %s of %s is left out: %s: %s", point.value, owner, type(error).__name__, error)
            continue
        checks |= fresh
    return checks


def _load(point: EntryPoint) -> list[AnyCheck]:
    found = point.load()
    checks = list(found) if isinstance(found, (list, tuple)) else _checks_of(found)
    if not checks or not all(isinstance(each, (Check, SetCheck)) for each in checks):
        raise SettingError("no check in it", do="point it at a module with checks, or at a list of them")
    return checks


def _checks_of(module: Any) -> list[AnyCheck]:
    return [value for value in vars(module).values() if isinstance(value, (Check, SetCheck))]

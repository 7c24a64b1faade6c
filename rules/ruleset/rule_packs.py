"""Rules of installed plugins: an entry point names a module; the `.toml` files beside it and its functions are rules.

What a package of rules holds is data for the digest, all of its Python files if there is a function among its rules.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...schemas.errors import RuleError
from ...schemas.plugins import LoadedPlugin, Plugin, load_plugins
from .loader import RuleSource, load_checked
from .plugin_rules import FunctionRule

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP = "copydesk.rules"


def load_rule_plugins(owned: Iterable[str]) -> tuple[LoadedPlugin[RuleSource], ...]:
    """Give the plugins that add rules, each with its sources by the ids of their rules; `owned` are built-in ids."""
    return load_plugins(GROUP, _classify, tuple(owned))


def sources_of(loaded: LoadedPlugin[RuleSource]) -> list[RuleSource]:
    """Give the sources of a plugin, each once."""
    return list({source.name: source for source in loaded.adds.values()}.values())


def _classify(found: Any, plugin: Plugin) -> dict[str, RuleSource]:
    if not isinstance(found, ModuleType):
        raise RuleError("it names no module, but something in one")
    folders = [Path(folder) for folder in getattr(found, "__path__", ())]
    sources = [load_checked(path) for folder in folders for path in sorted(folder.glob("*.toml"))]
    functions = tuple(value for value in vars(found).values() if isinstance(value, FunctionRule))
    if functions:
        sources.append(RuleSource(found.__name__, _digest(found, folders), functions=functions))
    adds: dict[str, RuleSource] = {}
    for source in sources:
        for info in source.infos:
            if info.id in adds:
                raise RuleError(f"{info.id} is declared twice, in {adds[info.id].name} and in {source.name}")
            if any(alias.partition("/")[0] != info.family for alias in info.aliases):
                raise RuleError(f"{info.id}: an alias is of another family")
            adds[info.id] = source
    if not adds:
        raise RuleError(
            "there is no rule in it: no .toml file beside it, and no function under `copydesk.plugins.rule`"
        )
    return adds


def _digest(module: ModuleType, folders: list[Path]) -> str:
    """Give the SHA-256 of the code that functions run: all of their package, or their one file."""
    files = sorted((path for folder in folders for path in folder.rglob("*.py")), key=lambda path: path.as_posix())
    content = [path.read_bytes() for path in files or [Path(str(module.__file__))]]
    return hashlib.sha256(b"".join(hashlib.sha256(code).digest() for code in content)).hexdigest()

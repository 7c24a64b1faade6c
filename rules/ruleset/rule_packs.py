"""Rules of installed plugins.

An entry point names a module. The rules that it declares are rules, and if it is a package, so are the `.toml` files in
its folder. Where a package has code rules, all its Python files count for the digest.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...schemas.errors import RuleError
from ...schemas.plugins import LoadedPlugin, Plugin, load_plugins
from .declare import PageRule, TextRule, find_code_rules
from .loader import RuleSource, load_checked

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP = "copydesk.rules"


def load_rule_plugins(owned: Iterable[str]) -> tuple[LoadedPlugin[RuleSource], ...]:
    """Return the plugins that add rules, each with its sources by the ids of their rules.

    `owned` are the ids of copydesk itself.
    """
    return load_plugins(GROUP, _classify, tuple(owned))


def sources_of(loaded: LoadedPlugin[RuleSource]) -> list[RuleSource]:
    """Return the sources of a plugin, each once."""
    return list({source.name: source for source in loaded.adds.values()}.values())


def _classify(module: Any, plugin: Plugin) -> dict[str, RuleSource]:
    """Return the sources that an entry point adds, by the ids of their rules. Raises `RuleError`."""
    if not isinstance(module, ModuleType):
        raise RuleError("it does not name a module, but something inside one")
    sources = _find_sources(module)
    by_id: dict[str, RuleSource] = {}
    for source in sources:
        for info in source.infos:
            if info.id in by_id:
                raise RuleError(f"{info.id} is declared twice, in {by_id[info.id].name} and in {source.name}")
            if any(alias.partition("/")[0] != info.family for alias in info.aliases):
                raise RuleError(f"{info.id}: an alias is of another family")
            by_id[info.id] = source
    if not by_id:
        raise RuleError("it has no rule: no .toml file in its folder, and no function under `copydesk.plugins.rule`")
    return by_id


def _find_sources(module: ModuleType) -> list[RuleSource]:
    folders = [Path(folder) for folder in getattr(module, "__path__", ())]
    sources = [load_checked(path) for folder in folders for path in sorted(folder.glob("*.toml"))]
    code = find_code_rules(module)
    unchecked = next((rule for rule in code if not isinstance(rule, (TextRule, PageRule))), None)
    if unchecked:
        raise RuleError(f"{unchecked.info.id} rewrites texts unchecked, as only rules of copydesk itself may")
    if code:
        sources.append(RuleSource(module.__name__, _digest_code(module, folders), code=tuple(code)))
    return sources


def _digest_code(module: ModuleType, folders: list[Path]) -> str:
    """Return the SHA-256 of the code that may run: all Python files of the package, or the one module."""
    files = sorted((path for folder in folders for path in folder.rglob("*.py")), key=lambda path: path.as_posix())
    content = [path.read_bytes() for path in files or [Path(str(module.__file__))]]
    return hashlib.sha256(b"".join(hashlib.sha256(code).digest() for code in content)).hexdigest()

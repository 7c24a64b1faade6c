"""A ruleset: the rules of a run in their order, and the digest that names them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

from ...schemas.config import Profile
from ...schemas.errors import RuleError, SettingError, nearest
from .declare import CodeRule, MarkupRule, PageRule, RepairRule, TextRule
from .loader import (
    RuleSource,
    find_rule_files,
    find_rule_line,
    load_builtin,
    load_checked,
    require_few_patterns,
)
from .rule_packs import load_rule_plugins, sources_of
from .selection import EVERYTHING, Selection, former_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...schemas.plugins import LoadedPlugin
    from .model import PhraseRule, RuleInfo

# Raised whenever the same rules may give other results: the splitting of lines, zones, the dialect.
ENGINE_VERSION = "1"
PROFILES: tuple[str, ...] = get_args(Profile)
# The id of edits that no rule file declares: the kernel's own.
EDGES = "layout/edges"
WRAPS = "layout/wraps"
_Kind = TypeVar("_Kind", bound=CodeRule)


@dataclass(frozen=True)
class Ruleset:
    """The rules of a run. Two rulesets with the same digest give the same bytes for the same input."""

    sources: tuple[RuleSource, ...]
    profile: str = "article"
    unsafe: bool = False
    selection: Selection = EVERYTHING

    @cached_property
    def phrases(self) -> list[PhraseRule]:
        """The phrase rules that run. If several match a line, the first of them cuts it.

        Rules that need a run of lines come last. Before them come rules with an open part in their phrases, and first
        those that spell out all of it. Within each group the order is that of the ids.
        """
        rules = [rule for source in self.sources for rule in source.phrases if self._runs(rule)]
        return sorted(rules, key=lambda rule: (rule.min_run > 1, any(".{" in p for p in rule.match), rule.id))

    @cached_property
    def phrase_groups(self) -> list[list[PhraseRule]]:
        """All phrase rules, whether they run or not: the built-in ones, which are compiled once, and the user's."""
        groups: list[list[PhraseRule]] = [[], []]
        for source in self.sources:
            groups[0 if source.built_in else 1] += source.phrases
        return [sorted(group, key=lambda rule: rule.id) for group in groups if group]

    @cached_property
    def page_rules(self) -> list[PageRule]:
        """The page rules that run. If several would cut a line, the first of them does.

        Built-in rules come before those of plugins, and rules that know the documents of the host before others. Within
        each group the order is that of the first ids.
        """
        rules = self._code(PageRule)
        return sorted(rules, key=lambda rule: (not rule.is_built_in, not rule.site_templates, rule.info.id))

    @cached_property
    def repairs(self) -> list[RepairRule]:
        """The rules that rewrite characters, in the order of their file."""
        return self._code(RepairRule)

    @cached_property
    def markup(self) -> list[MarkupRule]:
        """The rules that take markup off, in the order of their file."""
        return self._code(MarkupRule)

    @cached_property
    def text_rules(self) -> list[TextRule]:
        """The text rules that run, by id."""
        return sorted(self._code(TextRule), key=lambda rule: rule.info.id)

    @cached_property
    def knows_hosts(self) -> bool:
        """Whether any rule runs only on records of some hosts."""
        return any(rule.hosts for rule in self.phrases)

    @cached_property
    def infos(self) -> dict[str, RuleInfo]:
        """What each rule declares, by id, whether it runs or not. Severities are those that the user set."""
        infos = sorted((info for source in self.sources for info in source.infos), key=lambda info: info.id)
        return {info.id: self._with_severity(info) for info in infos}

    @cached_property
    def off(self) -> frozenset[str]:
        """The ids of rules that do not run."""
        return frozenset(info.id for source in self.sources for info in source.infos if not self._runs(info))

    @cached_property
    def gate(self) -> RuleInfo | None:
        """What the gate declares, if it runs under the profile."""
        declared = [source.gate for source in self.sources if source.gate]
        return declared[0] if declared and self.profile != "rules" and self._runs(declared[0]) else None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the engine's version, the profile, the bytes of every rule file and the selection."""
        parts: list[object] = [
            ENGINE_VERSION,
            self.profile,
            self.unsafe,
            sorted(source.digest for source in self.sources),
        ]
        parts += self.selection.choices
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def find(self, rule_id: str) -> RuleInfo:
        """Return a rule by its id or by an id that it had before. Raises `SettingError` with the nearest id."""
        for info in self.infos.values():
            if rule_id == info.id or rule_id in info.aliases:
                return info
        raise SettingError(f"no rule {rule_id!r}{nearest(rule_id, self.infos)}", hint="see `copydesk rules list`")

    def _code(self, kind: type[_Kind]) -> list[_Kind]:
        """Return the code rules of a kind that run, in the order of their sources."""
        rules = (rule for source in self.sources for rule in source.code if isinstance(rule, kind))
        return [rule for rule in rules if any(map(self._runs, rule.infos))]

    def _runs(self, rule: RuleInfo) -> bool:
        allowed = self.unsafe or rule.safety == "safe" or self.selection.names(rule.id)
        return allowed and self.selection.takes(rule.id)

    def _with_severity(self, info: RuleInfo) -> RuleInfo:
        severity = self.selection.severity_of(info.id, info.severity)
        return info if severity == info.severity else info.model_copy(update={"severity": severity})


def load_ruleset(
    files: Iterable[Path] = (),
    *,
    profile: str = "article",
    unsafe: bool = False,
    selection: Selection = EVERYTHING,
    plugins: bool = True,
) -> Ruleset:
    """Load the built-in rules, those of plugins, and the user's rule files or folders of them.

    Raises `RuleError` for a file that cannot be loaded or an id that two files declare, and `SettingError` for an
    unknown profile or a selector that names nothing.
    """
    if profile not in PROFILES:
        raise SettingError(
            f"unknown profile {profile!r}{nearest(profile, PROFILES)}",
            hint=f"use one of: {', '.join(PROFILES)}",
        )
    added = [source for loaded in load_installed_rules() for source in sources_of(loaded)] if plugins else []
    for path in find_rule_files(files):
        added.append(load_checked(path))
        require_few_patterns(sum(source.patterns for source in added), str(path))
    sources = [*_builtin(), *added]
    require_unique_ids(sources)
    return Ruleset(tuple(sources), profile, unsafe, _resolve(selection, sources))


def require_unique_ids(sources: list[RuleSource]) -> None:
    """Raise `RuleError` if two sources declare a rule with the same id."""
    owner: dict[str, str] = dict.fromkeys((EDGES, WRAPS), "the kernel")
    for source in sources:
        for rule_id in (info.id for info in source.infos):
            if rule_id in owner:
                is_file = source.phrases and Path(source.name).is_file()
                raise RuleError(
                    f"duplicate id {rule_id!r}, already declared by {owner[rule_id]}",
                    where=find_rule_line(Path(source.name), rule_id) if is_file else source.name,
                    hint="choose another id",
                )
            owner[rule_id] = source.name


def _resolve(selection: Selection, sources: list[RuleSource]) -> Selection:
    """Return a selection with former ids and families replaced."""
    if selection == EVERYTHING:
        return selection
    from ...schemas.checks.registry import load_checks

    infos = [info for source in sources for info in source.infos]
    ids = [*(info.id for info in infos), *load_checks(), *selection.own_checks]
    return selection.resolve(ids, former_names(infos, ids))


def load_installed_rules() -> tuple[LoadedPlugin[RuleSource], ...]:
    """Return the plugins that add rules."""
    infos = [info for source in _builtin() for info in source.infos]
    return load_rule_plugins(
        [EDGES, WRAPS, *(info.id for info in infos), *(alias for i in infos for alias in i.aliases)]
    )


@lru_cache(maxsize=1)
def _builtin() -> tuple[RuleSource, ...]:
    return tuple(load_builtin())

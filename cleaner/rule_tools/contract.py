"""What rules and checks promise, tried: the tests that our own pass, for those of any distribution.

A rule keeps five laws: its raw text can be restored; nothing changes but what its edits say; cleaning what is clean
changes nothing, and cleaning the same again in any order gives the same; its examples hold in the full ruleset; and it
cannot hang. A check flags the one of its examples and passes the other.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ...rules.ruleset.model import Case, RuleInfo
from ...rules.ruleset.rule_packs import sources_of
from ...rules.ruleset.ruleset import load_installed_rules, load_ruleset
from ...schemas.article import Article
from ...schemas.checks.declare import Check
from ...schemas.checks.registry import load_builtin_checks, load_check_plugins
from ...schemas.checks.suites import Suite, SuiteCheck
from ...schemas.edits import Edit, apply_edits, undo_edits
from ...schemas.errors import CopydeskError, PluginError, SettingError, nearest
from ...schemas.plugins import FAILED, OURS
from ..api import Cleaner
from ..kernel.plugin_rules import SECONDS, ask_rule
from ..kernel.timebox import time_box
from ..kernel.types import Failure
from ..plugin_survey import survey_plugins
from ..records.loader import Place
from ..runs.seen_records import RunDuplicateIndex
from ..validate.validator import Tally, Validator, find_set_findings
from .examples import CLOSING, MIDDLE, OPENING, embed, try_patterns, try_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...schemas.checks.declare import AnyCheck, Example, Record, SetCheck
    from ...schemas.checks.profile import Profile

_SHOWN = 3  # texts that a function fails on
LAWS = ("examples", "restores", "changes-nothing-else", "is-stable", "cannot-hang")


@dataclass(frozen=True)
class ContractCase:
    """Something that is to hold; `broken` says in what it does not."""

    name: str
    broken: Callable[[], list[str]]


@dataclass(frozen=True)
class _Cleaned:
    """What became of a text."""

    body: str
    edits: list[Edit]


_Tried = tuple[str, _Cleaned, _Cleaned, _Cleaned]
"""A text, what becomes of it, of what that leaves, and of it once more among others in the opposite order."""


def find_contract_cases(distributions: Sequence[str], laws: Sequence[str] = LAWS) -> Iterator[ContractCase]:
    """Give what the rules and checks of installed distributions, or of copydesk itself, promise.

    Raises `SettingError` if no distribution is named, and for a law that is none.
    """
    if not distributions:
        raise SettingError("no distribution is named", hint="name that of your plugins, as `copydesk plugins` does")
    for law in laws:
        if law not in LAWS:
            raise SettingError(f"no law {law!r}{nearest(law, LAWS)}", hint=f"use some of: {', '.join(LAWS)}")
    rules = [rule for name in distributions for rule in _rules_of(name)]
    tried = _Rules(rules)
    for name in distributions:
        yield ContractCase(f"{name}-loads", partial(_left_out, name))
    for rule in rules:
        for law in laws:
            yield ContractCase(f"{rule.id}-{law}", partial(tried.broken, rule, law))
    for name in distributions:
        for check in _checks_of(name):
            yield ContractCase(f"{check.id}-examples", partial(try_check, check))


def _left_out(name: str) -> list[str]:
    mine = [loaded for loaded in survey_plugins() if loaded.plugin.is_of(name)]
    if not mine and name != OURS:
        return [f"no distribution {name} with plugins is installed: see `copydesk plugins`"]
    return [str(loaded.error) for loaded in mine if loaded.error]


def _rules_of(name: str) -> list[RuleInfo]:
    if name == OURS:
        return list(load_ruleset(plugins=False).infos.values())
    mine = [loaded for loaded in load_installed_rules() if loaded.plugin.is_of(name)]
    return [info for loaded in mine for source in sources_of(loaded) for info in source.infos]


def _checks_of(name: str) -> list[AnyCheck]:
    if name == OURS:
        return list(load_builtin_checks().values())
    mine = [loaded for loaded in load_check_plugins() if loaded.plugin.is_of(name)]
    return [check for loaded in mine for check in loaded.adds.values()]


class _Rules:
    """Some rules, tried all together, in each way when it is first asked for."""

    def __init__(self, rules: Sequence[RuleInfo]) -> None:
        self._rules = rules

    def broken(self, rule: RuleInfo, law: str) -> list[str]:
        """Say in what a rule breaks a law."""
        if law == "examples":
            return self._examples[rule.id]
        if law == "cannot-hang":
            return [*try_patterns(rule), *self._failures(rule)]
        return [problem for trial in self._texts[rule.id] if (problem := _PROBLEMS[law](*trial))]

    def _failures(self, rule: RuleInfo) -> list[str]:
        function = next((one for one in self._cleaner.ruleset.functions if one.info.id == rule.id), None)
        if function is None:
            return []
        found: list[str] = []
        with time_box(SECONDS) as box:
            for text in make_texts(rule):
                answer = ask_rule(function, text, box)
                if isinstance(answer, Failure):
                    found.append(f"{answer.cause}, on {text[:200]!r}")
                if len(found) == _SHOWN:
                    break
        return found

    @cached_property
    def _cleaner(self) -> Cleaner:
        return Cleaner(load_ruleset(unsafe=True), suite="none")

    @cached_property
    def _examples(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for rule, failure in try_rules(self._rules, self._cleaner):
            found[rule.id] += [failure] if failure else []
        return found

    @cached_property
    def _texts(self) -> dict[str, list[_Tried]]:
        named = [(rule.id, text) for rule in self._rules for text in make_texts(rule)]
        texts = [text for _, text in named]
        done = self._clean(texts)
        again = self._clean([one.body for one in done])
        backwards = self._clean(texts[::-1])[::-1]
        found: dict[str, list[_Tried]] = defaultdict(list)
        for (rule_id, text), *results in zip(named, done, again, backwards, strict=True):
            found[rule_id].append((text, results[0], results[1], results[2]))
        return found

    def _clean(self, texts: list[str]) -> list[_Cleaned]:
        if not texts:
            return []
        assembled = self._cleaner.assemble(self._cleaner.loader.from_rows([{"text": text} for text in texts], Place()))
        edits: list[list[Edit]] = [[] for _ in texts]
        for edit in assembled.edits.to_pylist():
            row = edit.pop("row")
            if edit["field"] == "body":
                edits[row].append(Edit(**edit))
        bodies = assembled.articles.column("body").to_pylist()
        return [_Cleaned(*parts) for parts in zip(bodies, edits, strict=True)]


def make_texts(rule: RuleInfo) -> Iterator[str]:
    """Give texts made of the examples of a rule: at every place, often, in pieces, in odd characters, and very long."""
    for example in (*rule.removes, *rule.keeps):
        line = example.before if isinstance(example, Case) else example
        half = len(line) // 2
        yield line
        for where in ("head", "tail", "inline", "anywhere"):
            yield embed(line, where)
        yield embed(line.upper(), "anywhere")
        yield embed(line, "tail").replace("\n", "\r\n \u2028\n")
        yield f"{OPENING}\n\n“{line}”\n\n{MIDDLE}"
        yield f"{OPENING}\n{line[:half]}\n{line[half:]}\n\n\n{line} {line}\n{line}\n{CLOSING}\n{line}\n"
        yield f"\ufeff{OPENING}\n\u200b{line[:half]}\u00ad{line[half:]}\u00a0\n&nbsp;{line}\x07\n{MIDDLE} {line}"
        yield f"{line} " * 40
        yield f"{line[:half]}" * 80 + "!"


def _lost(text: str, done: _Cleaned, *_: _Cleaned) -> str | None:
    try:
        restored = undo_edits(done.body, done.edits)
    except CopydeskError as error:
        return f"{error} on {text!r}"
    return None if restored == text else f"{text!r} is restored as {restored!r}"


def _unexplained(text: str, done: _Cleaned, *_: _Cleaned) -> str | None:
    at = 0
    for edit in done.edits:
        if not at <= edit.start < edit.end <= len(text) or text[edit.start : edit.end] != edit.before:
            return f"the edit {edit!r} is none of {text!r}"
        at = edit.end
    return None if apply_edits(text, done.edits) == done.body else f"the edits of {text!r} do not give {done.body!r}"


def _unstable(text: str, done: _Cleaned, again: _Cleaned, backwards: _Cleaned) -> str | None:
    if again.edits:
        return f"{done.body!r} is clean, but {', '.join(sorted({edit.rule for edit in again.edits}))} changes it again"
    if done != backwards:
        return f"{text!r} is cleaned otherwise among other texts, or the second time"
    return None


_PROBLEMS: dict[str, Callable[[str, _Cleaned, _Cleaned, _Cleaned], str | None]] = {
    "restores": _lost,
    "changes-nothing-else": _unexplained,
    "is-stable": _unstable,
}


def try_check(check: AnyCheck) -> list[str]:
    """Say in what the examples of a check do not hold, and what it does not say well."""
    problems = [] if check.remedy else ["it does not say what to do"]
    problems += [f"{name!r} is no field of articles" for name in check.fields if name not in Article.model_fields]
    try:
        check.message.format(**check.parameters)
    except (LookupError, ValueError) as error:
        problems.append(f"its message cannot be filled in ({error!r})")
    return problems + (_try_record_check(check) if isinstance(check, Check) else _try_set_check(check))


def _try_record_check(check: Check) -> list[str]:
    try:
        flags, others = _flags(check, check.fails), _flags(check, check.passes)
    except PluginError as error:
        return [error.what]
    problems = [] if any(flags[-1:]) else [f"it does not flag {check.fails!r}"]
    problems += ["it flags a record that comes before the one that fails"] if any(flags[:-1]) else []
    return problems + ([f"it flags {check.passes!r}"] if any(others) else [])


def _flags(check: Check, example: Example) -> list[bool]:
    """Say which records of an example a check flags. Raises `PluginError` if it fails on one."""
    records = [example] if isinstance(example, Mapping) else example
    validator = Validator(Suite("one", entries=(SuiteCheck(check, check.severity, dict(check.parameters)),)))
    loaded = validator.loader.from_rows([dict(record) for record in records], Place())
    checked = validator.judge(loaded, seen=RunDuplicateIndex())
    for reason in itertools.chain.from_iterable(map(checked.reasons.of_row, range(len(records)))):
        if reason.check == FAILED:
            raise PluginError(reason.message)
    flags: list[bool] = checked.flags[check.id].tolist()
    return flags


def _try_set_check(check: SetCheck) -> list[str]:
    good, bad = _profile(check.passes), _profile(check.fails)
    try:
        missed, found = (find_set_findings(check, check.parameters, profile, good) for profile in (bad, good))
    except PluginError as error:
        return [error.what]
    problems = [] if missed else ["it finds nothing wrong with the set that fails"]
    problems += [f"{miss.field!r} is no field of articles" for miss in missed if miss.field not in Article.model_fields]
    return problems + ([f"it finds something wrong with the set that passes: {found!r}"] if found else [])


def _profile(records: Sequence[Record]) -> Profile:
    validator = Validator("none")
    tally = Tally(validator.suite, engine="flags")
    if records:
        tally.add(validator.judge(validator.loader.from_rows([dict(record) for record in records], Place())))
    return tally.result.profile

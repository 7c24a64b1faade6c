"""The contract of rules and checks: tests that the built-in ones pass, for those of any distribution.

A rule keeps five laws: its examples hold in the full ruleset; the raw text can be restored; nothing changes outside its
edits; cleaning a clean text changes nothing, in any order of texts; and it cannot hang. A check flags its example that
fails and does not flag the one that passes.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ...rules.ruleset.declare import CodeRule, TextRule
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
from ..api import Assembled, Cleaner
from ..kernel import rule_guard
from ..kernel.rule_guard import ask_text_rule
from ..kernel.timebox import time_box
from ..kernel.types import Failure
from ..plugin_survey import survey_plugins
from ..records.loader import Place
from ..runs.seen_records import RunDuplicateIndex
from ..validate.validator import Tally, Validator, find_set_findings
from .examples import CLOSING, MIDDLE, OPENING, embed, try_patterns, try_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.checks.declare import AnyCheck, Example, Record, SetCheck
    from ...schemas.checks.profile import Profile

_SHOWN = 3  # texts that a rule fails on
LAWS = ("examples", "restores", "changes-nothing-else", "is-stable", "cannot-hang")


@dataclass(frozen=True)
class ContractCase:
    """Something that a rule or check must keep. `failures` finds where it does not."""

    name: str
    failures: Callable[[], list[str]]


@dataclass(frozen=True)
class _CleanText:
    """A text after cleaning, with the edits of its body."""

    body: str
    edits: list[Edit]


@dataclass(frozen=True)
class _Attempt:
    """A text, cleaned three times."""

    text: str
    once: _CleanText
    again: _CleanText
    """The clean text, cleaned."""
    reordered: _CleanText
    """The text, cleaned in a batch with the opposite order."""


def find_contract_cases(distributions: Sequence[str], laws: Sequence[str] = LAWS) -> Iterator[ContractCase]:
    """Yield a case for each rule and law, and for each check, of distributions or of copydesk itself.

    Raises `SettingError` if no distribution is named, and for an unknown law.
    """
    if not distributions:
        raise SettingError("no distribution is named", hint="name yours, as `copydesk plugins` writes it")
    for law in laws:
        if law not in LAWS:
            raise SettingError(f"no law {law!r}{nearest(law, LAWS)}", hint=f"use some of: {', '.join(LAWS)}")
    rules = [rule for name in distributions for rule in _rules_of(name)]
    attempts = _RuleAttempts(rules)
    for name in distributions:
        yield ContractCase(f"{name}-loads", partial(_find_left_out, name))
    for rule in rules:
        for law in laws:
            yield ContractCase(f"{rule.id}-{law}", partial(attempts.find_failures, rule, law))
    for name in distributions:
        for check in _checks_of(name):
            yield ContractCase(f"{check.id}-examples", partial(try_check, check))


def _find_left_out(name: str) -> list[str]:
    """Return the errors of a distribution's plugins."""
    plugins = [loaded for loaded in survey_plugins() if loaded.plugin.is_of(name)]
    if not plugins and name != OURS:
        return [f"no distribution {name} with plugins is installed: see `copydesk plugins`"]
    return [str(loaded.error) for loaded in plugins if loaded.error]


def _rules_of(name: str) -> list[RuleInfo]:
    if name == OURS:
        return list(load_ruleset(plugins=False).infos.values())
    plugins = [loaded for loaded in load_installed_rules() if loaded.plugin.is_of(name)]
    return [info for loaded in plugins for source in sources_of(loaded) for info in source.infos]


def _checks_of(name: str) -> list[AnyCheck]:
    if name == OURS:
        return list(load_builtin_checks().values())
    plugins = [loaded for loaded in load_check_plugins() if loaded.plugin.is_of(name)]
    return [check for loaded in plugins for check in loaded.adds.values()]


class _RuleAttempts:
    """Rules that are tried together. Each kind of attempt is made when it is first needed."""

    def __init__(self, rules: Sequence[RuleInfo]) -> None:
        self._rules = rules

    def find_failures(self, rule: RuleInfo, law: str) -> list[str]:
        """Return where a rule breaks a law."""
        if law == "examples":
            return self._examples[rule.id]
        if law == "cannot-hang":
            return [*try_patterns(rule), *self._find_hanging(rule)]
        return [problem for attempt in self._attempts[rule.id] if (problem := _PROBLEMS[law](attempt))]

    def _find_hanging(self, rule: RuleInfo) -> list[str]:
        """Return how the function of a plugin's rule fails, each time with the beginning of the text."""
        ruleset = self._cleaner.ruleset
        functions: list[CodeRule] = [*ruleset.text_rules, *(one for one in ruleset.page_rules if not one.is_built_in)]
        function = next((one for one in functions if rule in one.infos), None)
        failures: Iterator[tuple[str, str]] = iter(())
        if isinstance(function, TextRule):
            failures = _find_text_failures(function, make_texts(rule))
        elif function is not None:
            failures = _find_page_failures(function, list(make_texts(rule)), ruleset)
        return [f"{cause}, on {text[:200]!r}" for cause, text in itertools.islice(failures, _SHOWN)]

    @cached_property
    def _cleaner(self) -> Cleaner:
        return Cleaner(load_ruleset(unsafe=True), suite="none")

    @cached_property
    def _examples(self) -> dict[str, list[str]]:
        failures: dict[str, list[str]] = defaultdict(list)
        for rule, failure in try_rules(self._rules, self._cleaner):
            failures[rule.id] += [failure] if failure else []
        return failures

    @cached_property
    def _attempts(self) -> dict[str, list[_Attempt]]:
        named = [(rule.id, text) for rule in self._rules for text in make_texts(rule)]
        texts = [text for _, text in named]
        once = self._clean(texts)
        again = self._clean([clean.body for clean in once])
        reordered = self._clean(texts[::-1])[::-1]
        attempts: dict[str, list[_Attempt]] = defaultdict(list)
        for (rule_id, text), *results in zip(named, once, again, reordered, strict=True):
            attempts[rule_id].append(_Attempt(text, *results))
        return attempts

    def _clean(self, texts: list[str]) -> list[_CleanText]:
        if not texts:
            return []
        assembled = _assemble(self._cleaner, texts)
        edits: list[list[Edit]] = [[] for _ in texts]
        for edit in assembled.edits.to_pylist():
            if edit["field"] == "body":
                edits[edit["row"]].append(Edit(**{name: edit[name] for name in Edit.model_fields}))
        bodies = assembled.articles.column("body").to_pylist()
        return [_CleanText(*parts) for parts in zip(bodies, edits, strict=True)]


def _assemble(cleaner: Cleaner, texts: list[str]) -> Assembled:
    return cleaner.assemble(cleaner.loader.from_rows([{"text": text} for text in texts], Place()))


def _find_text_failures(rule: TextRule, texts: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield the cause and the text of each failure of a rule that takes the text."""
    with time_box(rule_guard.SECONDS) as box:
        for text in texts:
            answer = ask_text_rule(rule, text, box)
            if isinstance(answer, Failure):
                yield answer.cause, text


def _find_page_failures(rule: CodeRule, texts: list[str], ruleset: Ruleset) -> Iterator[tuple[str, str]]:
    """Yield the cause and the text of each failure of a rule that takes a page.

    The cleaner is a new one, in which no rule was switched off yet.
    """
    failures = _assemble(Cleaner(ruleset, suite="none"), texts).failures
    for row, of_row in sorted(failures.items()):
        for failure in of_row:
            if failure.rule == rule.info.id:
                yield failure.cause, texts[row]


def make_texts(rule: RuleInfo) -> Iterator[str]:
    """Yield texts made from the examples of a rule: in each zone, repeated, in pieces, damaged, and very long."""
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


def _find_lost_text(attempt: _Attempt) -> str | None:
    try:
        restored = undo_edits(attempt.once.body, attempt.once.edits)
    except CopydeskError as error:
        return f"{error} on {attempt.text!r}"
    return None if restored == attempt.text else f"{attempt.text!r} is restored as {restored!r}"


def _find_unexplained_change(attempt: _Attempt) -> str | None:
    text, clean = attempt.text, attempt.once
    at = 0
    for edit in clean.edits:
        if not at <= edit.start < edit.end <= len(text) or text[edit.start : edit.end] != edit.before:
            return f"the edit {edit!r} does not fit {text!r}"
        at = edit.end
    if apply_edits(text, clean.edits) != clean.body:
        return f"the edits of {text!r} do not lead to {clean.body!r}"
    return None


def _find_instability(attempt: _Attempt) -> str | None:
    if attempt.again.edits:
        rules = ", ".join(sorted({edit.rule for edit in attempt.again.edits}))
        return f"{attempt.once.body!r} is clean, but {rules} changes it again"
    if attempt.once != attempt.reordered:
        return f"{attempt.text!r} is cleaned differently in another order of texts"
    return None


_PROBLEMS: dict[str, Callable[[_Attempt], str | None]] = {
    "restores": _find_lost_text,
    "changes-nothing-else": _find_unexplained_change,
    "is-stable": _find_instability,
}


def try_check(check: AnyCheck) -> list[str]:
    """Return which examples of a check do not hold, and what is wrong with its declaration."""
    problems = [] if check.remedy else ["it has no remedy: say what to do"]
    problems += [f"articles have no field {name!r}" for name in check.fields if name not in Article.model_fields]
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
    """Return which records of an example a check flags. Raises `PluginError` if it fails on one."""
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
        wanted, unwanted = (find_set_findings(check, check.parameters, profile, good) for profile in (bad, good))
    except PluginError as error:
        return [error.what]
    problems = [] if wanted else ["it finds nothing wrong with the set that fails"]
    unknown = [finding.field for finding in wanted if finding.field not in Article.model_fields]
    problems += [f"articles have no field {name!r}" for name in unknown]
    return problems + ([f"it finds something wrong with the set that passes: {unwanted!r}"] if unwanted else [])


def _profile(records: Sequence[Record]) -> Profile:
    validator = Validator("none")
    tally = Tally(validator.suite, engine="flags")
    if records:
        tally.add(validator.judge(validator.loader.from_rows([dict(record) for record in records], Place())))
    return tally.result.profile

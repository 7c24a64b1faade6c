"""Run the examples of rules as tests: in the full ruleset, in the part of a text where the rule looks."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...rules.patterns.redos import find_explosion
from ...rules.ruleset.loader import RULES, load_file
from ...rules.ruleset.model import Case, Example, PhraseRule, RuleInfo
from ...rules.ruleset.rule_packs import sources_of
from ...rules.ruleset.ruleset import load_installed_rules, load_ruleset
from ..api import Cleaner
from ..kernel.timebox import time_box
from ..learn_templates import learn_templates
from ..records.loader import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...rules.ruleset.loader import RuleSource
    from ...rules.ruleset.ruleset import Ruleset

# Invented prose to put an example line into. It is long enough to be prose, and no rule cuts any of it.
OPENING = (
    "The ferry from Ostwick left the quay an hour late on Monday, because the harbour master could not find the key "
    "to the chain that had been laid across the basin during the storm, and nobody dared to saw through it."
)
MIDDLE = (
    "By noon the fishermen had gathered on the pier, and Marta Lindqvist, who has mended nets there for thirty years, "
    "told them that her grandfather had once waited four days for the same key and the same man to come back."
)
CLOSING = (
    "In the evening the chain lay on the stones, cut through after all, and the ferry crossed the sound with its lamps "
    "lit and two hundred passengers on deck who sang until the lights of the far shore came into view."
)
_HOST = "lantern.example"
_MATCH_SECONDS = 1.0  # after which a match on one line is ended


def embed(line: str, where: str) -> str:
    """Put a line into the prose, where a rule with this zone looks for it."""
    if where == "head":
        parts = [line, OPENING, MIDDLE, CLOSING]
    elif where in ("tail", "margin", "below"):
        parts = [OPENING, MIDDLE, CLOSING, line]
    elif where == "inline":
        parts = [OPENING, f"{MIDDLE} {line}", CLOSING]
    else:
        parts = [OPENING, MIDDLE, line, CLOSING]
    return "\n".join(parts)


@dataclass
class Tried:
    """The number of examples that were tried, those that do not hold, and the patterns that explode."""

    examples: int = 0
    failures: list[str] = field(default_factory=list)
    explosions: list[str] = field(default_factory=list)

    @property
    def success(self) -> bool:
        """Whether all examples hold and no pattern explodes."""
        return not (self.failures or self.explosions)

    def __str__(self) -> str:
        explosions = f"; patterns that explode: {len(self.explosions)}" if self.explosions else ""
        return f"{self.examples - len(self.failures)} of {self.examples} examples hold{explosions}"


def run_examples(names: Sequence[str | Path] = (), *, profile: str = "article") -> Tried:
    """Try the examples and patterns of rules in the full ruleset.

    `names` are rule files and installed distributions; without any, all rules are tried. Raises `RuleError` for a file
    that cannot be loaded.
    """
    ruleset = load_ruleset(profile=profile, unsafe=True)
    files = {
        os.path.realpath(RULES / source.name if source.built_in else source.name): source for source in ruleset.sources
    }
    sources: list[RuleSource] = [] if names else list(ruleset.sources)
    tried = Tried()
    for name in names:
        packs = [loaded for loaded in load_installed_rules() if loaded.plugin.is_of(str(name))]
        if packs:
            sources += [source for loaded in packs for source in sources_of(loaded)]
        elif os.path.realpath(name) in files:
            sources.append(files[os.path.realpath(name)])
        else:
            with_file = load_ruleset([Path(name)], profile=profile, unsafe=True)
            _try_sources([load_file(Path(name))], with_file, tried)
    if sources:
        _try_sources(sources, ruleset, tried)
    return tried


def _try_sources(sources: Iterable[RuleSource], ruleset: Ruleset, tried: Tried) -> None:
    rules = [info for source in sources for info in source.infos]
    for rule, failure in try_rules(rules, Cleaner(ruleset, suite="none")):
        tried.examples += 1
        tried.failures += [f"{rule.id}: {failure}"] if failure else []
    tried.explosions += [f"{rule.id}: {failure}" for rule in rules for failure in try_patterns(rule)]


def try_patterns(rule: RuleInfo) -> list[str]:
    """Return a message for each pattern of a rule that can explode, with a line on which it does."""
    if not isinstance(rule, PhraseRule):
        return []
    with time_box(_MATCH_SECONDS) as box:
        run = partial(box.run, what=f"a pattern of {rule.id}")
        lines = {
            pattern: find_explosion(pattern, inside=rule.where == "inline", run=run)
            for pattern in (*rule.match, *rule.unless)
        }
    return [
        f"the pattern {pattern!r} takes too long on {line!r}: write it so that it can match in one way only"
        for pattern, line in lines.items()
        if line is not None
    ]


@dataclass(frozen=True)
class _Trial:
    """An example, and the record that it makes."""

    rule: RuleInfo
    example: Example
    fires: bool
    whole_line: bool
    record: dict[str, str]


@dataclass(frozen=True)
class _Result:
    """The record of an example after cleaning, and the rules that changed it."""

    body: str
    headline: str | None
    rules: frozenset[str]


def try_rules(rules: Iterable[RuleInfo], cleaner: Cleaner) -> Iterator[tuple[RuleInfo, str | None]]:
    """Yield each example of some rules, with None if it holds, else with what is wrong. They are tried together."""
    text_rules = {rule.info.id for rule in cleaner.ruleset.text_rules}
    trials = [trial for rule in rules for trial in _make_trials(rule, text_rules)]
    plain = [trial for trial in trials if not (isinstance(trial.example, Case) and trial.example.host_documents)]
    results = dict(zip(map(id, plain), _clean([trial.record for trial in plain], cleaner), strict=True))
    for trial in trials:
        result = results.get(id(trial)) or _clean_with_templates(trial, cleaner)
        failure = _judge_document(trial, result) if isinstance(trial.example, Case) else _judge_line(trial, result)
        yield trial.rule, failure


def _make_trials(rule: RuleInfo, text_rules: set[str]) -> Iterator[_Trial]:
    """Yield the trials of a rule. `text_rules` are ids of rules that may cut a part of a line."""
    where = rule.where if isinstance(rule, PhraseRule) else "anywhere"
    run = rule.min_run if isinstance(rule, PhraseRule) else 1
    whole_line = where != "inline" and rule.id not in text_rules
    for fires, examples in ((True, rule.removes), (False, rule.keeps)):
        for example in examples:
            if isinstance(example, Case):
                record = {"text": example.before} | ({"headline": example.title} if example.title else {})
                record |= {"source_domain": _HOST} if example.host_documents else {}
            else:
                record = {"text": embed("\n".join([example] * run) if fires and whole_line else example, where)}
            if isinstance(rule, PhraseRule) and rule.hosts:
                record |= {"source_domain": rule.hosts[0]}
            yield _Trial(rule, example, fires, whole_line, record)


def _clean(records: list[dict[str, str]], cleaner: Cleaner) -> list[_Result]:
    assembled = cleaner.assemble(cleaner.loader.from_rows(records, Place()))
    rules: list[set[str]] = [set() for _ in records]
    for row, rule in zip(*(assembled.edits.column(name).to_pylist() for name in ("row", "rule")), strict=True):
        rules[row].add(rule)
    columns = (assembled.articles.column(name).to_pylist() for name in ("body", "headline"))
    return [_Result(body, headline, frozenset(ids)) for body, headline, ids in zip(*columns, rules, strict=True)]


def _clean_with_templates(trial: _Trial, cleaner: Cleaner) -> _Result:
    """Clean the record of an example with site templates that are learned from its host documents."""
    texts = trial.example.host_documents if isinstance(trial.example, Case) else []
    documents = [{"text": text, "source_domain": _HOST} for text in texts]
    with_templates = Cleaner(cleaner.ruleset, suite="none", templates=learn_templates(documents))
    return _clean([trial.record], with_templates)[0]


def _judge_line(trial: _Trial, result: _Result) -> str | None:
    """Return in what an example that is a line does not hold."""
    if not trial.fires:
        if result.body != trial.record["text"] and result.headline is None:
            return f"removes {trial.example!r}, which is listed under keeps, by {', '.join(sorted(result.rules))}"
    elif not trial.whole_line:
        return None if trial.rule.id in result.rules else f"does not remove {trial.example!r}"
    elif result.body != "\n".join([OPENING, MIDDLE, CLOSING]):
        return f"does not remove {trial.example!r}, or removes more"
    return None


def _judge_document(trial: _Trial, result: _Result) -> str | None:
    """Return in what an example that is a document does not hold."""
    case = trial.example
    assert isinstance(case, Case)
    if result.body != case.after:
        return f"turns {case.before!r} into {result.body!r}, not into {case.after!r}"
    if case.headline is not None and result.headline != case.headline:
        return f"makes the headline {result.headline!r} instead of {case.headline!r}"
    if (trial.rule.id in result.rules) != trial.fires:
        return f"{'does not change' if trial.fires else 'changes'} {case.before!r}"
    return None

"""The examples of rules, run as tests: in the full ruleset, in the part of a text where the rule looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules.loading import HERE, load_file
from ..rules.model import Case, Example, PhraseRule, RuleInfo
from ..rules.ruleset import load_ruleset
from .api import Cleaner
from .templates import learn_templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Invented prose to put an example line into. It is long enough to be prose, and says nothing that a rule looks for.
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


def run_examples(file: Path, *, profile: str = "article") -> tuple[int, list[str]]:
    """Try the examples of a rule file in the full ruleset; give their number and what does not hold.

    Raises `RuleError` for a file that cannot be loaded.
    """
    built_in = any(
        source.name == file.name and file.resolve().parent == HERE.resolve() for source in load_ruleset().sources
    )
    ruleset = load_ruleset([] if built_in else [file], profile=profile, unsafe=True)
    cleaner = Cleaner(ruleset, suite="none")
    tried, failures = 0, []
    for rule in load_file(file).phrases:
        for failure in try_rule(rule, cleaner):
            tried += 1
            if failure:
                failures.append(f"{rule.id}: {failure}")
    return tried, failures


def try_rule(rule: RuleInfo, cleaner: Cleaner) -> Iterator[str | None]:
    """Try the examples of a rule one by one: None for one that holds, else what is wrong."""
    for example in rule.removes:
        yield _try_removes(rule, example, cleaner)
    for example in rule.keeps:
        yield _try_keeps(rule, example, cleaner)


def _try_removes(rule: RuleInfo, example: Example, cleaner: Cleaner) -> str | None:
    if isinstance(example, Case):
        return _try_case(rule, example, cleaner, fires=True)
    where = rule.where if isinstance(rule, PhraseRule) else "anywhere"
    run = rule.min_run if isinstance(rule, PhraseRule) else 1
    line = "\n".join([example] * run)
    cleaned = cleaner.clean(embed(line, where)).article.body
    if where == "inline":
        return None if rule.id in _rules(embed(line, where), cleaner) else f"does not remove {example!r}"
    if cleaned != "\n".join([OPENING, MIDDLE, CLOSING]):
        return f"does not remove {example!r}, or removes more"
    return None


def _try_keeps(rule: RuleInfo, example: Example, cleaner: Cleaner) -> str | None:
    if isinstance(example, Case):
        return _try_case(rule, example, cleaner, fires=False)
    where = rule.where if isinstance(rule, PhraseRule) else "anywhere"
    text = embed(example, where)
    result = cleaner.clean(text)
    if result.article.body != text and result.article.headline is None:
        return f"removes {example!r}, by {', '.join(sorted({edit.rule for edit in result.edits}))}"
    return None


def _try_case(rule: RuleInfo, case: Case, cleaner: Cleaner, *, fires: bool) -> str | None:
    record = {"text": case.before} | ({"headline": case.title} if case.title else {})
    if case.corpus:
        documents = [{"text": text, "source_domain": "lantern.example"} for text in case.corpus]
        cleaner = Cleaner(cleaner.ruleset, suite="none", templates=learn_templates(documents))
        record["source_domain"] = "lantern.example"
    result = cleaner.clean(record)
    if result.article.body != case.after:
        return f"makes {result.article.body!r} of {case.before!r}"
    if case.headline is not None and result.article.headline != case.headline:
        return f"gives the headline {result.article.headline!r} instead of {case.headline!r}"
    fired = any(edit.rule == rule.id for edit in result.edits)
    if fired != fires:
        return f"{'does not fire' if fires else 'fires'} on {case.before!r}"
    return None


def _rules(text: str, cleaner: Cleaner) -> set[str]:
    return {edit.rule for edit in cleaner.clean(text).edits}

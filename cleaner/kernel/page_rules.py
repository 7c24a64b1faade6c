"""The page rules at work on a batch of texts."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...rules.ruleset.page import RuleOutcome
from . import rule_guard
from .page_view import make_page, rows_for
from .rule_guard import ask_page_rule, fail_endless
from .timebox import time_box
from .types import Learned, RecordContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.ruleset.declare import PageRule
    from ...rules.ruleset.page import Page
    from ...schemas.byte_arrays import Bytes, Ints
    from .kept_cuts import KeptCuts
    from .lines.remaining import Cuts, RemainingLines
    from .rule_guard import RuleGuard
    from .site_templates import Templates
    from .timebox import TimeBox
    from .types import Failures


class PageRules:
    """The page rules of a ruleset. `ids` are those of all rules by number, `off` those that do not run."""

    def __init__(
        self,
        rules: Sequence[PageRule],
        ids: Sequence[str],
        off: frozenset[str],
        templates: Templates | None,
        guard: RuleGuard,
    ) -> None:
        self.rules = rules
        self.ids = ids
        self.numbers = {rule_id: number for number, rule_id in enumerate(ids)}
        self.off = off
        self.templates = templates
        self.guard = guard
        # for each page rule, which of all rules it follows
        self.follows = [np.array([*map(rule.follows_rule, ids)], np.bool_) for rule in rules]

    def start(
        self,
        contexts: Sequence[RecordContext] | None,
        failures: Failures,
        kept: KeptCuts,
        structure: Bytes | None = None,
    ) -> PageRuleSession:
        """Begin with a batch, whose markup said `structure` of its lines. Rules skip texts on which they failed."""
        return PageRuleSession(self, contexts, failures, kept, structure)


class PageRuleSession:
    """What page rules learned from a batch so far, and which of them failed."""

    def __init__(
        self,
        rules: PageRules,
        contexts: Sequence[RecordContext] | None,
        failures: Failures,
        kept: KeptCuts,
        structure: Bytes | None,
    ) -> None:
        self._rules, self._kept, self._structure = rules, kept, structure
        self._contexts = contexts
        self.learned: dict[int, Learned] = {}
        self.failures: Failures = failures
        self._rounds: Counter[tuple[int, str]] = Counter()
        self._box: TimeBox | None = None

    def ask(self, remaining: RemainingLines, cuts: Cuts, rows: Ints | None) -> Ints:
        """Ask all rules about `rows`, or about all texts, and note their cuts. Return the rows with new cuts."""
        changed: set[int] = set()
        with ExitStack() as stack:
            if not all(rule.is_built_in for rule in self._rules.rules):
                self._box = stack.enter_context(time_box(rule_guard.SECONDS))
            for rule, follows in zip(self._rules.rules, self._rules.follows, strict=True):
                changed |= self._ask_rule(rule, follows, remaining, cuts, rows)
        return np.array(sorted(changed), np.int64)

    def _ask_rule(
        self, rule: PageRule, follows: np.ndarray, remaining: RemainingLines, cuts: Cuts, rows: Ints | None
    ) -> set[int]:
        changed: set[int] = set()
        first = remaining.lines.first
        # the lines that are left, and those that were cut before the rule, of text r: `[bounds[r], bounds[r + 1])`
        bounds = remaining.bounds
        cut = np.flatnonzero(~remaining.alive & follows[cuts.rule]) if rule.follows else first[:0]
        cut_bounds = np.searchsorted(cut, first)
        for row in rows_for(rule, remaining, cut, self._contexts, rows, self._rules.templates):
            context = self._contexts[row] if self._contexts is not None else RecordContext()
            index = remaining.index[bounds[row] : bounds[row + 1]]
            before = cut[cut_bounds[row] : cut_bounds[row + 1]]
            rules = [self._rules.ids[number] for number in cuts.rule[before]]
            page = make_page(remaining, row, index, context, before, rules, self._rules.templates)
            if rule.structured and self._structure is not None and context.structure is not None:
                page = replace(page, structure=self._structure[index])
            outcome = self._answer(rule, page, row, self._rules.off | context.ignored)
            outcome = self._kept.without(outcome, row, page.texts, page.title or "")
            if outcome.cuts or outcome.title_cuts or outcome.headline or outcome.source_name:
                self.learned.setdefault(row, Learned()).add(outcome)
            for cut_line in outcome.cuts:
                line = int(index[cut_line.line])
                if cuts.rule[line] < 0:
                    cuts.rule[line] = self._rules.numbers[cut_line.rule]
                    if cut_line.detail:
                        cuts.details[line] = cut_line.detail
                    changed.add(row)
        return changed

    def _answer(self, rule: PageRule, page: Page, row: int, ignored: frozenset[str]) -> RuleOutcome:
        """Return what a rule would cut, without the cuts of ignored rules. A rule that fails cuts nothing."""
        if self._box is None or rule.is_built_in:
            return without_rules(rule(page), ignored)
        rule_id = rule.info.id
        failed = {failure.rule for failure in self.failures.get(row, ())}
        if rule_id in failed or ignored.issuperset(info.id for info in rule.infos):
            return RuleOutcome()
        outcome = self._rules.guard.ask(rule, partial(ask_page_rule, rule, page, self._box))
        if isinstance(outcome, RuleOutcome):
            outcome = without_rules(outcome, ignored)
            self._rounds[row, rule_id] += bool(outcome.cuts)
            if self._rounds[row, rule_id] <= rule_guard.MAX_ROUNDS:
                return outcome
            outcome = fail_endless(rule)
        self.failures.setdefault(row, []).append(outcome)
        return RuleOutcome()


def without_rules(outcome: RuleOutcome, ignored: frozenset[str]) -> RuleOutcome:
    """Return an outcome without the cuts of some rules, and without what it learned if no cut is left."""
    if not ignored or not (outcome.cuts or outcome.title_cuts):
        return outcome
    cuts = [cut for cut in outcome.cuts if cut.rule not in ignored]
    title_cuts = [cut for cut in outcome.title_cuts if cut.rule not in ignored]
    if not cuts and not title_cuts:
        return RuleOutcome()
    return replace(outcome, cuts=cuts, title_cuts=title_cuts)

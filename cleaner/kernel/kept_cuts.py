"""Cuts that decisions take back: lines that rules leave alone on some records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...schemas.decisions import keeps
from .match.zones import PhraseHits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.ruleset.page import FieldCut, RuleOutcome
    from ...schemas.byte_arrays import Ints
    from .lines.remaining import Cuts
    from .lines.split import Lines
    from .types import RecordContext


class KeptCuts:
    """The lines of a batch that rules leave alone. Only cuts of rules that are named in decisions are looked at."""

    def __init__(self, contexts: Sequence[RecordContext] | None, ids: Sequence[str]) -> None:
        self._contexts = contexts if contexts is not None and any(context.kept for context in contexts) else None
        self._ids = ids
        rules = {rule for context in self._contexts or () for rule in context.kept}
        self._named = np.array([rule in rules for rule in ids], np.bool_)

    def keeps(self, row: int, rule: str, text: str) -> bool:
        """Return whether a rule leaves a text of a record alone."""
        return self._contexts is not None and keeps(self._contexts[row].kept, rule, text)

    def remaining(self, hits: PhraseHits, lines: Lines) -> PhraseHits:
        """Return phrase hits without those on lines that stay."""
        if self._contexts is None:
            return hits
        kept = ~self._are_kept(lines, hits.line, hits.rule)
        return PhraseHits(hits.line[kept], hits.rule[kept])

    def fresh(self, lines: Lines, index: Ints, rule: int) -> np.ndarray:
        """Return which of some lines a rule, given by its number, may cut."""
        if self._contexts is None:
            return np.ones(len(index), np.bool_)
        return ~self._are_kept(lines, index, np.full(len(index), rule, np.int64))

    def take_back(self, lines: Lines, cuts: Cuts) -> None:
        """Take back the cuts of lines that stay: a rule that cuts to the end of a text has cut them along."""
        if self._contexts is None:
            return
        index = np.flatnonzero(cuts.rule >= 0)
        kept = index[self._are_kept(lines, index, cuts.rule[index])]
        cuts.rule[kept], cuts.group[kept] = -1, kept

    def without(self, outcome: RuleOutcome, row: int, texts: Sequence[str], title: str) -> RuleOutcome:
        """Return what a page rule found, without the cuts of lines that stay. `texts` are those of its page."""
        if self._contexts is None or not self._contexts[row].kept:
            return outcome
        kept = self._contexts[row].kept

        def stays(cut: FieldCut) -> bool:
            return keeps(kept, cut.rule, title[cut.start : cut.end])

        cuts = [cut for cut in outcome.cuts if not keeps(kept, cut.rule, texts[cut.line])]
        title_cuts = [cut for cut in outcome.title_cuts if not stays(cut)]
        if len(cuts) == len(outcome.cuts) and len(title_cuts) == len(outcome.title_cuts):
            return outcome
        if not cuts and not title_cuts:
            return type(outcome)()
        left = {texts[cut.line] for cut in outcome.cuts if cut not in cuts}
        headline = None if outcome.headline in left else outcome.headline
        others = [one for one in outcome.alt_headlines if one not in left]
        return type(outcome)(cuts, title_cuts, headline, others, outcome.source_name)

    def _are_kept(self, lines: Lines, index: Ints, rules: Ints) -> np.ndarray:
        """Return which of some lines stay, of the rule of each, given by its number."""
        kept = np.zeros(len(index), np.bool_)
        assert self._contexts is not None
        for at in np.flatnonzero(self._named[rules]).tolist():
            line = int(index[at])
            kept[at] = keeps(self._contexts[lines.row[line]].kept, self._ids[rules[at]], lines.text(line))
        return kept

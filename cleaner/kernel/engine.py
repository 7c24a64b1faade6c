"""The decision what to cut, run to its fixed point.

A cut changes what its neighbours stand next to, so rules are asked again, of what still stands, until none has
anything more to say. That makes cleaning idempotent: the clean text is a text that no rule wants to change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...rules.gate.decision import Gate, load_gate
from ...rules.gate.rule import GATE
from ...rules.ruleset.model import RuleOutcome
from .gate import GateSession
from .lines.remaining import Cuts, RemainingLines
from .lines.split import Lines, looks_like_prose, split
from .match.matcher import InlinePhrases, Phrases
from .match.zones import PhraseHits, PhraseRules, find_hits
from .page_view import make_page, rows_for
from .types import Decision, Learned, RecordContext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from ...rules.gate.decision import Scores
    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.byte_arrays import Ints, Mask
    from .site_templates import Templates


class Engine:
    """A ruleset made ready to run. Rules are numbered: phrase rules first, then the ids that code rules declare."""

    def __init__(
        self,
        ruleset: Ruleset,
        cache: Path | None,
        weights: Path | None = None,
        templates: Templates | None = None,
    ) -> None:
        whole = [rule for rule in ruleset.phrases if rule.where != "inline"]
        inline = [rule for rule in ruleset.phrases if rule.where == "inline"]
        self.code = [code for code in ruleset.code if templates is not None or not code.corpus]
        self._templates = templates
        self._off = ruleset.off
        self.ids = [rule.id for rule in whole] + [rule.id for rule in inline]
        self._inline_base = len(whole)
        self.ids += [info.id for code in self.code for info in code.infos]
        self.gate = (Gate(weights) if weights else load_gate()) if ruleset.gate else None
        self.ids += [ruleset.gate.id] if ruleset.gate else []
        self.ids += [rule.info.id for rule in ruleset.functions]
        self.numbers = {rule_id: number for number, rule_id in enumerate(self.ids)}
        self._follows = [
            np.array([rule_id.split("/")[0] in code.follows for rule_id in self.ids], np.bool_) for code in self.code
        ]
        self._profile = ruleset.profile
        self._rules = PhraseRules(whole)
        numbers = {rule.id: number for number, rule in enumerate(whole)}
        groups = [[rule for rule in group if rule.where != "inline"] for group in ruleset.phrase_groups]
        self._whole = [Phrases(group, [numbers.get(rule.id, -1) for rule in group], cache) for group in groups]
        self._inline = InlinePhrases(inline, cache) if inline else None

    def decide(
        self, texts: pa.LargeStringArray, known: Sequence[RecordContext] | None, spared: Mask | None = None
    ) -> Decision:
        """Decide for a batch of texts; `known` has what is known of each record, None for nothing of any.

        `spared` are texts that the gate leaves alone.
        """
        lines = split(texts)
        hits = self._spare(find_hits(lines, self._whole), lines, known)
        prose = looks_like_prose(lines)
        prose[hits.line] = False
        cuts = Cuts.none(len(lines))
        learned: dict[int, Learned] = {}
        gated = GateSession(self.gate, lines, self._profile, spared) if self.gate else None
        # the gate reads the whole text first, as it was; what rules know is theirs all the same
        wanted = gated.ask(RemainingLines(lines, prose, cuts.rule < 0), np.arange(lines.rows)) if gated else None
        rows: Ints | None = None
        while True:
            standing = self._run_phrases(lines, prose, hits, cuts)
            rows = self._run_code(standing, cuts, known, learned, rows)
            if len(rows):
                continue
            if gated is None:
                break
            if wanted is None:
                wanted = gated.ask(standing, gated.changed(cuts))
                if gated.endless.any():
                    return self.decide(texts, known, gated.endless if spared is None else gated.endless | spared)
            rows = self._cut(wanted, cuts, lines, known)
            wanted = None
            if not len(rows) and not len(gated.changed(cuts)):
                break
        inline = self._find_inline(self._inline, lines, standing, known) if self._inline else []
        known_but_kept = np.unique(hits.standing(cuts.rule < 0).line)
        known_lines = np.bincount(lines.row[known_but_kept], minlength=lines.rows)
        page = gated.page if gated else np.zeros(lines.rows, np.bool_)
        return Decision(lines, cuts, learned, inline, known_lines, page)

    def _run_phrases(self, lines: Lines, prose: Mask, hits: PhraseHits, cuts: Cuts) -> RemainingLines:
        while True:
            standing = RemainingLines(lines, prose, cuts.rule < 0)
            hits = hits.standing(standing.alive)
            if not len(hits.line) or not self._rules.decide(standing, hits, cuts):
                return standing

    def _run_code(
        self,
        standing: RemainingLines,
        cuts: Cuts,
        known: Sequence[RecordContext] | None,
        learned: dict[int, Learned],
        rows: Ints | None,
    ) -> Ints:
        """Ask the code rules about `rows`, or about all; give the rows in which they cut something."""
        changed: set[int] = set()
        nothing = RecordContext()
        first = standing.lines.first
        bounds = np.searchsorted(standing.index, first)
        for code, follows in zip(self.code, self._follows, strict=True):
            cut = np.flatnonzero(~standing.alive & follows[cuts.rule]) if code.follows else first[:0]
            cut_bounds = np.searchsorted(cut, first)
            for row in rows_for(code, standing, cut, known, rows, self._templates):
                about = known[row] if known is not None else nothing
                index = standing.index[bounds[row] : bounds[row + 1]]
                before = cut[cut_bounds[row] : cut_bounds[row + 1]]
                rules = [self.ids[rule] for rule in cuts.rule[before]]
                page = make_page(standing, row, index, about, before, rules, self._templates)
                outcome = _without(code.find(page), self._off | about.ignored)
                if outcome.cuts or outcome.title_cuts or outcome.headline or outcome.source_name:
                    learned.setdefault(row, Learned()).take(outcome)
                for found in outcome.cuts:
                    line = int(index[found.line])
                    if cuts.rule[line] < 0:
                        cuts.rule[line] = self.numbers[found.rule]
                        if found.detail:
                            cuts.details[line] = found.detail
                        changed.add(row)
        return np.array(sorted(changed), np.int64)

    def _cut(
        self, wanted: tuple[Ints, Scores], cuts: Cuts, lines: Lines, known: Sequence[RecordContext] | None
    ) -> Ints:
        """Cut what the gate wants cut, but for what rules have cut; give the texts in which that was anything."""
        index, scores = wanted
        fresh = cuts.rule[index] < 0
        if known is not None:
            fresh &= np.fromiter((GATE.id not in about.ignored for about in known), np.bool_, len(known))[
                lines.row[index]
            ]
        cuts.rule[index[fresh]] = self.numbers[GATE.id]
        cuts.note(index[fresh], scores.take(fresh))
        return np.flatnonzero(np.bincount(lines.row[index[fresh]], minlength=lines.rows))

    def _spare(self, hits: PhraseHits, lines: Lines, known: Sequence[RecordContext] | None) -> PhraseHits:
        """Leave out the hits of rules that are not to run on their record."""
        if known is None or not any(about.ignored for about in known):
            return hits
        pairs = zip(lines.row[hits.line].tolist(), hits.rule.tolist(), strict=True)
        kept = np.fromiter((self.ids[rule] not in known[row].ignored for row, rule in pairs), np.bool_, len(hits.line))
        return PhraseHits(hits.line[kept], hits.rule[kept])

    def _find_inline(
        self, phrases: InlinePhrases, lines: Lines, standing: RemainingLines, known: Sequence[RecordContext] | None
    ) -> list[tuple[int, int, int, int]]:
        found = []
        for line, rule in zip(*map(np.ndarray.tolist, phrases.candidates(lines.data, lines.stop + 1)), strict=True):
            if (
                known is not None
                and line < len(lines)
                and self.ids[rule + self._inline_base] in known[lines.row[line]].ignored
            ):
                continue
            if line < len(lines) and standing.alive[line]:
                spans = phrases.spans(lines.text(line), rule)
                found += [(line, start, end, rule + self._inline_base) for start, end in spans]
        return found


def _without(outcome: RuleOutcome, ignored: frozenset[str]) -> RuleOutcome:
    """Take the cuts of some rules out of an outcome, and what it learned from them if no other is left."""
    if not ignored or not (outcome.cuts or outcome.title_cuts):
        return outcome
    cuts = [cut for cut in outcome.cuts if cut.rule not in ignored]
    title_cuts = [cut for cut in outcome.title_cuts if cut.rule not in ignored]
    if not cuts and not title_cuts:
        return RuleOutcome()
    return replace(outcome, cuts=cuts, title_cuts=title_cuts)

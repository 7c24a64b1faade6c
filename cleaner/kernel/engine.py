"""The decision what to cut, repeated until no rule wants to cut anything more.

A cut gives its neighbours new neighbours, so the rules are asked again about the lines that remain, until none of them
cuts. This makes cleaning idempotent: no rule wants to change a clean text.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...rules.gate.decision import Gate, load_gate
from ...rules.gate.rule import GATE
from .entries import find_entries
from .forms.layout import Layout
from .forms.line_structure import find_line_structure
from .gate import GateSession
from .kept_cuts import KeptCuts
from .lines.remaining import Cuts, RemainingLines
from .lines.split import Lines, looks_like_prose
from .match.matcher import InlinePhrases, Phrases
from .match.zones import PhraseHits, PhraseRules
from .page_rules import PageRules
from .site_rules import SiteRules
from .types import Decision, Failure, note_failure
from .verse import find_verse_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pyarrow as pa

    from ...rules.gate.decision import Scores
    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.byte_arrays import Ints, Mask
    from .rule_guard import RuleGuard
    from .site_templates import Templates
    from .types import Failures, RecordContext


class Engine:
    """A ruleset ready to run. Rules have numbers, which index `ids`: phrase rules first, then the others."""

    def __init__(
        self,
        ruleset: Ruleset,
        cache: Path | None,
        weights: Path | None,
        templates: Templates | None,
        guard: RuleGuard,
    ) -> None:
        whole = [rule for rule in ruleset.phrases if rule.where != "inline"]
        inline = [rule for rule in ruleset.phrases if rule.where == "inline"]
        page_rules = [rule for rule in ruleset.page_rules if templates is not None or not rule.site_templates]
        self.ids = [rule.id for rule in whole] + [rule.id for rule in inline]
        self._inline_base = len(whole)
        self._sites = SiteRules([*whole, *inline])
        self.inline = frozenset(rule.id for rule in inline)
        self.ids += [info.id for rule in page_rules for info in rule.infos]
        self.gate = (Gate(weights, weights) if weights else load_gate()) if ruleset.gate else None
        self.ids += [ruleset.gate.id] if ruleset.gate else []
        self.ids += [rule.info.id for rule in ruleset.text_rules]
        self.numbers = {rule_id: number for number, rule_id in enumerate(self.ids)}
        self._page_rules = PageRules(page_rules, self.ids, ruleset.off, templates, guard)
        self._profile = ruleset.profile
        self._rules = PhraseRules(whole)
        numbers = {rule.id: number for number, rule in enumerate(whole)}
        groups = [[rule for rule in group if rule.where != "inline"] for group in ruleset.phrase_groups]
        self._whole = [Phrases(group, [numbers.get(rule.id, -1) for rule in group], cache) for group in groups]
        self._inline = InlinePhrases(inline, cache) if inline else None

    def decide(
        self,
        texts: pa.LargeStringArray,
        contexts: Sequence[RecordContext] | None,
        no_gate: Mask | None = None,
        failures: Failures | None = None,
    ) -> Decision:
        """Decide for a batch of texts. `contexts` is None if nothing is known about any record.

        The gate does not look at the texts of `no_gate`. `failures` are those of an earlier attempt.
        """
        layout = Layout(contexts)
        lines, hits = layout.split(texts, self._whole)
        failures = failures if failures is not None else {}
        self._note_failures(hits.failures, lines, contexts, failures)
        kept = KeptCuts(contexts, self.ids)
        hits = self._sites.remaining(self._without_ignored(hits, lines, contexts), lines, contexts)
        hits = kept.remaining(hits, lines)
        # a time stamp between two share buttons looks like the length of a video
        entries, stamps = find_entries(lines)
        hits = hits.remaining(~stamps)
        paragraphs = layout.find_paragraphs(lines, hits)
        prose = looks_like_prose(lines)
        hits = hits.remaining(~find_verse_words(lines, prose, hits.line))
        prose[hits.line] = False
        cuts = Cuts.none(len(lines))
        structure = find_line_structure(lines, contexts)
        pages = self._page_rules.start(contexts, failures, kept, structure)
        gate = (
            GateSession(self.gate, paragraphs, self._profile, layout.flow, entries, no_gate, structure)
            if self.gate
            else None
        )
        if gate is not None and contexts is not None:
            gate.read_as_pages([row for row, context in enumerate(contexts) if context.whole_page])
            gate.read_as_pages([row for row, context in enumerate(contexts) if context.seen_as_page], sure=True)
        # The gate scores the whole raw text first. What it wants to cut waits until the rules have cut theirs.
        wanted = gate.ask(RemainingLines(lines, prose, cuts.rule < 0), np.arange(lines.rows)) if gate else None
        rows: Ints | None = None
        while True:
            remaining = self._cut_phrases(lines, prose, hits, cuts, kept)
            rows = pages.ask(remaining, cuts, rows)
            if len(rows):
                continue
            if gate is None:
                break
            if wanted is None:
                wanted = gate.ask(remaining, gate.changed(cuts))
                if gate.endless.any():
                    no_gate = gate.endless if no_gate is None else gate.endless | no_gate
                    return self.decide(texts, contexts, no_gate, failures)
            rows = self._cut_by_gate(wanted, cuts, lines, contexts, kept)
            wanted = None
            if not len(rows) and not len(gate.changed(cuts)):
                break
        inline = self._find_inline(self._inline, lines, remaining, contexts, failures, kept) if self._inline else []
        known_but_kept = np.unique(hits.remaining(cuts.rule < 0).line)
        known_lines = np.bincount(lines.row[known_but_kept], minlength=lines.rows)
        page = gate.page if gate else np.zeros(lines.rows, np.bool_)
        layout.restore(lines)
        moving = layout.flow | layout.wrapped
        return Decision(lines, cuts, pages.learned, inline, known_lines, page, failures, layout.flow, moving, structure)

    def _cut_phrases(self, lines: Lines, prose: Mask, hits: PhraseHits, cuts: Cuts, kept: KeptCuts) -> RemainingLines:
        """Cut by phrase rules until none applies. Return the lines that remain."""
        while True:
            remaining = RemainingLines(lines, prose, cuts.rule < 0)
            hits = hits.remaining(remaining.alive)
            if not len(hits.line) or not self._rules.decide(remaining, hits, cuts):
                return remaining
            kept.take_back(lines, cuts)

    def _cut_by_gate(
        self,
        wanted: tuple[Ints, Scores],
        cuts: Cuts,
        lines: Lines,
        contexts: Sequence[RecordContext] | None,
        kept: KeptCuts,
    ) -> Ints:
        """Cut the lines that the gate wants to cut, unless a rule has cut them. Return the texts with new cuts."""
        index, scores = wanted
        fresh = cuts.rule[index] < 0
        if contexts is not None:
            allowed = np.fromiter((GATE.id not in context.ignored for context in contexts), np.bool_, len(contexts))
            fresh &= allowed[lines.row[index]]
        fresh &= kept.fresh(lines, index, self.numbers[GATE.id])
        cuts.rule[index[fresh]] = self.numbers[GATE.id]
        cuts.note(index[fresh], scores.take(fresh))
        return np.flatnonzero(np.bincount(lines.row[index[fresh]], minlength=lines.rows))

    def _without_ignored(self, hits: PhraseHits, lines: Lines, contexts: Sequence[RecordContext] | None) -> PhraseHits:
        """Return the hits without those of rules that do not run on their record."""
        if contexts is None or not any(context.ignored for context in contexts):
            return hits
        pairs = zip(lines.row[hits.line].tolist(), hits.rule.tolist(), strict=True)
        count = len(hits.line)
        kept = np.fromiter((self.ids[rule] not in contexts[row].ignored for row, rule in pairs), np.bool_, count)
        return PhraseHits(hits.line[kept], hits.rule[kept])

    def _find_inline(
        self,
        phrases: InlinePhrases,
        lines: Lines,
        remaining: RemainingLines,
        contexts: Sequence[RecordContext] | None,
        failures: Failures,
        kept: KeptCuts,
    ) -> list[tuple[int, int, int, int]]:
        """Return the spans to cut inside remaining lines: line, start and end in code points, number of the rule."""
        spans: list[tuple[int, int, int, int]] = []
        for line, rule in zip(*map(np.ndarray.tolist, phrases.candidates(lines.data, lines.stop + 1)), strict=True):
            number = rule + self._inline_base
            if line >= len(lines) or not remaining.alive[line]:
                continue
            if contexts is not None and self.ids[number] in contexts[lines.row[line]].ignored:
                continue
            if not self._sites.runs_on(number, contexts[lines.row[line]].host if contexts is not None else None):
                continue
            of_line = phrases.spans(lines.text(line), rule)
            if isinstance(of_line, Failure):
                self._note_failures([(line, of_line)], lines, contexts, failures)
            else:
                text, cut = lines.text(line), partial(kept.keeps, int(lines.row[line]), self.ids[number])
                spans += [(line, start, end, number) for start, end in of_line if not cut(text[start:end])]
        return spans

    def _note_failures(
        self,
        of_lines: Iterable[tuple[int, Failure]],
        lines: Lines,
        contexts: Sequence[RecordContext] | None,
        failures: Failures,
    ) -> None:
        """Note the rules that failed on lines, but those that do not run on the record anyway."""
        for line, failure in of_lines:
            row = int(lines.row[line])
            if contexts is None or failure.rule not in contexts[row].ignored:
                note_failure(failures, row, failure)

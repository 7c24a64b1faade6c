"""The kernel: raw texts in, clean texts and edits out, a batch at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.ruleset.ruleset import EDGES
from ...schemas.arrow import EDITS
from .edit_merge import compose, join_edits
from .engine import Engine
from .lines.rebuild import Spans, rebuild
from .lines.remaining import edge_spans, line_spans
from .lines.split import gather, take_spans
from .plugin_rules import Functions
from .repair import Repairs
from .types import CleanedTexts, Decision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.byte_arrays import Ints
    from .site_templates import Templates
    from .types import RecordContext

MAX_ROUNDS = 17  # rounds of cuts inside lines, each of which may make a line that a rule knows


class Kernel:
    """A ruleset ready to clean batches. Not safe for use by two threads at once."""

    def __init__(
        self,
        ruleset: Ruleset,
        cache: Path | None = None,
        weights: Path | None = None,
        templates: Templates | None = None,
    ) -> None:
        """Make a ruleset ready; `weights` are other weights for the gate than those that come with the package.

        `templates` is what was learned of a corpus, for the rules that go by that.
        """
        self.ruleset = ruleset
        self._repairs = Repairs(ruleset.repairs, ruleset.off)
        self._engine = Engine(ruleset, cache, weights, templates)
        self._names = pa.array([*self._engine.ids, EDGES], pa.large_string())
        self._functions = Functions(ruleset.functions, self, self._engine.numbers) if ruleset.functions else None

    @property
    def repairs(self) -> frozenset[str]:
        """The rules that write characters anew."""
        return self._repairs.ids

    def clean(self, texts: pa.LargeStringArray, known: Sequence[RecordContext] | None = None) -> CleanedTexts:
        """Clean a batch of raw texts. Null texts come out empty."""
        cleaned = self.clean_by_data(texts, known)
        return self._functions.run(cleaned, known) if self._functions else cleaned

    def mend(
        self, texts: pa.LargeStringArray, ignored: Sequence[frozenset[str]] | None = None
    ) -> tuple[pa.LargeStringArray, pa.Table]:
        """Write characters anew and cut nothing; give the texts and the edits. Rules of a text's `ignored` stay out."""
        if ignored is not None and any(ignored):
            return self._repairs.run_for(texts, ignored)
        return self._repairs.run(texts)

    def clean_by_data(self, texts: pa.LargeStringArray, known: Sequence[RecordContext] | None = None) -> CleanedTexts:
        """Do the same by all rules but the functions of plugins."""
        return self._clean(texts, known, MAX_ROUNDS)

    def _clean(self, texts: pa.LargeStringArray, known: Sequence[RecordContext] | None, rounds: int) -> CleanedTexts:
        """Mend, cut, and clean once more the texts that were cut inside a line."""
        mended, repairs = self.mend(texts, [about.ignored for about in known] if known is not None else None)
        decision = self._engine.decide(mended, known)
        cleaned = self.apply(decision)
        if repairs.num_rows:
            cleaned = replace(cleaned, edits=join_edits(repairs, cleaned.edits, self._repairs.ids))
        if decision.inline and rounds > 1:
            rows = sorted({int(decision.lines.row[line]) for line, *_ in decision.inline})
            about = [known[row] for row in rows] if known is not None else None
            more = self._clean(cleaned.texts.take(pa.array(rows, pa.int64())), about, rounds - 1)
            cleaned = compose(cleaned, more, rows, self._repairs.ids)
        return cleaned

    def apply(self, decision: Decision) -> CleanedTexts:
        """Cut what is decided, and no more."""
        lines, cuts = decision.lines, decision.cuts
        start, end, line = line_spans(lines, cuts)
        edge_start, edge_end = edge_spans(lines, np.flatnonzero(cuts.rule < 0))
        inline_start, inline_end, inline_rule = _inline_spans(decision)
        edges = np.full(len(edge_start), len(self._names) - 1, np.int64)
        rule = np.concatenate([cuts.rule[line], edges, inline_rule])
        starts = np.concatenate([start, edge_start, inline_start])
        order = np.argsort(starts, kind="stable")
        ends = np.concatenate([end, edge_end, inline_end])
        details = pa.concat_arrays([self._details(decision, line), pa.nulls(len(rule) - len(line), pa.large_string())])
        details = details.take(pa.array(order))
        rebuilt = rebuild(lines, Spans(starts[order], ends[order]))
        count = len(order)
        edits = pa.table(
            [
                pa.array(rebuilt.row),
                pa.repeat(pa.scalar("body", pa.large_string()), count),
                self._names.take(pa.array(rule[order])),
                pa.array(rebuilt.start),
                pa.array(rebuilt.end),
                rebuilt.before,
                pa.repeat(pa.scalar("", pa.large_string()), count),
                details,
            ],
            schema=EDITS,
        )
        return CleanedTexts(rebuilt.clean, edits, decision.learned, decision.known_but_kept, decision.page)

    def _details(self, decision: Decision, line: Ints) -> pa.LargeStringArray:
        """Give what the rules have to say of the spans that begin with these lines."""
        lines, cuts = decision.lines, decision.cuts
        details = pa.nulls(len(line), pa.large_string())
        if cuts.details:
            details = pa.array([cuts.details.get(int(i)) for i in line], pa.large_string())
        if cuts.scored and self._engine.gate:
            scored, scores = cuts.scores
            data, after = gather(lines.data, lines.start[scored], lines.end[scored])
            start = after - 1 - (lines.end[scored] - lines.start[scored])
            heaviest = take_spans(data, *self._engine.gate.heaviest(data, start, after - 1))
            said = self._engine.gate.explain(heaviest.cast(pa.large_string()), scores)
            details = pc.replace_with_mask(details, pa.array(np.isin(line, scored)), said)
        return details


def _inline_spans(decision: Decision) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the spans inside lines as byte offsets, those left out that overlap an earlier one."""
    lines = decision.lines
    spans: list[tuple[int, int, int]] = []
    for line, start, end, rule in sorted(decision.inline):
        base = int(lines.start[line])
        text = lines.text(line)
        first = base + len(text[:start].encode())
        last = first + len(text[start:end].encode())
        if not spans or first >= spans[-1][1]:
            spans.append((first, last, rule))
    columns = np.array(spans, np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]

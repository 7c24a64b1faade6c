"""The kernel: raw texts in, clean texts and edits out, a batch at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.gate.decision import find_marked
from ...rules.ruleset.ruleset import EDGES, WRAPS
from ...schemas.arrow import EDITS
from .edit_merge import compose, join_edits
from .engine import Engine
from .forms.layout import find_plain_forms
from .forms.markup import Markup, put_markup_back
from .forms.unwrap import unwrap_texts
from .lines.rebuild import Spans, rebuild
from .lines.remaining import edge_spans, line_spans
from .lines.split import gather, take_spans
from .plugin_rules import TextRules, add_failures, contexts_without, put_rows, rows_to_redo
from .repair import Repairs
from .rule_guard import RuleGuard
from .types import CleanedTexts, Decision, Failure, note_failure

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.byte_arrays import Ints
    from .lines.split import Lines
    from .site_templates import Templates
    from .types import RecordContext

MAX_UNWRAP_ROUNDS = 4  # of wraps that show only once others are joined
MAX_MARKUP_ROUNDS = 8  # of markup that shows only once a text is clean
MAX_ROUNDS = 17  # of cuts, each of which may make another one possible
_PLAIN = ("text", "flow", "wrapped")  # forms without markup


class Kernel:
    """A ruleset ready to clean batches. Not safe for use by two threads at once."""

    def __init__(
        self,
        ruleset: Ruleset,
        cache: Path | None = None,
        weights: Path | None = None,
        templates: Templates | None = None,
        *,
        structured: bool = True,
        unwrap: bool = False,
    ) -> None:
        """Prepare a ruleset to run.

        `cache` is the directory of compiled rules, `weights` replaces the gate's own weights, and `templates` are
        learned site templates. The gate knows what markup says about a line if `structured`. `unwrap` joins the lines
        of wrapped paragraphs.
        """
        self.ruleset = ruleset
        guard = RuleGuard()
        self._unwraps = unwrap
        self._markup = Markup(ruleset.markup, ruleset.off, structured=structured and ruleset.gate is not None)
        self._repairs = Repairs(ruleset.repairs, ruleset.off)
        self._engine = Engine(ruleset, cache, weights, templates, guard)
        self._names = pa.array([*self._engine.ids, EDGES], pa.large_string())
        rules = ruleset.text_rules
        self._text_rules = TextRules(rules, self, self._engine.numbers, guard) if rules else None

    @property
    def repairs(self) -> frozenset[str]:
        """The rules that rewrite characters."""
        return self._repairs.ids

    def clean(self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None = None) -> CleanedTexts:
        """Clean a batch of raw texts. Null texts come out empty.

        A text on which a rule fails is cleaned without that rule. A text that never settles is left as it is.
        """
        cleaned, endless = self._clean_marked(texts, contexts, MAX_MARKUP_ROUNDS)
        cleaned = self._leave(cleaned, texts, endless) if endless else cleaned
        return self._unwrap(cleaned, contexts, MAX_UNWRAP_ROUNDS) if self._unwraps else cleaned

    def _unwrap(self, cleaned: CleanedTexts, contexts: Sequence[RecordContext] | None, rounds: int) -> CleanedTexts:
        """Join the wrapped lines of clean texts, and clean those that change once more: they have other lines now."""
        named = {row for row, context in enumerate(contexts or ()) if context.form == "wrapped"}
        others = {row for row, context in enumerate(contexts or ()) if context.form in ("text", "flow")}
        plain = sorted(set(range(len(cleaned.texts))).difference(cleaned.body_forms, cleaned.failures, others))
        rows, joined, edits = unwrap_texts(cleaned.texts, plain, named)
        if not rows or not rounds:
            return cleaned
        of_rows = _without_form(contexts, rows, named)
        again, endless = self._clean_marked(joined, of_rows, MAX_MARKUP_ROUNDS)
        again = self._unwrap(self._leave(again, joined, endless) if endless else again, of_rows, rounds - 1)
        rules = self._markup.ids | self.repairs | {WRAPS}
        failures = dict(cleaned.failures)
        add_failures(failures, again.failures, np.array(rows, np.int64))
        both = compose(cleaned, replace(again, edits=join_edits(edits, again.edits, rules)), rows, rules)
        kept = {name: getattr(cleaned, name) for name in ("forms", "body_forms", "plain", "headings", "stripped")}
        return replace(both, failures=failures, **kept)

    def _clean_marked(
        self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None, rounds: int
    ) -> tuple[CleanedTexts, list[int]]:
        """Take markup off, clean, and do both once more where the clean text has markup.

        It was hidden before, or the text keeps it and has changed. Return also the texts that still change after so
        many rounds.
        """
        stripped = self._markup.run(texts, contexts)
        plain = self._clean_stripped(stripped.texts, stripped.add_structure(contexts))
        cleaned = put_markup_back(plain, stripped, self.repairs)
        rules = self._markup.ids | self.repairs
        if stripped.edits.num_rows:
            cleaned = replace(cleaned, edits=join_edits(stripped.edits, cleaned.edits, rules))
        flow, wrapped = (np.flatnonzero(mask).tolist() for mask in find_plain_forms(stripped.texts, contexts))
        marked = {row: form for row, form in stripped.forms.items() if form not in _PLAIN}
        forms = dict.fromkeys(flow, "flow") | dict.fromkeys(wrapped, "wrapped") | marked
        body_forms = {row: stripped.forms[row] for row in stripped.kept}
        kept = {row: plain.texts[row].as_py() for row in stripped.kept}
        headings = dict(stripped.headings)
        endless = rows = self._to_strip_again(cleaned, contexts, body_forms)
        if rows and rounds > 1:
            of_rows = _without_form(contexts, rows, body_forms)
            more, inner = self._clean_marked(cleaned.texts.take(pa.array(rows, pa.int64())), of_rows, rounds - 1)
            endless = [rows[at] for at in inner]
            failures = dict(cleaned.failures)
            add_failures(failures, more.failures, np.array(rows, np.int64))
            cleaned = replace(compose(cleaned, more, rows, rules), failures=failures)
            forms = {rows[row]: form for row, form in more.forms.items() if form not in _PLAIN} | forms
            body_forms |= {rows[row]: form for row, form in more.body_forms.items()}
            kept |= {rows[row]: text for row, text in more.plain.items()}
            headings = {rows[row]: found for row, found in more.headings.items()} | headings
        cleaned = replace(cleaned, forms=forms, body_forms=body_forms, plain=kept, headings=headings)
        return replace(cleaned, stripped=stripped.texts), endless

    def _leave(self, cleaned: CleanedTexts, texts: pa.LargeStringArray, rows: list[int]) -> CleanedTexts:
        """Return a batch in which some texts, given by row, are left as they are and marked as such."""
        failures = dict(cleaned.failures)
        for row in rows:
            of_row = cleaned.edits.filter(pc.equal(cleaned.edits.column("row"), row)).column("rule").to_pylist()
            first, *others = dict.fromkeys([*of_row, *self._markup.ids, *self._engine.ids])
            failures[row] = [Failure(first, "its text never settles, so that nothing was changed", others=(*others,))]
        left = np.isin(np.arange(len(texts)), rows)
        raw = pc.replace_with_mask(cleaned.texts, pa.array(left), texts.take(pa.array(rows, pa.int64())))
        edits = cleaned.edits.filter(pa.array(~left[cleaned.edits.column("row").to_numpy()]))
        return replace(cleaned, texts=raw, edits=edits, failures=failures)

    def _to_strip_again(
        self, cleaned: CleanedTexts, contexts: Sequence[RecordContext] | None, kept: Collection[int]
    ) -> list[int]:
        """Return the changed texts that have markup now, and whose form the user has left to be found."""
        changed = np.setdiff1d(cleaned.edits.column("row").to_numpy(), [*cleaned.failures])
        if contexts is not None:
            changed = np.array([row for row in changed.tolist() if contexts[row].form not in _PLAIN], np.int64)
        if not len(changed):
            return []
        marked = self._markup.find_marked(cleaned.texts.take(pa.array(changed)))
        return sorted({*changed[marked].tolist(), *changed[np.isin(changed, [*kept])].tolist()})

    def _clean_stripped(self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None) -> CleanedTexts:
        """Clean a batch of texts without markup."""
        cleaned = self._clean_with_text_rules(texts, contexts)
        failures = dict(cleaned.failures)
        rows = rows_to_redo(cleaned)
        while len(rows):
            without = contexts_without(rows, contexts, failures)
            again = self._clean_with_text_rules(texts.take(pa.array(rows)), without)
            cleaned = put_rows(cleaned, again, rows)
            add_failures(failures, again.failures, rows)
            rows = rows[rows_to_redo(again)]
        return replace(cleaned, failures=failures) if failures else cleaned

    def mend(
        self, texts: pa.LargeStringArray, ignored: Sequence[frozenset[str]] | None = None
    ) -> tuple[pa.LargeStringArray, pa.Table]:
        """Rewrite damaged characters and cut nothing. Return the texts and the edits.

        Rules in the `ignored` set of a text do not run on it.
        """
        if ignored is not None and any(ignored):
            return self._repairs.run_for(texts, ignored)
        return self._repairs.run(texts)

    def clean_without_text_rules(
        self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None = None
    ) -> CleanedTexts:
        """Clean texts by all rules but the text rules. What failed rules have cut is in it."""
        cleaned, endless = self._clean(texts, contexts, MAX_ROUNDS)
        failures = dict(cleaned.failures)
        for row, in_flow in endless.items():
            note_failure(failures, row, self._fail_endless(cleaned, row, in_flow))
        return replace(cleaned, failures=failures)

    def _fail_endless(self, cleaned: CleanedTexts, row: int, in_flow: bool) -> Failure:
        """Return the failure of the rules that go on cutting a text.

        Without the rules that cut inside its lines, a text of lines does not change after the first round. In flow,
        each cut moves the breaks of lines, so that only a text without any cut is known to stay as it is.
        """
        of_row = cleaned.edits.filter(pa.array(cleaned.edits.column("row").to_numpy() == row)).column("rule")
        cutting = [rule for rule in dict.fromkeys(of_row.to_pylist()) if rule in self._engine.numbers]
        inline = [rule for rule in cutting if rule in self._engine.inline]
        everything = in_flow or not inline
        first, *others = cutting + self._engine.ids if everything else inline
        cause = f"it still cuts something after {MAX_ROUNDS} rounds{', so that nothing was cut' if everything else ''}"
        return Failure(first, cause, others=tuple(others))

    def _clean_with_text_rules(
        self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None
    ) -> CleanedTexts:
        cleaned = self.clean_without_text_rules(texts, contexts)
        return self._text_rules.run(cleaned, contexts) if self._text_rules else cleaned

    def _clean(
        self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None, rounds: int
    ) -> tuple[CleanedTexts, dict[int, bool]]:
        """Repair, cut, and clean the texts once more that were cut inside a line of theirs.

        Return also the texts that would change in a further round, each with whether it is flow.
        """
        ignored = [context.ignored for context in contexts] if contexts is not None else None
        mended, repairs = self.mend(texts, ignored)
        decision = self._engine.decide(mended, contexts)
        cleaned = self.apply(decision)
        if repairs.num_rows:
            cleaned = replace(cleaned, edits=join_edits(repairs, cleaned.edits, self._repairs.ids))
        rows = sorted(_to_clean_again(decision, cleaned.texts, contexts).difference(rows_to_redo(cleaned).tolist()))
        if not rows:
            return cleaned, {}
        if rounds == 1:
            return cleaned, {row: decision.moving is not None and bool(decision.moving[row]) for row in rows}
        of_rows = None
        if contexts is not None:
            seen = decision.page.tolist()
            of_rows = [replace(contexts[row], structure=None, seen_as_page=seen[row]) for row in rows]
        more, endless = self._clean(cleaned.texts.take(pa.array(rows, pa.int64())), of_rows, rounds - 1)
        failures = dict(cleaned.failures)
        add_failures(failures, more.failures, np.array(rows, np.int64))
        composed = replace(compose(cleaned, more, rows, self._repairs.ids), failures=failures)
        return composed, {rows[at]: in_flow for at, in_flow in endless.items()}

    def apply(self, decision: Decision) -> CleanedTexts:
        """Cut what is decided, and nothing else."""
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
        starts, ends = starts[order], ends[order]
        after = _separators(lines, starts, ends) if _has_flow(decision) else None
        rebuilt = rebuild(lines, Spans(starts, ends, after))
        count = len(order)
        edits = pa.table(
            [
                pa.array(rebuilt.row),
                pa.repeat(pa.scalar("body", pa.large_string()), count),
                self._names.take(pa.array(rule[order])),
                pa.array(rebuilt.start),
                pa.array(rebuilt.end),
                rebuilt.before,
                after if after is not None else pa.repeat(pa.scalar("", pa.large_string()), count),
                details,
            ],
            schema=EDITS,
        )
        return CleanedTexts(
            rebuilt.clean, edits, decision.learned, decision.known_but_kept, decision.page, decision.failures
        )

    def _details(self, decision: Decision, line: Ints) -> pa.LargeStringArray:
        """Return the details of the spans that begin with these lines: the gate's scores, or what a rule says."""
        lines, cuts = decision.lines, decision.cuts
        details = pa.nulls(len(line), pa.large_string())
        if cuts.details:
            has = np.isin(line, np.fromiter(cuts.details, np.int64, len(cuts.details)))
            said = pa.array([cuts.details[at] for at in line[has].tolist()], pa.large_string())
            details = pc.replace_with_mask(details, pa.array(has), said)
        if cuts.scored and self._engine.gate:
            scored, scores = cuts.scores
            # the scored lines, stripped, each with a line feed behind it
            data, after = gather(lines.data, lines.start[scored], lines.end[scored])
            start = after - 1 - (lines.end[scored] - lines.start[scored])
            structure, marked = decision.structure, None
            if structure is not None:
                structure, marked = structure[scored], find_marked(structure, lines.row)[scored]
            heaviest = take_spans(data, *self._engine.gate.heaviest(data, start, after - 1, marked))
            explained = self._engine.gate.explain(heaviest.cast(pa.large_string()), scores, structure)
            details = pc.replace_with_mask(details, pa.array(np.isin(line, scored)), explained)
        return details


def _to_clean_again(
    decision: Decision, clean: pa.LargeStringArray, contexts: Sequence[RecordContext] | None
) -> set[int]:
    """Return the texts that may change once more.

    What is left of a line that was cut inside may be a line that a rule knows. Flow has other breaks once it is cut,
    and a text of lines may be flow once it is cut. What was cut by its structure has none any more.
    """
    lines = decision.lines
    rows = {int(lines.row[line]) for line, *_ in decision.inline}
    rows.update(row for row, context in enumerate(contexts or ()) if context.structure is not None)
    cut = np.flatnonzero(np.bincount(lines.row[decision.cuts.rule >= 0], minlength=lines.rows))
    if len(cut):
        texts, of_cut = clean.take(pa.array(cut)), [contexts[row] for row in cut.tolist()] if contexts else None
        flow, wrapped = find_plain_forms(texts, of_cut)
        moving = flow | wrapped
        if decision.moving is not None:
            moving |= decision.moving[cut]
        rows.update(cut[moving].tolist())
    return rows


def _without_form(
    contexts: Sequence[RecordContext] | None, rows: list[int], kept: Collection[int]
) -> list[RecordContext] | None:
    """Return the contexts of some texts whose markup is off, so that it is not taken off because the user named it."""
    if contexts is None:
        return None
    return [contexts[row] if row in kept else replace(contexts[row], form=None) for row in rows]


def _has_flow(decision: Decision) -> bool:
    return decision.flow is not None and bool(decision.flow.any())


def _separators(lines: Lines, start: Ints, end: Ints) -> pa.LargeStringArray | None:
    """Return what takes the place of each span of flow: a space where words would be glued, else nothing.

    A span of lines ends where the next line begins, so what parted it from the line before stays. Only lines that were
    glued already ("closedBy Petra QuillThe harbour") have nothing between them. Spans are sorted; of spans that follow
    each other, the last one carries the space. None means nothing for all spans.
    """
    glued = lines.begin[1:][lines.begin[1:] == lines.stop[:-1]]
    opens = np.append(True, start[1:] != end[:-1])[: len(start)]
    closes = np.append(opens[1:], True)[: len(start)]
    begin = start[np.maximum.accumulate(np.where(opens, np.arange(len(start)), 0))] if len(start) else start
    spaced = closes & np.isin(begin, glued) & ~np.isin(end, lines.text_stop)
    if not spaced.any():
        return None
    return pc.if_else(pa.array(spaced), pa.scalar(" ", pa.large_string()), pa.scalar("", pa.large_string()))


def _inline_spans(decision: Decision) -> tuple[Ints, Ints, Ints]:
    """Return starts, ends and rules of the spans inside lines, in bytes, without those that overlap earlier ones."""
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

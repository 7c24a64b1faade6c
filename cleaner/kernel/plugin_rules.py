"""Text rules at work on a batch, and what becomes of texts on which a rule of a plugin fails.

Text rules are asked after all other rules, and all rules are asked again about the texts that they change. A text on
which a rule of a plugin fails is cleaned again without that rule, so that nothing is left of its cuts, and its record
names the rule.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.patterns.alphabet import WHITE
from ...schemas.arrow import EDITS
from ...schemas.decisions import keeps
from ...schemas.plugins import FAILED
from ...schemas.reasons import Reason
from . import rule_guard
from .edit_merge import compose
from .lines.remaining import Cuts
from .lines.split import split
from .rule_guard import ask_text_rule, fail_endless
from .timebox import time_box
from .types import Decision, Failure, RecordContext, note_failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...rules.ruleset.declare import TextRule
    from ...schemas.byte_arrays import Ints
    from .lines.split import Lines
    from .rule_guard import RuleGuard
    from .types import CleanedTexts, Failures

_UNKNOWN = RecordContext()
Hits = list[tuple[int, int, str]]
"""Spans of one text in code points, each with the id of the rule."""


def failure_reasons(failures: Failures) -> list[tuple[Ints, Reason]]:
    """Return the reasons that records get for the rules that failed on them, each with its rows."""
    rows: dict[Failure, list[int]] = {}
    for row, of_row in sorted(failures.items()):
        for failure in of_row:
            rows.setdefault(failure, []).append(row)
    return [
        (
            np.array(failed_rows, np.int64),
            Reason(FAILED, "warning", "body", f"cleaned without the rule {failure.rule}: {failure.cause}"),
        )
        for failure, failed_rows in rows.items()
    ]


def depends_on_the_clock(failures: Failures) -> bool:
    """Return whether another run may have other failures on the same texts."""
    return any(failure.slow or failure.off for of_row in failures.values() for failure in of_row)


def rows_to_redo(cleaned: CleanedTexts) -> Ints:
    """Return the texts to clean again without the rules that failed on them.

    A rule that was switched off has not touched a text, unless it was switched off between two rounds of that text.
    """
    switched_off = {(row, rule) for row, of_row in cleaned.failures.items() for f in of_row if f.off for rule in f.ids}
    rows = {row for row, of_row in cleaned.failures.items() if not all(failure.off for failure in of_row)}
    if switched_off:
        columns = (cleaned.edits.column(name).to_pylist() for name in ("row", "rule"))
        rows |= {row for row, rule in zip(*columns, strict=True) if (row, rule) in switched_off}
    return np.array(sorted(rows), np.int64)


def contexts_without(rows: Ints, contexts: Sequence[RecordContext] | None, failures: Failures) -> list[RecordContext]:
    """Return the contexts of some rows, in which the rules that failed there are ignored."""
    changed = []
    for row in rows.tolist():
        context = contexts[row] if contexts is not None else RecordContext()
        changed.append(replace(context, ignored=context.ignored.union(*(failure.ids for failure in failures[row]))))
    return changed


class OtherRules(Protocol):
    """What text rules need of the kernel: all other rules, and the cutting."""

    @property
    def repairs(self) -> frozenset[str]:
        """The rules that rewrite characters."""

    def clean_without_text_rules(
        self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None = None
    ) -> CleanedTexts:
        """Clean texts by all rules but the text rules."""

    def apply(self, decision: Decision) -> CleanedTexts:
        """Cut what is decided, and nothing else."""


class TextRules:
    """The text rules of a ruleset, ready to run. `numbers` are those of all rules by id."""

    def __init__(
        self, rules: Sequence[TextRule], kernel: OtherRules, numbers: Mapping[str, int], guard: RuleGuard
    ) -> None:
        self._rules = rules
        self._kernel = kernel
        self._numbers = numbers
        self._guard = guard

    def run(self, cleaned: CleanedTexts, contexts: Sequence[RecordContext] | None) -> CleanedTexts:
        """Let the rules cut what they find in texts that all other rules have cleaned, until nothing changes."""
        current = cleaned
        failures = {row: list(of_row) for row, of_row in cleaned.failures.items()}
        rows = np.setdiff1d(np.arange(len(cleaned.texts)), rows_to_redo(cleaned))
        for number in range(rule_guard.MAX_ROUNDS + 1):
            asked = [contexts[row] if contexts is not None else _UNKNOWN for row in rows.tolist()]
            hits, failed = self._ask(current.texts.take(pa.array(rows)), asked)
            add_failures(failures, failed, rows)
            if number == rule_guard.MAX_ROUNDS:
                rules = {at: {rule for *_, rule in spans} for at, spans in hits.items()}
                restless = {at: [fail_endless(r) for r in self._rules if r.info.id in ids] for at, ids in rules.items()}
                add_failures(failures, restless, rows)
                break
            cut, changed = self._cut(current.texts.take(pa.array(rows)), hits)
            if not len(changed):
                break
            rows = rows[changed]
            of_rows = (
                [replace(contexts[row], structure=None) for row in rows.tolist()] if contexts is not None else None
            )
            again = self._kernel.clean_without_text_rules(cut.texts, of_rows)
            add_failures(failures, again.failures, rows)
            both = compose(cut, again, list(range(len(rows))), self._kernel.repairs)
            current = compose(current, both, rows.tolist(), self._kernel.repairs)
            rows = np.delete(rows, rows_to_redo(again))
        return replace(current, failures=failures)

    def _ask(self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext]) -> tuple[dict[int, Hits], Failures]:
        """Ask all rules about texts. Return what they find, by row, without the texts on which one fails."""
        hits: dict[int, Hits] = {}
        failed: Failures = {}
        with time_box(rule_guard.SECONDS) as box:
            for row, text in enumerate(texts.to_pylist()):
                for rule in self._rules if text else ():
                    if rule.info.id in contexts[row].ignored:
                        continue
                    answer = self._guard.ask(rule, partial(ask_text_rule, rule, text, box))
                    if isinstance(answer, Failure):
                        failed.setdefault(row, []).append(answer)
                    elif answer:
                        kept, rule_id = contexts[row].kept, rule.info.id
                        spans = [(a, b, rule_id) for a, b in answer if not keeps(kept, rule_id, text[a:b])]
                        if spans:
                            hits.setdefault(row, []).extend(spans)
        broken = {row for row, of_row in failed.items() if not all(failure.off for failure in of_row)}
        return {row: spans for row, spans in hits.items() if row not in broken}, failed

    def _cut(self, texts: pa.LargeStringArray, hits: Mapping[int, Hits]) -> tuple[CleanedTexts, Ints]:
        """Cut spans out of texts. Return the texts that this changes, and their rows."""
        rows = np.array(sorted(hits), np.int64)
        lines = split(texts.take(pa.array(rows)))
        cuts = Cuts.none(len(lines))
        inline: list[tuple[int, int, int, int]] = []
        for at, row in enumerate(rows.tolist()):
            spans = [(start, end, self._numbers[rule]) for start, end, rule in _disjoint(hits[row])]
            inline += _cut_lines(lines, at, spans, cuts)
        zeros = np.zeros(len(rows), np.int64)
        cut = self._kernel.apply(Decision(lines, cuts, {}, inline, zeros, zeros.astype(np.bool_)))
        changed = np.unique(np.concatenate([lines.row[cuts.rule >= 0], lines.row[[line for line, *_ in inline]]]))
        return take_rows(cut, changed.astype(np.int64)), rows[changed.astype(np.int64)]


def add_failures(failures: Failures, new: Failures, rows: Ints) -> None:
    """Add the failures of some rows, by their position among `rows`, each rule once a text."""
    for at, of_row in new.items():
        for failure in of_row:
            note_failure(failures, int(rows[at]), failure)


def _disjoint(spans: Hits) -> Hits:
    """Return spans without those that overlap an earlier one. What is left of these is found again."""
    kept: Hits = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _cut_lines(
    lines: Lines, row: int, spans: Sequence[tuple[int, int, int]], cuts: Cuts
) -> list[tuple[int, int, int, int]]:
    """Cut the lines of a text that spans leave nothing of. Return the parts of other lines that spans cover.

    `spans` are disjoint and sorted, in code points of the text, each with the number of its rule. The parts are
    (line, start, end, rule) in code points of the stripped line.
    """
    inline: list[tuple[int, int, int, int]] = []
    leader: dict[int, int] = {}  # the first line that each span touches: its lines make one edit
    first, last = np.searchsorted(lines.row, [row, row + 1]).tolist()
    at, end = 0, int(lines.text_start[row])  # where the line begins in code points, where the one before ends in bytes
    following = 0  # the first span that does not end before the line
    for line in range(first, last):
        at += len(lines.data[end : lines.start[line]].tobytes().decode())
        end = int(lines.end[line])
        text = lines.text(line)
        while following < len(spans) and spans[following][1] <= at:
            following += 1
        parts: list[tuple[int, int, int]] = []
        for number in range(following, len(spans)):
            start, stop, rule = spans[number]
            if start >= at + len(text):
                break
            parts.append((max(start - at, 0), min(stop - at, len(text)), rule))
            leader.setdefault(number, line)
        if parts and not _remainder(text, parts).strip(WHITE):
            cuts.rule[line], cuts.group[line] = parts[0][2], leader[following]
        elif parts:
            inline += [(line, *part) for part in _with_loose_ends(text, parts)]
        at += len(text)
    return inline


def _with_loose_ends(text: str, parts: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Extend the parts at both ends of a line over the white space that would be left there."""
    first, last = parts[0], parts[-1]
    if first[0] == 0:
        end = len(text) - len(text[first[1] :].lstrip(WHITE))
        parts[0] = (0, end, first[2])
    if last[1] == len(text):
        parts[-1] = (len(text[: last[0]].rstrip(WHITE)), len(text), last[2])
    return parts


def _remainder(text: str, parts: Sequence[tuple[int, int, int]]) -> str:
    bounds = [0, *(bound for start, end, _ in parts for bound in (start, end)), len(text)]
    return "".join(text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True))


def take_rows(cleaned: CleanedTexts, rows: Ints) -> CleanedTexts:
    """Return some rows of a batch, with their edits renumbered."""
    index = np.full(len(cleaned.texts), -1, np.int64)
    index[rows] = np.arange(len(rows))
    numbers = index[cleaned.edits.column("row").to_numpy()]
    edits = cleaned.edits.filter(pa.array(numbers >= 0))
    return replace(
        cleaned,
        texts=cleaned.texts.take(pa.array(rows)),
        edits=edits.set_column(0, EDITS.field("row"), pa.array(numbers[numbers >= 0])),
        learned={int(index[row]): learned for row, learned in cleaned.learned.items() if index[row] >= 0},
        known_but_kept=cleaned.known_but_kept[rows],
        page=cleaned.page[rows],
    )


def put_rows(whole: CleanedTexts, part: CleanedTexts, rows: Ints) -> CleanedTexts:
    """Return a batch in which some rows are replaced by those of `part`."""
    replaced = np.zeros(len(whole.texts), np.bool_)
    replaced[rows] = True
    kept = whole.edits.filter(pa.array(~replaced[whole.edits.column("row").to_numpy()]))
    moved = part.edits.set_column(
        0, EDITS.field("row"), pa.array(rows[part.edits.column("row").to_numpy()], pa.int64())
    )
    known_but_kept, page = whole.known_but_kept.copy(), whole.page.copy()
    known_but_kept[rows], page[rows] = part.known_but_kept, part.page
    learned = {row: of_row for row, of_row in whole.learned.items() if not replaced[row]}
    return replace(
        whole,
        texts=pc.replace_with_mask(whole.texts, pa.array(replaced), part.texts),
        edits=pa.concat_tables([kept, moved]).combine_chunks().sort_by([("row", "ascending"), ("start", "ascending")]),
        learned=learned | {int(rows[at]): of_row for at, of_row in part.learned.items()},
        known_but_kept=known_but_kept,
        page=page,
    )

"""Rules that are functions of plugins, at work on a batch: asked in a time box, and never trusted.

They are asked after the rules that are data, and all rules once more about the texts that they changed. Of a record on
which a function fails, nothing is left of what it cut there: the record is cleaned without it, and says so.
"""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.patterns.alphabet import WHITE
from ...schemas.arrow import EDITS
from ...schemas.plugins import FAILED, describe_failure
from ...schemas.reasons import Reason
from .edit_merge import compose
from .lines.remaining import Cuts
from .lines.split import split
from .timebox import TimeIsUpError, time_box
from .types import Decision, Failure, Failures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...rules.ruleset.plugin_rules import FunctionRule, Span
    from ...schemas.byte_arrays import Ints
    from .lines.split import Lines
    from .timebox import TimeBox
    from .types import CleanedTexts, RecordContext

SECONDS = 1.0  # that a function may spend on one text
MAX_ROUNDS = 16  # after which a function that still cuts something has failed
MAX_TIMEOUTS = 3  # after which a function is not asked again by this process
_log = logging.getLogger("copydesk")

Found = list[tuple[int, int, str]]  # spans of one text in code points, and the rules that found them


def failure_reasons(failures: Mapping[int, Sequence[Failure]]) -> list[tuple[Ints, Reason]]:
    """Give the reasons that records have for the rules that failed on them."""
    rows: dict[Failure, list[int]] = {}
    for row, found in sorted(failures.items()):
        for failure in found:
            rows.setdefault(failure, []).append(row)
    return [
        (
            np.array(mine, np.int64),
            Reason(FAILED, "warning", "body", f"cleaned without the rule {failure.rule}: {failure.cause}"),
        )
        for failure, mine in rows.items()
    ]


def depends_on_the_clock(failures: Failures) -> bool:
    """Say whether another run may have other failures on the same texts."""
    return any(failure.slow or failure.off for found in failures.values() for failure in found)


class DataRules(Protocol):
    """What functions need of the kernel: the rules that are no functions, and the cutting."""

    @property
    def repairs(self) -> frozenset[str]:
        """The rules that rewrite characters."""

    def clean_by_data(self, texts: pa.LargeStringArray, known: Sequence[RecordContext] | None = None) -> CleanedTexts:
        """Clean texts by all rules but the functions of plugins."""

    def apply(self, decision: Decision) -> CleanedTexts:
        """Cut what is decided, and no more."""


class Functions:
    """The functions of a ruleset, ready to run."""

    def __init__(self, rules: Sequence[FunctionRule], kernel: DataRules, numbers: Mapping[str, int]) -> None:
        self._rules = rules
        self._kernel = kernel
        self._numbers = numbers
        self._timeouts: Counter[str] = Counter()
        self._warned: set[str] = set()

    def run(self, first: CleanedTexts, known: Sequence[RecordContext] | None) -> CleanedTexts:
        """Let the functions cut what they find in texts that other rules have cleaned."""
        result = first
        rows = np.arange(len(first.texts))
        failures: Failures = {}
        while len(rows):
            skipped = [{failure.rule for failure in failures.get(row, ())} for row in rows.tolist()]
            start = _take(first, rows) if len(rows) < len(first.texts) else first
            about = [known[row] for row in rows.tolist()] if known is not None else None
            settled, failed = self._settle(start, about, skipped)
            good = np.array([at for at in range(len(rows)) if at not in failed], np.int64)
            if settled is not start or result is not first:
                result = _put(result, _take(settled, good), rows[good])
            for at, found in failed.items():
                failures.setdefault(int(rows[at]), []).extend(found)
            rows = rows[sorted(failed)]
        return replace(result, failures=failures) if failures else result

    def _settle(
        self, start: CleanedTexts, known: Sequence[RecordContext] | None, skipped: Sequence[set[str]]
    ) -> tuple[CleanedTexts, Failures]:
        """Ask again and again about the texts that changed; give what becomes of all, and which failed."""
        current = start
        failed: Failures = {}
        rows = np.arange(len(start.texts))
        for number in range(MAX_ROUNDS + 1):
            ignored = [skipped[row] | (known[row].ignored if known is not None else set()) for row in rows.tolist()]
            found, failing = self._ask(current.texts.take(pa.array(rows)), ignored)
            failed.update({int(rows[at]): some for at, some in failing.items()})
            if number == MAX_ROUNDS:
                failed.update((int(rows[at]), self._restless(spans)) for at, spans in found.items())
                break
            cut, changed = self._cut(current.texts.take(pa.array(rows)), found)
            if not len(changed):
                break
            rows = rows[changed]
            about = [known[row] for row in rows.tolist()] if known is not None else None
            again = self._kernel.clean_by_data(cut.texts, about)
            both = compose(cut, again, list(range(len(rows))), self._kernel.repairs)
            current = compose(current, both, rows.tolist(), self._kernel.repairs)
        return current, failed

    def _ask(self, texts: pa.LargeStringArray, ignored: Sequence[Iterable[str]]) -> tuple[dict[int, Found], Failures]:
        """Ask all functions about some texts; give what they find, and those that fail, by row."""
        found: dict[int, Found] = {}
        failed: Failures = {}
        with time_box(SECONDS) as box:
            for row, text in enumerate(texts.to_pylist()):
                for rule in self._rules if text else ():
                    if rule.info.id in ignored[row]:
                        continue
                    answer = self._spans(rule, text, box)
                    if isinstance(answer, Failure):
                        failed.setdefault(row, []).append(answer)
                    elif answer and row not in failed:
                        found.setdefault(row, []).extend((*span, rule.info.id) for span in answer)
        return {row: spans for row, spans in found.items() if row not in failed}, failed

    def _spans(self, rule: FunctionRule, text: str, box: TimeBox) -> list[Span] | Failure:
        rule_id = rule.info.id
        if self._timeouts[rule_id] >= MAX_TIMEOUTS:
            return Failure(rule_id, f"it was switched off after it took too long {MAX_TIMEOUTS} times", off=True)
        answer = ask_rule(rule, text, box)
        if isinstance(answer, Failure):
            self._timeouts[rule_id] += answer.slow
            if rule_id not in self._warned:
                self._warned.add(rule_id)
                _log.warning("the rule %s fails, and records are cleaned without it: %s", rule_id, answer.cause)
        return answer

    def _restless(self, spans: Found) -> list[Failure]:
        cause = f"it still cuts something after {MAX_ROUNDS} rounds"
        return [Failure(rule, cause) for rule in sorted({rule for *_, rule in spans})]

    def _cut(self, texts: pa.LargeStringArray, found: Mapping[int, Found]) -> tuple[CleanedTexts, Ints]:
        """Cut spans out of texts; give those of the texts that this changes, and which they are."""
        rows = np.array(sorted(found), np.int64)
        lines = split(texts.take(pa.array(rows)))
        cuts = Cuts.none(len(lines))
        inline: list[tuple[int, int, int, int]] = []
        for at, row in enumerate(rows.tolist()):
            spans = [(start, end, self._numbers[rule]) for start, end, rule in _disjoint(found[row])]
            inline += _cut_lines(lines, at, spans, cuts)
        zeros = np.zeros(len(rows), np.int64)
        cut = self._kernel.apply(Decision(lines, cuts, {}, inline, zeros, zeros.astype(np.bool_)))
        changed = np.unique(np.concatenate([lines.row[cuts.rule >= 0], lines.row[[line for line, *_ in inline]]]))
        return _take(cut, changed.astype(np.int64)), rows[changed.astype(np.int64)]


def ask_rule(rule: FunctionRule, text: str, box: TimeBox) -> list[Span] | Failure:
    """Give the spans that a function finds in a text, sorted, or in what it fails."""
    rule_id = rule.info.id
    try:
        return box.run(lambda: _checked_spans(rule(text), text), f"the rule {rule_id}")
    except TimeIsUpError as error:
        return Failure(rule_id, str(error), slow=True)
    except _BadSpansError as error:
        return Failure(rule_id, str(error))
    except (Exception, SystemExit) as error:
        return Failure(rule_id, describe_failure(error))


class _BadSpansError(ValueError):
    """Says what is wrong with what a function gave."""


def _checked_spans(given: Any, text: str) -> list[Span]:
    """Give the spans that a function found, sorted. Raises `_BadSpansError` unless they are ones of the text, apart."""
    try:
        spans = list(itertools.islice(given, len(text) + 1))
    except TypeError:
        if hasattr(given, "__iter__"):
            raise
        raise _BadSpansError(f"it gave {type(given).__name__}, not spans") from None
    if len(spans) > len(text):
        raise _BadSpansError("it gave more spans than the text has characters")
    for span in spans:
        if not (isinstance(span, (tuple, list)) and len(span) == 2 and all(type(offset) is int for offset in span)):
            raise _BadSpansError(f"it gave {_short(span)}, not a pair of offsets")
        if not 0 <= span[0] < span[1] <= len(text):
            raise _BadSpansError(f"it gave {_short(span)}, which is no span of a text of {len(text)} characters")
    spans.sort()
    for left, right in itertools.pairwise(spans):
        if right[0] < left[1]:
            raise _BadSpansError(f"it gave {_short(left)} and {_short(right)}, which overlap")
    return [(start, end) for start, end in spans]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _disjoint(spans: Found) -> Found:
    """Leave out spans of which another rule has taken a part: what is left of them is asked for again."""
    kept: Found = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _cut_lines(
    lines: Lines, row: int, spans: Sequence[tuple[int, int, int]], cuts: Cuts
) -> list[tuple[int, int, int, int]]:
    """Cut the lines of a text that spans leave nothing of; give the parts of other lines that they take."""
    inline: list[tuple[int, int, int, int]] = []
    leader: dict[int, int] = {}
    first, last = np.searchsorted(lines.row, [row, row + 1]).tolist()
    at, end = 0, int(lines.text_start[row])
    following = 0
    for line in range(first, last):
        at += len(lines.data[end : lines.start[line]].tobytes().decode())
        end = int(lines.end[line])
        text = lines.text(line)
        while following < len(spans) and spans[following][1] <= at:
            following += 1
        mine: list[tuple[int, int, int]] = []
        for number in range(following, len(spans)):
            start, stop, rule = spans[number]
            if start >= at + len(text):
                break
            mine.append((max(start - at, 0), min(stop - at, len(text)), rule))
            leader.setdefault(number, line)
        if mine and not _remainder(text, mine).strip(WHITE):
            cuts.rule[line], cuts.group[line] = mine[0][2], leader[following]
        elif mine:
            inline += [(line, *part) for part in _with_loose_ends(text, mine)]
        at += len(text)
    return inline


def _with_loose_ends(text: str, parts: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Let the parts that are cut at the ends of a line take the white space along that would be left there."""
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


def _take(cleaned: CleanedTexts, rows: Ints) -> CleanedTexts:
    """Give some rows of a batch, with their edits numbered anew."""
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


def _put(whole: CleanedTexts, part: CleanedTexts, rows: Ints) -> CleanedTexts:
    """Put some rows of a batch in the place of those that are there."""
    mine = np.zeros(len(whole.texts), np.bool_)
    mine[rows] = True
    kept = whole.edits.filter(pa.array(~mine[whole.edits.column("row").to_numpy()]))
    moved = part.edits.set_column(
        0, EDITS.field("row"), pa.array(rows[part.edits.column("row").to_numpy()], pa.int64())
    )
    known_but_kept, page = whole.known_but_kept.copy(), whole.page.copy()
    known_but_kept[rows], page[rows] = part.known_but_kept, part.page
    learned = {row: found for row, found in whole.learned.items() if not mine[row]}
    return replace(
        whole,
        texts=pc.replace_with_mask(whole.texts, pa.array(mine), part.texts),
        edits=pa.concat_tables([kept, moved]).combine_chunks().sort_by([("row", "ascending"), ("start", "ascending")]),
        learned=learned | {int(rows[at]): found for at, found in part.learned.items()},
        known_but_kept=known_but_kept,
        page=page,
    )

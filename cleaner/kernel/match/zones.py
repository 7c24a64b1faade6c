"""Decide which phrase hits count: zones, runs and the rest below a marker, for all texts of a batch at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ....rules.patterns.alphabet import CLOSED_END, COLONS
from ..arrays import first_occurrences, offsets_of, ranges, starts_run
from ..lines.fold import flatten_lines
from ..lines.split import ends_in, take_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....rules.ruleset.model import PhraseRule
    from ....schemas.byte_arrays import Ints, Mask
    from ..lines.fold import FlatLines
    from ..lines.remaining import Cuts, RemainingLines
    from ..lines.split import Lines
    from ..types import Failure
    from .matcher import Phrases

MAX_BYTES = 240  # a longer line is no phrase
INDIC = 0xE0  # a line that begins with this byte is in a script of India or in Thai, and may be twice as long
BELOW_PROSE = 200  # bytes of prose that a text needs above a marker before the rest below it is cut
BELOW_SHARE = 3  # and this many times the prose below it
_LINE_BITS = 40  # for a line, beside the number of a family
_ZONES = {"anywhere": 0, "head": 1, "tail": 2, "margin": 3, "below": 4}


@dataclass
class PhraseHits:
    """Lines that match a phrase rule, in whatever zone they are, sorted by line and rule."""

    line: Ints
    rule: Ints
    failures: Sequence[tuple[int, Failure]] = ()
    """Lines on which a rule failed, each with the rule."""

    def remaining(self, alive: Mask) -> PhraseHits:
        """Leave out the lines that are already cut."""
        kept = alive[self.line]
        return PhraseHits(self.line[kept], self.rule[kept])


def find_hits(lines: Lines, groups: Sequence[Phrases], among: Mask | None = None) -> PhraseHits:
    """Find the lines whose core matches a rule, among all or some. Only lines that may match become Python objects."""
    size = lines.core_end - lines.core_start
    longest = np.where(lines.initial_bytes == INDIC, 2 * MAX_BYTES, MAX_BYTES)
    phrase = (size > 0) & (size <= longest) & ~lines.quoted
    short = np.flatnonzero(phrase if among is None else phrase & among)
    flat = flatten_lines(lines, short)
    nothing = np.empty(0, np.int64)
    found = [
        PhraseHits(nothing, nothing),
        *(_with_ends(lines, short, phrases, _match(flat, phrases)) for phrases in groups),
    ]
    line, rule = (np.concatenate([getattr(hits, name) for hits in found]) for name in ("line", "rule"))
    order = np.lexsort((rule, line)) if len(groups) > 1 else slice(None)
    failures = [(int(short[at]), failure) for hits in found for at, failure in hits.failures]
    return PhraseHits(short[line[order]], rule[order], failures)


def _match(flat: FlatLines, phrases: Phrases) -> PhraseHits:
    """Return the lines that match, and those on which a rule failed."""
    position, choice = phrases.candidates(flat)
    bounds = np.append(np.flatnonzero(starts_run(position)), len(position))  # where the candidates of each line begin
    line = position[bounds[:-1]]
    # lines with the same text are matched once: `text` is the number of each line's text, by first occurrence
    encoded = take_spans(flat.data, flat.starts[line], flat.ends[line] - 1).dictionary_encode()
    text = encoded.indices.to_numpy().astype(np.int64)
    contents = encoded.dictionary.to_pylist()
    choices = choice.tolist()
    leaders = first_occurrences(text)
    pairs = zip(bounds[leaders].tolist(), bounds[leaders + 1].tolist(), contents, strict=True)
    rules_of_text: list[tuple[int, ...]] = []
    failures_of_text: dict[int, list[Failure]] = {}
    for number, (start, stop, content) in enumerate(pairs):
        rules_of_text.append(phrases.confirm(content, choices[start:stop]))
        if content in phrases.failures:
            failures_of_text[number] = phrases.failures[content]
    failures = [
        (at, failure)
        for at, number in (zip(line.tolist(), text.tolist(), strict=True) if failures_of_text else ())
        for failure in failures_of_text.get(number, ())
    ]
    return PhraseHits(*_pair_lines_with_rules(line, text, rules_of_text), failures)


def _with_ends(lines: Lines, short: Ints, phrases: Phrases, hits: PhraseHits) -> PhraseHits:
    """Leave out the hits, whose lines are positions in `short`, of rules that want another end of the line."""
    line, rule = hits.line, hits.rule
    for numbers, characters, wanted in ((phrases.colon, COLONS, True), (phrases.open, CLOSED_END, False)):
        asked = np.flatnonzero(np.isin(rule, numbers))
        if len(asked):
            wrong = asked[ends_in(lines, short[line[asked]], characters) != wanted]
            line, rule = np.delete(line, wrong), np.delete(rule, wrong)
    return PhraseHits(line, rule, hits.failures)


def _pair_lines_with_rules(line: Ints, text: Ints, rules_of_text: list[tuple[int, ...]]) -> tuple[Ints, Ints]:
    """Return a pair (line, rule) for each rule of the text of each line.

    >>> pairs = _pair_lines_with_rules(np.array([4, 7, 9]), np.array([0, 1, 0]), [(2, 5), ()])
    >>> [column.tolist() for column in pairs]
    [[4, 4, 9, 9], [2, 5, 2, 5]]
    """
    counts = np.fromiter(map(len, rules_of_text), np.int64, len(rules_of_text))
    begins = offsets_of(counts)
    rules = np.fromiter((rule for rules in rules_of_text for rule in rules), np.int64, int(begins[-1]))
    line_counts = counts[text]
    return np.repeat(line, line_counts), rules[ranges(begins[text], line_counts)]


class PhraseRules:
    """The phrase rules that match whole lines, as columns."""

    def __init__(self, rules: Sequence[PhraseRule]) -> None:
        families = sorted({rule.family for rule in rules})
        self.zone = np.array([_ZONES[rule.where] for rule in rules], np.int64)
        self.min_run = np.array([rule.min_run for rule in rules], np.int64)
        self.family = np.array([families.index(rule.family) for rule in rules], np.int64)

    def decide(self, remaining: RemainingLines, hits: PhraseHits, cuts: Cuts) -> bool:
        """Add to `cuts` the lines that rules cut now. Return whether there are any."""
        counts = self._in_zone(remaining, hits) & self._in_run(remaining, hits)
        line, rule = hits.line[counts], hits.rule[counts]
        below = self.zone[rule] == _ZONES["below"]
        # hits are sorted: if several rules match a line, the first one cuts it
        own_lines, first = np.unique(line[~below], return_index=True)
        cuts.rule[own_lines] = rule[~below][first]
        # a marker cuts the lines below it, except those that another rule cuts
        self._cut_below(remaining, line[below], rule[below], cuts)
        return bool(len(line))

    def _in_zone(self, remaining: RemainingLines, hits: PhraseHits) -> Mask:
        row = remaining.lines.row[hits.line]
        zone = self.zone[hits.rule]
        # in a text without prose, every line is both head and tail
        head = hits.line < remaining.first_prose[row]
        tail = hits.line > remaining.last_prose[row]
        below = self._ends_text(remaining, hits.line)
        conditions = {"head": head, "tail": tail, "margin": head | tail, "below": below}
        return np.select([zone == _ZONES[name] for name in conditions], [*conditions.values()], default=True)

    def _ends_text(self, remaining: RemainingLines, line: Ints) -> Mask:
        """Return for each line whether most prose of its text is above it."""
        first = remaining.lines.first
        row = remaining.lines.row[line]
        before = remaining.prose_before
        above = before[line] - before[first[row]]
        below = before[first[row + 1]] - before[line]
        return (above >= BELOW_PROSE) & (below * BELOW_SHARE <= above)

    def _in_run(self, remaining: RemainingLines, hits: PhraseHits) -> Mask:
        """Return for each hit whether enough neighbouring lines match rules of its family.

        Above and below the text, a line that a rule cuts alone counts twice: "Home" with two names of sections is a
        menu of four.
        """
        needed = self.min_run[hits.rule]
        enough = needed <= 1
        if enough.all():
            return enough
        # (family, line) pairs as numbers, once each, sorted: a run goes on while the next pair has the same family and
        # a line of the same text that is the next one of those that remain
        keys = self.family[hits.rule] << _LINE_BITS | hits.line
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(starts_run(keys[order]))
        pairs = keys[order[starts]]
        line = pairs & ((1 << _LINE_BITS) - 1)
        goes_on = (np.diff(pairs >> _LINE_BITS) == 0) & (np.diff(remaining.rank[line]) == 1)
        goes_on &= np.diff(remaining.lines.row[line]) == 0
        run = offsets_of(~goes_on)  # the number of each pair's run
        row = remaining.lines.row[line]
        outside = (line < remaining.first_prose[row]) | (line > remaining.last_prose[row])
        weight = 1 + (outside & np.logical_or.reduceat(enough[order], starts))
        length = np.bincount(run, weight)[run]
        open_hits = np.flatnonzero(~enough)
        enough[open_hits] = length[np.searchsorted(pairs, keys[open_hits])] >= needed[open_hits]
        return enough

    def _cut_below(self, remaining: RemainingLines, line: Ints, rule: Ints, cuts: Cuts) -> None:
        """Cut from the first marker of each text to the end of the text."""
        lines = remaining.lines
        row, first = np.unique(lines.row[line], return_index=True)
        stops = lines.first[row + 1]
        for start, stop, number in zip(line[first].tolist(), stops.tolist(), rule[first].tolist(), strict=True):
            rest = slice(start, stop)
            uncut = (cuts.rule[rest] < 0) & remaining.alive[rest]
            cuts.rule[rest][uncut] = number
            # a group of its own for the marker: groups below len(cuts.group) are those of single lines
            cuts.group[rest][uncut] = start + len(cuts.group)

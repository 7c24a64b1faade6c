"""Which phrase hits count: zones, runs and what lies below, decided over all texts of a batch at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..lines.fold import flatten_lines
from ..lines.split import take_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....rules.ruleset.model import PhraseRule
    from ....schemas.byte_arrays import Ints, Mask
    from ..lines.fold import FlatLines
    from ..lines.remaining import Cuts, RemainingLines
    from ..lines.split import Lines
    from .matcher import Phrases

MAX_BYTES = 240  # a longer line is no phrase
BELOW_PROSE = 200  # bytes of prose that must stand above a marker before what is below it may go
BELOW_SHARE = 3  # and this many times the prose that stands below it
_LINE = 40  # bits for a line, beside the number of a family
_ZONES = {"anywhere": 0, "head": 1, "tail": 2, "margin": 3, "below": 4}


@dataclass
class PhraseHits:
    """Lines that match a phrase rule, wherever they stand, sorted by line and rule."""

    line: Ints
    rule: Ints

    def standing(self, alive: Mask) -> PhraseHits:
        """Leave out the lines that are already cut."""
        kept = alive[self.line]
        return PhraseHits(self.line[kept], self.rule[kept])


def find_hits(lines: Lines, groups: Sequence[Phrases]) -> PhraseHits:
    """Find the lines whose core matches a rule; a Python object is made only for what may match."""
    size = lines.core_end - lines.core_start
    short = np.flatnonzero((size > 0) & (size <= MAX_BYTES) & ~lines.quoted)
    flat = flatten_lines(lines, short)
    nothing = np.empty(0, np.int64)
    found = [(nothing, nothing), *(_match(flat, phrases) for phrases in groups)]
    line, rule = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((rule, line)) if len(groups) > 1 else slice(None)
    return PhraseHits(short[line[order]], rule[order])


def _match(flat: FlatLines, phrases: Phrases) -> tuple[Ints, Ints]:
    """Give the pairs (line, rule) of lines that match, sorted."""
    position, choice = phrases.candidates(flat)
    # one look at each line that has candidates, and at lines that say the same together
    first = np.flatnonzero(np.diff(position, prepend=-1))
    line = position[first]
    encoded = take_spans(flat.data, flat.starts[line], flat.ends[line] - 1).dictionary_encode()
    same = encoded.indices.to_numpy().astype(np.int64)
    before = np.maximum.accumulate(np.concatenate([np.full(min(1, len(same)), -1), same[:-1]]))
    leader = np.flatnonzero(same > before)
    bounds = np.append(first, len(position))
    choices = choice.tolist()
    found = [
        phrases.confirm(text, choices[start:stop])
        for text, start, stop in zip(
            encoded.dictionary.to_pylist(), bounds[leader].tolist(), bounds[leader + 1].tolist(), strict=True
        )
    ]
    counts = np.fromiter(map(len, found), np.int64, len(found))
    rules = np.fromiter((rule for some in found for rule in some), np.int64, int(counts.sum()))
    # the rules of each line: those of the first line that says the same
    mine = counts[same]
    ends = np.cumsum(counts)
    at = np.repeat((ends - counts)[same] - (np.cumsum(mine) - mine), mine) + np.arange(int(mine.sum()))
    return np.repeat(line, mine), rules[at]


class PhraseRules:
    """The phrase rules that match whole lines, as columns."""

    def __init__(self, rules: Sequence[PhraseRule]) -> None:
        families = sorted({rule.family for rule in rules})
        self.zone = np.array([_ZONES[rule.where] for rule in rules], np.int64)
        self.min_run = np.array([rule.min_run for rule in rules], np.int64)
        self.family = np.array([families.index(rule.family) for rule in rules], np.int64)

    def decide(self, standing: RemainingLines, hits: PhraseHits, cuts: Cuts) -> bool:
        """Add to `cuts` the lines that are to go, as things stand now; say whether there were any."""
        counts = self._in_zone(standing, hits) & self._in_run(standing, hits)
        line, rule = hits.line[counts], hits.rule[counts]
        below = self.zone[rule] == _ZONES["below"]
        # hits are sorted: of several rules the first one takes the line
        own, index = np.unique(line[~below], return_index=True)
        cuts.rule[own] = rule[~below][index]
        # what lies below a marker is cut by it, but for lines that a rule of their own takes
        self._cut_below(standing, line[below], rule[below], cuts)
        return bool(len(line))

    def _in_zone(self, standing: RemainingLines, hits: PhraseHits) -> Mask:
        row = standing.lines.row[hits.line]
        zone = self.zone[hits.rule]
        head = hits.line < standing.first_prose[row]
        tail = hits.line > standing.last_prose[row]
        # in a text without prose every line is head and tail
        rest = self._opens_the_rest(standing, hits.line)
        zones = [zone == 1, zone == 2, zone == 3, zone == 4]
        return np.select(zones, [head, tail, head | tail, rest], default=True)

    def _opens_the_rest(self, standing: RemainingLines, line: Ints) -> Mask:
        first = standing.lines.first
        row = standing.lines.row[line]
        before = standing.prose_before
        above = before[line] - before[first[row]]
        below = before[first[row + 1]] - before[line]
        return (above >= BELOW_PROSE) & (below * BELOW_SHARE <= above)

    def _in_run(self, standing: RemainingLines, hits: PhraseHits) -> Mask:
        """Say of each hit whether enough neighbouring lines match rules of its family."""
        needed = self.min_run[hits.rule]
        enough = needed <= 1
        if enough.all():
            return enough
        # the lines of each family, once each, in order: a run breaks where the next one is no neighbour
        keys = self.family[hits.rule] << _LINE | hits.line
        lines = np.sort(keys)
        lines = lines[np.diff(lines, prepend=-1) != 0]
        line = lines & ((1 << _LINE) - 1)
        neighbours = (np.diff(lines >> _LINE) == 0) & (np.diff(standing.rank[line]) == 1)
        neighbours &= np.diff(standing.lines.row[line]) == 0
        run = np.concatenate([np.zeros(1, np.int64), np.cumsum(~neighbours)])
        length = np.bincount(run)[run]
        mine = np.flatnonzero(~enough)
        enough[mine] = length[np.searchsorted(lines, keys[mine])] >= needed[mine]
        return enough

    def _cut_below(self, standing: RemainingLines, line: Ints, rule: Ints, cuts: Cuts) -> None:
        """Cut from each marker to the end of its text, the first marker of a text taking all."""
        lines = standing.lines
        row, index = np.unique(lines.row[line], return_index=True)
        stops = lines.first[row + 1]
        for start, stop, number in zip(line[index].tolist(), stops.tolist(), rule[index].tolist(), strict=True):
            rest = slice(start, stop)
            fresh = (cuts.rule[rest] < 0) & standing.alive[rest]
            cuts.rule[rest][fresh] = number
            # lines cut on their own carry their own number: those of a marker one that is no line's
            cuts.group[rest][fresh] = start + len(cuts.group)

"""Which lines of a batch still stand, and what their neighbours and zones are: worked out anew after every cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ....rules.gate.decision import Scores
from ....rules.patterns.alphabet import NO_HEADLINE_END
from .split import SPREAD, ends_in

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Ints, Mask
    from .split import Lines

_ROWS = np.uint64(0xFFFFFF)  # bits for the number of a text: a batch has fewer


@dataclass
class RemainingLines:
    """The lines not yet cut, by index into `Lines`. A cut makes a new one."""

    lines: Lines
    prose: Mask
    alive: Mask

    @cached_property
    def index(self) -> Ints:
        """The lines that stand."""
        return np.flatnonzero(self.alive)

    @cached_property
    def rank(self) -> Ints:
        """Position of each line among those that stand, over all texts."""
        return np.cumsum(self.alive) - 1

    @cached_property
    def _prose_index(self) -> Ints:
        return np.flatnonzero(self.alive & self.prose)

    @cached_property
    def first_prose(self) -> Ints:
        """First prose line of each text; the number of lines of the batch where there is none."""
        found = np.full(self.lines.rows, len(self.lines), np.int64)
        found[self.lines.row[self._prose_index][::-1]] = self._prose_index[::-1]
        return found

    @cached_property
    def last_prose(self) -> Ints:
        """Last prose line of each text, or -1."""
        found = np.full(self.lines.rows, -1, np.int64)
        found[self.lines.row[self._prose_index]] = self._prose_index
        return found

    @cached_property
    def head(self) -> Ints:
        """Number of lines before the first prose of each text; 0 where there is no prose."""
        row = self.lines.row[self.index]
        before = self.index < self.first_prose[row]
        count = np.bincount(row[before], minlength=self.lines.rows)
        return np.where(self.last_prose >= 0, count, 0)

    @cached_property
    def lone(self) -> Mask:
        """The texts with one line before the prose and no blank line behind it."""
        row = self.lines.row[self.index]
        opens = np.flatnonzero(np.diff(row, prepend=-1))
        opens = opens[self.head[row[opens]] == 1]
        found = np.zeros(self.lines.rows, np.bool_)
        found[row[opens]] = self.gap(self.index[opens], self.index[opens + 1]) < 2
        return found

    def headed(self, most: int) -> Mask:
        """Find the texts with at most so many lines before the prose, of which one may be a headline.

        A lone one must be set off by a blank line.
        """
        few = (self.head > 0) & (self.head <= most) & ~self.lone
        row = self.lines.row[self.index]
        above = self.index[few[row] & (self.index < self.first_prose[row])]
        found = np.zeros(self.lines.rows, np.bool_)
        found[self.lines.row[above[~ends_in(self.lines, above, NO_HEADLINE_END)]]] = True
        return found

    @cached_property
    def repeating(self) -> Mask:
        """The texts in which two lines of prose that follow each other seem to come again."""
        index = self._prose_index
        row, hashed = self.lines.row[index], self.lines.hashes[index]
        pairs = np.flatnonzero(row[1:] == row[:-1])
        both = hashed[pairs] * SPREAD ^ hashed[pairs + 1]
        keys = np.sort(both & ~_ROWS | row[pairs].astype(np.uint64))
        found = np.zeros(self.lines.rows, np.bool_)
        found[(keys[1:][keys[1:] == keys[:-1]] & _ROWS).astype(np.int64)] = True
        return found

    @cached_property
    def prose_before(self) -> Ints:
        """Bytes of prose before each line, over all texts, and the sum of all at the end."""
        size = np.where(self.alive & self.prose, self.lines.end - self.lines.start, 0)
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])

    def gap(self, left: Ints, right: Ints) -> Ints:
        """Count the line ends that stay between two standing neighbours once what is between them is cut.

        Of the blank lines before and after what was cut, the larger number is kept.
        """
        number = self.lines.number
        lines_between: Ints = np.maximum(number[left + 1] - number[left], number[right] - number[right - 1])
        return lines_between


@dataclass
class Cuts:
    """What is cut of a batch: for each line the number of its rule, or -1, and why."""

    rule: Ints
    group: Ints
    """Lines cut together carry the same number and make one edit."""
    details: dict[int, str] = field(default_factory=dict)
    """What a code rule has to say beyond its id, by line."""
    scored: list[tuple[Ints, Scores]] = field(default_factory=list)
    """Lines that the gate cut, and how they scored when it did."""

    @classmethod
    def none(cls, size: int) -> Cuts:
        """Start with nothing cut."""
        return cls(np.full(size, -1, np.int64), np.arange(size, dtype=np.int64))

    def note(self, lines: Ints, scores: Scores) -> None:
        """Note how lines scored that the gate cut."""
        if len(lines):
            self.scored.append((lines, scores))

    @property
    def scores(self) -> tuple[Ints, Scores]:
        """The lines that the gate cut, sorted, and how they scored."""
        lines = np.concatenate([lines for lines, _ in self.scored])
        order = np.argsort(lines, kind="stable")
        parts = [[getattr(scores, name) for _, scores in self.scored] for name in ("words", "shape", "context")]
        return lines[order], Scores(*(np.concatenate(part)[order] for part in parts))


def line_spans(lines: Lines, cuts: Cuts) -> tuple[Ints, Ints, Ints]:
    """Give the spans to cut, as (start, end, first line of the span), so that one separator stays between neighbours.

    Between what stands before and after a run of cut lines, the separator with more line ends is kept; at the ends of
    a text both go. White space at the ends of a text is no span of a line: see `edge_spans`.
    """
    cut = cuts.rule >= 0
    index = np.flatnonzero(cut)
    if not len(index):
        return index, index, index
    row, number = lines.row, lines.number
    last = len(lines) - 1
    same_before = (index > 0) & (row[np.maximum(index - 1, 0)] == row[index])
    same_after = (index < last) & (row[np.minimum(index + 1, last)] == row[index])
    run_starts = ~(same_before & cut[np.maximum(index - 1, 0)])
    run_ends = ~(same_after & cut[np.minimum(index + 1, last)])
    run = np.cumsum(run_starts) - 1
    first, final = index[run_starts], index[run_ends]
    has_before, has_after = same_before[run_starts], same_after[run_ends]
    gap_before = np.where(has_before, number[first] - number[np.maximum(first - 1, 0)], 0)
    gap_after = np.where(has_after, number[np.minimum(final + 1, last)] - number[final], 0)
    keep_after = (has_before & ~has_after) | (has_before & has_after & (gap_after > gap_before))
    backward = keep_after[run]
    text_start, text_stop = lines.text_start[row[index]], lines.text_stop[row[index]]
    start = np.where(
        backward, np.where(same_before, lines.stop[np.maximum(index - 1, 0)], text_start), lines.begin[index]
    )
    start = np.where(same_before, start, text_start)
    end = np.where(
        backward, lines.stop[index], np.where(same_after, lines.begin[np.minimum(index + 1, last)], text_stop)
    )
    end = np.where(same_after, end, text_stop)
    return _merge(start, end, index, cuts.group[index])


def _merge(start: Ints, end: Ints, index: Ints, group: Ints) -> tuple[Ints, Ints, Ints]:
    """Make one span of neighbouring spans of one group."""
    joined = np.zeros(len(index), np.bool_)
    joined[1:] = (group[1:] == group[:-1]) & (start[1:] == end[:-1])
    firsts = np.flatnonzero(~joined)
    return start[firsts], end[np.append(firsts[1:] - 1, len(index) - 1)], index[firsts]


def edge_spans(lines: Lines, standing: Ints) -> tuple[Ints, Ints]:
    """Give what is left over at the ends of texts: blank lines that no cut line took along.

    `standing` are the lines that are not cut. Of a text without any line, all is left over.
    """
    row, first = lines.row[standing], lines.first
    opens = np.ones(len(standing), np.bool_)
    opens[1:] = row[1:] != row[:-1]
    closes = np.append(opens[1:], True) if len(standing) else opens
    head, tail = standing[opens], standing[closes]
    head = head[head == first[lines.row[head]]]
    tail = tail[tail == first[lines.row[tail] + 1] - 1]
    blank = np.flatnonzero(first[:-1] == first[1:])
    start = np.concatenate([lines.text_start[lines.row[head]], lines.stop[tail], lines.text_start[blank]])
    end = np.concatenate([lines.begin[head], lines.text_stop[lines.row[tail]], lines.text_stop[blank]])
    kept = start < end
    return start[kept], end[kept]

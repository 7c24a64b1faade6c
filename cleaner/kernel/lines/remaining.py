"""The lines of a batch that remain, with their neighbours and zones: computed anew after every cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ....rules.gate.decision import Scores
from ....rules.patterns.alphabet import HEADLINE_BYTES, NO_HEADLINE_END
from ..arrays import offsets_of, starts_run
from .split import SPREAD, ends_in

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Ints, Mask
    from .split import Lines

_ROW_BITS = np.uint64(0xFFFFFF)  # for the number of a text: a batch has fewer texts


@dataclass
class RemainingLines:
    """The lines not yet cut, by index into `Lines`. A cut makes a new one."""

    lines: Lines
    prose: Mask
    alive: Mask

    @cached_property
    def index(self) -> Ints:
        """The lines that remain."""
        return np.flatnonzero(self.alive)

    @cached_property
    def bounds(self) -> Ints:
        """Where the lines of each text begin in `index`, and at the end their number."""
        return np.searchsorted(self.index, self.lines.first)

    @cached_property
    def rank(self) -> Ints:
        """Position of each line among those that remain, over all texts."""
        return np.cumsum(self.alive) - 1

    @cached_property
    def _prose_index(self) -> Ints:
        return np.flatnonzero(self.alive & self.prose)

    @cached_property
    def first_prose(self) -> Ints:
        """First prose line of each text, or the number of lines of the batch if it has no prose."""
        first = np.full(self.lines.rows, len(self.lines), np.int64)
        # backwards, so that of several lines of one text the first is written last
        first[self.lines.row[self._prose_index][::-1]] = self._prose_index[::-1]
        return first

    @cached_property
    def last_prose(self) -> Ints:
        """Last prose line of each text, or -1."""
        last = np.full(self.lines.rows, -1, np.int64)
        last[self.lines.row[self._prose_index]] = self._prose_index
        return last

    @cached_property
    def head(self) -> Ints:
        """Number of lines before the first prose of each text, or 0 if it has no prose."""
        row = self.lines.row[self.index]
        before = self.index < self.first_prose[row]
        count = np.bincount(row[before], minlength=self.lines.rows)
        return np.where(self.last_prose >= 0, count, 0)

    @cached_property
    def lone(self) -> Mask:
        """The texts with one line before the prose and no blank line behind it."""
        row = self.lines.row[self.index]
        opens = np.flatnonzero(starts_run(row))
        opens = opens[self.head[row[opens]] == 1]
        lone = np.zeros(self.lines.rows, np.bool_)
        lone[row[opens]] = self.gap(self.index[opens], self.index[opens + 1]) < 2
        return lone

    def headed(self, most: int, signed: Mask | None = None) -> Mask:
        """Find the texts with at most `most` lines before the prose, one of which may be a headline.

        If there is only one, a blank line must follow it, unless the text is `signed`: its byline was cut.
        """
        lone = self.lone if signed is None else self.lone & ~signed
        few = (self.head > 0) & (self.head <= most) & ~lone
        row = self.lines.row[self.index]
        above = self.index[few[row] & (self.index < self.first_prose[row])]
        headed = np.zeros(self.lines.rows, np.bool_)
        headed[self.lines.row[above[~ends_in(self.lines, above, NO_HEADLINE_END)]]] = True
        return headed

    @cached_property
    def opened(self) -> Mask:
        """The texts whose first line is short and may be a headline, with a blank line behind it."""
        row = self.lines.row[self.index]
        opens = np.flatnonzero(starts_run(row))
        opens = opens[(opens + 1 < len(row)) & (row[np.minimum(opens + 1, len(row) - 1)] == row[opens])]
        first, second = self.index[opens], self.index[np.minimum(opens + 1, len(row) - 1)]
        short = (self.lines.end[first] - self.lines.start[first] <= HEADLINE_BYTES) & ~self.prose[first]
        first, second = first[short], second[short]
        set_off = (self.gap(first, second) >= 2) & ~ends_in(self.lines, first, NO_HEADLINE_END)
        opened = np.zeros(self.lines.rows, np.bool_)
        opened[self.lines.row[first[set_off]]] = True
        return opened

    @cached_property
    def repeating(self) -> Mask:
        """The texts in which two neighbouring lines of prose seem to occur again, or that may be one half twice."""
        index = self._prose_index
        row, hashed = self.lines.row[index], self.lines.hashes[index]
        pairs = np.flatnonzero(row[1:] == row[:-1])
        both = hashed[pairs] * SPREAD ^ hashed[pairs + 1]
        # a hash of each pair with its text in the low bits: pairs of one text that are equal become neighbours
        keys = np.sort(both & ~_ROW_BITS | row[pairs].astype(np.uint64))
        repeated = keys[~starts_run(keys)] & _ROW_BITS
        repeating = np.zeros(self.lines.rows, np.bool_)
        repeating[repeated.astype(np.int64)] = True
        twice = row[pairs[hashed[pairs] == hashed[pairs + 1]]]
        count = np.bincount(self.lines.row[self.index], minlength=self.lines.rows)
        repeating[twice[count[twice] % 2 == 0]] = True
        return repeating

    @cached_property
    def prose_before(self) -> Ints:
        """Bytes of prose before each line, over all texts, and at the end the bytes of all prose."""
        return offsets_of(np.where(self.alive & self.prose, self.lines.end - self.lines.start, 0))

    def gap(self, left: Ints, right: Ints) -> Ints:
        """Count the line ends that are left between two neighbours when the lines between them are cut.

        Of the blank lines before and after the cut lines, the larger number is kept.
        """
        number = self.lines.number
        line_ends: Ints = np.maximum(number[left + 1] - number[left], number[right] - number[right - 1])
        return line_ends


@dataclass
class Cuts:
    """The lines that are cut: for each line of a batch the number of the rule that cuts it, or -1, and why."""

    rule: Ints
    group: Ints
    """Neighbouring lines with the same number make one edit."""
    details: dict[int, str] = field(default_factory=dict)
    """The details that code rules give, by line."""
    scored: list[tuple[Ints, Scores]] = field(default_factory=list)
    """Lines that the gate cut, and their scores at that time."""

    @classmethod
    def none(cls, size: int) -> Cuts:
        """Return an object with nothing cut, for `size` lines."""
        return cls(np.full(size, -1, np.int64), np.arange(size, dtype=np.int64))

    def note(self, lines: Ints, scores: Scores) -> None:
        """Add the scores of lines that the gate cut."""
        if len(lines):
            self.scored.append((lines, scores))

    @property
    def scores(self) -> tuple[Ints, Scores]:
        """The lines that the gate cut, sorted, and their scores."""
        lines = np.concatenate([lines for lines, _ in self.scored])
        order = np.argsort(lines, kind="stable")
        parts = [[getattr(scores, name) for _, scores in self.scored] for name in ("words", "shape", "context")]
        return lines[order], Scores(*(np.concatenate(part)[order] for part in parts))


def line_spans(lines: Lines, cuts: Cuts) -> tuple[Ints, Ints, Ints]:
    r"""Return the spans to cut as (start, end, first line of the span). One separator is left between neighbours.

    Of the two separators around a run of cut lines, the one with more line ends is kept. At the ends of a text, the
    separator is cut with the lines. White space at the ends of a text belongs to no line: see `edge_spans`.

    >>> import pyarrow as pa
    >>> from .split import split
    >>> lines, cuts = split(pa.array(["one\n\ntwo\nthree"], pa.large_string())), Cuts.none(3)
    >>> cuts.rule[1] = 0
    >>> [column.tolist() for column in line_spans(lines, cuts)]  # "two\n": the blank line before it is kept
    [[5], [9], [1]]
    """
    cut = cuts.rule >= 0
    index = np.flatnonzero(cut)
    if not len(index):
        return index, index, index
    before, after = np.maximum(index - 1, 0), np.minimum(index + 1, len(lines) - 1)
    has_before = (index > 0) & (lines.row[before] == lines.row[index])  # a line of the same text
    has_after = (index < len(lines) - 1) & (lines.row[after] == lines.row[index])
    opens = ~(has_before & cut[before])  # whether each line is the first of its run of cut lines
    closes = ~(has_after & cut[after])
    # the line ends around each run; they only matter if the run has neighbours on both sides
    gap_before = lines.number[index[opens]] - lines.number[before[opens]]
    gap_after = lines.number[after[closes]] - lines.number[index[closes]]
    # a run that goes backward takes along the separator before each of its lines, else the one behind each
    run_goes_backward = has_before[opens] & (~has_after[closes] | (gap_after > gap_before))
    backward = run_goes_backward[np.cumsum(opens) - 1]
    start = np.where(backward, lines.stop[before], lines.begin[index])
    start[~has_before] = lines.text_start[lines.row[index[~has_before]]]
    end = np.where(backward, lines.stop[index], lines.begin[after])
    end[~has_after] = lines.text_stop[lines.row[index[~has_after]]]
    return _join_groups(start, end, index, cuts.group[index])


def _join_groups(start: Ints, end: Ints, index: Ints, group: Ints) -> tuple[Ints, Ints, Ints]:
    """Join neighbouring spans of one group to one span.

    >>> columns = map(np.array, ([0, 4, 9], [4, 9, 12], [0, 1, 2], [7, 7, 2]))
    >>> [column.tolist() for column in _join_groups(*columns)]
    [[0, 9], [9, 12], [0, 2]]
    """
    first = np.ones(len(index), np.bool_)
    first[1:] = (group[1:] != group[:-1]) | (start[1:] != end[:-1])
    last = np.append(first[1:], True)
    return start[first], end[last], index[first]


def edge_spans(lines: Lines, remaining: Ints) -> tuple[Ints, Ints]:
    """Return the white space at the ends of texts that no cut line takes along.

    `remaining` are the lines that are not cut. A text without any line is white space as a whole.
    """
    row, first = lines.row[remaining], lines.first
    opens = starts_run(row)
    closes = np.append(opens[1:], True) if len(remaining) else opens
    # the first and the last line of each text, if it was not cut
    head, tail = remaining[opens], remaining[closes]
    head = head[head == first[lines.row[head]]]
    tail = tail[tail == first[lines.row[tail] + 1] - 1]
    blank = np.flatnonzero(first[:-1] == first[1:])
    start = np.concatenate([lines.text_start[lines.row[head]], lines.stop[tail], lines.text_start[blank]])
    end = np.concatenate([lines.begin[head], lines.text_stop[lines.row[tail]], lines.text_stop[blank]])
    is_filled = start < end
    return start[is_filled], end[is_filled]

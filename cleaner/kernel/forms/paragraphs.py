"""Paragraphs of flow: lines between which no line of the page may have ended.

The rules look at each sentence, since an artifact may stand between two of them. The gate looks at paragraphs, so that
it does not take a sentence out of one: the end of a sentence alone does not make a line of a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import ranges
from ..lines.split import looks_like_prose, merge_lines
from ..match.zones import PhraseHits, find_hits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....schemas.byte_arrays import Ints, Mask
    from ..lines.split import Lines
    from ..match.matcher import Phrases
    from .flow import Places

_STOPS = np.isin(np.arange(256), list(b".!?"))
WITHIN = -1.0  # score of a break between two sentences below which they are of one paragraph
WITHIN_SENTENCE = 0.7  # the same for a break inside of a sentence


@dataclass(frozen=True)
class Paragraphs:
    """The paragraphs of the lines of a batch. In texts that are not flow, each line is one."""

    split: Lines
    """The lines."""
    first: Ints
    """The first line of each paragraph."""

    @cached_property
    def lines(self) -> Lines:
        """The paragraphs, each as one line."""
        return merge_lines(self.split, self.first)

    @cached_property
    def of_line(self) -> Ints:
        """The paragraph of each line."""
        opens = np.zeros(len(self.split), np.int64)
        opens[self.first[1:]] = 1
        return np.cumsum(opens)

    @cached_property
    def sizes(self) -> Ints:
        """The number of lines of each paragraph."""
        return np.diff(np.append(self.first, len(self.split)))

    def count(self, index: Ints) -> Ints:
        """Return how many of some lines each paragraph has."""
        return np.bincount(self.of_line[index], minlength=len(self.first))

    def take(self, chosen: Ints) -> Ints:
        """Return the lines of some paragraphs."""
        return ranges(self.first[chosen], self.sizes[chosen])


def join_halves(lines: Lines, hits: PhraseHits, places: Places, groups: Sequence[Phrases]) -> tuple[Lines, PhraseHits]:
    """Join lines that a doubtful break inside of a sentence parts, unless a rule knows one of them.

    A headline such as "Who holds | the Ostwick keys" is one line again. What looks like prose may stand below one.
    """
    doubtful = places.after[~places.sentence & (places.score < WITHIN_SENTENCE)]
    opens = ~_continues(lines, hits, doubtful) | looks_like_prose(lines)
    first = np.flatnonzero(opens)
    if len(first) == len(lines):
        return lines, hits
    joined = merge_lines(lines, first)
    changed = np.diff(np.append(first, len(lines))) > 1
    number = np.cumsum(opens) - 1
    new = find_hits(joined, groups, changed)
    line, rule = np.concatenate([number[hits.line], new.line]), np.concatenate([hits.rule, new.rule])
    order = np.lexsort((rule, line))
    failures = [(int(number[at]), failure) for at, failure in hits.failures]
    return joined, PhraseHits(line[order], rule[order], [*failures, *new.failures])


def leave_short_sentences(lines: Lines, hits: PhraseHits, flow: Mask) -> PhraseHits:
    """Return the hits without lone sentences of one word, as in "He read the sign. Share. That was all he said".

    A button has no full stop.
    """
    known = np.zeros(len(lines) + 2, np.bool_)  # with a place before the first line and behind the last one
    known[hits.line + 1] = True
    line = hits.line[flow[lines.row[hits.line]] & _STOPS[lines.data[lines.end[hits.line] - 1]]]
    line = np.unique(line[~known[line] & ~known[line + 2]])
    words = [at for at in line.tolist() if len(lines.text(at).split()) == 1]
    left = ~np.isin(hits.line, words)
    return PhraseHits(hits.line[left], hits.rule[left], hits.failures) if words else hits


def find_paragraphs(lines: Lines, hits: PhraseHits, places: Places | None) -> Paragraphs:
    """Find the paragraphs of lines, given the places of flow. A line that a rule knows is one of its own."""
    if places is None:
        return Paragraphs(lines, np.arange(len(lines)))
    within = places.after[places.score < np.where(places.sentence, WITHIN, WITHIN_SENTENCE)]
    return Paragraphs(lines, np.flatnonzero(~_continues(lines, hits, within)))


def _continues(lines: Lines, hits: PhraseHits, after: Ints) -> Mask:
    """Return which lines begin at one of some places, and belong to the line before. No rule knows either."""
    continues = np.isin(lines.begin, after)
    unknown = np.ones(len(lines), np.bool_)
    unknown[hits.line] = False
    continues[:1] = False
    continues[1:] &= unknown[1:] & unknown[:-1] & (lines.row[1:] == lines.row[:-1])
    return continues

"""How the texts of a batch are laid out: which of their line ends count, and where further lines end.

Most texts are lines as they are. In flow, lines end at places that no line end marks; in wrapped texts, many line ends
count as spaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..lines.split import find_line_ends, join, split
from ..match.zones import PhraseHits, find_hits
from .chains import find_chain_breaks
from .flow import find_flow, find_places, merge_breaks, unite_breaks
from .paragraphs import find_paragraphs, join_halves, leave_short_sentences
from .prompts import find_prompts
from .wrapped import find_wraps, join_wraps

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.split import Joined, Lines
    from ..match.matcher import Phrases
    from ..types import RecordContext
    from .flow import Places
    from .paragraphs import Paragraphs


class Layout:
    """The layout of each text of a batch: found from its bytes, unless its context names a form."""

    def __init__(self, contexts: Sequence[RecordContext] | None) -> None:
        self._contexts = contexts
        self._places: Places | None = None
        self._more: tuple[Ints, Ints] | None = None
        self.flow: Mask = np.empty(0, np.bool_)
        """Texts that were split as flow, known once their lines are split."""
        self.wrapped: Mask = np.empty(0, np.bool_)
        """Texts whose wrapped lines were joined, known at the same time."""
        self._wraps: tuple[Ints, Ints] | None = None
        self._raw: Bytes | None = None

    def split(self, texts: pa.LargeStringArray, groups: Sequence[Phrases]) -> tuple[Lines, PhraseHits]:
        """Split texts into lines. Return them with the phrase hits on them."""
        lines = self._split(texts)
        hits = find_hits(lines, groups)
        if self._places is None:
            return lines, hits
        prompts = find_prompts(lines, self.flow, hits, self._places, groups)
        chains = find_chain_breaks(lines, self.flow, hits, self._places, groups)
        self._more = unite_breaks(chains, prompts.bounds(self._places))
        if len(self._more[0]):
            refined = self._split(texts)
            lines, hits = refined, _find_more_hits(lines, hits, refined, groups)
        lines, hits = prompts.join(lines, hits)
        lines, hits = join_halves(lines, hits, self._places, groups)
        hits = prompts.leave_undecided(lines, hits)
        return lines, leave_short_sentences(lines, hits, self.flow)

    def _split(self, texts: pa.LargeStringArray) -> Lines:
        """Split texts into lines that have spaces in the place of wraps."""
        lines = split(texts, self._refine)
        if self._wraps is not None:
            self._raw, lines.data = lines.data, join_wraps(lines.data, *self._wraps)
        return lines

    def find_paragraphs(self, lines: Lines, hits: PhraseHits) -> Paragraphs:
        """Return the paragraphs of the lines of a batch."""
        return find_paragraphs(lines, hits, self._places)

    def restore(self, lines: Lines) -> None:
        """Put the wraps of the texts back into their lines."""
        if self._raw is not None:
            lines.data = self._raw

    def _refine(self, joined: Joined, stop: Ints, after: Ints) -> tuple[Ints, Ints]:
        """Return the line ends that count: those of the texts, and the breaks within flow."""
        if self._more is None:
            self.flow = _find_flow(joined, stop, after, self._contexts)
            wraps = _find_wraps(joined, stop, after, self._contexts)
            self.wrapped = _rows_of(joined, stop[wraps])
            self._wraps = (stop[wraps], after[wraps]) if wraps.any() else None
            self._places = find_places(joined, self.flow) if self.flow.any() else None
        if self._wraps is not None:
            kept = ~np.isin(stop, self._wraps[0])
            stop, after = stop[kept], after[kept]
        if self._places is None:
            return stop, after
        sure = self._places.sure
        breaks = [(stop, after), (self._places.stop[sure], self._places.after[sure])]
        return merge_breaks(*breaks, *([self._more] if self._more is not None else []))


def _find_more_hits(before: Lines, hits: PhraseHits, lines: Lines, groups: Sequence[Phrases]) -> PhraseHits:
    """Return the phrase hits on lines, given those on the lines before some of them were split."""
    index = np.minimum(np.searchsorted(before.start, lines.start), len(before) - 1)
    whole = (before.start[index] == lines.start) & (before.end[index] == lines.end)
    new = find_hits(lines, groups, ~whole)
    number = np.full(len(before), -1, np.int64)
    number[index[whole]] = np.flatnonzero(whole)
    old = number[hits.line]
    line = np.concatenate([old[old >= 0], new.line])
    rule = np.concatenate([hits.rule[old >= 0], new.rule])
    order = np.lexsort((rule, line))
    failures = [(int(number[at]), failure) for at, failure in hits.failures if number[at] >= 0]
    return PhraseHits(line[order], rule[order], [*failures, *new.failures])


def find_plain_forms(texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None = None) -> tuple[Mask, Mask]:
    """Return which texts are flow, and which have wrapped lines."""
    joined = join(texts)
    stop, after = find_line_ends(joined.data)
    flow = _find_flow(joined, stop, after, contexts)
    return flow, _rows_of(joined, stop[_find_wraps(joined, stop, after, contexts)])


def _find_wraps(joined: Joined, stop: Ints, after: Ints, contexts: Sequence[RecordContext] | None) -> Mask:
    """Return which line ends are wraps, in texts whose form the user has not named otherwise."""
    forms = [context.form for context in contexts or ()]
    named = np.array([form == "wrapped" for form in forms], np.bool_) if forms else np.zeros(joined.rows, np.bool_)
    wraps = find_wraps(joined, stop, after, named)
    others = np.array([row for row, form in enumerate(forms) if form not in (None, "wrapped")], np.int64)
    if len(others):
        wraps &= ~np.isin(np.searchsorted(joined.text_start, stop, side="right") - 1, others)
    return wraps


def _rows_of(joined: Joined, places: Ints) -> Mask:
    """Return which texts have one of some places."""
    has = np.zeros(joined.rows, np.bool_)
    has[np.searchsorted(joined.text_start, places, side="right") - 1] = True
    return has


def _find_flow(joined: Joined, stop: Ints, after: Ints, contexts: Sequence[RecordContext] | None) -> Mask:
    flow = find_flow(joined, stop, after)
    for row, context in enumerate(contexts or ()):
        if context.form is not None:
            flow[row] = context.form == "flow"
    return flow

"""The gate at work on a batch: which texts it must look at again, and which lines it wants to cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...rules.gate.decision import ARTICLE, OUTSIDE, find_marked, find_sure, looks_like_pages, raise_threshold
from ...rules.patterns.alphabet import SENTENCE_BYTES
from .lines.split import gather, looks_like_prose

if TYPE_CHECKING:
    from ...rules.gate.decision import Gate, Scores
    from ...schemas.byte_arrays import Bytes, Ints, Mask
    from .forms.paragraphs import Paragraphs
    from .lines.remaining import Cuts, RemainingLines


FLOW_THRESHOLD = 3.7  # score of a line of flow that an article loses
MOST_OF_FLOW = 0.45  # share of the bytes of an article in flow, beyond which the gate seems wrong and cuts nothing
PAGE_SENTENCE = 2.0
MAX_LOOKS = 32  # at one text: hardly any text takes ten


class GateSession:
    """The gate, and what it has seen of a batch."""

    def __init__(
        self,
        gate: Gate,
        paragraphs: Paragraphs,
        profile: str,
        flow: Mask,
        entries: Mask,
        skipped: Mask | None,
        structure: Bytes | None = None,
    ) -> None:
        """Read the lines of a batch, paragraph by paragraph.

        Nothing is cut from the texts of `skipped`, nor `entries` from articles. `structure` is what the markup of the
        texts said of each line, None if no text had any.
        """
        self._gate = gate
        self._flow = flow
        self._paragraphs = paragraphs
        lines = self._lines = paragraphs.lines
        self._skipped = np.zeros(lines.rows, np.bool_) if skipped is None else skipped
        self._looks = np.zeros(lines.rows, np.int64)
        # The stripped lines, with a line feed behind each: the gate must not see what was stripped.
        data, after = gather(lines.data, lines.start, lines.end)
        marked = None
        if structure is not None:
            structure = structure[paragraphs.first]
            marked = find_marked(structure, lines.row)
        self._prepared = gate.read(data, after - 1 - (lines.end - lines.start), after - 1, structure, marked)
        self._asked_as_page: Mask = np.full(lines.rows, profile == "page")
        self._sure = np.zeros(lines.rows, np.bool_)
        self._outside: Mask | None = None if structure is None else np.any(structure[:, OUTSIDE] > 0, axis=1)
        self._automatic = profile == "auto"
        self._cut_when_seen = np.zeros(lines.rows, np.int64)
        self._entries = entries[paragraphs.first]
        self._sentence = looks_like_prose(lines)

    def read_as_pages(self, rows: list[int], *, sure: bool = False) -> None:
        """Read some of the texts as whole pages, whatever the profile; if not `sure`, only those with boilerplate."""
        self._asked_as_page[rows] = True
        self._sure[rows] |= sure

    @property
    def page(self) -> Mask:
        """The texts that are read as whole pages. In the profile `auto`, this is found out on the way.

        A text without menus, footers and the like is no whole page, whatever the profile: read as one, it would lose
        lines of its own.
        """
        return self._asked_as_page & self._sure

    def ask(self, remaining: RemainingLines, rows: Ints) -> tuple[Ints, Scores]:
        """Return the lines of some texts to cut, given the lines that remain, with their scores."""
        lines = self._lines
        asked = np.zeros(lines.rows, np.bool_)
        asked[rows] = True
        asked &= ~self._skipped
        self._looks[asked] += 1
        left = self._paragraphs.count(remaining.index)
        index = np.flatnonzero((left > 0) & asked[lines.row])
        row, size = lines.row[index], (lines.end - lines.start)[index]
        if self._automatic:
            # A text that was read as a page once stays one. Otherwise its remains would be read as an article.
            self._asked_as_page |= looks_like_pages(row, size < SENTENCE_BYTES, lines.rows)
        self._cut_when_seen = self._count(~remaining.alive)
        scores = self._gate.score(self._prepared, index, row)
        outside = None if self._outside is None else self._outside[index]
        self._sure |= find_sure(scores, row, ~self._entries[index], outside, lines.rows)
        cut, page = self._gate.decide(self._prepared, scores, index, row, size, self.page)
        # an article must be surer of a line among prose, and of all lines if hardly any is sure boilerplate
        staying = self._sentence[index] & ~cut
        cut &= page[row] | (scores.total > raise_threshold(scores.total, row, staying, lines.rows))
        # direct speech in an article is never cut
        cut &= page[row] | ~lines.quoted[index]
        # nor are the entries of a live blog, whatever was cut between them
        cut &= page[row] | ~self._entries[index]
        # where lines end in flow is estimated, so the gate must be surer: a sentence there may be one of a paragraph
        flow, sentence = self._flow[row], self._sentence[index]
        cut &= ~flow | (scores.total > np.where(page[row], PAGE_SENTENCE * sentence, FLOW_THRESHOLD))
        share = np.bincount(row, size * (scores.total > ARTICLE.threshold)) / np.maximum(np.bincount(row, size), 1)
        cut &= ~flow | page[row] | (share <= MOST_OF_FLOW)[row]
        # a paragraph of which a rule has cut a part stays
        cut &= left[index] == self._paragraphs.sizes[index]
        sizes = self._paragraphs.sizes[index[cut]]
        return self._paragraphs.take(index[cut]), scores.take(np.repeat(np.flatnonzero(cut), sizes))

    def changed(self, cuts: Cuts) -> Ints:
        """Return the texts of which lines were cut since the gate looked at them."""
        return np.flatnonzero((self._count(cuts.rule >= 0) > self._cut_when_seen) & ~self._skipped)

    @property
    def endless(self) -> Mask:
        """The texts that it has looked at too often.

        It cuts a little of them at every look, as with a list of thousands of names. Such a text is not boilerplate,
        and the time would grow with the square of its length.
        """
        return self._looks > MAX_LOOKS

    def _count(self, cut: Mask) -> Ints:
        return np.bincount(self._paragraphs.split.row[cut], minlength=self._lines.rows)

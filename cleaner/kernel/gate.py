"""The gate over a batch: which texts it has yet to look at, and how ready it is to cut in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...rules.gate.decision import looks_like_pages
from ...rules.patterns.alphabet import SENTENCE_BYTES
from .lines.split import gather

if TYPE_CHECKING:
    from ...rules.gate.decision import Gate, Scores
    from ...schemas.byte_arrays import Ints, Mask
    from .lines.remaining import Cuts, RemainingLines
    from .lines.split import Lines


MAX_LOOKS = 32  # at one text: hardly any takes ten


class GateSession:
    """The gate, and what it has seen of a batch.

    `page` says of each text whether it is read as that of a whole page; in the profile `auto` that shows as it goes.
    `endless` are texts of which it cuts a little at every look, as of a list of thousands of names: that is none of its
    business, and would take time that grows with the square of the text.
    """

    def __init__(self, gate: Gate, lines: Lines, profile: str, spared: Mask | None) -> None:
        """Read the lines of a batch; of the texts `spared` nothing is cut."""
        self._gate = gate
        self._lines = lines
        self._source_ignores = np.zeros(lines.rows, np.bool_) if spared is None else spared
        self._looks = np.zeros(lines.rows, np.int64)
        # with line feeds between them: what stood around a line before it was stripped is not to be seen
        data, after = gather(lines.data, lines.start, lines.end)
        self._prepared = gate.read(data, after - 1 - (lines.end - lines.start), after - 1)
        self.page: Mask = np.full(lines.rows, profile == "page")
        self._automatic = profile == "auto"
        self._seen = np.zeros(lines.rows, np.int64)

    def ask(self, standing: RemainingLines, rows: Ints) -> tuple[Ints, Scores]:
        """Give the lines of some texts that are to be cut as things stand, and how they score."""
        lines = self._lines
        asked = np.zeros(lines.rows, np.bool_)
        asked[rows] = True
        asked &= ~self._source_ignores
        self._looks[asked] += 1
        index = standing.index[asked[lines.row[standing.index]]]
        row, size = lines.row[index], (lines.end - lines.start)[index]
        if self._automatic:
            # a text that was once read as a page stays one: so that what it becomes is not read anew as an article
            self.page |= looks_like_pages(row, size < SENTENCE_BYTES, lines.rows)
        self._seen = self._count(~standing.alive)
        cut, scores, page = self._gate.decide(self._prepared, index, row, size, self.page)
        # in an article, what somebody says is for no gate to judge
        cut &= page[row] | ~lines.quoted[index]
        return index[cut], scores.take(cut)

    def changed(self, cuts: Cuts) -> Ints:
        """Give the texts of which lines were cut since the gate looked at them."""
        return np.flatnonzero((self._count(cuts.rule >= 0) > self._seen) & ~self._source_ignores)

    @property
    def endless(self) -> Mask:
        """The texts that it has looked at too often."""
        return self._looks > MAX_LOOKS

    def _count(self, cut: Mask) -> Ints:
        return np.bincount(self._lines.row[cut], minlength=self._lines.rows)

"""Decide which lines to cut: their scores are compared with a threshold, if the gate knows the language of the text.

`Gate.read` reads the lines of a batch once. `Gate.score` scores those that remain as if the others did not exist, and
`Gate.decide` returns which of them to cut. The kernel asks again about the lines that are left, until nothing is cut.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..markup.structure import LANE
from .features import hash_words, padded, tokenize
from .network import Floats, Network, Prepared
from .reasons import name_reasons

if TYPE_CHECKING:
    from typing import Any

    from ...schemas.byte_arrays import Bytes, Ints, Mask

WEIGHTS = Path(__file__).with_name("weights.npz")
MARKED_WEIGHTS = Path(__file__).with_name("weights_markup.npz")
MOST_OF_ARTICLE = 0.5  # share of an article's bytes beyond which nothing is cut
LEAST_IN_PAGE = 5  # lines above `PAGE_SIGN`: menus and footers of whole pages have more
PAGE_SIGN = 3.0
PAGE_SHARE = 0.7  # share of short lines from which on a text is that of a whole page
PAGE_LINES = 20  # least number of lines of such a text


@dataclass(frozen=True)
class Readiness:
    """How readily lines are cut.

    A line is cut if its score is above `threshold` and it has at most `longest` bytes. If the network knows a smaller
    share of a text's words than `familiar`, the threshold rises, by up to `caution` at a share of `strange`. Below that
    share nothing is cut.
    """

    threshold: float
    longest: int
    familiar: float
    strange: float
    caution: float


# `page` cuts everything that `article` cuts. So a text that was cleaned as a page is not changed when it is cleaned
# again as an article.
ARTICLE = Readiness(threshold=2.7, longest=600, familiar=0.5, strange=0.25, caution=3.0)
PAGE = Readiness(threshold=0.0, longest=1 << 40, familiar=0.35, strange=0.2, caution=3.0)
MARKED_THRESHOLD = 4.0  # of articles with markup
AROUND = 8  # lines before and behind a line that are looked at for prose
MUCH_PROSE = 6  # lines of prose among them
AMONG_PROSE = 4.5  # the threshold of such a line in an article
SURE = 4.0  # the score of sure boilerplate in an article
LEAST_IN_ARTICLE = 2  # lines of sure boilerplate, below which an article loses nothing else
OUTSIDE = [LANE[name] for name in ("nav", "footer", "aside", "header", "form", "all links")]
"""Lanes of lines that markup puts outside of an article."""


@dataclass(frozen=True)
class Scores:
    """Scores of lines in three parts. Their sum is the natural logarithm of the odds that a line is boilerplate.

    `words` comes from the words of the line, `shape` from its length, case and punctuation, `context` from its
    neighbours, its place and the combination of all.
    """

    words: Floats
    shape: Floats
    context: Floats

    @property
    def total(self) -> Floats:
        """The sum of the parts."""
        return self.words + self.shape + self.context

    def take(self, chosen: npt.NDArray[np.generic]) -> Scores:
        """Return the scores of some lines."""
        return Scores(self.words[chosen], self.shape[chosen], self.context[chosen])


def find_marked(structure: Bytes, row: Ints) -> Mask:
    """Return which lines are of a text whose markup said something of any of its lines. `row` is the text of each."""
    marked: Mask = np.bincount(row, structure.any(axis=1))[row] > 0
    return marked


@dataclass(frozen=True)
class ReadLines:
    """The lines of a batch as the network for their text has read them. A network that no text needs has read none."""

    plain: Prepared | None
    marked: Prepared | None
    is_marked: Mask
    """Whether each line is of a text with markup."""

    def column(self, name: str, lines: Ints) -> npt.NDArray[Any]:
        """Return a column of `Prepared` for some lines, from the network for each."""
        if self.marked is None or self.plain is None:
            values: npt.NDArray[Any] = getattr(self.plain or self.marked, name)[lines]
            return values
        chosen: npt.NDArray[Any] = np.where(
            self.is_marked[lines], getattr(self.marked, name)[lines], getattr(self.plain, name)[lines]
        )
        return chosen


class Gate:
    """Two networks with their weights, for plain texts and for those with markup, and the decision on their scores."""

    def __init__(self, weights: Path = WEIGHTS, marked_weights: Path = MARKED_WEIGHTS) -> None:
        self.plain, self._marked_weights = Network(weights), marked_weights

    @cached_property
    def marked(self) -> Network:
        """The network for texts with markup, loaded when one is met."""
        return Network(self._marked_weights)

    def read(
        self, data: Bytes, start: Ints, end: Ints, structure: Bytes | None = None, marked: Mask | None = None
    ) -> ReadLines:
        """Read the stripped lines `[start, end)` of a buffer of UTF-8; they are not empty, and end in line feeds.

        `structure` says what the markup of the texts knew of each line; see `Network.prepare`. `marked` says which
        lines are of a text with markup.
        """
        if structure is None or marked is None or not marked.any():
            return ReadLines(self.plain.prepare(data, start, end), None, np.zeros(len(start), np.bool_))
        plain = None if marked.all() else self.plain.prepare(data, start, end)
        return ReadLines(plain, self.marked.prepare(data, start, end, structure), marked)

    def score(self, read: ReadLines, lines: Ints, row: Ints) -> Scores:
        """Return the scores of some of the lines that were read. `row` is the text of each, in ascending order."""
        shape, context = np.empty(len(lines), np.float32), np.empty(len(lines), np.float32)
        of_marked = read.is_marked[lines]
        for prepared, at in ((read.plain, np.flatnonzero(~of_marked)), (read.marked, np.flatnonzero(of_marked))):
            if prepared is not None and len(at):
                network = self.plain if prepared is read.plain else self.marked
                shape[at], context[at] = network.forward(prepared, lines[at], row[at])
        return Scores(read.column("words", lines), shape, context)

    def decide(
        self, prepared: ReadLines, scores: Scores, lines: Ints, row: Ints, size: Ints, page: Mask
    ) -> tuple[Mask, Mask]:
        """Return which of the lines to cut, and which texts were read as whole pages.

        `row` and `size` have the text and the bytes of each line, `page` whether to read each text as a whole page. A
        page of which nothing would be left is read as an article instead. An article that would lose more than
        `MOST_OF_ARTICLE` is not cut: a list of names or a play looks like links, but is the text itself.
        """
        count = np.bincount(row, minlength=len(page))
        cut = _wanted(scores, prepared, lines, row, size, page)
        emptied = page & (np.bincount(row, cut, minlength=len(page)) == count) & (count > 0)
        if emptied.any():
            page = page & ~emptied
            cut = _wanted(scores, prepared, lines, row, size, page)
        share_cut = np.bincount(row, size * cut) / np.maximum(np.bincount(row, size), 1)
        cut &= page[row] | (share_cut <= MOST_OF_ARTICLE)[row]
        return cut, page

    def explain(
        self, heaviest: pa.LargeStringArray, scores: Scores, structure: Bytes | None = None
    ) -> pa.LargeStringArray:
        """Return a detail for each line: the probability, its three parts, and the word that counted most.

        The part of the shape names what the markup said against the line, if the text had any.
        """
        likely = 1 / (1 + np.exp(-scores.total.astype(np.float64)))
        percent = _percents().take(pa.array(np.floor(likely * 100).astype(np.int64)))
        words, shape, context = (
            _tenths(name).take(_place(getattr(scores, name))) for name in ("words", "shape", "context")
        )
        before, after, nothing = (pa.scalar(text, pa.large_string()) for text in (' ("', '")', ""))
        reasons = name_reasons(structure) if structure is not None else nothing
        return pc.binary_join_element_wise(percent, words, before, heaviest, after, shape, reasons, context, nothing)

    def heaviest(self, data: Bytes, start: Ints, end: Ints, marked: Mask | None = None) -> tuple[Ints, Ints]:
        """Return the span of the word, or pair of words, of each line that counts most for cutting it.

        `marked` says which lines are of a text with markup.
        """
        first, last = _heaviest(self.plain, data, start, end)
        if marked is None or not marked.any():
            return first, last
        of_marked = _heaviest(self.marked, data, start, end)
        return np.where(marked, of_marked[0], first), np.where(marked, of_marked[1], last)


def _heaviest(network: Network, data: Bytes, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return the span of the word, or pair of words, of each line that a network counts most for cutting it."""
    buffer = padded(data)
    tokens = tokenize(buffer, start + 16, end + 16)
    word, pair, _ = hash_words(buffer, tokens)
    alone = network.word.scalars[network.word.rows(word)]
    paired = network.pair.scalars[network.pair.rows(pair)]
    some = tokens.hi > tokens.lo
    # The first of the heaviest words of each line, by one maximum: the weight is in the upper 32 bits, and the
    # lower ones are the greater, the earlier the word is. Words with the weights 5, 7, 7 at 0, 1, 2 become
    # 5 << 32, (7 << 32) - 1 and (7 << 32) - 2. The second one is the greatest, and its place is 1.
    ranked = (np.maximum(alone, paired) << 32) - np.arange(len(alone))
    best = -np.maximum.reduceat(ranked, tokens.lo[some]) & 0xFFFFFFFF if some.any() else tokens.lo[some]
    left = best.copy()
    with_previous = (paired[best] > alone[best]) & (best > tokens.lo[some])
    left[with_previous] -= 1
    first, last = start.copy(), start.copy()
    first[some], last[some] = tokens.start[left] - 16, tokens.end[best] - 16
    return first, last


def _wanted(scores: Scores, prepared: ReadLines, lines: Ints, row: Ints, size: Ints, page: Mask) -> Mask:
    """Return which of the lines are above the threshold of their text, which depends on how it is read."""
    threshold, longest, familiar, strange, caution = (
        np.where(page, of_page, of_article)[row]
        for of_page, of_article in zip(astuple(PAGE), astuple(ARTICLE), strict=True)
    )
    threshold = np.where(prepared.is_marked[lines] & ~page[row], MARKED_THRESHOLD, threshold)
    # of the text of each line: words that the network knows, and words that it looked at
    known = np.bincount(row, prepared.column("known", lines))[row]
    counted = np.bincount(row, prepared.column("counted", lines))[row]
    share = known / np.maximum(counted, 1)
    lack = np.clip((familiar - share) / (familiar - strange), 0, 1)
    ripe: Mask = (scores.total > threshold + caution * lack) & (share >= strange) & (size <= longest)
    return ripe


def find_sure(scores: Scores, row: Ints, counted: Mask, outside: Mask | None, rows: int) -> Mask:
    """Return which texts have so many lines of sure boilerplate that they can be whole pages.

    `counted` says which lines count. `outside` says which lines stand in a menu, a footer or the like, as the markup of
    the texts has it. Any score against one of these is sure enough.
    """
    threshold = PAGE_SIGN if outside is None else np.where(outside, PAGE.threshold, PAGE_SIGN)
    sure: Mask = np.bincount(row, counted & (scores.total > threshold), minlength=rows) >= LEAST_IN_PAGE
    return sure


def raise_threshold(total: Floats, row: Ints, prose: Mask, rows: int) -> Floats:
    """Return the least score with which each line of an article is cut, given what is around it.

    Boilerplate comes in runs. So a line among much prose must have a higher score, and so must all lines of a text with
    hardly any sure boilerplate. `total` has the scores, `prose` says which lines are prose that stays, and `row` is
    the text of each, in ascending order.

    >>> row, total = np.zeros(18, np.int64), np.full(18, 3, np.float32)
    >>> prose = np.array([True] * 6 + [False] * 12)
    >>> raise_threshold(total, row, prose, 1)[[6, 17]].tolist()
    [4.5, 4.0]
    """
    at = np.arange(len(row))
    count = np.bincount(row, minlength=rows)
    first = (np.cumsum(count) - count)[row]
    sums = np.append(0, np.cumsum(prose))
    around = sums[np.minimum(at + AROUND + 1, first + count[row])] - sums[np.maximum(at - AROUND, first)]
    few = np.bincount(row, total > SURE, minlength=rows)[row] < LEAST_IN_ARTICLE
    threshold = np.where(few, SURE, ARTICLE.threshold)
    return np.where(around >= MUCH_PROSE, AMONG_PROSE, threshold).astype(np.float32)


def looks_like_pages(row: Ints, short: Mask, rows: int) -> Mask:
    """Return which texts are those of whole pages, by the share of their lines that are short."""
    count = np.bincount(row, minlength=rows)
    return (count >= PAGE_LINES) & (np.bincount(row, short, minlength=rows) >= PAGE_SHARE * count)


@lru_cache(maxsize=1)
def load_gate() -> Gate:
    """Return the gate with the weights of the package, loaded once."""
    return Gate()


_MOST = 400  # tenths: greater parts are written as this


@lru_cache(maxsize=3)
def _tenths(name: str) -> pa.LargeStringArray:
    return pa.array([f", {name} {tenths / 10:+.1f}" for tenths in range(-_MOST, _MOST + 1)], pa.large_string())


def _place(part: Floats) -> pa.Int64Array:
    """Return the index of each part in `_tenths`."""
    return pa.array(np.clip(np.rint(part * 10), -_MOST, _MOST).astype(np.int64) + _MOST)


@lru_cache(maxsize=1)
def _percents() -> pa.LargeStringArray:
    return pa.array([f"{percent} % boilerplate" for percent in range(101)], pa.large_string())

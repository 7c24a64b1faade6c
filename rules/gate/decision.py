"""What is cut: scores of lines held against a threshold, as far as the gate knows the language of the text.

`Gate.read` reads the lines of a batch once; `Gate.decide` says which of the lines that stand are to be cut, as if the
others were not there. It is asked again, of what is left, until it has nothing more to cut.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .features import hash_words, padded, tokenize
from .network import Floats, Network, Prepared

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes, Ints, Mask

WEIGHTS = Path(__file__).with_name("weights.npz")
MOST_OF_ARTICLE = 0.5  # of the bytes of a text that is no page
PAGE_SHARE = 0.7  # of the lines of a text that are short: from there on it is the text of a whole page
PAGE_LINES = 20  # lines below which no text is


@dataclass(frozen=True)
class Readiness:
    """How ready to cut.

    A line is cut if its score is above `threshold` and it has at most `longest` bytes. In a text of whose words less
    than `familiar` are known to the network, the threshold rises, by up to `caution` at a share of `strange`; below
    that, nothing is cut.
    """

    threshold: float
    longest: int
    familiar: float
    strange: float
    caution: float


# What `article` cuts, `page` cuts too: a text that was cleaned as a page stays as it is when it comes again as an
# article.
ARTICLE = Readiness(threshold=3.0, longest=200, familiar=0.5, strange=0.25, caution=3.0)
PAGE = Readiness(threshold=0.0, longest=1 << 40, familiar=0.35, strange=0.2, caution=3.0)


@dataclass(frozen=True)
class Scores:
    """Scores of lines, natural logarithms of the odds that they are boilerplate, as the sum of three parts.

    `words` is what the line's own words say, `shape` its length, case and punctuation, `context` its neighbours, its
    place and all of that together.
    """

    words: Floats
    shape: Floats
    context: Floats

    @property
    def total(self) -> Floats:
        """The scores."""
        return self.words + self.shape + self.context

    def take(self, chosen: npt.NDArray[np.generic]) -> Scores:
        """Give some of them."""
        return Scores(self.words[chosen], self.shape[chosen], self.context[chosen])


class Gate:
    """The network with its weights, and what is made of its scores."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self.network = Network(weights)

    def read(self, data: Bytes, start: Ints, end: Ints) -> Prepared:
        """Read the stripped lines `[start, end)` of a buffer of UTF-8; none is empty, and a line feed follows each."""
        return self.network.prepare(data, start, end)

    def score(self, prepared: Prepared, lines: Ints, row: Ints) -> Scores:
        """Score some of the lines; `row` says of each which text it is in, and does not fall."""
        return Scores(prepared.words[lines], *self.network.forward(prepared, lines, row))

    def decide(self, prepared: Prepared, lines: Ints, row: Ints, size: Ints, page: Mask) -> tuple[Mask, Scores, Mask]:
        """Say of each of the lines whether it is to be cut, how all score, and which texts were read as whole pages.

        `size` is the length of each line in bytes, `page` says of each text whether it is to be read as a whole page.
        One of which nothing would be left is read as an article after all. An article of which more than
        `MOST_OF_ARTICLE` would go stays as it is: a list of names or a play looks like links, and is what the text is
        about.
        """
        scores = self.score(prepared, lines, row)
        count = np.bincount(row, minlength=len(page))
        cut = _wanted(scores, prepared, lines, row, size, page)
        emptied = page & (np.bincount(row, cut, minlength=len(page)) == count) & (count > 0)
        if emptied.any():
            page = page & ~emptied
            cut = _wanted(scores, prepared, lines, row, size, page)
        share_cut = np.bincount(row, size * cut) / np.maximum(np.bincount(row, size), 1)
        cut &= page[row] | (share_cut <= MOST_OF_ARTICLE)[row]
        return cut, scores, page

    def explain(self, heaviest: pa.LargeStringArray, scores: Scores) -> pa.LargeStringArray:
        """Say of each line how likely it is boilerplate, and what its three parts and its heaviest word say."""
        likely = 1 / (1 + np.exp(-scores.total.astype(np.float64)))
        percent = _percents().take(pa.array(np.floor(likely * 100).astype(np.int64)))
        words, shape, context = (
            _tenths(name).take(_place(getattr(scores, name))) for name in ("words", "shape", "context")
        )
        before, after, nothing = (pa.scalar(text, pa.large_string()) for text in (' ("', '")', ""))
        return pc.binary_join_element_wise(percent, words, before, heaviest, after, shape, context, nothing)

    def heaviest(self, data: Bytes, start: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Give the span of the word, or of the pair of words, that speaks most for cutting, of each line."""
        buffer = padded(data)
        tokens = tokenize(buffer, start + 16, end + 16)
        word, pair, _ = hash_words(buffer, tokens)
        network = self.network
        alone = network.word.scalars[network.word.rows(word)]
        paired = network.pair.scalars[network.pair.rows(pair)]
        some = tokens.hi > tokens.lo
        # of the heaviest words of a line the first one: weight and place in one number, the greater the better
        ranked = (np.maximum(alone, paired) << 32) - np.arange(len(alone))
        best = -np.maximum.reduceat(ranked, tokens.lo[some]) & 0xFFFFFFFF if some.any() else tokens.lo[some]
        left = best.copy()
        with_previous = (paired[best] > alone[best]) & (best > tokens.lo[some])
        left[with_previous] -= 1
        first, last = start.copy(), start.copy()
        first[some], last[some] = tokens.start[left] - 16, tokens.end[best] - 16
        return first, last


def _wanted(scores: Scores, prepared: Prepared, lines: Ints, row: Ints, size: Ints, page: Mask) -> Mask:
    """Say of each of the lines whether it is ripe to be cut, by what its text is read as."""
    threshold, longest, familiar, strange, caution = (
        np.where(page, of_page, of_article)[row]
        for of_page, of_article in zip(astuple(PAGE), astuple(ARTICLE), strict=True)
    )
    known = np.bincount(row, prepared.known[lines])[row]
    counted = np.bincount(row, prepared.counted[lines])[row]
    share = known / np.maximum(counted, 1)
    lack = np.clip((familiar - share) / (familiar - strange), 0, 1)
    ripe: Mask = (scores.total > threshold + caution * lack) & (share >= strange) & (size <= longest)
    return ripe


def looks_like_pages(row: Ints, short: Mask, rows: int) -> Mask:
    """Say of each text whether it is that of a whole page, by the share of its lines that are short."""
    count = np.bincount(row, minlength=rows)
    return (count >= PAGE_LINES) & (np.bincount(row, short, minlength=rows) >= PAGE_SHARE * count)


@lru_cache(maxsize=1)
def load_gate() -> Gate:
    """Load the weights that come with the package, once."""
    return Gate()


_MOST = 400  # tenths that a part is written with at most


@lru_cache(maxsize=3)
def _tenths(name: str) -> pa.LargeStringArray:
    return pa.array([f", {name} {tenths / 10:+.1f}" for tenths in range(-_MOST, _MOST + 1)], pa.large_string())


def _place(part: Floats) -> pa.Int64Array:
    return pa.array(np.clip(np.rint(part * 10), -_MOST, _MOST).astype(np.int64) + _MOST)


@lru_cache(maxsize=1)
def _percents() -> pa.LargeStringArray:
    return pa.array([f"{percent} % boilerplate" for percent in range(101)], pa.large_string())

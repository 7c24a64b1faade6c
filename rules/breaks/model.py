"""The break model: the sum of the weights of a gap's features, as a whole number."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .features import BITS, PADDING, find_candidates, pad

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes, Ints, Mask

WEIGHTS = Path(__file__).with_name("weights.npz")
SCALE = 16  # a weight is a whole number of sixteenths
_PIECE = 1 << 20  # bytes that are looked at together


@dataclass(frozen=True)
class Breaks:
    """Places where a line may have ended.

    `[stop, after)` is the white space of the break in bytes, empty between glued words. `score` is the natural
    logarithm of the odds that a line ended there. `sentence` marks the ends of sentences, `small` breaks before a word
    that begins with a small letter.
    """

    stop: Ints
    after: Ints
    score: npt.NDArray[np.float32]
    sentence: Mask
    small: Mask


_COLUMNS = ("stop", "after", "score", "sentence", "small")
_NONE = Breaks(
    np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.bool_), np.empty(0, np.bool_)
)


class BreakModel:
    """Weights, and the scores that they give."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        with np.load(path) as file:
            known, values, self._bias = np.unpackbits(file["known"]), file["values"], int(file["bias"])
        self._weights = np.zeros(1 << BITS, np.int16)
        self._weights[np.flatnonzero(known)] = values

    def score(self, data: Bytes, starts: Ints) -> Breaks:
        """Score all candidates of a buffer; texts begin at `starts`, and a line feed ends each."""
        bounds = _pieces(starts, len(data))
        parts = [
            self._score(data[start:stop], start, starts[(starts >= start) & (starts < stop)])
            for start, stop in itertools.pairwise(bounds)
        ]
        return Breaks(*(np.concatenate([getattr(part, name) for part in (_NONE, *parts)]) for name in _COLUMNS))

    def _score(self, data: Bytes, base: int, starts: Ints) -> Breaks:
        found = find_candidates(pad(data), starts - base + PADDING)
        if found is None:
            return _NONE
        total = self._weights[found.features].sum(axis=1, dtype=np.int64) + self._bias
        shift = base - PADDING
        return Breaks(
            found.stop + shift, found.after + shift, (total / SCALE).astype(np.float32), found.sentence, found.small
        )


def _pieces(starts: Ints, size: int) -> list[int]:
    """Return where pieces of whole texts begin and end, each of about `_PIECE` bytes."""
    bounds = [0]
    for start in starts.tolist():
        if start - bounds[-1] >= _PIECE:
            bounds.append(start)
    return [*bounds, size] if size > bounds[-1] else bounds


@lru_cache(maxsize=1)
def load_break_model() -> BreakModel:
    """Load the weights that come with the package, once."""
    return BreakModel()

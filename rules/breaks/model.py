"""The break model: the sum of the weights of a gap's features, as a whole number."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .features import BITS, FIRST, PADDING, find_gaps, pad
from .joints import find_joints

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes, Ints, Mask
    from .features import Gaps
    from .joints import Joints

WEIGHTS = Path(__file__).with_name("weights.npz")
SCALE = 16  # a weight is a whole number of sixteenths
_PIECE = 1 << 18  # bytes that are looked at together
_FLOOR = -3
"""What the first features of a break before a small letter must add up to; below it, the place is none."""


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
        found = Breaks(*(np.concatenate([getattr(part, name) for part in (_NONE, *parts)]) for name in _COLUMNS))
        return _with_joints(found, find_joints(data))

    def _score(self, data: Bytes, base: int, starts: Ints) -> Breaks:
        gaps = find_gaps(pad(data), starts - base + PADDING)
        if gaps is None:
            return _NONE
        index = np.flatnonzero(~gaps.small | self._may_end(gaps))
        total = self._weights[gaps.features(index)].sum(axis=1, dtype=np.int64) + self._bias
        shift = base - PADDING
        score = (total / SCALE).astype(np.float32)
        return Breaks(
            gaps.stop[index] + shift, gaps.after[index] + shift, score, gaps.sentence[index], gaps.small[index]
        )

    def _may_end(self, gaps: Gaps) -> Mask:
        """Return before which small letters a line may have ended, by a few features. Prose has many."""
        small = np.flatnonzero(gaps.small)
        may = np.zeros(len(gaps.small), np.bool_)
        may[small] = self._weights[gaps.features(small, FIRST)].sum(axis=1, dtype=np.int64) > _FLOOR
        return may


def _with_joints(breaks: Breaks, joints: Joints) -> Breaks:
    """Add the places inside of words to those between words."""
    if not len(joints.at):
        return breaks
    no = np.zeros(len(joints.at), np.bool_)
    more = Breaks(joints.at, joints.at, joints.score, no, no)
    order = np.argsort(np.concatenate([breaks.stop, more.stop]), kind="stable")
    return Breaks(*(np.concatenate([getattr(part, name) for part in (breaks, more)])[order] for name in _COLUMNS))


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

"""Places inside what looks like one word, where two words may be glued: "2024The harbour", "SEARCHSkip to content"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes, Ints, Mask

YEAR = 4.0  # score of the place behind a year
OTHER = -1.0  # score of other places, which need a phrase beside them


@dataclass(frozen=True)
class Joints:
    """Offsets of the places, and their scores."""

    at: Ints
    score: npt.NDArray[np.float32]


def find_joints(data: Bytes) -> Joints:
    r"""Find the places before a capital and a small letter that follow two capitals or a digit, in a buffer of texts.

    A line feed ends each text, so what is before the first text of the buffer is a line feed, too: its last byte.

    >>> found = find_joints(np.frombuffer(b"MENUHome 2024The 5pm F16Jet MPs\n", np.uint8))
    >>> found.at.tolist(), found.score.tolist()
    ([4, 13, 24], [-1.0, 4.0, -1.0])
    """
    capital = np.flatnonzero((data[1:-1] - np.uint8(65) < 26) & (data[2:] - np.uint8(97) < 26)) + 1
    before = data[capital - 1]
    after_digit = before - np.uint8(48) < 10
    after_capitals = (before - np.uint8(65) < 26) & (data[capital - 2] - np.uint8(65) < 26)
    at = capital[after_digit | after_capitals]
    return Joints(at, np.where(_follows_year(data, at), np.float32(YEAR), np.float32(OTHER)))


def _follows_year(data: Bytes, at: Ints) -> Mask:
    """Return before which places there are four digits that are a year from 1900 to 2099, and no letter before them."""
    outside, first, second, third, fourth = (data[at - k] for k in (5, 4, 3, 2, 1))
    letter = ((outside | 32) - np.uint8(97) < 26) | (outside - np.uint8(48) < 10) | (outside >= 0x80)
    century = ((first == 49) & (second == 57)) | ((first == 50) & (second == 48))
    year: Mask = century & (third - np.uint8(48) < 10) & (fourth - np.uint8(48) < 10) & ~letter
    return year

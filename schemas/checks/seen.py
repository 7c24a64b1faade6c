"""The earlier records of a run, as checks for duplicates ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..byte_arrays import Ints, Mask
    from ..twins import RecordNames, Twin


class Repeats(NamedTuple):
    """Which records of a batch repeat an earlier one, and the earlier record, by row, as far as it is known."""

    mask: Mask
    twins: Mapping[int, Twin]


class DuplicateIndex:
    """The keys of the earlier records of a run. This base class keeps none: it finds no duplicates."""

    def enter(self, names: RecordNames) -> None:
        """Take the names of the next records. The questions that follow are about these records."""

    def known(self, kind: str, keys: Keys) -> Repeats:
        """Return which keys occurred before, in earlier batches or earlier in this one, and keep them all."""
        return Repeats(np.zeros(len(keys.hashes), np.bool_), {})

    def near(self, kind: str, sketches: list[Any]) -> Repeats:
        """Return which texts are near duplicates of earlier ones, by their sketches (None: no sketch).

        `kind` names the similarity: see `near_kind`.
        """
        return Repeats(np.zeros(len(sketches), np.bool_), {})


class Keys(NamedTuple):
    """A key for each article, and which articles have one."""

    hashes: Ints
    present: Mask

"""The earlier records of a run, as checks for duplicates ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..byte_arrays import Ints, Mask


class DuplicateIndex:
    """The keys of the earlier records of a run. This base class keeps none: it finds no duplicates."""

    def known(self, kind: str, keys: Keys) -> Mask:
        """Return which keys occurred before, in earlier batches or earlier in this one, and keep them all."""
        return np.zeros(len(keys.hashes), np.bool_)

    def near(self, sketches: list[Any]) -> Mask:
        """Return which texts are near duplicates of earlier ones, by their sketches (None: no sketch)."""
        return np.zeros(len(sketches), np.bool_)


class Keys(NamedTuple):
    """A key for each article, and which articles have one."""

    hashes: Ints
    present: Mask

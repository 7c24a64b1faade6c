"""What came before in a run: the interface that duplicate checks ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..byte_arrays import Ints, Mask


class DuplicateIndex:
    """What came before in a run. This one remembers nothing: each batch stands for itself."""

    def known(self, kind: str, keys: Keys) -> Mask:
        """Say which keys came before, in an earlier batch or earlier in this one; remember them all."""
        return np.zeros(len(keys.hashes), np.bool_)

    def near(self, sketches: list[Any]) -> Mask:
        """Say which texts are nearly those of earlier ones, from their sketches (None for a text without one)."""
        return np.zeros(len(sketches), np.bool_)


class Keys(NamedTuple):
    """A key for each article, and whether it has one at all."""

    hashes: Ints
    present: Mask

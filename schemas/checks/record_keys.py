"""Keys by which records of a run are found to be the same: 64-bit hashes, alike in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from xxhash import xxh3_64_intdigest

from ..byte_arrays import encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..reasons import Mask
    from .frame import Frame


class Keys(NamedTuple):
    """A key for each article, and whether it has one at all."""

    hashes: npt.NDArray[np.int64]
    present: Mask


def hash_texts(texts: pa.Array) -> Keys:
    """Give the XXH3 of each text, 64 bits; a missing or empty text has no key."""
    data, offsets = encoded(texts.cast(pa.large_string()))
    whole = data.data
    present = np.diff(offsets) > 0
    starts, ends = offsets[:-1][present].tolist(), offsets[1:][present].tolist()
    hashes = np.zeros(len(present), np.uint64)
    hashes[present] = [xxh3_64_intdigest(whole[start:end]) for start, end in zip(starts, ends, strict=True)]
    return Keys(hashes.view(np.int64), present)


def _texts(name: str) -> Callable[[Frame], Keys]:
    return lambda frame: hash_texts(frame.column(name))


KEYS: dict[str, Callable[[Frame], Keys]] = {name: _texts(name) for name in ("id", "url", "body")}
"""What gives the keys of a frame, by their kind."""

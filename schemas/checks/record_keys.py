"""Keys that find duplicate records: 64-bit hashes, the same in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from xxhash import xxh3_64_intdigest

from ..byte_arrays import encoded
from .seen import Keys

if TYPE_CHECKING:
    from collections.abc import Callable


def hash_texts(texts: pa.Array) -> Keys:
    """Return the 64-bit XXH3 of each text; a missing or empty text has no key."""
    data, offsets = encoded(texts.cast(pa.large_string()))
    whole = data.data
    present = np.diff(offsets) > 0
    starts, ends = offsets[:-1][present].tolist(), offsets[1:][present].tolist()
    hashes = np.zeros(len(present), np.uint64)
    hashes[present] = [xxh3_64_intdigest(whole[start:end]) for start, end in zip(starts, ends, strict=True)]
    return Keys(hashes.view(np.int64), present)


class _Columns(Protocol):
    """Anything with columns of articles, such as a frame."""

    def column(self, name: str) -> pa.Array:
        """Return a column of the articles in one piece."""


def _texts(name: str) -> Callable[[_Columns], Keys]:
    return lambda frame: hash_texts(frame.column(name))


KEYS: dict[str, Callable[[_Columns], Keys]] = {name: _texts(name) for name in ("id", "url", "body")}
"""The function that returns the keys of a frame, by kind of key."""

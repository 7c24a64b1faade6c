"""Keys by which records of a run are found to be the same: 64-bit hashes, alike in every process."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..reasons import Mask
    from .frame import Frame


class Keys(NamedTuple):
    """A key for each article, and whether it has one at all."""

    hashes: npt.NDArray[np.int64]
    present: Mask


def hash_texts(texts: pa.Array) -> Keys:
    """Give the first eight bytes of each text's BLAKE2b; a missing or empty text has no key."""
    texts = texts.cast(pa.large_string())
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = memoryview(texts.buffers()[2] or b"")
    blake2b = hashlib.blake2b
    parts = b"".join(blake2b(data[a:b], digest_size=8).digest() for a, b in itertools.pairwise(offsets.tolist()))
    return Keys(np.frombuffer(parts, np.int64), np.diff(offsets) > 0)


def _texts(name: str) -> Callable[[Frame], Keys]:
    return lambda frame: hash_texts(frame.column(name))


KEYS: dict[str, Callable[[Frame], Keys]] = {name: _texts(name) for name in ("id", "url", "body")}
"""What gives the keys of a frame, by their kind."""

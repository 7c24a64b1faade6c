"""Flatten lines as patterns see them: `alphabet.flatten` over a batch, in one buffer, without an object a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ....rules.patterns.alphabet import PLAIN, fold
from ....rules.patterns.prefilter import KEY_BYTES
from .split import TABLE_SIZE, Lines, loops, view

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Bytes, Ints

_FEED = ord("\n")


@dataclass(frozen=True)
class FlatLines:
    """Flattened lines: line i is `data[starts[i]:ends[i] - 1]`, and a line feed follows each.

    There are `KEY_BYTES` line feeds before the first line and behind the last one, so that a key can be read at either
    end of each line.
    """

    data: Bytes
    ends: Ints

    @property
    def starts(self) -> Ints:
        """The offset at which each line begins."""
        return np.concatenate([np.full(min(1, len(self.ends)), KEY_BYTES, np.int64), self.ends[:-1]])


def flatten_lines(lines: Lines, index: Ints) -> FlatLines:
    """Flatten the cores of some lines."""
    start, end = lines.core_start[index], lines.core_end[index]
    flat = np.empty(int((end - start).sum()) + len(start) + 2 * KEY_BYTES, np.uint8)
    flat[:KEY_BYTES] = _FEED
    ends = np.empty(len(start), np.int64)
    spans = (view(lines.data), view(start), view(end))
    loops().flatten_spans(*spans, view(_flat_characters()), view(flat), KEY_BYTES, view(ends))
    last = int(ends[-1]) if len(ends) else KEY_BYTES
    flat[last : last + KEY_BYTES] = _FEED
    return FlatLines(flat[: last + KEY_BYTES], ends)


@lru_cache(maxsize=1)
def _flat_characters() -> npt.NDArray[np.uint32]:
    """Return the flattened form of each code point, as `_encode` packs it. The last entry stays as it is."""
    codes = np.arange(TABLE_SIZE, dtype=np.uint32)
    # surrogates are no characters: a space takes their place
    codes[0xD800:0xE000] = ord(" ")
    plain = np.frombuffer(fold(codes.tobytes().decode("utf-32-le")).encode("utf-32-le"), np.uint32).copy()
    for character, written in PLAIN.items():
        plain[ord(character)] = ord(written[0])
    packed = _encode(plain)
    packed[ord("…")] = int.from_bytes(b"...\xff", "little")
    return packed


def _encode(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    r"""Encode code points in UTF-8, each packed with the first byte lowest and filled up with FF.

    >>> [int(packed).to_bytes(4, "little") for packed in _encode(np.array([0x41, 0x20AC], np.uint32))]
    [b'A\xff\xff\xff', b'\xe2\x82\xac\xff']
    """
    six = [(codes >> np.uint32(6 * k) & 0x3F | 0x80).astype(np.uint32) for k in range(3)]  # bytes of six bits
    one = codes | 0xFFFFFF00
    two = _pack(codes >> np.uint32(6) | 0xC0, six[0]) | np.uint32(0xFFFF0000)
    three = _pack(codes >> np.uint32(12) | 0xE0, six[1], six[0]) | np.uint32(0xFF000000)
    four = _pack(codes >> np.uint32(18) | 0xF0, six[2], six[1], six[0])
    packed: npt.NDArray[np.uint32] = np.select([codes < 0x80, codes < 0x800, codes < 0x10000], [one, two, three], four)
    return packed


def _pack(first: npt.NDArray[np.uint32], *others: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    packed: npt.NDArray[np.uint32] = first.copy()
    for number, byte in enumerate(others, 1):
        packed |= byte << np.uint32(8 * number)
    return packed

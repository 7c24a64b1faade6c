"""Lines as patterns see them, in one buffer: `rules.characters.flatten` over a batch, without an object a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ....rules.patterns.alphabet import PLAIN, fold
from ....rules.patterns.prefilter import KEY_BYTES
from .split import TABLE_SIZE, Lines, decode, gather

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Bytes, Ints, Mask

_NOTHING = 0xFF  # no byte of UTF-8: stands where a shorter character left room
_PAD = np.full(KEY_BYTES, 10, np.uint8)


@dataclass(frozen=True)
class FlatLines:
    """Flattened lines: line i is `data[starts[i]:ends[i] - 1]`, and a line feed stands behind each.

    Before the first one and behind the last one stand as many line feeds as keys have bytes.
    """

    data: Bytes
    ends: Ints

    @property
    def starts(self) -> Ints:
        """Where each line begins."""
        return np.concatenate([np.full(min(1, len(self.ends)), KEY_BYTES, np.int64), self.ends[:-1]])


@dataclass(frozen=True)
class _Table:
    """What each character is flattened to: `packed` its bytes, the first one lowest, filled up with `_NOTHING`."""

    ascii: Bytes
    leads: Mask
    pairs: Mask
    changed: Mask
    packed: npt.NDArray[np.uint32]


def flatten_lines(lines: Lines, index: Ints) -> FlatLines:
    """Flatten the cores of some lines."""
    data, ends = gather(lines.data, lines.core_start[index], lines.core_end[index])
    table = _table()
    flat = table.ascii[data]
    superfluous = np.zeros(len(flat), np.bool_)
    space = flat == 32
    np.logical_and(space[1:], space[:-1], out=superfluous[1:])
    _flatten_wide(data, flat, superfluous, table)
    if superfluous.any():
        flat, ends = flat[~superfluous], ends - np.searchsorted(np.flatnonzero(superfluous), ends)
    return FlatLines(np.concatenate([_PAD, flat, _PAD]), ends + KEY_BYTES)


def _flatten_wide(data: Bytes, flat: Bytes, superfluous: Mask, table: _Table) -> None:
    """Write what the characters of more than one byte are flattened to, in their room; mark the room they leave."""
    at = np.flatnonzero(table.leads[data])
    at = at[table.pairs[data[at].astype(np.int64) << 8 | data[at + 1]]]
    code, width = decode(data, at)
    wanted = table.changed[code]
    at, code, width = at[wanted], code[wanted], width[wanted]
    for k in range(4):
        here, packed = at[width > k] + k, table.packed[code[width > k]]
        flat[here] = packed >> np.uint32(8 * k) & np.uint32(0xFF)
        superfluous[here] = flat[here] == _NOTHING
    # where one of them became a space, spaces stand beside each other that did not before
    spaces, behind = at[flat[at] == 32], (at + width)[flat[at] == 32]
    superfluous[behind[flat[behind] == 32]] = True
    # what stands before one is a space, or the room that another one left
    superfluous[spaces[flat[np.maximum(spaces - 1, 0)] == 32]] = True


@lru_cache(maxsize=1)
def _table() -> _Table:
    codes = np.arange(TABLE_SIZE, dtype=np.uint32)
    plain = codes.copy()
    # surrogates are no characters: a space keeps their place
    plain[0xD800:0xE000] = ord(" ")
    plain = np.frombuffer(fold(plain.tobytes().decode("utf-32-le")).encode("utf-32-le"), np.uint32).copy()
    plain[0xD800:0xE000] = codes[0xD800:0xE000]
    # the last entry stands for all characters beyond the table
    plain[-1] = codes[-1]
    for character, written in PLAIN.items():
        plain[ord(character)] = ord(written[0])
    changed = plain != codes
    packed = _encode(plain)
    packed[ord("…")] = int.from_bytes(b"...\xff", "little")
    leads, pairs = np.zeros(256, np.bool_), np.zeros(1 << 16, np.bool_)
    wide = np.flatnonzero(changed & (codes >= 0x80))
    first = _encode(wide.astype(np.uint32))
    lead, second = first & 0xFF, first >> np.uint32(8) & 0xFF
    leads[lead] = True
    pairs[lead << np.uint32(8) | second] = True
    ascii_ = np.arange(256, dtype=np.uint8)
    ascii_[:128] = plain[:128]
    return _Table(ascii_, leads, pairs, changed, packed)


def _encode(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Give each code point in UTF-8, packed with the first byte lowest and filled up with `_NOTHING`."""
    tail = [(codes >> np.uint32(6 * k) & 0x3F | 0x80).astype(np.uint32) for k in range(3)]
    one = codes | 0xFFFFFF00
    two = (codes >> np.uint32(6) | 0xC0) | tail[0] << np.uint32(8) | 0xFFFF0000
    three = (codes >> np.uint32(12) | 0xE0) | tail[1] << np.uint32(8) | tail[0] << np.uint32(16) | 0xFF000000
    four = (
        (codes >> np.uint32(18) | 0xF0) | tail[2] << np.uint32(8) | tail[1] << np.uint32(16) | tail[0] << np.uint32(24)
    )
    packed: npt.NDArray[np.uint32] = np.select([codes < 0x80, codes < 0x800, codes < 0x10000], [one, two, three], four)
    return packed

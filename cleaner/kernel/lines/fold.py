"""Flatten lines as patterns see them: `alphabet.flatten` over a batch, in one buffer, without an object a line."""

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

_NOTHING = 0xFF  # no byte of UTF-8: it fills up the room that a shorter character leaves
_PAD = np.full(KEY_BYTES, 10, np.uint8)


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


@dataclass(frozen=True)
class _Table:
    """The flattened form of each character.

    `ascii` has it for bytes below 128. For the others, `leads` and `pairs` say whether a character that begins with
    this byte, or with these two, may change; `changed` whether a code point does, and `packed` its new bytes: the first
    one lowest, filled up with `_NOTHING`.
    """

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
        # each line ends earlier by the number of superfluous bytes before its end
        flat, ends = flat[~superfluous], ends - np.searchsorted(np.flatnonzero(superfluous), ends)
    return FlatLines(np.concatenate([_PAD, flat, _PAD]), ends + KEY_BYTES)


def _flatten_wide(data: Bytes, flat: Bytes, superfluous: Mask, table: _Table) -> None:
    """Write the flattened form of characters of several bytes in their place, and mark the bytes that are left over.

    An em space (E2 80 83) becomes 20 FF FF, of which the last two bytes are superfluous.
    """
    at = np.flatnonzero(table.leads[data])
    at = at[table.pairs[data[at].astype(np.int64) << 8 | data[at + 1]]]
    code, width = decode(data, at)
    changed = table.changed[code]
    at, code, width = at[changed], code[changed], width[changed]
    for k in range(4):
        place, packed = at[width > k] + k, table.packed[code[width > k]]
        flat[place] = packed >> np.uint32(8 * k) & np.uint32(0xFF)
        superfluous[place] = flat[place] == _NOTHING
    # a character that became a space may have a space next to it
    spaces, behind = at[flat[at] == 32], (at + width)[flat[at] == 32]
    superfluous[behind[flat[behind] == 32]] = True
    # before it may be a space, or the room that another such character left
    superfluous[spaces[flat[np.maximum(spaces - 1, 0)] == 32]] = True


@lru_cache(maxsize=1)
def _table() -> _Table:
    codes = np.arange(TABLE_SIZE, dtype=np.uint32)
    plain = codes.copy()
    # surrogates are no characters: a space takes their place while the others are folded
    plain[0xD800:0xE000] = ord(" ")
    plain = np.frombuffer(fold(plain.tobytes().decode("utf-32-le")).encode("utf-32-le"), np.uint32).copy()
    plain[0xD800:0xE000] = codes[0xD800:0xE000]
    # the last entry is for all characters beyond the table
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
    r"""Encode code points in UTF-8, each packed with the first byte lowest and filled up with `_NOTHING`.

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

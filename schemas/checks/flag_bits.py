"""Pack the flags of checks into bits, for the checkpoints of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..byte_arrays import Mask
    from .suites import SuiteCheck


def pack_flags(flags: dict[str, Mask]) -> bytes:
    """Return the flags of a batch as bits, with a whole number of bytes per record."""
    return np.packbits(np.stack(list(flags.values()), 1), axis=1).tobytes() if flags else b""


def flag_bytes(entries: Sequence[SuiteCheck]) -> int:
    """Return the number of bytes of the packed flags of a record."""
    return max(-(-len(entries) // 8), 1)


def unpack_flags(data: bytes, entries: Sequence[SuiteCheck]) -> dict[str, Mask]:
    """Return the flags by check, from their bits."""
    rows = np.frombuffer(data, np.uint8).reshape(-1, flag_bytes(entries))
    columns = np.unpackbits(rows, axis=1, count=len(entries)).astype(np.bool_)
    return {entry.id: columns[:, number] for number, entry in enumerate(entries)}

"""Count signs of markup in all texts of a batch together, without a Python object for a text or a sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....rules.ruleset.declare import Sign
    from ....schemas.byte_arrays import Ints, Mask
    from ..lines.split import Joined

_COMMON = frozenset(b"\n -:.,()\"'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def count_signs(joined: Joined, signs: Sequence[Sign]) -> Ints:
    r"""Return how often each sign occurs in each text, a row for each text and a column for each sign.

    A text begins behind a line end, and overlapping signs count each.

    >>> from ..lines.split import join
    >>> import pyarrow as pa
    >>> texts = pa.array(["# Rain", "a * b ***", "Rain #1"], pa.large_string())
    >>> count_signs(join(texts), [(b"\n", b"#"), (b"*", b"*")]).tolist()
    [[1, 0], [0, 2], [0, 0]]
    """
    data = joined.data
    counts = np.zeros((joined.rows, len(signs)), np.int64)
    anchors = [_anchor(sign) for sign in signs]
    wanted = np.zeros(256, np.uint8)
    wanted[list({byte for sign, anchor in zip(signs, anchors, strict=True) for byte in sign[anchor]})] = 1
    # of a large buffer, this is the fastest way to look up each byte
    at = np.flatnonzero(np.frombuffer(data.tobytes().translate(wanted.tobytes()), np.bool_))
    byte = data[at]
    for column, (sign, anchor) in enumerate(zip(signs, anchors, strict=True)):
        found = at[_allow(sign[anchor])[byte]]
        for place, allowed in enumerate(sign):
            if place != anchor and len(found):
                # what is before the first text is the line feed behind the last one
                found = found[_allow(allowed)[data.take(found + (place - anchor), mode="wrap")]]
        rows = np.searchsorted(joined.text_start, found + (len(sign) - 1 - anchor), side="right") - 1
        counts[:, column] = np.bincount(rows, minlength=joined.rows)[: joined.rows]
    return counts


def begin_with(joined: Joined, beginning: bytes) -> Mask:
    """Return which texts begin with some bytes."""
    begins = joined.text_stop - joined.text_start >= len(beginning)
    for place, byte in enumerate(beginning):
        begins[begins] = joined.data[joined.text_start[begins] + place] == byte
    return begins


def _anchor(sign: Sign) -> int:
    """Return the first place of a sign at which no common byte stands."""
    rare = (place for place, allowed in enumerate(sign) if not _COMMON.intersection(allowed))
    return next(rare, 0)


def _allow(allowed: bytes) -> Mask:
    mask: Mask = np.zeros(256, np.bool_)
    mask[list(allowed)] = True
    return mask

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Count the bytes of texts by their value."""

from __future__ import annotations

import cython

COMPILED: bool = cython.compiled


@cython.ccall
def count_values(
    data: cython.const[cython.uchar][::1],
    offsets: cython.const[cython.longlong][::1],
    counts: cython.int[:, ::1],
) -> cython.void:
    """Add to `counts[r, v]` the number of bytes `v` in the text `data[offsets[r]:offsets[r + 1]]`."""
    row: cython.Py_ssize_t
    at: cython.longlong
    with cython.nogil:
        for row in range(counts.shape[0]):
            for at in range(offsets[row], offsets[row + 1]):
                counts[row, data[at]] += 1

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Walk through texts with an automaton whose steps are a table."""

from __future__ import annotations

import cython

COMPILED: bool = cython.compiled


@cython.ccall
def walk_states(
    texts: cython.const[cython.uchar][:, ::1],
    rows: cython.const[cython.int][::1],
    moves: cython.const[cython.int][::1],
    states: cython.int[:, ::1],
) -> cython.void:
    """Write the state behind each byte of each text, which begins in state 0.

    Behind state `s`, byte `b` leads to `moves[256 * rows[s] + b]`.
    """
    text: cython.Py_ssize_t
    at: cython.Py_ssize_t
    with cython.nogil:
        for text in range(texts.shape[0]):
            state: cython.int = 0
            for at in range(texts.shape[1]):
                state = moves[256 * cython.cast(cython.Py_ssize_t, rows[state]) + texts[text, at]]
                states[text, at] = state

# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Walk through texts with an automaton whose steps are a table, and add up the weights of what it finds."""

from __future__ import annotations

import cython

COMPILED: bool = cython.compiled


@cython.ccall
def count_features(
    texts: cython.const[cython.uchar][:, ::1],
    rows: cython.const[cython.int][::1],
    moves: cython.const[cython.int][::1],
    feature_of: cython.const[cython.int][::1],
    seen: cython.int[::1],
    features: cython.int[:, ::1],
    counts: cython.int[:, ::1],
    number: cython.longlong[::1],
) -> cython.void:
    """Write the features of each text in the order in which they are found, how often each is, and their number.

    A text begins in state 0. Behind state `s`, byte `b` leads to `moves[256 * rows[s] + b]`. A state finds a feature,
    or a negative number for none. `seen` has a zero for each feature, and so it has in the end. `counts` has the states
    of all texts in between: the walks take turns, so that none waits for the memory of the other.
    """
    text: cython.Py_ssize_t
    at: cython.Py_ssize_t
    state: cython.int
    with cython.nogil:
        for at in range(texts.shape[1]):
            for text in range(texts.shape[0]):
                state = counts[text, at - 1] if at else 0
                counts[text, at] = moves[256 * cython.cast(cython.Py_ssize_t, rows[state]) + texts[text, at]]
        for text in range(texts.shape[0]):
            size: cython.Py_ssize_t = 0
            for at in range(texts.shape[1]):
                feature: cython.int = feature_of[counts[text, at]]
                if feature < 0:
                    continue
                if seen[feature] == 0:
                    features[text, size] = feature
                    size += 1
                seen[feature] += 1
            for at in range(size):
                counts[text, at] = seen[features[text, at]]
                seen[features[text, at]] = 0
            number[text] = size


@cython.ccall
def add_weights(
    features: cython.const[cython.int][:, ::1],
    counts: cython.const[cython.int][:, ::1],
    number: cython.const[cython.longlong][::1],
    factors: cython.const[cython.double][::1],
    weights: cython.const[cython.short][:, ::1],
    once: cython.int[::1],
    scores: cython.double[:, ::1],
) -> cython.void:
    """Add up the weights of the features of each text, times `factors[c]` for a feature that occurs `c` times.

    `once` has room for a number for each column of the scores.
    """
    columns: cython.Py_ssize_t = weights.shape[1]
    text: cython.Py_ssize_t
    at: cython.Py_ssize_t
    column: cython.Py_ssize_t
    with cython.nogil:
        for text in range(scores.shape[0]):
            for column in range(columns):
                once[column] = 0
            for at in range(number[text]):
                feature: cython.int = features[text, at]
                factor: cython.double = factors[counts[text, at]]
                if counts[text, at] == 1:  # most features
                    for column in range(columns):
                        once[column] += weights[feature, column]
                else:
                    for column in range(columns):
                        scores[text, column] += factor * weights[feature, column]
            for column in range(columns):
                scores[text, column] += factors[1] * once[column]

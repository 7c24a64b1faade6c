"""Index arithmetic: what the kernel does again and again with sorted numbers, ranges and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from ...schemas.byte_arrays import Ints, Mask


def offsets_of(counts: Ints) -> Ints:
    """Return where groups of these sizes begin when they lie one behind the other, and at the end where the last ends.

    >>> offsets_of(np.array([3, 0, 2])).tolist()
    [0, 3, 3, 5]
    """
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def ranges(starts: Ints, counts: Ints) -> Ints:
    """Return the numbers of some ranges, one range behind the other.

    >>> ranges(np.array([10, 40]), np.array([3, 2])).tolist()
    [10, 11, 12, 40, 41]
    """
    offsets = offsets_of(counts)
    # the result counts on by itself: each range adds how far it is from where its numbers are in the result
    return np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])


def starts_run(values: npt.NDArray[Any]) -> Mask:
    """Return a mask of the values that differ from the one before, the first value included.

    >>> starts_run(np.array([7, 7, 8, 7])).tolist()
    [True, False, True, True]
    """
    starts = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    return starts


def unique_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of two columns once each, sorted. The second column holds numbers below 2^24.

    >>> [column.tolist() for column in unique_pairs(np.array([5, 1, 5, 5]), np.array([2, 9, 1, 2]))]
    [[1, 5, 5], [9, 1, 2]]
    """
    # sort and compare: several times as fast as np.unique, which hashes
    pairs = np.sort(first << 24 | second)
    pairs = pairs[starts_run(pairs)]
    return pairs >> 24, pairs & 0xFFFFFF


def unite(*columns: Ints) -> Ints:
    """Return the numbers of some columns once each, sorted. This is fast where each column is sorted.

    >>> unite(np.array([1, 4, 9]), np.array([4, 4, 5])).tolist()
    [1, 4, 5, 9]
    """
    # np.unique and np.union1d hash, which takes many times as long
    numbers = np.sort(np.concatenate(columns), kind="stable")
    return numbers[starts_run(numbers)]


def first_occurrences(codes: Ints) -> Ints:
    """Return where each code occurs for the first time, for codes that are numbered by first occurrence.

    >>> first_occurrences(np.array([0, 1, 0, 2, 1])).tolist()
    [0, 1, 3]
    """
    greatest_before = np.maximum.accumulate(np.concatenate([np.full(min(1, len(codes)), -1), codes[:-1]]))
    return np.flatnonzero(codes > greatest_before)

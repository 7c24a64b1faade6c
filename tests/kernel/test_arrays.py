"""Index arithmetic, against loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.arrays import first_occurrences, offsets_of, ranges, starts_run, unique_pairs

numbers = st.lists(st.integers(0, 6), max_size=12)


def ints(values):
    return np.array(values, np.int64)


@pytest.mark.parametrize(("counts", "offsets"), [([], [0]), ([2], [0, 2]), ([0, 3, 0, 1], [0, 0, 3, 3, 4])])
def test_offsets(counts, offsets):
    assert offsets_of(ints(counts)).tolist() == offsets


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4)), max_size=8))
def test_ranges(pairs):
    expected = [number for start, count in pairs for number in range(start, start + count)]
    assert ranges(ints([start for start, _ in pairs]), ints([count for _, count in pairs])).tolist() == expected


@given(numbers)
def test_starts_of_runs(values):
    assert starts_run(ints(values)).tolist() == [i == 0 or values[i - 1] != value for i, value in enumerate(values)]


@given(numbers, numbers)
def test_unique_pairs(first, second):
    pairs = [*zip(first, second)]  # noqa: B905 # the longer one is cut
    columns = unique_pairs(ints([a for a, _ in pairs]), ints([b for _, b in pairs]))
    assert [*zip(*(column.tolist() for column in columns), strict=True)] == sorted(set(pairs))


@given(numbers)
def test_first_occurrences(values):
    codes = [[*dict.fromkeys(values)].index(value) for value in values]
    assert first_occurrences(ints(codes)).tolist() == [i for i, code in enumerate(codes) if code not in codes[:i]]

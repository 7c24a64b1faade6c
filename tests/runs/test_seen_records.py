"""Keys and sketches of earlier records, against the plain way to look for duplicates."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.runs.seen_records import (
    DeferredDuplicateIndex,
    KeyIndex,
    LookupDuplicateIndex,
    RecordingDuplicateIndex,
    RunDuplicateIndex,
    replay_questions,
)
from copydesk.schemas.checks.seen import Keys
from copydesk.schemas.checks.text.minhash import NEAR, dump_sketch, sketch


def make_keys(values: list[int | None]) -> Keys:
    hashes = np.array([value or 0 for value in values], np.int64)
    return Keys(hashes, np.array([value is not None for value in values], np.bool_))


BATCHES = st.lists(st.lists(st.none() | st.integers(-3, 12), max_size=8), max_size=12)


@given(BATCHES)
def test_keys_that_occurred_before_are_found(batches):
    index = KeyIndex()
    earlier: set[int] = set()
    for batch in batches:
        expected = []
        for value in batch:
            expected.append(value is not None and value in earlier)
            if value is not None:
                earlier.add(value)
        assert index.add(make_keys(batch)).tolist() == expected


def test_few_arrays_are_searched():
    index = KeyIndex()
    for number in range(1000):
        index.add(make_keys([number]))
    assert len(index._sorted) < 12
    assert sum(map(len, index._sorted)) == 1000


def test_kinds_of_keys_are_apart():
    index = RunDuplicateIndex()
    assert index.known("id", make_keys([1])).tolist() == [False]
    assert index.known("url", make_keys([1])).tolist() == [False]
    assert index.known("id", make_keys([1])).tolist() == [True]


@pytest.fixture
def sketches(article):
    """Three texts: the second is nearly the first, the last is another; then a text without a sketch."""
    texts = [article, f"{article} And it rained.", " ".join(reversed(article.split()))]
    return [*sketch(pa.array(texts, pa.large_string())), None]


def test_near_texts_are_found(sketches):
    index = RunDuplicateIndex()
    assert index.near(sketches).tolist() == [False, True, False, False]
    assert index.near(sketches).tolist() == [True, True, True, False]


def test_recorded_questions_lead_to_the_same_answers(sketches):
    recording = RecordingDuplicateIndex(RunDuplicateIndex())
    recording.known("id", make_keys([1, None, 2]))
    recording.near(sketches[:1])
    replayed = RunDuplicateIndex()
    replay_questions(b"".join(recording.recorded), replayed)
    assert replayed.known("id", make_keys([2, None, 3])).tolist() == [True, False, False]
    assert replayed.near(sketches).tolist() == [True, True, False, False]


def test_deferred_questions_keep_their_keys(sketches):
    index = DeferredDuplicateIndex()
    assert index.known("id", make_keys([1, None])).tolist() == [True, False]
    assert index.near(sketches).tolist() == [True, True, True, False]
    assert index.keys == {"id": [1, None], NEAR: [*map(dump_sketch, sketches[:3]), None]}


def test_each_key_is_looked_up(sketches):
    asked = []
    index = LookupDuplicateIndex(lambda kind, key: asked.append((kind, key)) or key == 2)
    assert index.known("id", make_keys([1, 2, None])).tolist() == [False, True, False]
    assert asked == [("id", 1), ("id", 2), ("id", None)]

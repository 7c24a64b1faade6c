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
from copydesk.schemas.checks.text.minhash import dump_sketch, near_kind, sketch
from copydesk.schemas.twins import RecordNames, Twin

NEAR = near_kind(0.8)


def make_keys(values: list[int | None]) -> Keys:
    hashes = np.array([value or 0 for value in values], np.int64)
    return Keys(hashes, np.array([value is not None for value in values], np.bool_))


def make_names(count: int, file: str = "a.jsonl") -> RecordNames:
    ids = pa.array([f"{file} {row}" for row in range(count)], pa.large_string())
    return RecordNames(ids, pa.array([file] * count, pa.large_string()), pa.array(range(1, count + 1), pa.int64()))


BATCHES = st.lists(st.lists(st.none() | st.integers(-3, 12), max_size=8), max_size=12)


@given(BATCHES)
def test_keys_that_occurred_before_are_found(batches):
    index = KeyIndex()
    earlier: dict[int, int] = {}
    begin = 0
    for batch in batches:
        expected = []
        for number, value in enumerate(batch, begin):
            expected.append(earlier.get(value, -1))
            if value is not None:
                earlier.setdefault(value, number)
        assert index.add(make_keys(batch), begin).tolist() == expected
        begin += len(batch)


def test_few_arrays_are_searched():
    index = KeyIndex()
    for number in range(1000):
        index.add(make_keys([number]), number)
    assert len(index._sorted) < 12
    assert sum(len(hashes) for hashes, _ in index._sorted) == 1000


def test_kinds_of_keys_are_apart():
    index = RunDuplicateIndex()
    index.enter(make_names(1))
    assert index.known("id", make_keys([1])).mask.tolist() == [False]
    assert index.known("url", make_keys([1])).mask.tolist() == [False]
    index.enter(make_names(1))
    assert index.known("id", make_keys([1])).mask.tolist() == [True]


def test_the_first_record_with_a_key_is_the_twin_of_all_others():
    index = RunDuplicateIndex()
    index.enter(make_names(2))
    assert index.known("body", make_keys([5, 6])).twins == {}
    index.enter(make_names(3, "b.jsonl"))
    assert index.known("body", make_keys([7, 6, 7])).twins == {
        1: Twin("a.jsonl 1", "a.jsonl", 2, 1.0),
        2: Twin("b.jsonl 0", "b.jsonl", 1, 1.0),
    }
    assert str(Twin("7", "a.jsonl", 2, 0.914)) == ": a.jsonl:2, id 7, similarity 91%"
    assert str(Twin("7", "a.txt", None, None)) == ": a.txt, id 7"
    assert str(Twin("7", None, None, None)) == ": id 7"


@pytest.fixture
def sketches(article):
    """Three texts: the second is nearly the first, the last is another; then a text without a sketch."""
    texts = [article, f"{article} And it rained.", " ".join(reversed(article.split()))]
    return [*sketch(pa.array(texts, pa.large_string())), None]


def test_near_texts_are_found(sketches):
    index = RunDuplicateIndex()
    index.enter(make_names(4))
    found = index.near(NEAR, sketches)
    assert found.mask.tolist() == [False, True, False, False]
    twin = found.twins[1]
    assert (twin.id, twin.line) == ("a.jsonl 0", 1)
    assert 0.8 <= twin.similarity < 1
    index.enter(make_names(4, "b.jsonl"))
    again = index.near(NEAR, sketches)
    assert again.mask.tolist() == [True, True, True, False]
    assert {row: (twin.id, twin.similarity) for row, twin in again.twins.items()} == {
        0: ("a.jsonl 0", 1.0),
        1: ("a.jsonl 0", found.twins[1].similarity),
        2: ("a.jsonl 2", 1.0),
    }


def test_the_most_similar_text_is_the_twin(article):
    words = article.split()
    texts = [" ".join(words), " ".join([*words[:-6], "and", "then", "rain"]), " ".join([*words[:-7], "and", "rain"])]
    index = RunDuplicateIndex()
    index.enter(make_names(3))
    assert index.near("near 0.99", sketch(pa.array(texts, pa.large_string()))).twins == {}
    found = index.near("near 0.3", sketch(pa.array(texts, pa.large_string())))
    assert {row: twin.id for row, twin in found.twins.items()} == {1: "a.jsonl 0", 2: "a.jsonl 0"}


def test_recorded_questions_lead_to_the_same_answers(sketches):
    recording = RecordingDuplicateIndex(RunDuplicateIndex())
    recording.enter(make_names(3))
    recording.known("id", make_keys([1, None, 2]))
    recording.near(NEAR, sketches[:1])
    replayed = RunDuplicateIndex()
    replay_questions(b"".join(recording.recorded), replayed)
    replayed.enter(make_names(4, "b.jsonl"))
    assert replayed.known("id", make_keys([2, None, 3])).twins == {0: Twin("a.jsonl 2", "a.jsonl", 3, None)}
    assert replayed.near(NEAR, sketches).mask.tolist() == [True, True, False, False]


def test_deferred_questions_keep_their_keys(sketches):
    index = DeferredDuplicateIndex()
    assert index.known("id", make_keys([1, None])).mask.tolist() == [True, False]
    assert index.near(NEAR, sketches).mask.tolist() == [True, True, True, False]
    assert index.keys == {"id": [1, None], NEAR: [*map(dump_sketch, sketches[:3]), None]}


def test_each_key_is_looked_up(sketches):
    asked = []

    def find(kind, key, record):
        asked.append((kind, key, record.file, record.line))
        return record if key == 2 else None

    index = LookupDuplicateIndex(find, {"a.jsonl": "dumps/a.jsonl"})
    index.enter(make_names(3))
    assert index.known("id", make_keys([1, 2, None])).mask.tolist() == [False, True, False]
    assert asked == [("id", key, "dumps/a.jsonl", line) for key, line in ((1, 1), (2, 2), (None, 3))]

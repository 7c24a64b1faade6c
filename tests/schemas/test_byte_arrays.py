"""Counts over many texts are those of each text alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.records.loader import word_counts
from copydesk.schemas.byte_arrays import count_bytes, encoded, is_among, lines_of, row_sums
from copydesk.schemas.checks.record_keys import hash_texts

texts = st.lists(st.text(st.sampled_from("aAz{|\n \x00\x1f.é…错🙂"), max_size=20) | st.just("é" * 40_000), max_size=6)
values = st.lists(st.integers(0, 255), min_size=1, max_size=8).map(bytes) | st.sampled_from(
    [range(0x21), range(0x61, 0x7B)]
)


def column(found: list[str], skip: int) -> tuple[list[bytes], pa.LargeStringArray]:
    """Return the bytes of the texts after the first `skip`, and a column of all texts that is sliced to them."""
    return [text.encode() for text in found[skip:]], pa.array(found, pa.large_string()).slice(skip)


def test_a_slice_has_the_offsets_of_the_whole_buffer():
    data, offsets = encoded(pa.array(["ab", "", "é"], pa.large_string()).slice(1))
    assert (data.tobytes(), offsets.tolist()) == ("abé".encode(), [2, 2, 4])
    data, offsets = encoded(pa.array([], pa.large_string()))
    assert (data.tobytes(), offsets.tolist()) == (b"", [0])


def test_runs_of_values_are_found_without_their_neighbours():
    data = np.arange(256, dtype=np.uint8)
    for values in (b"\x00", b"\xff\x00", range(3, 7), bytes([1, 2, 3, 9]), range(256)):
        assert np.flatnonzero(is_among(data, values)).tolist() == sorted(set(values))


def test_rows_are_summed_beyond_the_range_of_narrow_numbers():
    chosen = np.ones(70_000 + 3, np.bool_)
    offsets = np.array([0, 0, 70_000, 70_000, 70_003])
    assert row_sums(chosen, offsets).tolist() == [0, 70_000, 0, 3]
    assert row_sums(chosen, np.array([0])).tolist() == []


@given(texts, values, st.integers(0, 2))
def test_bytes_are_counted_text_by_text(found, wanted, skip):
    alone, together = column(found, skip)
    expected = [sum(byte in wanted for byte in text) for text in alone]
    assert count_bytes(together, wanted).tolist() == expected


@given(texts, st.integers(0, 2))
def test_lines_and_words_are_those_of_each_text(found, skip):
    alone, together = column(found, skip)
    row, sizes = lines_of(together)
    lines = [(number, len(line)) for number, text in enumerate(alone) for line in text.split(b"\n")]
    ends = np.append(row[1:] != row[:-1], True) if len(row) else np.empty(0, np.bool_)
    assert list(zip(row.tolist(), (sizes - ~ends).tolist(), strict=True)) == lines
    blank = bytes(range(33))
    assert word_counts(together).to_pylist() == [
        len(bytes(b if b not in blank else 32 for b in t).split()) for t in alone
    ]


@given(texts, st.integers(0, 2))
def test_equal_texts_have_equal_keys(found, skip):
    alone, together = column(found, skip)
    keys = hash_texts(together)
    assert keys.present.tolist() == [bool(text) for text in alone]
    by_key = dict(zip(keys.hashes.tolist(), alone, strict=True))
    assert [by_key[key] for key in keys.hashes.tolist()] == alone

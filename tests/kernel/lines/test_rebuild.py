"""Clean texts from spans to cut or replace."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.lines.rebuild import Spans, rebuild
from copydesk.cleaner.kernel.lines.split import join


def rebuilt(texts, spans, after=None):
    """Cut spans that are given as (text, start, end) in code points, by way of bytes in the joined buffer."""
    joined = join(pa.array(texts, pa.large_string()))
    starts, ends = [], []
    for row, start, end in spans:
        base = int(joined.text_start[row])
        starts.append(base + len(texts[row][:start].encode()))
        ends.append(base + len(texts[row][:end].encode()))
    written = pa.array(after, pa.large_string()) if after is not None else None
    return rebuild(joined, Spans(np.array(starts, np.int64), np.array(ends, np.int64), written))


def test_cut():
    result = rebuilt(["añb", "", "cdef"], [(0, 1, 2), (2, 0, 1), (2, 2, 4)])
    assert result.clean.to_pylist() == ["ab", "", "d"]
    assert result.row.tolist() == [0, 2, 2]
    assert result.start.tolist() == [1, 0, 2]
    assert result.end.tolist() == [2, 1, 4]
    assert result.before.to_pylist() == ["ñ", "c", "ef"]


def test_replace():
    result = rebuilt(["añb", "cd"], [(0, 1, 2), (0, 2, 3), (1, 0, 2)], ["--", "", "é"])
    assert result.clean.to_pylist() == ["a--", "é"]
    assert result.before.to_pylist() == ["ñ", "b", "cd"]


def test_nothing_to_cut():
    result = rebuilt(["one", "two"], [])
    assert result.clean.to_pylist() == ["one", "two"]
    assert len(result.start) == 0
    assert rebuilt([], []).clean.to_pylist() == []


@st.composite
def cuts(draw):
    texts = draw(st.lists(st.text(st.sampled_from("aé😀\n"), max_size=9), min_size=1, max_size=4))
    spans = []
    for row, text in enumerate(texts):
        bounds = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
        spans += [(row, start, end) for start, end in zip(bounds[::2], bounds[1::2])]  # noqa: B905 # the last may be alone
    after = draw(
        st.one_of(st.none(), st.lists(st.sampled_from(["", "x", "éé"]), min_size=len(spans), max_size=len(spans)))
    )
    return texts, spans, after


@given(cuts())
def test_rebuilding_agrees_with_slices(example):
    texts, spans, after = example
    result = rebuilt(texts, spans, after)
    expected = [*texts]
    for number, (row, start, end) in reversed([*enumerate(spans)]):
        expected[row] = expected[row][:start] + (after[number] if after else "") + expected[row][end:]
    assert result.clean.to_pylist() == expected
    assert [*zip(result.row, result.start, result.end, strict=True)] == spans
    assert result.before.to_pylist() == [texts[row][start:end] for row, start, end in spans]

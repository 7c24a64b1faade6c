"""Compiled loops give what the same loops give in plain Python, and what simple Python gives."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.forms.wrapped import find_long_wraps, find_wraps
from copydesk.cleaner.kernel.lines.fold import flatten_lines
from copydesk.cleaner.kernel.lines.split import ends_in, find_line_ends, join, split
from copydesk.cleaner.kernel.loops import NAMES, describe_kernel
from copydesk.cleaner.kernel.repair import mend_spaces
from copydesk.rules.code.characters import find_spaces
from copydesk.rules.patterns.alphabet import SENTENCE_END
from copydesk.schemas.byte_arrays import count_values, sum_values
from copydesk.schemas.checks.text.language import detect
from copydesk.schemas.loops import load_loops, load_plain_loops

texts_of_lines = st.lists(
    st.one_of(st.none(), st.text(st.sampled_from("aB. »“…é中😀\u00a0\u200b\u3000-*\n\r\u2028\U0010ffff"), max_size=30)),
    max_size=5,
)


@pytest.fixture
def plain():
    """Run the loops in plain Python while it is called, so that one Hypothesis example can run both."""

    def run(function, *arguments):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COPYDESK_KERNEL", "plain")
            return function(*arguments)

    return run


def read_lines(texts):
    """Return all that loops find out about the lines of some texts."""
    lines = split(pa.array(texts, pa.large_string()))
    every = np.arange(len(lines))
    flat = flatten_lines(lines, every)
    columns = (lines.row, lines.number, lines.begin, lines.stop, lines.start, lines.end, lines.core_start)
    found = (*columns, lines.core_end, lines.quoted, ends_in(lines, every, SENTENCE_END), flat.data, flat.ends)
    return [column.tolist() for column in found]


@given(texts_of_lines)
def test_plain_and_compiled_lines_are_the_same(plain, texts):
    assert read_lines(texts) == plain(read_lines, texts)


@given(texts_of_lines)
def test_bytes_are_counted_by_value(plain, texts):
    column = pa.array(["before", *(text or "" for text in texts)], pa.large_string()).slice(1)
    counts = count_values(column)
    assert counts.tolist() == plain(count_values, column).tolist()
    assert counts.tolist() == [
        np.bincount(np.frombuffer((text or "").encode(), np.uint8), minlength=256).tolist() for text in texts
    ]
    assert sum_values(counts, b"aB").tolist() == [sum((text or "").count(c) for c in "aB") for text in texts]


@given(st.lists(st.text(st.sampled_from("ab \u00a0\u202f\u2028\u2029\r\n"), max_size=12), max_size=4))
def test_plain_and_compiled_repairs_of_spaces_are_the_same(plain, texts):
    column = pa.array(texts, pa.large_string())
    (mended, edits), (mended_plain, edits_plain) = mend_spaces(column), plain(mend_spaces, column)
    assert (mended.to_pylist(), edits.to_pylist()) == (mended_plain.to_pylist(), edits_plain.to_pylist())


@given(
    st.lists(
        st.text(st.sampled_from("ab. \u00a0\u202f\n"), max_size=3).map(lambda end: "a" * 62 + end + "b" * 61),
        max_size=4,
    )
)
def test_odd_spaces_at_the_edges_of_blocks_are_found(plain, parts):
    column = pa.array(["".join(parts), "", "x".join(parts)], pa.large_string())
    (mended, edits), repaired = mend_spaces(column), [_mend(text) for text in column.to_pylist()]
    assert mended.to_pylist() == repaired
    assert edits.to_pylist() == plain(mend_spaces, column)[1].to_pylist()


def _mend(text):
    for new in reversed(find_spaces.find(text)):
        text = text[: new.start] + new.after + text[new.end :]
    return text


@given(st.lists(st.lists(st.text(st.sampled_from("abc éD.-"), max_size=60), max_size=8), max_size=3), st.booleans())
def test_plain_and_compiled_wraps_are_the_same(plain, texts, named):
    joined = join(pa.array(["\n".join(lines) for lines in texts], pa.large_string()))
    ends = find_line_ends(joined.data)
    for find in (find_wraps, find_long_wraps):
        found = find(joined, *ends, np.full(joined.rows, named))
        assert found.tolist() == plain(find, joined, *ends, np.full(joined.rows, named)).tolist()


def test_plain_and_compiled_detection_of_languages_are_the_same(plain):
    texts = pa.array(["The ferry left the quay an hour late.", "Die Fähre verließ den Kai zu spät.", ""])
    found, found_plain = detect(texts), plain(detect, texts)
    assert found.tag.to_pylist()[:2] == ["en", "de"]
    assert (found.tag.to_pylist(), found.score.tolist()) == (found_plain.tag.to_pylist(), found_plain.score.tolist())


@pytest.mark.parametrize("name", NAMES)
def test_a_module_can_run_both_ways(name, monkeypatch):
    assert not load_plain_loops(name).COMPILED
    monkeypatch.setenv("COPYDESK_KERNEL", "plain")
    assert load_loops(name) is load_plain_loops(name)
    assert describe_kernel() == "plain"

"""The lines that remain: zones, neighbours, and the spans that cutting the others makes."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.lines.remaining import Cuts, RemainingLines, edge_spans, line_spans
from copydesk.cleaner.kernel.lines.split import looks_like_prose, split

PROSE = "The ferry from Skarnes left the quay an hour late on Monday, they say."


def remaining(*texts, cut=()):
    lines = split(pa.array(texts, pa.large_string()))
    alive = np.ones(len(lines), np.bool_)
    alive[list(cut)] = False
    return RemainingLines(lines, looks_like_prose(lines), alive)


def test_zones():
    lines = remaining(f"a\nb\n{PROSE}\nc\n{PROSE}\nd", "e", "", PROSE)
    assert lines.first_prose.tolist() == [2, 8, 8, 7]  # 8 lines: no prose
    assert lines.last_prose.tolist() == [4, -1, -1, 7]
    assert lines.head.tolist() == [2, 0, 0, 0]
    assert np.diff(lines.prose_before).tolist() == [0, 0, len(PROSE), 0, len(PROSE), 0, 0, len(PROSE)]


def test_a_cut_moves_zones_and_ranks():
    lines = remaining(f"a\nb\n{PROSE}\nc\n{PROSE}\nd", cut=(0, 2))
    assert lines.index.tolist() == [1, 3, 4, 5]
    assert lines.rank[lines.index].tolist() == [0, 1, 2, 3]
    assert lines.first_prose.tolist() == [4]
    assert lines.head.tolist() == [2]


@pytest.mark.parametrize(
    ("text", "cut", "expected"),
    [
        (f"Title\n\n{PROSE}", (), True),
        (f"Title\n{PROSE}", (), False),  # alone, and no blank line behind it
        (f"Title\nBy Ada\n{PROSE}", (), True),
        (f"By:\nIn:\n{PROSE}", (), False),  # a headline does not end like that
        (f"a\nb\nc\n{PROSE}", (), False),  # too many lines
        (f"a\nb\nc\n{PROSE}", (0,), True),
        (f"a\n\nb\n{PROSE}", (1,), True),  # the blank line is left when its neighbour is cut
        (PROSE, (), False),
        ("a\nb", (), False),
    ],
)
def test_texts_that_may_begin_with_a_headline(text, cut, expected):
    assert remaining(text, cut=cut).headed(2).tolist() == [expected]


def test_texts_that_repeat():
    other = PROSE.replace("Monday", "Wednesday")
    pair = f"{PROSE}\n{other}"
    texts = [f"{pair}\nc\n{pair}", f"{pair}\n{PROSE}", f"{PROSE}\n{other}", pair]
    assert remaining(*texts).repeating.tolist() == [True, False, False, False]


def test_the_greater_gap_is_kept():
    lines = remaining("a\n\n\nb\nc\n\nd", cut=(1, 2))
    assert lines.gap(np.array([0]), np.array([3])).tolist() == [3]


@pytest.mark.parametrize(
    ("text", "cut", "spans"),
    [
        ("a\nb\nc", [1], [(2, 4)]),  # "b\n": the separator behind
        ("a\n\nb\nc", [1], [(3, 5)]),  # the greater gap is before
        ("a\nb\n\nc", [1], [(1, 3)]),  # "\nb": the greater gap is behind
        ("a\nb\nc", [0], [(0, 2)]),
        ("a\nb\nc", [2], [(3, 5)]),
        ("a\nb\nc", [0, 1, 2], [(0, 2), (2, 4), (4, 5)]),
        (" \na\nb\n ", [0], [(0, 4)]),  # white space at the start goes with the first line
        (" \na\nb\n ", [1], [(3, 7)]),
        ("a\nb\nc\n\nd", [1, 2], [(1, 3), (3, 5)]),
    ],
)
def test_spans_of_cut_lines(text, cut, spans):
    assert cut_lines([text], cut) == [(start, end, line) for (start, end), line in zip(spans, cut, strict=True)]


def cut_lines(texts, cut, groups=None):
    lines = split(pa.array(texts, pa.large_string()))
    cuts = Cuts.none(len(lines))
    cuts.rule[cut] = 0
    for line, group in (groups or {}).items():
        cuts.group[line] = group
    return [*zip(*(column.tolist() for column in line_spans(lines, cuts)), strict=True)]


def test_neighbours_of_one_group_are_one_span():
    assert cut_lines(["a\nb\nc\nd"], [1, 2, 3], {2: 9, 3: 9}) == [(1, 3, 1), (3, 7, 2)]
    # not over the end of a text
    assert cut_lines(["a\nb", "c"], [1, 2], {1: 9, 2: 9}) == [(1, 3, 1), (4, 5, 2)]


def test_edges():
    lines = split(pa.array([" \na\n\n", "\n\n", "b"], pa.large_string()))
    spans = [column.tolist() for column in edge_spans(lines, np.arange(len(lines)))]
    assert spans == [[0, 3, 6], [2, 5, 8]]
    # the first line of the first text is cut, and takes the white space along
    assert [column.tolist() for column in edge_spans(lines, np.array([1]))] == [[6], [8]]


@given(
    st.lists(st.tuples(st.sampled_from(["a", " b", "", " "]), st.sampled_from(["\n", "\r\n", "\n\n"])), max_size=8),
    st.sets(st.integers(0, 7)),
)
def test_what_is_left_are_the_other_lines_with_one_gap_between_them(parts, chosen):
    text = "".join(line + end for line, end in parts)
    lines = split(pa.array([text], pa.large_string()))
    cut = sorted(line for line in chosen if line < len(lines))
    alive = np.ones(len(lines), np.bool_)
    alive[cut] = False
    edges = [(*span, -1) for span in zip(*(c.tolist() for c in edge_spans(lines, np.flatnonzero(alive))), strict=True)]
    spans = sorted(cut_lines([text], cut) + edges) if cut else sorted(edges)
    rest, at = "", 0
    for start, end, _ in spans:
        assert start >= at
        rest += text[at:start]
        at = end
    rest += text[at:]
    kept = [lines.text(line) for line in np.flatnonzero(alive)]
    assert rest.split() == kept
    assert rest == "" or (rest[-1] not in "\n " and rest[0] != "\n")
    feeds = [len(gap) for gap in re.findall(r"\n+", rest.replace("\r", "").replace(" ", ""))]
    index = np.flatnonzero(alive)
    state = RemainingLines(lines, np.zeros(len(lines), np.bool_), alive)
    assert feeds == state.gap(index[:-1], index[1:]).tolist()

"""Two rounds of edits joined to one: hand-made texts, and a second implementation that goes cell by cell."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.edit_merge import compose, join, join_edits, sort_edits, with_rows
from copydesk.cleaner.kernel.types import CleanedTexts, Learned
from copydesk.schemas.arrow import EDITS
from copydesk.schemas.edits import Edit, apply_edits, undo_edits

REPAIRS = frozenset({"r/repair", "r/space"})


def edits_of(text, spans, row=0):
    """Return edits for spans that are given as (rule, start, end, after)."""
    return [
        {
            "row": row,
            "field": "body",
            "rule": rule,
            "start": start,
            "end": end,
            "before": text[start:end],
            "after": after,
            "detail": None,
        }
        for rule, start, end, after in spans
    ]


def apply(text, edits):
    return apply_edits(text, [Edit(**{key: value for key, value in edit.items() if key != "row"}) for edit in edits])


def undo(text, edits):
    return undo_edits(text, [Edit(**{key: value for key, value in edit.items() if key != "row"}) for edit in edits])


def joined(text, first, second):
    first = edits_of(text, first)
    second = edits_of(apply(text, first), second)
    return [(edit["rule"], edit["start"], edit["before"], edit["after"]) for edit in join(first, second, REPAIRS)]


@pytest.mark.parametrize(
    ("text", "first", "second", "expected"),
    [
        # edits that do not meet: the later one moves
        ("abcdef", [("c/one", 1, 2, "")], [("c/two", 3, 4, "")], [("c/one", 1, "b", ""), ("c/two", 4, "e", "")]),
        ("abcdef", [("c/one", 3, 5, "")], [("c/two", 0, 1, "")], [("c/two", 0, "a", ""), ("c/one", 3, "de", "")]),
        # side by side
        ("abcdef", [("c/one", 1, 2, "")], [("c/two", 1, 2, "")], [("c/one", 1, "b", ""), ("c/two", 2, "c", "")]),
        ("abcdef", [("c/one", 1, 2, "")], [("c/two", 0, 1, "")], [("c/two", 0, "a", ""), ("c/one", 1, "b", "")]),
        # over a cut: divided there
        (
            "abcdef",
            [("c/one", 2, 4, "")],
            [("c/two", 1, 3, "")],
            [("c/two", 1, "b", ""), ("c/one", 2, "cd", ""), ("c/two", 4, "e", "")],
        ),
        # over two cuts, and what it writes goes with the first part
        (
            "abcdef",
            [("c/one", 1, 2, ""), ("c/one", 3, 4, "")],
            [("c/two", 0, 4, "x")],
            [
                ("c/two", 0, "a", "x"),
                ("c/one", 1, "b", ""),
                ("c/two", 2, "c", ""),
                ("c/one", 3, "d", ""),
                ("c/two", 4, "ef", ""),
            ],
        ),
        # over a repair, whole: the raw text below it
        ("a&amp;b", [("r/repair", 1, 6, "&")], [("c/two", 0, 3, "")], [("c/two", 0, "a&amp;b", "")]),
        ("a&amp;b", [("r/repair", 1, 6, "&")], [("c/two", 1, 2, "")], [("c/two", 1, "&amp;", "")]),
        # over what a repair cut
        ("a\u200bb", [("r/repair", 1, 2, "")], [("c/two", 0, 2, "")], [("c/two", 0, "a\u200bb", "")]),
        # into what a repair wrote, from either side: what is left of it stays written
        ("xyz", [("r/repair", 1, 2, "12")], [("c/two", 0, 2, "")], [("c/two", 0, "xy", "2")]),
        ("xyz", [("r/repair", 1, 2, "12")], [("c/two", 2, 4, "")], [("c/two", 1, "yz", "1")]),
        ("xyz", [("r/repair", 1, 2, "123")], [("c/two", 2, 3, "-")], [("c/two", 1, "y", "1-3")]),
        # two edits into what one repair wrote are one edit
        ("xyz", [("r/repair", 1, 2, "123")], [("c/two", 1, 2, "a"), ("c/two", 3, 4, "b")], [("c/two", 1, "y", "a2b")]),
        # a repair that is taken back is no edit
        ("a b", [("r/space", 1, 2, "_")], [("r/space", 1, 2, " ")], []),
        # nested entities: one edit from the raw text
        ("&amp;amp;", [("r/repair", 0, 5, "&")], [("r/repair", 0, 5, "&")], [("r/repair", 0, "&amp;amp;", "&")]),
    ],
)
def test_join(text, first, second, expected):
    assert joined(text, first, second) == expected


@st.composite
def rounds(draw, texts=1):
    """Return raw texts and two rounds of edits on them, as spans."""
    examples = []
    for _ in range(texts):
        text = draw(st.text("abé", max_size=10))
        first = draw(spans(len(text)))
        between = apply(text, edits_of(text, first))
        examples.append((text, first, between, draw(spans(len(between)))))
    return examples


@st.composite
def spans(draw, size):
    bounds = sorted(draw(st.sets(st.integers(0, size), max_size=8)))
    found = []
    for start, end in zip(bounds[::2], bounds[1::2]):  # noqa: B905 # the last one may be alone
        rule = draw(st.sampled_from(["c/one", "c/two", "r/repair"]))
        # only repairs write something
        found.append((rule, start, end, draw(st.sampled_from(["", "1", "12"])) if rule in REPAIRS else ""))
    return found


def joined_texts(examples):
    first = [edit for row, (text, spans_, *_) in enumerate(examples) for edit in edits_of(text, spans_, row)]
    second = [edit for row, (*_, text, spans_) in enumerate(examples) for edit in edits_of(text, spans_, row)]
    tables = (pa.Table.from_pylist(edits, EDITS) for edits in (first, second))
    return join_edits(*tables, REPAIRS).to_pylist()


@given(example=rounds())
def test_joined_edits_lead_from_the_raw_to_the_clean_text(example):
    [(text, first, between, second)] = example
    clean = apply(between, edits_of(between, second))
    edits = join(edits_of(text, first), edits_of(between, second), REPAIRS)
    assert apply(text, edits) == clean
    assert undo(clean, edits) == text
    assert all(text[edit["start"] : edit["end"]] == edit["before"] for edit in edits)
    assert all(left["end"] <= right["start"] for left, right in itertools.pairwise(edits))


@given(example=rounds())
def test_joining_agrees_with_the_reference(reference, example):
    [(text, first, between, second)] = example
    edits = join(edits_of(text, first), edits_of(between, second), REPAIRS)
    columns = [(edit["rule"], edit["start"], edit["end"], edit["after"]) for edit in edits]
    expected = reference.join(first, second, set(REPAIRS))
    assert columns == [edit for edit in expected if text[edit[1] : edit[2]] != edit[3]]


@given(examples=rounds(texts=4))
def test_a_batch_is_joined_like_its_texts(examples):
    expected = []
    for row, (text, first, between, second) in enumerate(examples):
        expected += join(edits_of(text, first, row), edits_of(between, second, row), REPAIRS)
    edits = joined_texts(examples)
    assert [edit for edit in edits if edit["before"] != edit["after"]] == expected


def test_one_round_alone():
    table = pa.Table.from_pylist(edits_of("abc", [("c/one", 0, 1, "")]), EDITS)
    assert join_edits(table, EDITS.empty_table(), REPAIRS) is table
    assert join_edits(EDITS.empty_table(), table, REPAIRS) is table


def test_sorting():
    edits = [edits_of("abc", [("c/one", start, start + 1, "")], row)[0] for row, start in ((1, 0), (0, 2), (0, 1))]
    table = sort_edits(pa.Table.from_pylist(edits, EDITS))
    assert [*zip(table.column("row").to_pylist(), table.column("start").to_pylist(), strict=True)] == [
        (0, 1), (0, 2), (1, 0),
    ]  # fmt: skip


def test_rows_of_a_part():
    table = pa.Table.from_pylist(edits_of("ab", [("c/one", 0, 1, "")], 1), EDITS)
    assert with_rows(table, [4, 7]).column("row").to_pylist() == [7]


def test_compose():
    def cleaned(texts, spans_by_row, raw, **more):
        edits = [edit for row, spans_ in spans_by_row.items() for edit in edits_of(raw[row], spans_, row)]
        zeros = pa.array([0] * len(texts)).to_numpy()
        return CleanedTexts(
            pa.array(texts, pa.large_string()), pa.Table.from_pylist(edits, EDITS), more.get("learned", {}),
            zeros + more.get("kept", 0), zeros.astype(bool) | more.get("page", False),
        )  # fmt: skip

    raw = ["abc", "def", "ghi"]
    first = cleaned(
        ["ab", "df", "ghi"], {0: [("c/one", 2, 3, "")], 1: [("c/one", 1, 2, "")]}, raw,
        learned={1: Learned(headlines=["One"]), 2: Learned(headlines=["Other"])}, kept=5,
    )  # fmt: skip
    second = cleaned(
        ["f"], {0: [("c/two", 0, 1, "")]}, ["df"],
        learned={0: Learned(headlines=["Two", "One"], source_name="News")}, kept=1, page=True,
    )  # fmt: skip
    both = compose(first, second, [1], REPAIRS)
    assert both.texts.to_pylist() == ["ab", "f", "ghi"]
    assert [(edit["row"], edit["start"], edit["before"]) for edit in both.edits.to_pylist()] == [
        (0, 2, "c"), (1, 0, "d"), (1, 1, "e"),
    ]  # fmt: skip
    assert both.learned[1] == Learned(headlines=["One", "Two"], source_name="News")
    assert both.learned[2] == Learned(headlines=["Other"])
    assert both.known_but_kept.tolist() == [5, 1, 5]
    assert both.page.tolist() == [False, True, False]

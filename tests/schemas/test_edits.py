"""Edits lead from the raw text to the clean text and back, or raise an error."""

from __future__ import annotations

import pytest

from copydesk.schemas.edits import Edit, apply_edits, undo_edits
from copydesk.schemas.errors import RestoreError

RAW = "Menu\nIt raiined.\nShare"
CLEAN = "It rained."


def edit(start: int, before: str, after: str = "") -> Edit:
    return Edit(field="body", rule="a/b", start=start, end=start + len(before), before=before, after=after)


EDITS = [edit(15, ".\nShare", "."), edit(0, "Menu\n"), edit(10, "ii", "i")]


def test_edits_lead_there_and_back_in_any_order():
    for edits in (EDITS, EDITS[::-1]):
        assert apply_edits(RAW, edits) == CLEAN
        assert undo_edits(CLEAN, edits) == RAW


def test_no_edits_leave_the_text():
    assert apply_edits(RAW, []) == undo_edits(RAW, []) == RAW


def test_edits_that_insert_or_touch_each_other():
    edits = [edit(0, "", "«"), edit(0, "ab", "x"), edit(2, "c")]
    assert apply_edits("abc", edits) == "«x"
    assert undo_edits("«x", edits) == "abc"


@pytest.mark.parametrize(
    "edits",
    [[edit(0, "Home\n")], [edit(0, "Menu\n"), edit(3, "u\nI")], [edit(len(RAW), "more")]],
    ids=["other text", "overlap", "behind the end"],
)
def test_edits_that_do_not_fit_the_raw_text(edits):
    with pytest.raises(RestoreError, match=r"the edit of a/b at \d+ does not fit the raw text"):
        apply_edits(RAW, edits)


@pytest.mark.parametrize(
    "edits",
    [[edit(0, "Menu", "Home")], [edit(0, "Menu\n"), edit(3, "u\nI")], [edit(99, "more")]],
    ids=["other text", "overlap", "behind the end"],
)
def test_edits_that_do_not_fit_the_clean_text(edits):
    with pytest.raises(RestoreError, match=r"the edit of a/b at \d+ does not fit the clean text"):
        undo_edits(CLEAN, edits)

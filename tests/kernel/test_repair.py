"""Characters that are repaired before anything is cut."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.repair import Repairs, mend_spaces
from copydesk.rules.code import characters
from copydesk.rules.code.characters import ODD_SPACES, find_spaces
from copydesk.schemas.edits import Edit, apply_edits, undo_edits

REPAIRS = Repairs([value for value in vars(characters).values() if hasattr(value, "signs")])
PARTS = [
    "a",
    " ",
    "  ",
    "\u00a0",
    "\u202f",
    "\n",
    "\r\n",
    "\u2028",
    "&amp;",
    "&nbsp;",
    "\u200b",
    "Ã©",
    "\x00",
    "é",
    "\x85",
]
texts = st.lists(st.sampled_from(PARTS), max_size=10).map("".join)


def repair(batch, repairs=REPAIRS, ignored=None):
    array = pa.array(batch, pa.large_string())
    mended, edits = repairs.run(array) if ignored is None else repairs.run_for(array, ignored)
    of_row = [[] for _ in batch]
    for edit in edits.to_pylist():
        of_row[edit.pop("row")].append(Edit(**edit))
    return mended.to_pylist(), of_row


@pytest.mark.parametrize(
    ("text", "mended", "rules"),
    [
        ("Holt &amp; Sons", "Holt & Sons", ["entities"]),
        ("Holt &amp;amp; Sons", "Holt & Sons", ["entities"]),
        ("The cafÃ©\u00a0is  open.", "The café is open.", ["mojibake", "spaces", "spaces"]),
        ("a&#8203;b", "ab", ["zero-width"]),  # an entity of a zero-width space
        ("one\u00ad\u200btwo", "onetwo", ["soft-hyphens", "zero-width"]),
        (" indent\n\u00a0 not", " indent\nnot", ["spaces"]),
        ("Nothing to repair.", "Nothing to repair.", []),
        ("", "", []),
    ],
)
def test_repairs(text, mended, rules):
    [result], [edits] = repair([text])
    assert result == mended
    assert [edit.rule for edit in edits] == [f"characters/{rule}" for rule in rules]
    assert apply_edits(text, edits) == mended
    assert undo_edits(mended, edits) == text


def test_texts_do_not_depend_on_each_other():
    batch = ["Holt &amp; Sons", "fine", "a  b", "&amp;amp;c\u200b d"]
    assert repair(batch) == tuple(
        [result[0] for result in column] for column in zip(*(repair([t]) for t in batch), strict=True)
    )


def test_rules_that_do_not_run_on_a_text():
    batch = ["a &amp; b  c"] * 3
    ignored = [frozenset(), frozenset({"characters/entities"}), frozenset({"characters/spaces", "other/rule"})]
    mended, edits = repair(batch, ignored=ignored)
    assert mended == ["a & b c", "a &amp; b c", "a & b  c"]
    assert [len(of_row) for of_row in edits] == [2, 1, 1]


ROW = "Ferry     Noon   Dusk  x"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (ROW, ROW),
        (f"  {ROW}  \nOstwick  12", f"  {ROW}  \nOstwick 12"),
        (f"One  two.\r\n{ROW}\u2028It  rained.", f"One two.\r\n{ROW}\u2028It rained."),
        (f"{ROW}\u00a0 y", f"{ROW} y"),
        ("Ferry     Noon", "Ferry Noon"),
        ("Ferry     Noon  Dusk", "Ferry Noon Dusk"),
        ("Ferry     Noon \u00a0 Dusk", "Ferry Noon Dusk"),
        (f"{ROW} {'é' * 80}", f"Ferry Noon Dusk x {'é' * 80}"),
    ],
)
def test_columns_of_a_table_stay(text, mended):
    for batch in ([text], ["It  rained.", text, ROW]):
        row = batch.index(text)
        assert mend_spaces(pa.array(batch, pa.large_string()))[0][row].as_py() == mended
    clean = text
    for new in reversed(find_spaces(text)):
        clean = clean[: new.start] + new.after + clean[new.end :]
    assert clean == mended


@given(st.lists(texts, max_size=4))
@example([f"{ROW}\n\nIt  rained.", f"\u00a0{ROW}", f"{ROW}\u202f  z"])
def test_spaces_of_a_batch_agree_with_the_rule(batch):
    mended, edits = mend_spaces(pa.array(batch, pa.large_string()))
    rows = edits.to_pylist()
    for row, text in enumerate(batch):
        expected = [(new.start, new.end, text[new.start : new.end], new.after) for new in find_spaces(text)]
        assert [(e["start"], e["end"], e["before"], e["after"]) for e in rows if e["row"] == row] == expected
    assert {edit["rule"] for edit in rows} <= {ODD_SPACES.id}
    assert len(mended) == len(batch)


@given(st.lists(texts, min_size=1, max_size=3))
def test_repaired_texts_are_stable_and_restore(batch):
    mended, edits = repair(batch)
    for text, clean, of_row in zip(batch, mended, edits, strict=True):
        assert undo_edits(clean, of_row) == text
    assert repair(mended) == (mended, [[] for _ in batch])

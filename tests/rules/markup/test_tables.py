"""Tables of pipes in plain text: what lays out a page goes, what holds data stays."""

from __future__ import annotations

import time

import pytest

from copydesk.cleaner.kernel.forms.kept import strip
from copydesk.rules.markup.tables import find_tables, read_tables


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It rained.\n| The mill | \n|---|\nIt burned.", "It rained.\nThe mill\nIt burned."),
        ("| < Back |  | Next > |\n|---|---|---|\nText", "< Back | Next >\nText"),
        ("|  |  |\n| --- | :-: |\n| a |  |\n|  | b |\n", "a\nb\n"),
        ("|  |\n|---|\nText", "\nText"),
        ("a | b\n--- | ---\nc | d\n\ne | f", "a | b\nc | d\n\ne | f"),
        ("| a |\r\n|---|\r\nText", "a\r\nText"),
        ("It rained | a lot\n| b", "It rained | a lot\n| b"),
        ("|---|\nText", "|---|\nText"),
    ],
)
def test_what_a_table_leaves(text, left):
    assert strip(text, read_tables(text).replacements) == left


def test_a_paragraph_below_a_table_is_no_row():
    text = "| a | b |\n|---|---|\n| c | d |\nIt rained | a lot."
    assert [text[table.start : table.end] for table in find_tables(text)] == [text[:-19]]


@pytest.mark.parametrize("unit", ["|---|\n", "-|", "| a |\n|---|\n", "--- |\n", "-:| "])
def test_time_is_linear(unit):
    begin = time.process_time()
    read_tables(unit * (1_000_000 // len(unit)))
    assert time.process_time() - begin < 5

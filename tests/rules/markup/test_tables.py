"""Tables of pipes in plain text: what lays out a page goes, what holds data stays."""

from __future__ import annotations

import re
import time

import pytest

from copydesk.cleaner.kernel.forms.kept import strip
from copydesk.rules.markup.markdown import strip_markdown
from copydesk.rules.markup.tables import find_tables, read_tables, split_overfull


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


NESTED = (
    "|  |  |\n| --- | --- |\n"
    "| | Home | | |  |  | | --- | --- | | [Sport](/sport) | The ferry left *Ostwick* an hour late. | |\n"
    "|  |  |\n\nThe mill burned."
)


def test_cells_beyond_the_head_are_kept_as_lines() -> None:
    """A converter wrote a table within a table. Markdown itself shows two cells of the row."""
    shown = "Home\n\nSport\nThe ferry left Ostwick an hour late.\n\nThe mill burned."
    assert strip_markdown(NESTED) == shown


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| c | d |",
        "| a | b |\n|---|---|\n| c |\n| d | e | |",
        "a | b\n---|---\nc | d \\| e",
        "> | a |\n> |---|\n> | b | c |",
        "no table | at all",
    ],
)
def test_other_tables_are_not_split(text: str) -> None:
    assert split_overfull(text) == text


@pytest.mark.parametrize("text", [NESTED, "a | b\n:--|--:\nc | d | Reißt|\t é |", "|a|\n|-|\n|b|c|"])
def test_splitting_keeps_the_places_of_all_words(text: str) -> None:
    split = split_overfull(text)
    assert split != text
    for word in re.finditer(r"[^\s|:-]+", text):
        assert split[word.start() : word.end()] == word[0]
    assert len(split) == len(text)
    assert len(split.encode()) == len(text.encode())

"""One long line: its lines are found again, cut, and what is left stays byte for byte."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.kernel.forms.layout import Layout

PROSE = (
    "The harbour office said on Tuesday that the eastern quay would stay closed until the end of the month. "
    "Divers found two cracks in the third pillar, and the engineer who inspected them wants a second opinion. "
    "Ferries leave from the western quay in the meantime, ten minutes later than the timetable says."
)
HEAD = "Skip to content Menu Home News Sport Weather Log in Subscribe"
TAIL = "Most Read Related Articles Privacy Policy Terms of Use © 2024 Lowmoor Times. All rights reserved."


def lines_of(*texts: str) -> list[list[str]]:
    lines, _ = Layout(None).split(pa.array(texts, pa.large_string()), [])
    return [[lines.text(line) for line in np.flatnonzero(lines.row == row)] for row in range(len(texts))]


@pytest.mark.parametrize("profile", ["article", "page"])
def test_chains_at_both_ends_go_and_prose_stays(profile):
    cleaned = copydesk.clean(f"{HEAD} {PROSE} {TAIL}", profile=profile)
    assert cleaned.article.body == PROSE
    assert cleaned.restore() == f"{HEAD} {PROSE} {TAIL}"


def test_a_prompt_between_two_sentences_closes_with_one_space():
    before, after = PROSE[:103], PROSE[103:]
    cleaned = copydesk.clean(f"{before}Advertisement {after} Share this article")
    assert cleaned.article.body == PROSE


def test_glued_words_are_parted_by_the_space_of_a_cut():
    text = f"{PROSE[:102]}Leave a CommentScroll to Top{PROSE[103:]}"
    cleaned = copydesk.clean(text)
    assert cleaned.article.body == PROSE
    assert [edit.after for edit in cleaned.edits][-1] == " "
    assert cleaned.restore() == text


def test_prose_alone_is_left_alone():
    assert copydesk.clean(PROSE).edits == []


def test_a_text_with_lines_is_split_at_its_lines_alone():
    text = f"{PROSE}\n\n{PROSE[:200]}\nShare Tweet"
    assert lines_of(text) == [[PROSE, PROSE[:200].strip(), "Share Tweet"]]


def test_lines_of_a_text_do_not_depend_on_its_neighbours():
    texts = [f"{HEAD} {PROSE}", "", f"{PROSE} {TAIL}", f"{HEAD}{PROSE}{TAIL}"]
    assert lines_of(*texts) == [found for text in texts for found in lines_of(text)]


def test_cleaning_again_changes_nothing():
    for text in (f"{HEAD} {PROSE} {TAIL}", f"{HEAD}{PROSE}{TAIL}", f"{TAIL} {PROSE} {HEAD}"):
        body = copydesk.clean(text, profile="page").article.body
        assert copydesk.clean(body, profile="page").article.body == body


@pytest.mark.parametrize("separator", ["\n", "\n\n", " ", ""], ids=["lines", "paragraphs", "flow", "glued"])
def test_a_body_of_one_paragraph_that_stands_twice_is_left_once(separator):
    assert copydesk.clean(f"{PROSE}{separator}{PROSE}").article.body == PROSE


@pytest.mark.parametrize("separator", ["\n", " "], ids=["lines", "flow"])
def test_a_sentence_that_comes_again_is_kept(separator):
    first, second, third = (f"{part.strip('.')}." for part in PROSE.split(". "))
    text = separator.join([first, second, first, third])
    assert copydesk.clean(text).article.body == text


def test_cells_of_tables_are_no_lines():
    table = "| Week | Task | | 1 | Share | | 2 | Home | | 3 | Comments |"
    for line in lines_of(f"{PROSE} {table} {PROSE}")[0]:
        assert line.strip("| ") not in {"Week", "Task", "Share", "Home", "Comments"}


def test_bars_of_two_texts_are_no_table_together():
    menu = "Home | News | Sport | | Log in |"
    alone = lines_of(f"{PROSE} {menu}")[0]
    assert lines_of(f"{PROSE} {menu}", f"{menu} {PROSE}")[0] == alone


@pytest.mark.parametrize("link", ["by miller on", "the end of", "am Ende der"])
def test_no_line_ends_in_a_word_that_belongs_to_the_next_one(link):
    lines = lines_of(f"{PROSE} {link} May 3, 2024 10:19 AM {PROSE}")[0]
    assert not any(line.endswith(f" {link.split()[-1]}") for line in lines)


def test_a_paragraph_is_a_paragraph_to_the_gate():
    layout = Layout(None)
    text = (
        "It rained in Lowmoor. And it rained again. It did so all day, and nobody in the mill minded it at all. " * 20
    )
    lines, hits = layout.split(pa.array([text], pa.large_string()), [])
    paragraphs = layout.find_paragraphs(lines, hits)
    assert 0 < len(paragraphs.first) < len(lines)
    assert paragraphs.lines.text(0).startswith("It rained in Lowmoor. And it rained again.")
    assert paragraphs.take(np.arange(len(paragraphs.first))).tolist() == list(range(len(lines)))

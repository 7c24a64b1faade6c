"""`--unwrap`: wrapped paragraphs become one line each, and what is no paragraph keeps its lines."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk import Cleaner
from copydesk.cleaner.kernel.forms.unwrap import find_unwraps
from copydesk.cleaner.settings import load_settings

CLEANER = Cleaner(suite="none", unwrap=True)
PARAGRAPH = (
    "The harbour office said on Tuesday that the eastern quay would stay closed until the end of the month. "
    "Divers found two cracks in the third pillar, and the engineer who inspected them wants a second opinion. "
    "Ferries leave from the western quay in the meantime, ten minutes later than the timetable says."
)
WRAPPED = textwrap.fill(PARAGRAPH, 72)
KEPT = {
    "items": "- a coat that keeps the wind out, since there is no house at the quay to\nwait in\n- a lamp",
    "numbers": "1. Take the lamp out of the box in which the mill sent it to the harbour\nthis May.\n2. Light it.",
    "code": "    for boat in boats_of_the_harbour_that_are_not_at_the_eastern_quay():\n        print(boat)",
    "fence": "```\nput the boat that is at the eastern quay into the list of all the boats\nof May\n```",
    "table": "| Boat | Quay | Time of the first trip of the day | Time of the last |\n| Blue | West | Six | Midnight |",
    "verse": "Wheel of the mill, turn over once more,\ngrind what the farmers have left at the door.",
    "heading": "EASTERN QUAY STAYS CLOSED UNTIL THE END OF THE MONTH, THE OFFICE SAYS AS\nBefore, in May.",
    "years": "The night bus between Lowmoor and the harbour did not run in the years 1990-\n1995 at all.",
}


def unwrap(text: str) -> str:
    return CLEANER.clean(text).article.body or ""


def test_paragraphs_become_one_line_each():
    cleaned = CLEANER.clean(f"{WRAPPED}\n\n{WRAPPED.replace('Tuesday', 'Monday')}")
    assert cleaned.article.body == f"{PARAGRAPH}\n\n{PARAGRAPH.replace('Tuesday', 'Monday')}"
    assert {edit.rule for edit in cleaned.edits} == {"layout/wraps"}


def test_wraps_stay_without_it():
    assert Cleaner(suite="none").clean(WRAPPED).article.body == WRAPPED


@pytest.mark.parametrize("name", KEPT)
def test_what_is_no_paragraph_keeps_its_lines(name):
    text = f"{WRAPPED}\n\n{KEPT[name]}\n\n{WRAPPED.replace('Tuesday', 'Monday')}"
    assert f"\n\n{KEPT[name]}\n\n" in unwrap(text)


@pytest.mark.parametrize(
    ("end", "start", "elsewhere", "joined"),
    [
        ("har-", "bour wall.", "The harbour is old.", "the harbour wall."),
        ("well-", "known wall.", "It is well-known.", "the well-known wall."),
        ("re-", "sort wall.", "It rained.", "the re-\nsort wall."),
        ("sea-", "and lake-side walls.", "It rained.", "the sea- and lake-side walls."),
        ("har\u00ad", "bour wall.", "It rained.", "the harbour wall."),
        ("wall -", "so they said.", "It rained.", "the wall - so they said."),
    ],
)
def test_hyphens_go_only_where_the_text_itself_tells(end, start, elsewhere, joined):
    filled = "The harbour office said on Tuesday that it looked for cracks in the "[: 72 - len(end) - 4]
    line = f"{filled.rsplit(' ', 1)[0]} the {end}".rjust(72, "x")
    text = f"{WRAPPED}\n\n{line}\n{start}\n\n{elsewhere}"
    edits = find_unwraps(text, named=True)
    for begin, stop, after in reversed(edits):
        text = text[:begin] + after + text[stop:]
    assert joined in text


blocks = st.sampled_from([*KEPT.values(), WRAPPED, "It rained.", "Leave a Comment\n", "Share\nTweet", PARAGRAPH])


@settings(max_examples=60)
@given(st.lists(blocks, min_size=1, max_size=5), st.sampled_from(["\n", "\n\n", "\r\n\r\n"]))
def test_it_restores_and_is_idempotent(parts, separator):
    text = separator.join(parts)
    cleaned = CLEANER.clean(text)
    assert cleaned.restore() == text
    assert not [edit for edit in CLEANER.clean(cleaned.article.body or "").edits if edit.field == "body"]


def test_the_settings_know_it(tmp_path):
    file = tmp_path / "copydesk.toml"
    file.write_text("unwrap = true\n", encoding="utf-8")
    cleaner = load_settings(file=file).cleaner()
    assert cleaner.settings["unwrap"] == "true"
    assert cleaner.clean(WRAPPED).article.body == PARAGRAPH


@pytest.mark.parametrize("words", [3, 5])
def test_a_line_of_a_paragraph_may_end_early(words):
    lines = WRAPPED.split("\n")
    parts = lines[1].split(" ")
    irregular = "\n".join([lines[0], " ".join(parts[:words]), " ".join(parts[words:]), *lines[2:]])
    text = f"{WRAPPED}\n\n{irregular}\n\n{WRAPPED.replace('Tuesday', 'Monday')}"
    assert unwrap(text).split("\n\n")[1] == PARAGRAPH


def test_sentences_on_lines_of_their_own_stay():
    short = "The lamp is lit at six.\nThe lamp is out at ten.\nNobody waits.\nThe mill turns.\nThe quay is closed."
    text = f"{WRAPPED}\n\n{short}\n\n{WRAPPED.replace('Tuesday', 'Monday')}"
    assert short in unwrap(text)

"""Hard-wrapped lines: a wrapped phrase is one phrase, a wrapped paragraph is prose, and the wraps stay."""

from __future__ import annotations

import textwrap

import pytest

import copydesk

PARAGRAPHS = (
    "The harbour office said on Tuesday that the eastern quay would stay closed until the end of the month, because "
    "divers had found two cracks in the third pillar.",
    "Ferries leave from the western quay in the meantime, ten minutes later than the timetable says, and the night bus "
    "waits for them at the mill.",
)
FORM = "Your email address will not be published. Required fields are marked *"


def wrap(*paragraphs: str, width: int = 60, end: str = "\n\n") -> str:
    return end.join(end.replace("\n\n", "\n").join(textwrap.wrap(text, width)) for text in paragraphs)


@pytest.mark.parametrize("end", ["\n\n", "\n"])
@pytest.mark.parametrize("width", [50, 60, 72])
def test_a_wrapped_phrase_goes_and_the_wraps_of_the_text_stay(width, end):
    text = wrap(*PARAGRAPHS, "Share this article", FORM, width=width, end=end)
    cleaned = copydesk.clean(text)
    assert cleaned.article.body == wrap(*PARAGRAPHS, width=width, end=end)
    assert cleaned.article.raw.format == "wrapped"
    assert cleaned.restore() == text
    assert copydesk.clean(cleaned.article.body).article.body == cleaned.article.body


def test_line_ends_of_windows_are_wraps_too():
    text = wrap(*PARAGRAPHS, FORM).replace("\n", "\r\n")
    assert copydesk.clean(text).article.body == wrap(*PARAGRAPHS).replace("\n", "\r\n")


def test_the_user_decides():
    text = wrap(*PARAGRAPHS, FORM, width=50)
    assert copydesk.Cleaner(form="text").clean(text).article.raw.format == "text"
    assert copydesk.Cleaner(form="wrapped").clean(text).article.body == wrap(*PARAGRAPHS, width=50)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(PARAGRAPHS),
        "The bread, the salt, the kitchen chair,\nthe window open on the stair.\nA boot beside a woollen glove,\n"
        "and nothing but the crows above.\nFollow me, the river said,\nand share the bread.",
        "Lowmoor\nOstwick\nThe mill at Ostwick and its wheel\nThe quay\nThe ferry from the western quay\nFares\n" * 3,
        "500g strong flour\n1 tsp salt\n7g dried yeast\n300ml warm water\nA little oil\nA pan of water for the oven\n"
        * 2,
    ],
    ids=["paragraphs", "verse", "list", "ingredients"],
)
def test_lines_that_are_not_wrapped_are_lines(text):
    assert copydesk.clean(text).article.raw.format == "text"

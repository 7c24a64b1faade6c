"""A text without menus and footers is no whole page: in the profile `page` it loses no more than an article."""

from __future__ import annotations

import pyarrow as pa
import pytest

from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.cleaner.kernel.types import RecordContext
from copydesk.rules.ruleset.ruleset import load_ruleset

PROSE = [
    "The ferry from Ostwick left the quay an hour late on Monday, because the harbour master could not find the key.",
    "By noon the fishermen had gathered on the pier, and a woman who mends nets there told them to wait.",
]
LIST = ["A whistle", "Matches", "Two pairs of dry socks", "Tea, sugar and a kettle"]
INTERVIEW = ["Why stop now?", "My knees.", "Is that all?", "It is two of them.", "And the passengers?", "Some."]
LIVE = ["18:40", "The quay stays shut.", "17:05", "Two trees have come down on the mill road.", "16:20", "Rain."]
MENU = ["Home", "News", "Sport", "Weather", "Log in", "Subscribe", "Contact us", "Privacy Policy", "Terms of Use"]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    return Kernel(load_ruleset(profile="page"), tmp_path_factory.mktemp("cache"))


def clean(kernel, text):
    cleaned = kernel.clean(pa.array([text], pa.large_string()))
    return cleaned.texts[0].as_py(), cleaned.page[0]


@pytest.mark.parametrize("part", [LIST, INTERVIEW, LIVE], ids=["list", "interview", "live blog"])
@pytest.mark.parametrize("mark", ["{}", "<p>{}</p>"], ids=["lines", "HTML"])
def test_a_text_without_boilerplate_stays(kernel, part, mark):
    lines = [PROSE[0], *part, PROSE[1]]
    body, page = clean(kernel, "\n".join(map(mark.format, lines)))
    assert body.split() == " ".join(lines).split()
    assert not page


def test_a_page_with_a_menu_is_read_as_one(kernel):
    body, page = clean(kernel, "\n".join([*MENU, *PROSE, *MENU]))
    assert body == "\n".join(PROSE)
    assert page


def test_a_page_stays_one_in_later_rounds(kernel):
    texts = pa.array(["\n".join([PROSE[0], *LIST, PROSE[1]])] * 2, pa.large_string())
    cleaned = kernel.clean(texts, [RecordContext(seen_as_page=True), RecordContext()])
    assert cleaned.page.tolist() == [True, False]

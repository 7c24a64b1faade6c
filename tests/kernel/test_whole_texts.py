"""Whole texts whose lines say what they are only by what stands around them."""

from __future__ import annotations

import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.rule_tools.examples import CLOSING, MIDDLE, OPENING
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.rules.ruleset.selection import Selection
from copydesk.schemas.edits import undo_edits

HOSTS = ("lowmoor", "ostwick")
HEADLINE = "Night bus survives the vote in council"
VERSE = """I went along the river in the spring
the grass was wet, the larks began to sing
{}
and nobody had told me anything
of how the frost had bitten through the ring"""


def clean(text):
    return copydesk.Cleaner(profile="rules", suite="none").clean(text).article


@pytest.mark.parametrize("word", ["Next", "Home", "Share", "Share this", "Menu", "Search", "Subscribe", "Help", "Jobs"])
def test_a_word_of_a_menu_is_a_line_of_verse_between_others(word):
    text = "\n".join([OPENING, VERSE.format(word), CLOSING])
    assert clean(text).body == text


@pytest.mark.parametrize("words", ["Home\nContact us\nHelp", "Facebook\nTwitter\nShare"])
def test_the_same_words_beside_others_of_their_kind_are_a_menu(words):
    assert clean("\n".join([OPENING, words, CLOSING])).body == f"{OPENING}\n{CLOSING}"


@pytest.mark.parametrize("byline", ["By Ina Brod", "By Ina Brod and Tobias Renk", "Von Ina Brod", "par Odile Renk"])
def test_a_headline_over_a_byline_is_lifted_and_the_byline_is_none(byline):
    article = clean(f"{HEADLINE}\n{byline}\n\n{OPENING}\n{MIDDLE}")
    assert (article.headline, article.alt_headlines) == (HEADLINE, [])
    assert article.body.split("\n")[0] == byline


@pytest.mark.parametrize("credit", ["Photo: Ina Brod | Getty Images", "Ferry at the quay (Reuters)"])
def test_the_credit_of_a_picture_is_no_headline(credit):
    article = clean(f"{HEADLINE} — Lowmoor News\n{HEADLINE}\n{credit}\n\n{OPENING}\n{MIDDLE}")
    assert (article.headline, article.alt_headlines) == (HEADLINE, [])
    assert article.body.split("\n")[0] == credit


@pytest.mark.parametrize("date", ["Tuesday, 17 January, 2012 - 10:52", "Updated March 4, 2024 10:15 AM"])
def test_a_date_is_no_headline(date):
    text = f"{date}\n\n{OPENING}\n{MIDDLE}"
    article = clean(text)
    assert (article.headline, article.body) == (None, text)


def test_a_headline_of_the_record_is_mended_as_its_text_is():
    title = " Caf&eacute; by the&nbsp;harbour doesnâ€™t open — Lowmoor News"
    cleaned = copydesk.Cleaner(profile="rules", suite="none").clean({"title": title, "text": OPENING})
    assert cleaned.article.headline == "Café by the harbour doesn’t open"
    edits = [edit for edit in cleaned.edits if edit.field == "headline"]
    assert [(edit.rule, edit.before, edit.after) for edit in edits] == [
        ("layout/edges", " ", ""),
        ("characters/entities", "&eacute;", "é"),
        ("characters/entities", "&nbsp;", " "),
        ("characters/mojibake", "â€™", "’"),
        ("headlines/suffix", " — Lowmoor News", ""),
    ]
    assert undo_edits(cleaned.article.headline, edits) == title


@pytest.mark.parametrize("title", [None, "", "\u00a0", " ", "\u200b"])
def test_a_headline_with_nothing_in_it_is_none(title):
    cleaned = copydesk.Cleaner(profile="rules", suite="none").clean(
        {"title": title, "text": f"{HEADLINE}\n\n{OPENING}"}
    )
    assert cleaned.article.headline == HEADLINE
    assert {edit.field for edit in cleaned.edits} == {"body"}
    table = copydesk.Cleaner(suite="none").clean_table(
        pa.table({"title": pa.array([title], pa.string()), "text": [OPENING]})
    )
    assert table["headline"].to_pylist() == [None]


def test_a_headline_that_is_damaged_in_the_field_alone_is_known_in_the_text():
    record = {
        "title": "The ferry&#8217;s  captain has lost the key",
        "text": f"The ferry’s captain has lost the key\n\n{OPENING}",
    }
    assert clean(record).body == OPENING


def test_a_headline_stays_damaged_where_the_settings_of_its_host_say_so():
    selection = Selection(sources=(("lowmoor.example", ("characters",)),))
    cleaner = copydesk.Cleaner(load_ruleset(profile="rules", selection=selection), suite="none")
    records = ({"title": "Q&amp;A at the quay", "text": OPENING, "url": f"https://{host}.example/1"} for host in HOSTS)
    assert [cleaner.clean(record).article.headline for record in records] == ["Q&amp;A at the quay", "Q&A at the quay"]

"""Headline fields of records that are blank, or that the settings leave alone. Other documents: tests/cases/."""

from __future__ import annotations

import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.rule_tools.examples import OPENING
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.rules.ruleset.selection import Selection

HOSTS = ("lowmoor", "ostwick")
HEADLINE = "Night Bus Survives the Vote in Council"  # its capitals make it a headline for sure


@pytest.mark.parametrize("title", [None, "", "\u00a0", " ", "\u200b"])
def test_a_blank_headline_is_none(title):
    cleaned = copydesk.Cleaner(profile="rules", suite="none").clean(
        {"title": title, "text": f"{HEADLINE}\n\n{OPENING}"}
    )
    assert cleaned.article.headline == HEADLINE
    assert {edit.field for edit in cleaned.edits} == {"body"}
    table = copydesk.Cleaner(suite="none").clean_table(
        pa.table({"title": pa.array([title], pa.string()), "text": [OPENING]})
    )
    assert table["headline"].to_pylist() == [None]


def test_a_headline_stays_damaged_if_the_settings_of_its_host_say_so():
    selection = Selection(sources=(("lowmoor.example", ("characters",)),))
    cleaner = copydesk.Cleaner(load_ruleset(profile="rules", selection=selection), suite="none")
    records = ({"title": "Q&amp;A at the quay", "text": OPENING, "url": f"https://{host}.example/1"} for host in HOSTS)
    assert [cleaner.clean(record).article.headline for record in records] == ["Q&amp;A at the quay", "Q&A at the quay"]

"""What markup says about an article: its front matter and its headings, in the fields of the record."""

from __future__ import annotations

import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.api import Cleaner

P = "The council of Ostwick voted on Tuesday to repair the old bridge before the winter begins."
Q = "Work starts in October, and the ferry runs twice as often until the bridge is open again."
FRONT = (
    "---\ntitle: 'A bridge: repaired'\nauthor: Petra Quill\ndate: 2024-03-01\ntags: [river, bridge]\n"
    "description: How they did it.\nslug: a-bridge\n---\n\n"
)


def test_front_matter_fills_the_fields_that_a_record_lacks():
    cleaned = copydesk.clean(f"{FRONT}{P}\n\n{Q}")
    article = cleaned.article
    assert (article.headline, article.description) == ("A bridge: repaired", "How they did it.")
    assert [author.name for author in article.authors] == ["Petra Quill"]
    assert (article.date_published.date().isoformat(), article.date_published_precision) == ("2024-03-01", "day")
    assert article.keywords == ["river", "bridge"]
    assert article.body == f"{P}\n\n{Q}"
    assert cleaned.restore() == f"{FRONT}{P}\n\n{Q}"


def test_fields_of_the_record_come_first():
    own = {"title": "Own", "author": "Jo Own", "tags": [], "date": "2020-01-01", "text": f"{FRONT}{P}\n\n{Q}"}
    article = copydesk.clean(own).article
    assert (article.headline, [author.name for author in article.authors]) == ("Own", ["Jo Own"])
    assert (article.date_published.year, article.keywords) == (2020, ["river", "bridge"])


def test_front_matter_in_a_table_of_other_texts():
    table = pa.table({"text": [P, f'+++\ntitle = "A | Ostwick Times"\n+++\n{P}', "---\nx", None]})
    assert copydesk.clean_table(table).column("headline").to_pylist() == [None, "A | Ostwick Times", None, None]
    plain = Cleaner(form="text").clean(f"{FRONT}{P}")
    assert plain.article.headline is None


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        f"Intro of the text.\n\n# Old\u00a0*bridge*\n\n{P}\n\n### Leave a Comment\n\n## Ferry &amp; quay\n\n"
        f"- {Q}\n- {P}x\n",
        f"<p>Intro of the text.</p><h1>Old <i>bridge</i></h1><p>{P}</p><h3>Leave a Comment</h3>"
        f"<h2><a href='/f'>Ferry</a> &amp; quay</h2><ul><li>{Q}</li><li>{P}x</li></ul>",
    ],
)
def test_headings_that_are_left_begin_sections(text, keep):
    cleaned = Cleaner(keep_markup=keep).clean(text)
    assert [section.model_dump() for section in cleaned.article.sections] == [
        {"heading": None, "paragraphs": ["Intro of the text."]},
        {"heading": "Old bridge", "paragraphs": [P]},
        {"heading": "Ferry & quay", "paragraphs": [f"{Q}\n{P}x"]},
    ]


def test_a_text_without_headings_has_no_sections():
    assert copydesk.clean(f"<p>{P}</p>").article.sections == []

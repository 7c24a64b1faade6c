"""What is cut fills the record, if the record has no value of its own."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

import copydesk

PROSE = (
    "The night bus between Lowmoor and the harbour will run for another year, the council decided on Tuesday evening, "
    "after a debate of four hours that ended in applause."
)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (f"By Ina Brod and Tobias Renk, Staff Writers\n\n{PROSE}", "authors", ["Ina Brod", "Tobias Renk"]),
        (f"Von Ina Brod\n\n{PROSE}", "authors", ["Ina Brod"]),
        (f"{PROSE}\n\n(Reporting by Ina Brod in Lenn; Editing by Tobias Renk)", "authors", ["Ina Brod"]),
        (f"Published: March 5, 2024\n\n{PROSE}", "date_published", "2024-03-05"),
        (f"Updated on 5 March 2024 10:15\n\n{PROSE}", "date_modified", "2024-03-05"),
        (f"{PROSE}\n\nTags: bus, night bus, Lowmoor", "keywords", ["bus", "night bus", "Lowmoor"]),
        (f"LENN, March 5 (Northpress) — {PROSE}", "dateline", "LENN, March 5 (Northpress)"),
        (f"LENN, March 5 (Northpress) — {PROSE}", "location", "Lenn"),
        (f"Home > News > Politics\n\n{PROSE}", "section", "Politics"),
        (f"Startseite » Lokales\n\n{PROSE}", "section", "Lokales"),
        (f"{PROSE}\n\nThe post Night bus stays appeared first on Ostwick Kitchen.", "source_name", "Ostwick Kitchen"),
        (
            f"{PROSE}\n\nDer Beitrag Nachtbus bleibt erschien zuerst auf Ostwicker Küche.",
            "source_name",
            "Ostwicker Küche",
        ),
        (f"Posted by Ina Brod, Software Engineer\n\n{PROSE}", "authors", ["Ina Brod"]),
    ],
)
def test_a_line_fills_its_field(text, field, value):
    cleaned = copydesk.clean(text)
    found = getattr(cleaned.article, field)
    if field == "authors":
        found = [author.name for author in found]
    assert (found.date().isoformat() if field.startswith("date_") else found) == value
    assert cleaned.restore() == text
    if field in ("dateline", "location"):
        assert cleaned.article.body == text
    else:
        assert cleaned.article.body == PROSE


def test_the_value_of_the_record_wins_and_a_difference_is_reported():
    record = {"author": "Petra Quill", "date": "2024-03-01", "text": f"By Ina Brod\nPublished March 5, 2024\n\n{PROSE}"}
    cleaned = copydesk.clean({"title": "Night bus", **record})
    assert [author.name for author in cleaned.article.authors] == ["Petra Quill"]
    assert cleaned.article.date_published.day == 1
    found = {reason.check: reason.message for reason in cleaned.reasons}
    assert found["authors/other-in-text"] == "the text has 'Ina Brod'"
    assert found["date/other-in-text"] == "the text has '2024-03-05'"


def test_a_source_that_differs_is_a_finding():
    record = {
        "publisher": "The Lowmoor Lantern",
        "text": f"{PROSE}\n\nThe post Rain appeared first on Ostwick Kitchen.",
    }
    cleaned = copydesk.clean(record)
    assert cleaned.article.source_name == "The Lowmoor Lantern"
    found = {reason.check: reason.message for reason in cleaned.reasons}
    assert found["source/other-in-text"] == "the text has 'Ostwick Kitchen'"


def test_two_dates_without_labels_make_both_uncertain():
    cleaned = copydesk.clean(f"Night bus survives the vote\nMay 21, 2025\nApril 24, 2025\nBy Ina Brod\n\n{PROSE}")
    assert cleaned.article.date_published is None
    assert [author.name for author in cleaned.article.authors] == ["Ina Brod"]


@pytest.mark.parametrize(
    "line",
    [
        "Marta Lindqvist has waited for the night bus for years",  # a caption
        "It was a long evening for the council",  # a standfirst: nothing below takes it up
        "By INA BROD lowmoor.example",
        "Monday, March 5, 2024, by Ina Brod",
        "Ina Brod / Eyewitness News",
        "Page 1 of 4",
    ],
)
def test_a_line_that_may_be_no_headline_stays(line):
    cleaned = copydesk.clean(f"{line}\n\n{PROSE}")
    assert cleaned.article.headline is None


@pytest.mark.parametrize(
    ("line", "following"),
    [
        ("Ferry Strike Enters Its Third Week", PROSE),
        ("Council lets the night bus run for a year", PROSE),
        (
            "市议会决定夜间巴士继续运行一年",
            "市议会星期二晚上决定，夜间巴士将继续运行一年。经过四个小时的辩论，会议在掌声中结束。" * 3,
        ),
    ],
)
def test_a_line_with_two_signs_is_the_headline(line, following):
    cleaned = copydesk.clean(f"{line}\n\n{following}")
    assert (cleaned.article.headline, cleaned.article.body) == (line, following)


@pytest.mark.parametrize("line", ["By Popular Demand:", "By land and by sea.", "May 4, 2016 was a Wednesday:"])
def test_other_lines_stay(line):
    assert copydesk.clean(f"{line}\n\n{PROSE}").article.body == f"{line}\n\n{PROSE}"


def test_edits_name_the_field_that_they_fill(copydesk_command, jsonl, tmp_path):
    path = jsonl({"id": "1", "text": f"Night bus survives the vote\nBy Ina Brod\n\n{PROSE}"})
    assert copydesk_command("clean", path, "--out", tmp_path / "out", "-q").code == 0
    edits = pq.read_table(tmp_path / "out" / "edits.parquet").to_pylist()
    assert {edit["rule"]: edit["fills"] for edit in edits} == {"headlines/lift": "headline", "byline/above": "authors"}


STANDFIRST = "Residents of the harbour had asked for it in two letters and one song"


def test_a_standfirst_between_headline_and_byline_is_copied():
    text = f"Council votes to keep the night bus\n\n{STANDFIRST}\n\nBy Ina Brod\n\n{PROSE}"
    cleaned = copydesk.clean({"text": text, "title": "Council votes to keep the night bus"})
    assert cleaned.article.description == STANDFIRST
    assert cleaned.article.body == f"{STANDFIRST}\n\n{PROSE}"
    assert cleaned.restore() == text
    own = copydesk.clean({"text": text, "title": "Council votes to keep the night bus", "summary": "A vote."})
    assert own.article.description == "A vote."
    two = text.replace("\n\nBy Ina", f"\n\n{PROSE}\n\nBy Ina")
    assert copydesk.clean({"text": two, "title": "Council votes to keep the night bus"}).article.description is None


def test_the_credit_of_a_picture_is_copied():
    text = f"{PROSE}\n\nPhoto: Ina Brod/Northpress\n\n{PROSE} Again."
    [image] = copydesk.clean(text).article.images
    assert (image.url, image.credit) == (None, "Ina Brod/Northpress")
    [image] = copydesk.clean({"text": text, "image": "https://a.example/1.jpg"}).article.images
    assert (image.url, image.credit) == ("https://a.example/1.jpg", "Ina Brod/Northpress")
    two = {"text": text, "images": ["https://a.example/1.jpg", "https://a.example/2.jpg"]}
    assert [image.credit for image in copydesk.clean(two).article.images] == [None, None]
    assert copydesk.clean(f"{PROSE}\n\nPhoto: the last one of her, taken at the fair.").article.images == []

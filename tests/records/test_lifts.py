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


@pytest.mark.parametrize("line", ["By Popular Demand:", "By land and by sea.", "May 4, 2016 was a Wednesday:"])
def test_other_lines_stay(line):
    assert copydesk.clean(f"{line}\n\n{PROSE}").article.body == f"{line}\n\n{PROSE}"


def test_edits_name_the_field_that_they_fill(copydesk_command, jsonl, tmp_path):
    path = jsonl({"id": "1", "text": f"Night bus survives the vote\nBy Ina Brod\n\n{PROSE}"})
    assert copydesk_command("clean", path, "--out", tmp_path / "out", "-q").code == 0
    edits = pq.read_table(tmp_path / "out" / "edits.parquet").to_pylist()
    assert {edit["rule"]: edit["fills"] for edit in edits} == {"headlines/lift": "headline", "byline/above": "authors"}

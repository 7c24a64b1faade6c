"""The page of a run: its figures, its size, and what it says of damage."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.results.report.collect import collect_figures
from copydesk.cleaner.results.report.data import ReasonFigures, RuleFigures, Sample, Segment
from copydesk.cleaner.results.report.drift import find_changes
from copydesk.cleaner.results.report.notes import find_notes, find_suspicions
from copydesk.cleaner.results.report.off_rules import try_off_rules
from copydesk.cleaner.results.report.page import MAX_BYTES, render_run
from copydesk.cleaner.results.report.segments import make_segments
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.rules.ruleset.selection import Selection

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "<script>window.pwned=1</script> <img src=x onerror=window.pwned=1> said the mayor\u202e\x1b[31m of the town, and "
    "nobody in the hall objected to any of it, although the meeting lasted until the early hours of the morning."
)


@pytest.fixture
def dump(jsonl, article):
    records = [
        {
            "id": f"r{number}",
            "url": f"https://lantern.example/{number}",
            "headline": f"A key, a chain and ferry {number}",
            "text": f"{article}\n\nDay {number} ended.\n\nShare this article\n\nSubscribe to our newsletter\n",
            "date": f"2024-0{1 + number % 9}-04",
        }
        for number in range(24)
    ]
    hostile = {"id": "<b>", "url": "https://lantern.example/x", "headline": "'\"><svg onload=pwn()>", "text": HOSTILE}
    return jsonl(*records, hostile, {"id": "empty", "text": ""}, b"{broken")


@pytest.fixture
def out(copydesk_command, dump, tmp_path) -> Path:
    ran = copydesk_command("clean", dump, "--out", tmp_path / "out")
    assert f"  open {tmp_path / 'out' / 'report.html'}  each record" in ran.err
    return tmp_path / "out"


def restored(segments: tuple[Segment, ...], *, after: bool) -> str:
    return "".join(one.text if one.kind == "keep" else one.after if after else one.text for one in segments)


def test_the_figures_are_those_of_the_summary(out):
    data = collect_figures(out)
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert {rule: {"count": f.cuts, "characters": f.characters} for rule, f in data.rules.items()} == summary["edits"]
    assert data.removed == summary["characters"]["removed"]
    assert data.characters_after == summary["characters"]["out"]
    assert {reason: f.records for reason, f in data.reasons.items() if f.severity == "error"} == summary["rejections"]
    assert data.rules["newsletter/prompt"].records == 24
    assert sum(data.lengths_before.values()) == sum(data.shares.values()) == summary["records"]["accepted"] == 25
    assert data.sources == {"lantern.example": 25}


def test_a_sample_has_the_text_before_and_after(out):
    bodies = {row["id"]: row["body"] for row in pq.read_table(out / "articles.parquet").to_pylist()}
    (sample,) = [sample for sample in collect_figures(out).gallery if sample.id == "r3"]
    assert restored(sample.segments, after=True) == bodies["r3"]
    assert restored(sample.segments, after=False).endswith("\n\nShare this article\n\nSubscribe to our newsletter\n")
    assert {one.rule for one in sample.segments if one.kind == "cut"} >= {"newsletter/prompt", "sharing/button"}


def test_rules_that_the_user_switched_off_are_tried_on_a_sample(copydesk_command, dump, tmp_path):
    ran = copydesk_command("clean", dump, "--out", tmp_path / "out", "--ignore", "newsletter")
    assert ran.code == 1, ran.err
    data, rules = collect_figures(tmp_path / "out"), load_ruleset(selection=Selection(ignore=("newsletter",)))
    assert len(data.raw_texts) == 25
    assert all(text.raw.endswith("Subscribe to our newsletter\n") for text in data.raw_texts if text.id != "<b>")
    found = try_off_rules(data.raw_texts, rules)
    assert {rule.split("/")[0] for rule in found} == {"newsletter"}
    assert (found["newsletter/prompt"].records, found["newsletter/prompt"].cuts) == (24, 24)
    assert found["newsletter/prompt"].examples[0][2] == "Subscribe to our newsletter"
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "On a random sample of 25 records, these rules would have cut as well." in page
    assert try_off_rules(data.raw_texts, load_ruleset()) == {}


def test_hostile_text_stays_text(out):
    page = (out / "report.html").read_text("utf-8")
    assert page.count("<script") == page.count("</script>") == 1
    assert not re.search(r"<(img|svg onload|iframe|link|form|object)", page)
    assert "&lt;img src=x onerror" in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert re.findall(r"\s(?:src|href|action)=\"(?!#)", page) == []


def test_the_page_does_not_depend_on_pieces(copydesk_command, dump, out, tmp_path, small_pieces):
    copydesk_command("clean", dump, "--out", tmp_path / "small", "-q")
    assert (tmp_path / "small" / "report.html").read_bytes() == (out / "report.html").read_bytes()


def test_the_same_results_make_the_same_page(copydesk_command, dump, out, tmp_path):
    copydesk_command("clean", dump, "--out", tmp_path / "again", "--workers", "2", "-q")
    assert (tmp_path / "again" / "report.html").read_bytes() == (out / "report.html").read_bytes()
    before = (out / "report.html").read_bytes()
    copydesk_command("clean", dump, "--out", out, "--overwrite", "-q")
    assert (out / "report.html").read_bytes() == before
    (out / "report.html").unlink()
    assert copydesk_command("report", out).code == 0
    assert (out / "report.html").read_bytes() == before


@pytest.mark.parametrize("form", ["jsonl", "jsonl.zst", "csv"])
def test_every_format_of_the_articles_has_the_same_figures(copydesk_command, dump, out, tmp_path, form):
    copydesk_command("clean", dump, "--out", tmp_path / form, "--to", form, "-q")
    pages = [re.sub(r"\s+", " ", (folder / "report.html").read_text("utf-8")) for folder in (out, tmp_path / form)]
    assert pages[0] == pages[1]


def test_no_report_is_written_if_none_is_wanted(copydesk_command, dump, tmp_path):
    ran = copydesk_command("clean", dump, "--out", tmp_path / "out", "--no-report")
    assert f"written to {tmp_path / 'out'}" in ran.err.splitlines()
    assert "report.html" not in ran.err
    assert not (tmp_path / "out" / "report.html").exists()


def test_a_page_of_an_earlier_run_does_not_stay(copydesk_command, dump, out):
    copydesk_command("clean", dump, "--out", out, "--overwrite", "--no-report", "-q")
    assert not (out / "report.html").exists()


def test_a_page_shows_what_has_changed(copydesk_command, dump, out, tmp_path):
    ran = copydesk_command("clean", dump, "--out", out, "--overwrite", "--ignore", "sharing", "--against", out, "-q")
    assert ran.err == ""
    page = (out / "report.html").read_text("utf-8")
    assert "Since the earlier run" in page
    changes = {change.name: change for change in find_changes(collect_figures(out), collect_figures(out))}
    assert changes == {}
    assert re.search(r"<code>sharing/button</code></td><td[^>]*>96.0 %</td><td[^>]*>0 %</td>", page)


def test_what_is_no_output_folder_is_said(copydesk_command, out, tmp_path):
    ran = copydesk_command("report", tmp_path)
    assert ran.code == 2
    assert "no articles in it" in ran.err
    (out / "quarantine.jsonl").write_text("")
    ran = copydesk_command("report", out)
    assert "it has 0 rejected records, but summary.json counts 2" in ran.err
    (out / "edits.parquet").write_bytes(b"PAR1 and no more")
    ran = copydesk_command("report", out)
    assert ran.code == 2
    assert ran.err.count("\n") <= 2
    assert "cannot be read" in ran.err


def test_a_page_that_cannot_be_written_does_not_spoil_the_run(copydesk_command, dump, tmp_path, monkeypatch):
    from copydesk.schemas.errors import OutputError

    def fail(*_: object, **__: object) -> None:
        raise OutputError("cannot be written (No space left on device)", where="report.html")

    monkeypatch.setattr("copydesk.cleaner.results.report.write.write_report", fail)
    ran = copydesk_command("clean", dump, "--out", tmp_path / "out")
    assert ran.code == 1
    assert "no report.html was written: report.html: cannot be written" in ran.err
    assert (tmp_path / "out" / "summary.json").exists()


def test_a_link_in_the_place_of_the_page_is_not_followed(copydesk_command, out, tmp_path):
    precious = tmp_path / "precious.html"
    precious.write_text("mine")
    (out / "report.html").unlink()
    (out / "report.html").symlink_to(precious)
    ran = copydesk_command("report", out)
    assert (ran.code, "this is a link" in ran.err) == (2, True)
    assert precious.read_text() == "mine"
    assert copydesk_command("report", out, "--to", tmp_path / "page.html").code == 0


def test_the_page_has_a_bound(out):
    data = collect_figures(out)
    segments = (Segment("keep", "\u202e" * 400), *(Segment("cut", "<" * 700, rule=f"a/{n}") for n in range(80)))
    sample = Sample("id", "a:1", "h", "", "en", "text", 90, 10, segments, (), ("a/1",))
    data.gallery, data.lost_most = [sample] * 400, [sample] * 400
    data.rules = {f"a/{n}": RuleFigures(1, 1, 1, [("a:1", "id", "&" * 300)] * 4) for n in range(2_000)}
    data.reasons = {f"r/{n}": ReasonFigures("error", 1, 1, [("a", "b", "m" * 300, "<" * 240)] * 4) for n in range(500)}
    page = render_run(data, {})
    assert len(page.encode()) <= MAX_BYTES
    assert "The fewest cuts are by " in page


def test_long_parts_are_shortened():
    cut = {"field": "body", "rule": "a/b", "start": 1_000_000, "end": 2_000_000, "before": "y" * 1_000_000, "after": ""}
    segments = make_segments("x" * 1_500_000, [{**cut, "detail": None}])
    assert sum(len(one.text) for one in segments) < 2_000
    assert sum(one.characters for one in segments if one.kind == "gap") + 4 * 180 == 1_500_000
    with pytest.raises(ValueError, match="do not fit"):
        make_segments("short", [{**cut, "start": 3, "after": "zz", "detail": None}])


def test_what_nobody_else_says_is_a_note(copydesk_command, jsonl, article, tmp_path):
    rows = [{"id": str(n), "text": f"<p>{article}</p><p>Day {n}.</p><p>Share this article</p>"} for n in range(30)]
    copydesk_command("clean", jsonl(*rows), "--out", tmp_path / "out", "-q")
    data = collect_figures(tmp_path / "out")
    notes = " ".join(note.text for note in find_notes(data))
    assert "All bodies were HTML." in notes
    assert "No record has a date." in notes
    assert [one.rule for one in find_suspicions(data)] == ["sharing/button"]

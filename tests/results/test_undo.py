"""Cuts taken back: in the folder of a run, by decisions that later runs keep, and by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.results.undone_cuts import CutLines
from copydesk.schemas.decisions import Decisions, Keep, line_digest
from copydesk.schemas.errors import SettingError

JUNK = ("Leave a Comment", "Scroll to Top\n\nLeave a Comment", "Subscribe to our newsletter", "By Petra Quill")


def record(number: int, article: str) -> dict:
    host = ("lantern.example", "www.other.example")[number % 2]
    fields = {"id": f"r{number}", "url": f"https://{host}/{number}", "title": f"Key number {number}"}
    top, junk = ("", JUNK[number % 4]) if number % 4 < 3 else ("By Petra Quill\n\n", "Leave a Comment")
    return {**fields, "text": f"{top}{article} No. {number}\n\n{junk}"}


@pytest.fixture
def dump(jsonl, article, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return jsonl(*(record(n, article) for n in range(16)))


@pytest.fixture
def clean(dump, copydesk_command):
    def run(out: str, *options: str) -> dict:
        ran = copydesk_command("clean", dump, "--out", out, "-q", "--no-report", *options)
        assert ran.code == 0, ran.err
        return read(out)

    return run


def read(out: str) -> dict:
    """Return the articles and edits of a run, and its summary without what differs between runs."""
    summary = json.loads(Path(out, "summary.json").read_bytes())
    summary.pop("run")
    tables = [pq.read_table(f"{out}/{name}.parquet").to_pylist() for name in ("articles", "edits")]
    return {"articles": tables[0], "edits": tables[1], "summary": summary}


@pytest.mark.parametrize(
    "choice",
    [
        ["--rule", "comments/form"],
        ["--rule", "comments", "--id", "r1"],
        ["--rule", "comments", "--host", "lantern.example"],
        ["--line", "Scroll to Top"],
        ["--rule", "byline"],
        ["--id", "r3"],
    ],
)
@pytest.mark.usefixtures("small_pieces")
def test_a_folder_is_what_a_run_with_the_decisions_writes(choice, clean, copydesk_command):
    before = clean("out")
    ran = copydesk_command("undo", "out", *choice)
    assert ran.code == 0, ran.err
    assert read("out") != before
    assert read("out") == clean("again")


def test_only_the_record_or_the_host_is_changed(clean, copydesk_command):
    before = clean("out")
    copydesk_command("undo", "out", "--rule", "comments/form", "--id", "r1")
    after = read("out")
    changed = [new["id"] for old, new in zip(before["articles"], after["articles"], strict=True) if old != new]
    assert changed == ["r1"]
    assert after["articles"][1]["body"].endswith("Leave a Comment")
    assert "Scroll" not in after["articles"][1]["body"]
    assert after["articles"][1]["word_count"] == before["articles"][1]["word_count"] + 3


def test_a_byline_that_is_taken_back_fills_no_field(clean, copydesk_command):
    assert clean("out")["articles"][3]["authors"][0]["name"] == "Petra Quill"
    copydesk_command("undo", "out", "--rule", "byline", "--id", "r3")
    article = read("out")["articles"][3]
    assert article["authors"] == []
    assert article["body"].startswith("By Petra Quill")


@pytest.mark.parametrize("form", ["jsonl", "jsonl.zst"])
def test_lines_of_json_are_rewritten(form, clean, dump, copydesk_command):
    assert copydesk_command("clean", dump, "--out", "out", "-q", "--no-report", "--to", form).code == 0
    assert copydesk_command("undo", "out", "--rule", "navigation").code == 0
    shown = copydesk_command("explain", "out", "--id", "r1").out
    assert "  Scroll to Top" in shown
    assert copydesk_command("restore", "out", "--to", "raw").code == 0


def test_check_and_explain_keep_it_undone_until_the_entry_is_removed(clean, dump, tmp_path, copydesk_command):
    clean("out")
    copydesk_command("undo", "out", "--rule", "navigation/top")
    assert "navigation/top" not in copydesk_command("check", dump, "--fail-on", "info").out
    assert "[navigation/top" not in copydesk_command("explain", dump).out
    listed = copydesk_command("decisions")
    assert listed.out == "navigation/top: Scroll to Top\n"
    assert json.loads(copydesk_command("decisions", "--format", "json").out)["digest"] == line_digest("Scroll to Top")
    (tmp_path / "copydesk.decisions.toml").unlink()
    assert "navigation/top" in copydesk_command("check", dump, "--fail-on", "info").out


def test_undo_refuses_what_it_cannot_do(clean, copydesk_command):
    before = clean("out")
    assert "name the cuts" in copydesk_command("undo", "out").err
    assert "no such cut in it" in copydesk_command("undo", "out", "--rule", "related").err
    assert "cuts no lines" in copydesk_command("undo", "out", "--rule", "characters/mojibake").err
    ran = copydesk_command("undo", "out", "--rule", "navigation", "--ignore", "comments/form")
    assert ran.code == 2
    assert "others than those of the run" in ran.err
    assert read("out") == before
    assert copydesk_command("decisions").out == ""


def test_a_file_of_decisions_by_hand(tmp_path):
    path = tmp_path / "copydesk.decisions.toml"
    path.write_text('[[keep]]\nrule = "a/b"\nline = "One  line"\n[[keep]]\nrule = "a/b"\nhost = "x.example"\n')
    first, second = Decisions.read(path).entries
    assert (first.key, second.key) == (None, line_digest("One line"))
    assert Decisions.read(tmp_path / "none").entries == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[keep]]\nrule = "a/b"\n', "name a line, a record or a host"),
        ('[[keep]]\nrule = "ab"\nline = "x"\n', "rule"),
        ('[[keep]]\nrule = "a/b"\nlines = "x"\n', r"toml:3: unknown key 'lines', did you mean 'line'"),
        ('[[keep]]\nrule = "a/b"\nline = "x"\ndigest = "0123456789abcdef"\n', "the digest is that of another line"),
        ("keep = 5\n", "keep"),
        ("[[keep]\n", "not TOML"),
    ],
)
def test_a_file_that_is_not_sound_is_one_line(text, message, tmp_path):
    path = tmp_path / "copydesk.decisions.toml"
    path.write_text(text)
    with pytest.raises(SettingError, match=message):
        Decisions.read(path)


def test_a_long_line_is_shortened_and_keeps_its_digest():
    keep = Keep.of("a/b", "word " * 100)
    assert keep.line.endswith("…")
    assert keep.key == line_digest("word " * 100)


def test_decisions_hold_the_laws_on_all_seeds(seeds):
    cleaner = Cleaner()
    texts = [path.read_text("utf-8") for path in sorted(seeds.glob("*.txt"))]
    records = [{"text": text, "url": f"https://lantern.example/{n}"} for n, text in enumerate(texts)]
    lines, keeps = CutLines(cleaner.ruleset), []
    for _ in range(8):  # what one rule leaves, another one may cut
        kept = Cleaner(cleaner.ruleset, decisions=Decisions(keeps))
        cleaned = kept.clean_many(records)
        new = [Keep.of(e.rule, line) for one in cleaned for e in one.edits if e.rule not in lines.fixed
               for line in lines.of(e, one.article.raw.format)]  # fmt: skip
        if not new:
            break
        keeps += new
    assert not new
    assert len(keeps) > 100
    again = kept.clean_many([{"text": one.article.body, "url": one.article.url} for one in cleaned])
    assert [one.article.body for one in again] == [one.article.body for one in cleaned]
    assert [one.restore() for one in cleaned] == texts


FORMS = {
    "html": "<p>{0}</p><p>{1}</p><p>Leave a <b>Comment</b></p><p>Subscribe to our newsletter</p>",
    "markdown": "## The key\n\n{0}\n\n{1} [More](https://lantern.example/more)\n\n**Leave a Comment**\n\n"
    "Subscribe to our newsletter",
    "flow": "{0} {1} Leave a Comment Subscribe to our newsletter",
}


@pytest.mark.parametrize("form", FORMS)
def test_cuts_in_marked_and_flowing_texts_are_taken_back(form, jsonl, article, tmp_path, monkeypatch, copydesk_command):
    monkeypatch.chdir(tmp_path)
    text = FORMS[form].format(*article.split("\n\n"))
    dump = jsonl(*({"id": f"r{n}", "title": f"Key {n}", "text": text.replace("Monday", f"day {n}")} for n in range(4)))
    words = ["clean", dump, "-q", "--no-report", "--form", form, "--suite", "none"]
    assert copydesk_command(*words, "--out", "out").code == 0
    before = read("out")
    rules = sorted(
        {edit["rule"] for edit in before["edits"] if edit["rule"].split("/")[0] in ("comments", "newsletter")}
    )
    assert rules
    ran = copydesk_command("undo", "out", "--rule", rules[0], "--form", form, "--suite", "none")
    assert ran.code == 0, ran.err
    assert copydesk_command(*words, "--out", "again").code == 0
    assert read("out") == read("again") != before
    assert copydesk_command("restore", "out", "--to", "raw").code == 0

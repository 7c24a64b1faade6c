"""Articles in the forms that other programs read, in a directory and to standard output."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from copydesk.cleaner.runs.exports import Export
from copydesk.schemas.errors import SettingError

AUTHORS = ["A. Lenn", "B. Ost"]


@pytest.fixture
def dump(jsonl, article):
    return jsonl(
        {
            "uid": "a",
            "title": "=1+1",
            "text": f"{article}\n\nScroll to Top",
            "views": 3,
            "authors": ["A. Lenn", "B. Ost"],
        },
        {"uid": "b", "title": "The key", "text": article.replace("Skarnes", "Ostwick"), "views": 4},
        {"uid": "c", "title": "Nothing", "text": ""},
    )


def test_csv_is_safe_from_formulas(dump, tmp_path, copydesk_command, article):
    assert copydesk_command("clean", dump, "--to", "csv", "--out", tmp_path / "out").code == 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "articles.csv").read_text("utf-8"))))
    assert [row["headline"] for row in rows] == ["'=1+1", "The key"]
    assert rows[0]["authors"] == "A. Lenn; B. Ost"
    assert rows[0]["body"] == article
    assert pq.read_metadata(tmp_path / "out" / "articles.parquet").num_rows == 2
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "raw").code == 0
    assert copydesk_command("clean", dump, "--to", "csv", "--raw-csv", "--out", tmp_path / "raw-out").code == 1
    assert "\n" in (tmp_path / "raw-out" / "articles.csv").read_text("utf-8")
    assert ",=1+1," in (tmp_path / "raw-out" / "articles.csv").read_text("utf-8")


def test_columns_and_names_of_the_input(dump, tmp_path, copydesk_command, article):
    options = ["--to", "jsonl", "--names", "input"]
    copydesk_command("clean", dump, *options, "--out", tmp_path / "out")
    lines = [json.loads(line) for line in (tmp_path / "out" / "articles.jsonl").read_text().splitlines()]
    assert lines[0] == {"uid": "a", "title": "=1+1", "text": article, "views": 3, "authors": AUTHORS}
    copydesk_command("clean", dump, "--to", "jsonl", "--columns", "headline,extra.views", "--out", tmp_path / "two")
    lines = [json.loads(line) for line in (tmp_path / "two" / "articles.jsonl").read_text().splitlines()]
    assert lines == [{"headline": "=1+1", "extra.views": 3}, {"headline": "The key", "extra.views": 4}]
    copydesk_command(
        "clean", dump, "--to", "csv", "--names", "input", "--columns", "uid,title", "--out", tmp_path / "three"
    )
    assert (tmp_path / "three" / "articles.csv").read_text() == "uid,title\na,'=1+1\nb,The key\n"
    assert copydesk_command("validate", tmp_path / "two", "--verdict-by", "flags").code == 0  # articles.parquet


def test_a_text_for_each_text(tmp_path, copydesk_command, article, jsonl):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text(f"{article}\n\nScroll to Top")
    (folder / "deep" / "a.txt").write_text(article.replace("Skarnes", "Ostwick"))
    (folder / "dump.jsonl").write_text(json.dumps({"text": article.replace("Skarnes", "Lenn")}))
    out = tmp_path / "out"
    assert copydesk_command("clean", folder, "--to", "txt", "--out", out).code == 0
    files = {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob("*.txt") if path.is_file()}
    assert set(files) == {"articles.txt/a.txt", "articles.txt/deep/a.txt", "articles.txt/dump/1.txt"}
    assert files["articles.txt/a.txt"] == article
    assert copydesk_command("clean", folder, "--out", out, "--overwrite").code == 0
    assert not (out / "articles.txt").exists(), "nothing of the earlier run is left"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_filter(workers, dump, tmp_path, copydesk_command, article, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = copydesk_command("clean", "-", "--to", "jsonl", "--out", "-", "--workers", workers, stdin=dump.read_bytes())
    assert ran.code == 1
    assert json.loads(ran.out.partition("\n")[0])["body"] == article
    assert "records read" in ran.err
    assert "1 record left out" in ran.err
    assert {path.name for path in tmp_path.iterdir()} == {dump.name}
    ran = copydesk_command("clean", dump, "--to", "txt", "--out", "-", "-q")
    assert ran.out == f"{article}\n\f\n{article.replace('Skarnes', 'Ostwick')}\n"
    ran = copydesk_command("clean", dump, "--to", "csv", "--columns", "headline", "--out", "-", "-q")
    assert ran.out == "headline\n'=1+1\nThe key\n"


def test_the_filter_on_small_pieces_is_the_same(long_dump, small_pieces, tmp_path, copydesk_command):
    copydesk_command("clean", long_dump, "--to", "jsonl", "--out", tmp_path / "out", "-q")
    written = [json.loads(line)["body"] for line in (tmp_path / "out" / "articles.jsonl").read_text().splitlines()]
    ran = copydesk_command("clean", long_dump, "--out", "-", "-q")
    assert [json.loads(line)["body"] for line in ran.out.splitlines()] == written


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "parquet"], "cannot be written to standard output"),
        (["--resume"], "is not kept"),
        (["--columns", "headlin"], "did you mean 'headline'"),
        (["--to", "csv", "--names", "input"], "needs the columns"),
        (["--to", "txt", "--columns", "body"], "--columns cannot be used with --to txt"),
        (["--to", "xml"], "unknown format 'xml'"),
    ],
)
def test_what_cannot_be_written(options, message, dump, copydesk_command):
    ran = copydesk_command("clean", dump, "--out", "-", *options)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_the_table_adds_up(long_dump, tmp_path, copydesk_command):
    copydesk_command("clean", long_dump, "--out", tmp_path / "out")
    counts = json.loads((tmp_path / "out" / "summary.json").read_bytes())["characters"]
    assert counts["in"] == counts["out"] + counts["removed"] + counts["quarantined"]
    raws = [json.loads(line) for line in (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()]
    assert counts["quarantined"] == sum(len(entry["record"]["text"]) for entry in raws if entry["record"])
    assert counts["removed"] > 0


def test_only_known_columns():
    with pytest.raises(SettingError, match="no field 'bdy'"):
        Export("jsonl", ("bdy",))

"""The quarantine of a run: listed, shown, exported in the forms of its files, and tried again."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BAD_UTF8 = b'{"id": "7", "text": "caf\xe9"}'


@pytest.fixture
def turned_away(copydesk_command, tmp_path, article):
    """Return the output of a run over three files, in which one record is sound and five are not."""
    data = tmp_path / "data"
    data.mkdir()
    lines = [
        json.dumps({"id": "a", "title": "A key and a chain", "text": article}).encode(),
        b'{"id": "b", "text": "",  "views": 3}',
        b"{",
        BAD_UTF8,
    ]
    (data / "dump.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (data / "stub.txt").write_bytes(b"Too short.\r\n")
    pq.write_table(pa.table({"id": ["p"], "text": ["Short."], "views": [9]}), data / "table.parquet")
    ran = copydesk_command("clean", data, "--out", tmp_path / "out", "-q")
    assert ran.code == 1
    return tmp_path / "out"


def test_list_names_place_id_and_reasons(copydesk_command, turned_away):
    ran = copydesk_command("quarantine", "list", turned_away)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "dump.jsonl:2  b  body/empty, headline/missing"
    assert "5 records" in ran.err
    only = copydesk_command("quarantine", "list", turned_away, "--check", "input")
    assert [line.split()[-1] for line in only.out.splitlines()] == ["input/not-json", "input/encoding"]


@pytest.mark.parametrize("wanted", ["b", "dump.jsonl:2"])
def test_show_gives_the_record_and_all_its_reasons(copydesk_command, turned_away, wanted):
    ran = copydesk_command("quarantine", "show", turned_away, wanted)
    assert "error: body/empty (body): the body is empty" in ran.out
    assert "warning: headline/missing (headline)" in ran.out
    assert json.loads(ran.out[ran.out.index("{") :]) == {"id": "b", "text": "", "views": 3}


def test_show_says_what_to_do_about_an_unknown_id(copydesk_command, turned_away):
    ran = copydesk_command("quarantine", "show", turned_away, "nobody")
    assert ran.code == 2
    assert "no record 'nobody' in the quarantine" in ran.err


def test_export_gives_each_file_back_in_its_form(copydesk_command, turned_away, tmp_path):
    assert copydesk_command("quarantine", "export", turned_away, "--to", tmp_path / "back").code == 0
    lines = (tmp_path / "back" / "dump.jsonl").read_bytes().splitlines()
    assert lines == [b'{"id": "b", "text": "",  "views": 3}', b"{", BAD_UTF8]
    assert (tmp_path / "back" / "stub.txt").read_bytes() == b"Too short.\r\n"
    assert pq.read_table(tmp_path / "back" / "table.parquet").to_pylist() == [{"id": "p", "text": "Short.", "views": 9}]
    again = copydesk_command("quarantine", "export", turned_away, "--to", tmp_path / "back")
    assert again.code == 2
    assert "there is such a file already" in again.err


def test_retry_keeps_places_and_loses_nothing(copydesk_command, turned_away, tmp_path, quarantine):
    options = ("--out", tmp_path / "out2", "--suite", "none", "--encoding", "latin-1", "-q", "--to", "jsonl")
    assert copydesk_command("quarantine", "retry", turned_away, *options).code == 1
    summary = json.loads((tmp_path / "out2" / "summary.json").read_text("utf-8"))
    assert summary["records"] == {"read": 5, "accepted": 4, "quarantined": 1}
    articles = [json.loads(line) for line in (tmp_path / "out2" / "articles.jsonl").read_bytes().splitlines()]
    places = {(a["id"], a["provenance"]["file"], a["provenance"]["line"]) for a in articles if len(a["id"]) < 9}
    assert places == {("b", "dump.jsonl", 2), ("7", "dump.jsonl", 4), ("p", "table.parquet", 1)}
    assert [a["body"] for a in articles if a["id"] == "7"] == ["café"]
    assert {(entry["line"], entry["raw"]) for entry in quarantine(tmp_path / "out2")} == {(3, "{")}


def test_what_is_no_quarantine_is_refused(copydesk_command, tmp_path):
    assert "no quarantine here" in copydesk_command("quarantine", "list", tmp_path).err
    (tmp_path / "quarantine.jsonl").write_bytes(b'{"id": 1}\n')
    ran = copydesk_command("quarantine", "list", tmp_path)
    assert ran.code == 2
    assert "quarantine.jsonl:1: not an entry of a quarantine" in ran.err


def test_rows_of_tables_and_ragged_rows_come_back(copydesk_command, tmp_path, quarantine):
    import sqlite3

    with sqlite3.connect(tmp_path / "news.db") as base:
        base.execute("create table articles (id text, text text)")
        base.execute("insert into articles values ('s', 'Short.')")
    base.close()
    (tmp_path / "q.csv").write_text('id,text\n1,"Short, too."\nx,y,z\n', "utf-8")
    url = f"sqlite:///{tmp_path / 'news.db'}::articles"
    copydesk_command("validate", url, tmp_path / "q.csv", "--verdict-by", "flags", "--out", tmp_path / "out", "-q")
    assert copydesk_command("quarantine", "export", tmp_path / "out", "--to", tmp_path / "back").code == 0
    assert (tmp_path / "back" / "q.csv").read_text("utf-8").splitlines() == ["id,text", '1,"Short, too."']
    assert (tmp_path / "back" / "q.csv.unreadable").read_text("utf-8") == "x,y,z\n"
    (table,) = (tmp_path / "back").rglob("*.jsonl")
    assert json.loads(table.read_text("utf-8")) == {"id": "s", "text": "Short."}
    copydesk_command("quarantine", "retry", tmp_path / "out", "--out", tmp_path / "again", "-q")
    reasons = {entry["line"]: entry["reasons"][0]["check"] for entry in quarantine(tmp_path / "again")}
    assert reasons[3] == "input/ragged-row"


def test_items_of_feeds_come_back_as_lines_and_pages_as_they_were(copydesk_command, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    item = "<item><title>Rain</title><description>{}</description></item>"
    items = item.format("Short."), item.format(""), "<item><b></item>"
    (data / "feed.rss").write_text(f"<rss><channel>{''.join(items)}</channel></rss>", "utf-8")
    (data / "page.html").write_bytes(b"<!DOCTYPE html><html><body></body></html>\r\n")
    assert copydesk_command("clean", data, "--out", tmp_path / "out", "-q").code == 1
    assert copydesk_command("quarantine", "export", tmp_path / "out", "--to", tmp_path / "raw").code == 0
    assert (tmp_path / "raw" / "page.html").read_bytes() == (data / "page.html").read_bytes()
    lines = (tmp_path / "raw" / "feed.rss.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["headline"] for line in lines] == ["Rain", "Rain"]
    assert (tmp_path / "raw" / "feed.rss.jsonl.unreadable").read_text("utf-8") == "<item><b></item>\n"
    retried = copydesk_command("quarantine", "retry", tmp_path / "out", "--out", tmp_path / "again", "-q")
    assert retried.code == 1, retried.err


def test_retry_knows_the_accepted_articles(copydesk_command, tmp_path, article, quarantine):
    other = f"{article}\n\nThe mill has stood still since."
    records = [{"id": "a", "text": article}, {"id": "b", "text": article}, {"id": "c", "text": other, "date": "soon"}]
    (tmp_path / "dump.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    out, again = tmp_path / "out", tmp_path / "again"
    for name, severity in (("strict", "error"), ("lenient", "warning")):
        checks = f'"body/duplicate" = "error"\n"date/unreadable" = "{severity}"\n'
        (tmp_path / f"{name}.toml").write_text(
            f'summary = "A test"\nextends = "article"\n\n[checks]\n{checks}', "utf-8"
        )
    strict, lenient = ("--suite", tmp_path / "strict.toml"), ("--suite", tmp_path / "lenient.toml")
    assert copydesk_command("clean", tmp_path / "dump.jsonl", *strict, "--out", out, "-q").code == 1
    assert [entry["id"] for entry in quarantine(out)] == ["b", "c"]
    assert copydesk_command("quarantine", "retry", out, *lenient, "--out", again, "-q").code == 1
    (entry,) = quarantine(again)
    (reason,) = (reason for reason in entry["reasons"] if reason["check"] == "body/duplicate")
    assert (entry["id"], reason["twin"]["id"], reason["twin"]["file"]) == ("b", "a", "dump.jsonl")
    assert pq.read_table(again / "articles.parquet")["id"].to_pylist() == ["c"]

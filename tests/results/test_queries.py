"""The queries that docs/results.md shows, run on the results of a run."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

PAGE = (Path(__file__).parent.parent.parent / "docs" / "results.md").read_text("utf-8")


@pytest.fixture
def cleaned(tmp_path, monkeypatch, jsonl, article, copydesk_command):
    texts = {"41": "Leave a Comment", "42": "Leave a Comment\n\nScroll to Top", "43": "Scroll to Top"}
    records = [
        {"id": name, "url": f"https://lantern.example/{name}", "title": f"Key {name}", "text": f"{article}\n\n{junk}"}
        for name, junk in texts.items()
    ]
    monkeypatch.chdir(tmp_path)
    dump = jsonl(*records)
    assert copydesk_command("clean", dump, "--out", "cleaned", "-q", "--no-report", "--suite", "none").code == 0
    return tmp_path / "cleaned"


@pytest.mark.usefixtures("cleaned")
def test_the_sql_of_the_page_answers_its_questions():
    of_record, of_rule, of_hosts = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    connection = duckdb.connect()
    assert [row[0] for row in connection.sql(of_record).fetchall()] == ["comments/form", "navigation/top"]
    assert connection.sql(of_rule).fetchall() == [("Leave a Comment", 2, 2)]
    assert connection.sql(of_hosts).fetchall() == [("lantern.example", 2)]


@pytest.mark.usefixtures("cleaned")
def test_the_python_of_the_page_answers_its_questions(capsys):
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code, {})
    rules, cuts = capsys.readouterr().out.splitlines()
    assert "comments/form" in rules
    assert "navigation/top" in rules
    assert cuts.count("Leave a Comment") == 2


def test_restore_takes_ids_and_rules(cleaned, tmp_path, copydesk_command):
    assert copydesk_command("restore", cleaned, "--to", tmp_path / "raw", "--id", "43", "--rule", "comments").code == 0
    assert len((tmp_path / "raw" / "dump.jsonl").read_text().splitlines()) == 3
    ran = copydesk_command("restore", cleaned, "--to", tmp_path / "one", "--id", "43")
    assert "restored 1 record" in ran.err
    assert "no record has the id '4'" in copydesk_command("restore", cleaned, "--to", tmp_path / "two", "--id", "4").err

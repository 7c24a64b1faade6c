"""Test the reader and the report through the command."""

import json
import subprocess
import sysconfig
from pathlib import Path

LAMP = "The lamp was lit at nine, as it had been each night since the storm that broke the glass of it."


def run(*arguments):
    script = Path(sysconfig.get_path("scripts"), "copydesk")
    return subprocess.run([script, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", timeout=120)


def test_a_logbook_is_cleaned(tmp_path):
    book = tmp_path / "keeper.logbook"
    book.write_text(f"1888-10-03\t{LAMP} [stamp 12]\nno date, no tab\n1888-10-04\t{LAMP} Twice.\n", "utf-8")
    ran = run("clean", book, "--out", tmp_path / "out", "--to", "jsonl", "--suite", "minimal")
    assert ran.returncode == 1, ran.stderr
    articles = [json.loads(line) for line in (tmp_path / "out" / "articles.jsonl").read_text("utf-8").splitlines()]
    assert [article["body"] for article in articles] == [LAMP, f"{LAMP} Twice."]
    assert articles[0]["date_published"].startswith("1888-10-03")
    (bad,) = [json.loads(line) for line in (tmp_path / "out" / "quarantine.jsonl").read_text("utf-8").splitlines()]
    assert (bad["line"], bad["raw"]) == (2, "no date, no tab\n")


def test_findings_are_tallied(tmp_path):
    (tmp_path / "a.txt").write_text(f"{LAMP}\n\nSeen by the keeper (stamp 9)\n", "utf-8")
    ran = run("check", tmp_path, "--format", "tally", "--suite", "minimal")
    assert ran.returncode == 1, ran.stderr
    assert "1 lantern/stamp" in ran.stdout

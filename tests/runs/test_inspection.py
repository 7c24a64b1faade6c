"""`inspect`: what it says is what `clean` does."""

from __future__ import annotations

import gzip
import json

import pytest


@pytest.fixture
def folder(tmp_path, article):
    folder = tmp_path / "in"
    folder.mkdir()
    records = [
        {"maintext": f"{article}\n\nScroll to Top", "title": "A key", "source_domain": "lenn.example", "mood": 1},
        {"maintext": "", "title": "Nothing", "source_domain": "lenn.example", "mood": 2},
    ]
    lines = "\n".join([*map(json.dumps, records), "{"])
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (folder / "b.csv").write_bytes(f'title;text\nÜber die Fähre;"{article}"\n'.encode("utf-16"))
    (folder / "c.txt").write_text(article.replace("Skarnes", "Ostwick"))
    (folder / "d.stats.json").write_text('{"count": 1}')
    return folder


def test_it_says_what_clean_does(folder, tmp_path, copydesk_command):
    ran = copydesk_command("inspect", folder, "--format", "json")
    assert ran.code == 1
    found = {one["file"].rpartition("/")[2]: one for one in json.loads(ran.out)}
    copydesk_command("clean", folder, "--out", tmp_path / "out", "-q")
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert sum(one["records"] for one in found.values()) == summary["records"]["read"]
    assert sum(one["accepted"] for one in found.values()) == summary["records"]["accepted"]
    lost: dict[str, int] = {}
    for one in found.values():
        for check, count in one["lost"].items():
            lost[check] = lost.get(check, 0) + count
    assert lost == summary["rejections"]
    assert {one["file"].rpartition("/")[2]: one["format"] for one in found.values()} == {
        entry["name"]: entry["format"] for entry in summary["inputs"]
    }


def test_what_it_says_of_each_file(folder, copydesk_command, article):
    found = {
        one["file"].rpartition("/")[2]: one
        for one in json.loads(copydesk_command("inspect", folder, "--format", "json").out)
    }
    packed = found["a.jsonl.gz"]
    assert (packed["compression"], packed["encoding"], packed["is_all"]) == ("gz", "utf-8", True)
    assert packed["fields"]["body"] == "maintext"
    assert packed["extra"] == ["mood"]
    assert packed["lost"] == {"body/empty": 1, "input/not-json": 1}
    assert packed["articles"][0]["headline"] == "A key"
    assert sum(packed["edits"].values()) >= 1
    assert (found["b.csv"]["encoding"], found["b.csv"]["delimiter"]) == ("utf-16-le", "semicolon")
    assert found["c.txt"]["languages"] == {"en": 1} or found["c.txt"]["languages"] == {"unknown": 1}
    assert "no text field" in found["d.stats.json"]["problem"]


def test_text_for_people(folder, copydesk_command):
    ran = copydesk_command("inspect", folder)
    assert "a.jsonl.gz: jsonl, gz, utf-8" in ran.out
    assert "body from maintext" in ran.out
    assert "1 accepted, 2 lost" in ran.out
    assert copydesk_command("inspect", folder / "c.txt").code == 0


def test_files_that_are_alike_are_described_together(tmp_path, article, copydesk_command):
    for number, name in enumerate(("title", "title", "headline")):
        record = {"text": article.replace("Skarnes", f"Ostwick {number}"), name: f"A key {number}"}
        (tmp_path / f"{number}.json").write_text(json.dumps(record))
    ran = copydesk_command("inspect", tmp_path)
    assert "0.json and 2 files like it: json" in ran.out
    assert "headline from title or headline" in ran.out
    assert "all 3: 3 accepted, 0 lost" in ran.out
    assert len(json.loads(copydesk_command("inspect", tmp_path, "--format", "json").out)) == 3


def test_an_output_folder_is_known(folder, tmp_path, copydesk_command):
    copydesk_command("clean", folder / "c.txt", "--out", tmp_path / "out", "-q")
    found = json.loads(copydesk_command("inspect", tmp_path / "out", "--format", "json").out)
    assert [one["format"] for one in found] == ["parquet"]
    assert found[0]["accepted"] == 1

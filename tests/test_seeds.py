"""The articles in seeds/ come out as an editor signed them, by every way in, and go back byte for byte."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk

SEEDS = Path(__file__).parent.parent / "seeds"
EXPECTED = Path(__file__).parent / "data" / "expected"
TEXTS = sorted(path.stem for path in SEEDS.glob("*.txt"))
LINES = (SEEDS / "feed.jsonl").read_text("utf-8").split("\n")[:-1]
FEED = json.loads((EXPECTED / "feed.json").read_text("utf-8"))
SIGNED = ("headline", "alt_headlines", "source_name", "body")


def signed(expected: dict) -> dict:
    return {name: expected[name] for name in SIGNED}


def expectation(name: str) -> dict:
    return json.loads((EXPECTED / f"{name}.json").read_text("utf-8"))


def raw_text(name: str) -> str:
    return (SEEDS / f"{name}.txt").read_bytes().decode()


def cuts(edits: list) -> list[tuple]:
    found = [edit if isinstance(edit, dict) else edit.model_dump() for edit in edits]
    return [tuple(edit[key] for key in ("field", "rule", "start", "end", "before", "after")) for edit in found]


@pytest.fixture
def run(tmp_path, copydesk_command):
    """Clean a path; return the articles as rows and the edits of each, by the article's id."""

    def clean(path: Path) -> tuple[list[dict], dict[str, list]]:
        out = tmp_path / "out"
        ran = copydesk_command("clean", path, "--out", out, "-q")
        assert ran.code == 0, ran.err
        edits: dict[str, list] = {}
        for edit in pq.read_table(out / "edits.parquet").to_pylist():
            edits.setdefault(edit["id"], []).append(edit)
        return pq.read_table(out / "articles.parquet").to_pylist(), edits

    return clean


def test_every_seed_has_an_expectation_and_every_expectation_a_seed():
    assert sorted(path.stem for path in EXPECTED.glob("*.json")) == sorted([*TEXTS, "feed"])
    assert len(TEXTS) == 10
    assert len(LINES) == len(FEED) == 5


@pytest.mark.parametrize("name", TEXTS)
def test_library_gives_the_signed_article(name):
    assert signed(copydesk.clean(raw_text(name)).article.model_dump()) == expectation(name)


@pytest.mark.parametrize("number", range(len(FEED)))
def test_library_gives_the_signed_record(number):
    expected = FEED[number]
    cleaned = copydesk.clean(json.loads(LINES[number]))
    assert signed(cleaned.article.model_dump()) == signed(expected)
    assert all(reason.severity == "info" for reason in cleaned.reasons)


@pytest.mark.parametrize("number", range(len(FEED)))
def test_fields_of_each_dialect_are_read(number):
    expected = FEED[number]
    article = copydesk.clean(json.loads(LINES[number])).article
    assert article.url == expected["url"]
    assert [author.name for author in article.authors] == expected["authors"]
    assert article.date_published == datetime.fromisoformat(expected["date_published"])
    assert article.language == expected["language"]
    assert article.id == expected.get("id", article.id)


def test_command_cleans_the_folder(run):
    articles, _ = run(SEEDS)
    found = {(row["provenance"]["file"], row["provenance"]["line"]): signed(row) for row in articles}
    expected = {(f"{name}.txt", None): expectation(name) for name in TEXTS}
    expected |= {("feed.jsonl", record["line"]): signed(record) for record in FEED}
    assert found.keys() == expected.keys()
    assert {key for key in found if found[key] != expected[key]} == set()


@pytest.mark.parametrize("name", TEXTS)
def test_every_way_in_gives_the_same_article_and_edits(name, run, tmp_path):
    text = raw_text(name)
    cleaned = copydesk.clean(text)
    library = signed(cleaned.article.model_dump())
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes((SEEDS / f"{name}.txt").read_bytes())
    # an id of its own, so that three records with one text are three records
    (folder / "b.jsonl").write_text(json.dumps({"text": text, "id": "b"}) + "\n", "utf-8")
    pq.write_table(pa.table({"text": [text], "id": ["c"]}), folder / "c.parquet")
    articles, edits = run(folder)
    assert [row["provenance"]["reader"] for row in articles] == ["text", "jsonl", "parquet"]
    for row in articles:
        assert signed(row) == library
        assert cuts(edits.get(row["id"], [])) == cuts(cleaned.edits)


@pytest.mark.parametrize("name", TEXTS)
def test_library_restores_the_raw_text(name):
    assert copydesk.clean(raw_text(name)).restore() == raw_text(name)


def test_restore_gives_every_file_back_byte_for_byte(tmp_path, copydesk_command):
    assert copydesk_command("clean", SEEDS, "--out", tmp_path / "out", "-q").code == 0
    ran = copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "back")
    assert ran.code == 0, ran.err
    for name in TEXTS:
        back = tmp_path / "back" / f"{name}.txt"
        assert back.read_bytes() == (SEEDS / f"{name}.txt").read_bytes(), name
    records = [json.loads(line) for line in (tmp_path / "back" / "feed.jsonl").read_text("utf-8").split("\n")[:-1]]
    for line, expected, record in zip(LINES, FEED, records, strict=True):
        read = json.loads(line)
        field = next(name for name in ("text", "maintext", "articleBody") if name in read)
        assert record[field] == read[field], expected["line"]

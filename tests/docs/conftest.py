"""The blocks of README and docs, and a folder with the files that their commands name."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

ROOT = Path(__file__).parent.parent.parent
GENERATED = ("rules", "checks")  # folders of pages that show no commands
MARK = re.compile(r"<!-- (not run|file): (.+?) -->")


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, the reason not to run it, and the file that it is the content of."""

    page: str
    line: int
    language: str
    text: str
    not_run: str = ""
    file: str = ""

    @property
    def commands(self) -> list[str]:
        """The lines that are commands of a shell, each with the lines that continue it."""
        if self.language not in ("", "text", "sh", "console"):
            return []
        joined = re.sub(r"\\\n\s*", "", self.text)
        return [line for line in joined.splitlines() if PROGRAM.match(line)]


PROGRAM = re.compile(r"(copydesk|pip|python|pytest|git|docker|tox|spark-submit|conda|export|cd)\b ?(?![\w ]+[.:,]$)")


def pages() -> list[Path]:
    """Return README, the guides, and the pages that the site has from elsewhere."""
    guides = sorted((ROOT / "docs").glob("*.md"))
    others = [ROOT / name for name in ("CONTRIBUTING.md", "README.md", "SECURITY.md", "rules/phrases/README.md")]
    return [*others, *guides]


def read_blocks(page: Path) -> list[Block]:
    """Return the blocks of a page: fenced ones, and those that are indented below a blank line."""
    lines = page.read_text("utf-8").splitlines()
    name = page.relative_to(ROOT).as_posix()
    blocks, marks, at = [], {}, 0
    while at < len(lines):
        line, start = lines[at], at
        if mark := MARK.fullmatch(line):
            marks[mark[1].replace(" ", "_")] = mark[2]
        elif line.startswith("```"):
            at = next(end for end in range(at + 1, len(lines)) if lines[end].startswith("```"))
            blocks.append(Block(name, start + 1, line[3:], "\n".join(lines[start + 1 : at]), **marks))
            marks = {}
        elif line.startswith("    ") and not lines[at - 1].strip():
            while at + 1 < len(lines) and (lines[at + 1].startswith("    ") or not lines[at + 1]):
                at += 1
            text = "\n".join(part[4:] for part in lines[start : at + 1]).rstrip()
            blocks.append(Block(name, start + 1, "", text, **marks))
            marks = {}
        elif line.strip():
            marks = {}
        at += 1
    return blocks


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, seeds) -> Path:
    """Return a folder with the files that the docs name. Nothing changes it: blocks run in copies."""
    from copydesk.cleaner.cli.main import cli

    folder = tmp_path_factory.mktemp("docs")
    lines = [json.dumps(record) for record in _records()]
    dump = "\n".join(lines) + "\n"
    for name in ("dump.jsonl", "news.jsonl", "sample.jsonl"):
        (folder / name).write_text(dump, "utf-8")
    for name, text in (("news.jsonl.zst", dump), ("dump.jsonl.zst", dump.replace('"text"', '"maintext"'))):
        (folder / name).write_bytes(zstandard.compress(text.encode()))
    for name in ("dumps", "data", "articles", "texts", "posts", "pages"):
        (folder / name).mkdir()
    (folder / "dumps" / "a.jsonl.zst").write_bytes(zstandard.compress(dump.encode()))
    (folder / "dumps" / "b.jsonl.gz").write_bytes(gzip.compress("\n".join(lines[:3]).encode()))
    article = f"{PROSE}\n\nShare this article\nLeave a Comment\n"
    for name in ("article.txt", "data/a.txt", "articles/a.txt", "texts/a.txt", "texts/b.txt"):
        (folder / name).write_text(article, "utf-8")
    (folder / "data" / "dump.jsonl").write_text(dump, "utf-8")
    (folder / "posts" / "a.html").write_text(f"<article><p>{PROSE}</p></article>", "utf-8")
    (folder / "pages" / "a.html").write_text(f"<html><body><nav>Home</nav><p>{PROSE}</p></body></html>", "utf-8")
    (folder / "export.csv").write_text(f'Text,Titel\n"{PROSE}",Ferry\n', "utf-8")
    (folder / "ingest.toml").write_text('extends = "article"\n', "utf-8")
    (folder / "house.toml").write_text(RULE, "utf-8")
    (folder / "my-rules.toml").write_text(RULE, "utf-8")
    own_checks = read_blocks(ROOT / "docs" / "own-checks.md")[0]
    (folder / "house-checks.toml").write_text(own_checks.text, "utf-8")
    (folder / "rules").mkdir()
    with sqlite3.connect(folder / "news.db") as database:
        database.execute("CREATE TABLE articles (id TEXT, title TEXT, text TEXT, year INTEGER)")
        database.execute("INSERT INTO articles VALUES ('a', 'Ferry', ?, 2024)", [PROSE])
    database.close()
    pq.write_table(pa.Table.from_pylist(_records()[:5]), folder / "articles.parquet")
    shutil.copytree(seeds, folder / "seeds")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for words in SET_UP:
            cli.main(words.split(), prog_name="copydesk", standalone_mode=False)
    return folder


SET_UP = [
    *(
        f"clean dump.jsonl --out {name} -q"
        for name in ("cleaned", "before", "cleaned-in-may", "cleaned-last-week", "out")
    ),
    "rules lock --lock-file copydesk.lock",
    "rules lock --lock-file old.lock --ignore tags",
    "rules lock --lock-file OLD.lock --ignore tags",
    "rules lock --lock-file NEW.lock",
    "mine dump.jsonl --out candidates.toml",
    "describe dump.jsonl --out described.json",
    "baseline create data/",
]
PROSE = (
    "The ferry from Skarnes left the quay an hour late on Monday, because the harbour master could not find the key to "
    "the chain that had been laid across the basin during the storm.\n\n"
    "By noon the fishermen had gathered on the pier, and a woman who has mended nets there for thirty "
    "years told them that her grandfather had once waited four days for the same key."
)
RULE = """\
[[rule]]
id = "house/tagline"
summary = "Tagline of the house under each article"
match = ['the lowmoor lantern,? lit since 1888']
removes = ["The Lowmoor Lantern, lit since 1888"]
keeps = ["The Lowmoor Lantern, lit since 1888, was put out by the wind."]
since = "1"
"""
LINES = "Leave a comment on the desk\n\nRelated Articles\nFerry timetable changes in May\nLeave a Comment"


def _records() -> list[dict[str, str]]:
    """Return ten records. Number 42 has cuts of several rules, the seventh has no text, a line recurs on all."""
    records = []
    for number in range(40, 50):
        text = f"Subscription options\n\n{PROSE} It was on day {number}.\n\nThe heron reads all mail twice\n\n{LINES}"
        host = f"https://site{number % 4}.example/{number}" if number != 42 else "https://lantern.example/42"
        record = {"id": str(number), "title": f"Ferry number {number} late", "text": text, "url": host}
        records.append(record | {"date": f"2024-05-{number - 30}"} | ({"text": ""} if number == 46 else {}))
    return records


@pytest.fixture
def folder(prepared, tmp_path, monkeypatch) -> Path:
    """Return a copy of the folder, as the working directory."""
    copy = tmp_path / "copy"
    shutil.copytree(prepared, copy)
    monkeypatch.chdir(copy)
    return copy

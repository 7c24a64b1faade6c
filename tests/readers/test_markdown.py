"""Markdown and texts with front matter: the fields come out, the bytes stay."""

from __future__ import annotations

import json

import pytest

from copydesk.cleaner.readers.detect import choose_format
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.records.loader import Loader, Place

BODY = "# Rain\n\nIt *rained* all day in [Ostwick](https://ostwick.example/), and nobody minded it much.\n"
YAML = """---
title: "Rain: a week of it"
author: {name: Petra Quill, url: https://lowmoor.example/quill}
date: 2024-03-05T10:00:00+01:00
lastmod: 2024-03-06
tags: [rain, snow]
categories:
  - Weather
description: >
  It rained
  all week.
draft: true
permalink: https://lowmoor.example/rain
lang: en-GB
weight: 10
---
"""
TOML = """+++
title = "Rain: a week of it"
authors = ["Petra Quill"]
date = 2024-03-05T10:00:00+01:00
tags = ["rain", "snow"]
+++
"""


def read(path):
    found = list(read_batches(find_sources([str(path)])))
    return [row for batch in found for row in batch.rows], [bad for batch in found for bad in batch.unreadable], found


def load(record):
    loaded = Loader().from_rows([record], Place())
    return {name: column.to_pylist()[0] for name, column in loaded.columns.items()}, loaded


@pytest.mark.parametrize("name", ["a.md", "a.markdown", "a.txt"])
def test_yaml(name, tmp_path):
    (tmp_path / name).write_text(YAML + BODY, "utf-8")
    [record], _, [batch] = read(tmp_path / name)
    assert batch.place.reader == "markdown"
    assert record["body"] == YAML + BODY
    fields, loaded = load(record)
    assert not loaded.misread
    assert fields["headline"] == "Rain: a week of it"
    assert fields["authors"][0] == {"name": "Petra Quill", "url": "https://lowmoor.example/quill", "role": None}
    assert fields["date_published"].isoformat() == "2024-03-05T09:00:00+00:00"
    assert fields["date_modified"].isoformat() == "2024-03-06T00:00:00+00:00"
    assert fields["keywords"] == ["rain", "snow"]
    assert fields["section"] == "Weather"
    assert fields["description"] == "It rained all week."
    assert (fields["status"], fields["url"], fields["language"]) == ("draft", "https://lowmoor.example/rain", "en-GB")
    assert json.loads(loaded.extra[0]) == {"draft": "true", "weight": "10"}


def test_toml(tmp_path):
    (tmp_path / "a.md").write_text(TOML + BODY, "utf-8")
    [record], _, _ = read(tmp_path / "a.md")
    fields, _ = load(record)
    assert fields["headline"] == "Rain: a week of it"
    assert fields["authors"][0]["name"] == "Petra Quill"
    assert fields["date_published"].isoformat() == "2024-03-05T09:00:00+00:00"


@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: [\n---\n",
        "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n",
        "---\nx: !!python/object/apply:os.system ['true']\n---\n",
        f"---\nx: {'[' * 5000}\n---\n",
        f"---\nx:\n{'- ' * 20_000}\n---\n",
        "---\n---\n",
        "+++\ntitle = \n+++\n",
        "---\n? [a, b]\n: c\n---\n",
    ],
)
def test_odd_front_matter_runs_nothing_and_loses_no_text(front, tmp_path):
    (tmp_path / "a.md").write_text(front + BODY, "utf-8")
    [record], bad, _ = read(tmp_path / "a.md")
    assert not bad
    assert record["body"] == front + BODY
    assert len(json.dumps(record)) < 100_000


@pytest.mark.parametrize(
    ("start", "name", "expected"),
    [
        (YAML + BODY, "", "markdown"),
        (YAML + BODY, ".txt", "markdown"),
        (BODY, ".txt", "text"),
        ("---\nIt rained.\n---\n", ".txt", "text"),
        ("--- he said ---", ".txt", "text"),
    ],
)
def test_what_has_front_matter(start, name, expected):
    assert choose_format(start.encode(), name, "note") == expected


def test_bytes_that_are_no_text_are_set_aside(tmp_path):
    (tmp_path / "a.md").write_bytes(b"caf\xe9")
    _, [bad], _ = read(tmp_path / "a.md")
    assert bad.check == "input/encoding"


def test_clean_takes_the_markup_off_and_restore_gives_the_file_back(copydesk_command, tmp_path):
    (tmp_path / "a.md").write_bytes((YAML + BODY).replace("\n", "\r\n").encode("utf-8-sig"))
    ran = copydesk_command(
        "clean", tmp_path / "a.md", "--to", "jsonl", "--out", tmp_path / "out", "--suite", "none", "-q"
    )
    assert ran.code == 0, ran.err
    article = json.loads((tmp_path / "out" / "articles.jsonl").read_text("utf-8"))
    assert article["body"].endswith("It rained all day in Ostwick, and nobody minded it much.")
    assert "---" not in article["body"]
    assert article["raw"]["format"] == "markdown"
    assert article["headline"] == "Rain: a week of it"
    assert copydesk_command("restore", tmp_path / "out", "--to", tmp_path / "raw").code == 0
    assert (tmp_path / "raw" / "a.md").read_bytes() == (tmp_path / "a.md").read_bytes()

"""Delimited text with and without a header, told by its content."""

from __future__ import annotations

import json

import pytest

from copydesk.cleaner.readers.formats.delimited import choose_form, holds_data


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["id", "text"], False),
        (["1", "text"], False),
        (["spalte", "inhalt"], False),
        (["Article Body", "2024-03-05"], False),
        (["7", "The key is lost."], True),
        (["https://lenn.example/7", "The key is lost."], True),
        (["key", "2024-03-05T10:00:00Z"], True),
        (["key", "A long sentence about the key that was lost in the harbour of Skarnes."], True),
        (["7"], False),
    ],
)
def test_header_or_data(fields, expected):
    assert holds_data(fields) == expected


def test_a_file_without_a_header(tmp_path, copydesk_command, article):
    text = article.replace("\n", " ")
    (tmp_path / "a.csv").write_text(f'1,https://lenn.example/1,"{text}"\n2,https://lenn.example/2,"{text} Again."\n')
    ran = copydesk_command("clean", tmp_path / "a.csv", "--out", tmp_path / "out", "-q")
    assert (ran.code, "--map body=column3" in ran.err) == (2, True)
    options = ["--map", "body=column3", "--map", "url=column2"]
    assert copydesk_command("clean", tmp_path / "a.csv", *options, "--out", tmp_path / "out", "-q").code == 0
    ran = copydesk_command("convert", tmp_path / "out", "--to", "jsonl", "--columns", "url,provenance.line")
    assert [json.loads(line)["provenance.line"] for line in ran.out.splitlines()] == [1, 2]


def test_bars_separate_columns():
    assert choose_form(["id|text\n", "1|It rained, then it snowed.\n"], prefers_tabs=False).delimiter == "|"

"""Formats told by suffixes and by first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.cleaner.readers.detect import choose_format, detect_format, is_told_by_name, suffix
from copydesk.schemas.errors import InputError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", ".txt"),
        ("a.JSONL", ".jsonl"),
        ("a.b/dump.csv.gz", ".csv"),
        ("dump.JSON.ZST", ".json"),
        ("dump.gz", ""),
        ("dump", ""),
        (".hidden", ""),
        ("dump.tar.xz", ".tar"),
    ],
)
def test_the_suffix_is_without_that_of_a_packing(name, expected):
    assert suffix(Path(name)) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"PAR1\x15\x04", "parquet"),
        (b"ARROW1\0\0", "arrow"),
        (b"\xff\xff\xff\xff\x10", "arrow"),
        (b'{"text": "It rained."}\n{"text": "It snowed."}\n', "jsonl"),
        (b'{"text": "It rained."}', "jsonl"),
        (b'{"text": "It rained, and the file is cut off he', "jsonl"),
        (b'{\n  "text": "It rained."\n}', "json"),
        (b'[{"text": "It rained."}]', "json"),
        (b' \n[\n  {"text": 1}', "json"),
        (b"[1, 2]", "text"),
        (b"[Editor's note] It rained.", "text"),
        (b'{"a": 1} {"b": 2}\n', "json"),
        (b"{" * 60_000 + b"\n", "json"),
        (b"id,text\n1,It rained.\n", "csv"),
        (b'"id";"text"\n', "csv"),
        (b"\xef\xbb\xbfid\ttext\n", "csv"),
        ("id,text\n1,Ünrest\n".encode("utf-16"), "csv"),
        ('{"text": "Ünrest"}\n'.encode("utf-16"), "jsonl"),
        (b"id,text", "text"),
        (b"id,views\n1,2\n", "text"),
        (b"text,text\n", "text"),
        (b"It rained, text and all,\nfor days.\n", "text"),
        (b"", "text"),
        (b"\0\x01\x02", "text"),
        (b"\xff\xfe", "text"),
        (b"\xff\xfe\x00\xd8", "text"),
        (b"caf\xe9,text\n", "csv"),
    ],
)
def test_first_bytes(start, expected):
    assert detect_format(start, "dump") == expected


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"PK\x03\x04", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\0", "sqlite:///dump::TABLE"),
        (b"\0" * 8 + b"DUCK", "duckdb:///dump::TABLE"),
    ],
)
@pytest.mark.parametrize("name", ["", ".json"])
def test_what_is_not_read_is_named(start, what, name):
    with pytest.raises(InputError, match=what):
        choose_format(start, name, "dump")


@pytest.mark.parametrize(
    ("name", "start", "expected"),
    [
        (".json", b'{"text": "It rained."}\n', "jsonl"),
        (".json", b'[{"text": "It rained."}]', "json"),
        (".json", b'{\n"text": 1}', "json"),
        (".json", b"id,text\n1,2\n", "json"),
        (".json", b"", "json"),
        (".jsonl", b"[1]", "jsonl"),
        (".log", b"id,text\n1,2\n", "csv"),
        ("", b"It rained.", "text"),
    ],
)
def test_a_name_wins_unless_its_suffix_is_shared(name, start, expected):
    assert choose_format(start, name, "dump") == expected


def test_suffixes_that_suffice():
    assert [name for name in (".txt", ".jsonl", ".json", ".log", "") if is_told_by_name(name)] == [".jsonl"]

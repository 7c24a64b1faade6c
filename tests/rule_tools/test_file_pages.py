"""The page of the files of a run: every column and key is on it, and says what it is."""

from __future__ import annotations

import json
import re

import pytest

from copydesk.cleaner.readers.formats.quarantine import QuarantineEntry
from copydesk.cleaner.rule_tools.file_pages import QUARANTINE_KEYS, SUMMARY_KEYS, render_file_page
from copydesk.schemas.arrow import ARTICLE, EDITS_FILE

PAGE = render_file_page()


def section(name: str) -> str:
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(("name", "schema"), [("articles.parquet", ARTICLE), ("edits.parquet", EDITS_FILE)])
def test_every_column_is_there(name, schema):
    assert re.findall(r"^\| `([\w]+)` ", section(name), re.MULTILINE) == schema.names


def test_every_row_says_what_it_is():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(rows) > 80
    assert [row for row in rows if not row.rpartition("| ")[0].rstrip("| ") or row.endswith("|  |")] == []


def test_nested_columns_have_their_path():
    assert "| `authors[].name` | text |" in PAGE
    assert "| `raw.sha256` | text |" in PAGE


def test_the_keys_of_the_quarantine_are_those_that_are_read():
    assert list(QUARANTINE_KEYS) == list(QuarantineEntry.__struct_fields__)


def test_a_summary_has_no_other_keys(quick_command, jsonl, article, tmp_path):
    dump = jsonl({"id": "a", "text": article}, {"id": "b", "text": ""}, b"{")
    quick_command("clean", dump, "--out", tmp_path / "out", "--templates", "-q")
    keys = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert set(keys) <= set(SUMMARY_KEYS)
    assert "templates" in keys

"""The limit of a record's size, and runs without a disk for the model of languages."""

from __future__ import annotations

import json

import pytest

import copydesk
from copydesk.cleaner.readers import batches
from copydesk.schemas.checks.text import language
from copydesk.schemas.sizes import read_size

TEXT = "The night bus between Lowmoor and the harbour will run for another year, the council decided on Tuesday. "


@pytest.fixture(autouse=True)
def _limit():
    before = batches.MAX_RECORD
    yield
    batches.limit_records(before)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_record_above_the_limit_is_set_aside_with_its_reason(copydesk_command, tmp_path, workers):
    path = tmp_path / "in.jsonl"
    records = [{"id": "1", "text": TEXT * 3}, {"id": "2", "text": TEXT * 60_000}, {"id": "3", "text": TEXT * 4}]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    done = copydesk_command("clean", path, "--out", tmp_path / "out", "--max-record", "5MB", "--workers", workers, "-q")
    assert done.code == 1
    [entry] = [json.loads(line) for line in (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()]
    assert [reason["check"] for reason in entry["reasons"]] == ["input/too-large"]


@pytest.mark.parametrize("size", ["many", "-1", "10", "5TB"])
def test_a_limit_that_is_none_is_one_line(copydesk_command, jsonl, tmp_path, size):
    done = copydesk_command("clean", jsonl({"text": TEXT}), "--out", tmp_path / "out", f"--max-record={size}")
    assert done.code == 2
    assert "max-record" in done.err


def test_sizes():
    assert (read_size("64MiB"), read_size("5 MB"), read_size("1kB")) == (64 << 20, 5_000_000, 1000)


def test_a_full_disk_leaves_records_without_a_language(monkeypatch, caplog):
    def fail(_texts):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(language, "detect", fail)
    cleaned = copydesk.clean(TEXT * 2)
    assert cleaned.article.language is None
    assert [item.how for item in cleaned.article.provenance.assumed if item.field == "language"] == [
        "not detected: No space left on device"
    ]


def test_a_list_where_text_is_expected_is_the_first_reason():
    cleaned = copydesk.clean({"id": "1", "text": ["a", "b"]})
    assert [reason.message for reason in cleaned.reasons if reason.check == "body/empty"] == [
        "text expected, list found"
    ]

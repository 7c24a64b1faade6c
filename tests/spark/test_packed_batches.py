"""Cleaned batches packed as rows, without Spark: duplicates are settled after they were packed."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import numpy as np
import pytest

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.runs.judge import load_batch
from copydesk.cleaner.spark.outputs import Settled
from copydesk.cleaner.spark.packed_batches import (
    PACKED,
    PLACE_BITS,
    ROW,
    ROWS,
    DeferredRecords,
    LoadedRecords,
    Unpacked,
    pack,
)

NUMBER = 5


@pytest.fixture
def packed(jsonl, article):
    """Pack a batch of two equal records, one that cannot be read, and one without a text; return its row."""
    same = {"id": "a", "title": "A key", "text": f"{article}\n\nScroll to Top"}
    path = jsonl(same, b"{", same, {"id": "b", "title": "No text", "text": ""})
    cleaner = Cleaner(suite="article")
    [unparsed] = read_batches(find_sources([str(path)]), None)
    batch = unparsed.parse()
    records = load_batch(batch, cleaner.loader, {})
    seen = DeferredRecords()
    checked = cleaner.judge(records, now=datetime(2024, 1, 1, tzinfo=timezone.utc), seen=seen)
    return pack(NUMBER, LoadedRecords(batch, records, np.array([0, 2, 3, 1])), checked, seen)


def unpacked(packed) -> Unpacked:
    return Unpacked({name: packed.column(name)[0] for name in PACKED})


def test_a_batch_is_one_row(packed):
    assert packed.schema == ROWS
    assert packed.num_rows == 1
    assert (packed.column("batch")[0].as_py(), packed.column("read")[0].as_py()) == (NUMBER, 4)
    keys = packed.column("keys")[0].as_py()
    first = NUMBER << PLACE_BITS
    assert {key["__row"] for key in keys} <= {first, first + 2, first + 3}
    by_kind = {kind: [key["hash"] for key in keys if key["kind"] == kind] for kind in {key["kind"] for key in keys}}
    assert by_kind["id"][0] == by_kind["id"][1] != by_kind["id"][2]


def test_all_of_it_comes_back(packed, article):
    batch = unpacked(packed)
    assert batch.articles.column("id").to_pylist() == ["a", "a", "b"]
    assert batch.articles.column("body").to_pylist() == [article, article, ""]
    assert set(batch.edits.column("row").to_pylist()) == {0, 1}
    assert (batch.context.rows - (NUMBER << PLACE_BITS)).tolist() == [0, 2, 3, 1]
    assert [reason.check for reason in batch.context.lost] == ["input/not-json"]
    assert batch.context.totals.read == 4
    entries = [json.loads(entry) for entry in batch.entries.to_pylist()]
    assert [(entry["line"], entry["reasons"]) for entry in entries] == [(1, []), (3, []), (4, []), (2, [])]


def checks_of(batch: Unpacked) -> dict[str, str]:
    """Return the checks that said of the first two records that they came before, each with a kind of key."""
    repeated = {reason.check for row in (0, 1) for reason in batch.context.reasons.of_row(row)}
    return {check: "any" for check in repeated if "duplicate" in check}


@pytest.mark.parametrize("duplicates", [[], [2], [0, 2]])
def test_only_records_that_come_twice_are_turned_away(duplicates, packed):
    batch = unpacked(packed)
    checks = checks_of(batch)
    assert checks
    rows = [(NUMBER << PLACE_BITS) + place for place in duplicates]
    twin = {"kind": "any", "id": "z", "file": "z.jsonl", "line": 9, "similarity": 1.0}
    settled = Settled(batch, checks, [{ROW: row, **twin} for row in rows])
    kept = [place for place in (0, 2) if place not in duplicates]
    lines = settled.articles.column("provenance").combine_chunks().field("line").to_pylist()
    assert lines == [place + 1 for place in kept]
    assert settled.edits.num_rows == len(kept) * batch.edits.num_rows // 2
    entries = [json.loads(line) for _, line in settled.lines()]
    assert [entry["line"] for entry in entries] == sorted([*(place + 1 for place in duplicates), 2, 4])
    assert all(entry["reasons"] for entry in entries)
    twins = [reason["twin"]["line"] for entry in entries for reason in entry["reasons"] if "twin" in reason]
    assert twins == [9] * len(twins)
    assert bool(twins) == bool(duplicates)
    totals = settled.totals()
    assert (totals.read, totals.accepted, totals.quarantined) == (4, len(kept), 4 - len(kept))

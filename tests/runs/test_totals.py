"""The counts of a run: added up, kept as JSON, and never off by one record."""

from __future__ import annotations

import json
from collections import Counter

import pyarrow as pa
import pytest

from copydesk.cleaner.runs.totals import Totals, rank_by_count
from copydesk.schemas.arrow import EDITS_FILE
from copydesk.schemas.errors import InternalError


def test_counts_of_parts_are_added():
    totals = Totals(read=2, accepted=1, quarantined=1, edits=Counter(a=1), seconds=0.5)
    totals.add(Totals(read=3, accepted=3, edits=Counter(a=2, b=1), seconds=1.0))
    assert (totals.read, totals.accepted, totals.quarantined, totals.seconds) == (5, 4, 1, 1.5)
    assert totals.edits == Counter(a=3, b=1)


def test_counts_come_back_from_json():
    totals = Totals(read=2, accepted=1, quarantined=1, reasons=Counter({"body/empty": 1}), seconds=0.25)
    again = Totals.from_dict(json.loads(json.dumps(totals.as_dict())))
    assert again == totals
    again.reasons["body/empty"] += 1  # a Counter again, not a dict
    assert again.reasons["other"] == 0


@pytest.mark.parametrize(("accepted", "quarantined"), [(1, 0), (2, 1), (0, 0)])
def test_a_lost_or_doubled_record_is_a_fault(accepted, quarantined):
    with pytest.raises(InternalError, match="lost or doubled"):
        Totals(read=2, accepted=accepted, quarantined=quarantined).check()
    Totals(read=2, accepted=1, quarantined=1).check()


def test_edits_are_counted_by_rule():
    rows = [
        {"id": "1", "rule": "b/x", "field": "body", "start": 0, "end": 5, "before": "12345", "after": "", "detail": ""},
        {"id": "1", "rule": "a/x", "field": "body", "start": 7, "end": 9, "before": "12", "after": "", "detail": ""},
        {"id": "2", "rule": "b/x", "field": "body", "start": 2, "end": 3, "before": "1", "after": "", "detail": ""},
    ]
    totals = Totals()
    totals.add_edits(pa.Table.from_pylist(rows, EDITS_FILE))
    totals.add_edits(EDITS_FILE.empty_table())
    assert totals.edits == {"a/x": 1, "b/x": 2}
    assert totals.characters_cut == {"a/x": 2, "b/x": 6}


def test_equal_counts_are_in_the_order_of_their_ids():
    counts = Counter(dict.fromkeys("dbca", 2)) + Counter(e=5, f=1)
    assert rank_by_count(counts) == [("e", 5), ("a", 2), ("b", 2), ("c", 2), ("d", 2), ("f", 1)]

"""Great Expectations on the flags: the same verdict as the checks, no trace in the process, crashes told apart."""

from __future__ import annotations

import json
import logging
import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from copydesk.cleaner import gx_verdict as verdict
from copydesk.schemas.checks.suites import find_suite
from copydesk.schemas.errors import InternalError

CHECKS = find_suite("article").entries


def flags_of(rows: int) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(5)
    return {check.id: chance.random(rows) < 0.2 for check in CHECKS[:-1]} | {CHECKS[-1].id: np.zeros(rows, np.bool_)}


def test_verdict_counts_what_the_checks_flagged_in_pieces(monkeypatch):
    monkeypatch.setattr(verdict, "PIECE_ROWS", 100)
    judge = verdict.Verdict(CHECKS)
    batches = [flags_of(rows) for rows in (70, 70, 1, 250)]
    for flags in batches:
        judge.add(flags)
    found = judge.close(391)
    assert (found["engine"], found["records"], found["success"]) == ("great-expectations", 391, False)
    for check in CHECKS:
        flagged = sum(int(flags[check.id].sum()) for flags in batches)
        assert found["checks"][check.id] == {"severity": check.severity, "flagged": flagged, "success": not flagged}


def test_nothing_of_the_process_is_changed():
    root = logging.getLogger()
    before = (root.level, list(root.handlers), list(warnings.filters))
    verdict.run_expectations(flags_of(10), CHECKS)
    assert (root.level, list(root.handlers), list(warnings.filters)) == before


def test_an_expectation_that_crashes_is_no_verdict_on_the_data():
    missing = replace(CHECKS[0], check=replace(CHECKS[0].check, id="body/nowhere"))
    judge = verdict.Verdict([missing])
    with pytest.raises(InternalError, match="body/nowhere") as caught:
        verdict.raise_if_crashed(verdict.run_expectations({"body/empty": np.zeros(3, np.bool_)}, [missing])[0])
    assert "Traceback" in caught.value.trace
    assert judge.close(0)["records"] == 0


def test_command_writes_the_verdict(copydesk_command, jsonl, article, tmp_path):
    path = jsonl({"title": "A key, a chain and a ferry", "text": article}, {"title": "None", "text": ""}, b"{")
    assert copydesk_command("clean", path, "--out", tmp_path / "out", "--gx", "-q").code == 1
    found = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["validation"]
    assert (found["records"], found["unreadable"], found["success"]) == (2, 1, False)
    assert found["checks"]["body/empty"] == {"severity": "error", "flagged": 1, "success": False}
    assert found["checks"]["headline/missing"] == {"severity": "warning", "flagged": 0, "success": True}


def test_command_ends_in_3_where_an_expectation_crashes(copydesk_command, monkeypatch, jsonl, article, tmp_path):
    sound = verdict.run_expectations
    lost = CHECKS[0].id
    monkeypatch.setattr(
        verdict,
        "run_expectations",
        lambda columns, *rest: sound({name: flag for name, flag in columns.items() if name != lost}, *rest),
    )
    ran = copydesk_command("clean", jsonl({"text": article}), "--out", tmp_path / "out", "--gx")
    assert ran.code == 3
    (line,) = ran.err.splitlines()
    report = re.search(r"report it with (\S+\.txt)", line)[1]
    assert "great_expectations" in Path(report).read_text("utf-8")
    assert f"Great Expectations failed on expect_column_values_to_be_in_set of {lost}" in ran.err
    assert not (tmp_path / "out").exists()

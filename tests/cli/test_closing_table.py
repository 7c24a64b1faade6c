"""The closing table of `clean`: the same lines for the same counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from copydesk.cleaner.cli.closing_table import print_totals
from copydesk.cleaner.runs.totals import Totals


def table(capsys, *, verbose: bool = False, **counts: object) -> list[str]:
    print_totals(Totals(read=3, accepted=2, quarantined=1, **counts), Path("out"), verbose=verbose)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_equal_counts_are_in_the_order_of_their_ids(capsys):
    for order in ("abc", "cba"):
        lines = table(capsys, edits=Counter(dict.fromkeys(order, 1)), rejections=Counter(dict.fromkeys(order, 2)))
        assert [line.split() for line in lines[7:15]] == [
            ["cuts", "3"], ["a", "1"], ["b", "1"], ["c", "1"],
            ["reasons", "for", "quarantine"], ["a", "2"], ["b", "2"], ["c", "2"],
        ]  # fmt: skip
    assert lines[-1] == "written to out"


def test_rules_beyond_ten_are_counted(capsys):
    edits = Counter({f"rule/{n:02}": 20 - n for n in range(12)})
    assert any("2 more rules, see summary.json" in line for line in table(capsys, edits=edits))
    lines = table(capsys, edits=edits, reasons=Counter({"body/short": 4}), verbose=True)
    assert sum("rule/" in line for line in lines) == 12
    assert any("body/short" in line for line in lines)


def test_rules_of_plugins_that_failed_are_named(capsys):
    lines = table(capsys, failures=Counter({"acme/x": 3}), switched_off=Counter({"acme/x": 2}))
    assert any(line.split() == "acme/x 3; it was switched off for 2 of them".split() for line in lines)


def test_speed_is_shown_only_for_enough_text(capsys):
    assert not any("MB of text" in line for line in table(capsys, seconds=1.0, bytes_in=999_999))
    assert any(
        "MB of text a second" in line and line.endswith("2.0")
        for line in table(capsys, seconds=1.0, bytes_in=2_000_000)
    )

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
            ["cuts", "and", "repairs", "3", "by", "3", "rules"], ["a", "1"], ["b", "1"], ["c", "1"],
            ["reasons", "for", "quarantine"], ["a", "2"], ["b", "2"], ["c", "2"],
        ]  # fmt: skip
    assert "written to out" in lines


def test_rules_beyond_ten_are_counted(capsys):
    edits = Counter({f"rule/{n:02}": 20 - n for n in range(12)})
    left = "… 19 by 2 more rules: add --verbose, or see summary.json"
    assert any(line.split() == left.split() for line in table(capsys, edits=edits))
    lines = table(capsys, edits=edits, reasons=Counter({"body/short": 4}), verbose=True)
    assert sum(line.startswith("  rule/") for line in lines) == 12
    assert any("body/short" in line for line in lines)


def test_one_more_rule_is_singular(capsys):
    lines = table(capsys, edits=Counter({f"rule/{n:02}": 20 - n for n in range(11)}))
    assert any("by 1 more rule:" in line for line in lines)
    assert any(line.split()[-3:] == ["by", "11", "rules"] for line in lines)


def test_the_table_says_what_rules_cut_and_what_to_do_next(capsys):
    print_totals(
        Totals(read=3, accepted=2, quarantined=1, edits=Counter({"rule/a": 7}), rejections=Counter({"body/empty": 1})),
        Path("my out"),
        Path("my out/report.html"),
        verbose=False,
        summaries={"rule/a": "Label of a share button", "body/empty": "the body is empty"},
    )
    lines = capsys.readouterr().err.splitlines()
    assert any(line.split() == "rule/a 7 Label of a share button".split() for line in lines)
    assert any(line.split() == "body/empty 1 the body is empty".split() for line in lines)
    assert lines[-4:] == [
        "written to my out",
        "  open 'my out/report.html'  each record, with its cuts in place",
        "  copydesk quarantine list 'my out'  1 rejected record with all reasons",
        "  copydesk diff 'my out' --rule rule/a  each place where a rule cut; `copydesk undo` takes cuts back",
    ]


def test_a_run_without_cuts_and_rejects_has_no_next_step(capsys):
    print_totals(Totals(read=1, accepted=1), Path("out"), verbose=False)
    assert capsys.readouterr().err.splitlines()[-1] == "written to out"


def test_rules_of_plugins_that_failed_are_named(capsys):
    lines = table(capsys, failures=Counter({"acme/x": 3}), switched_off=Counter({"acme/x": 2}))
    assert any(line.split() == "acme/x 3 it was switched off for 2 of them".split() for line in lines)


def test_speed_is_shown_only_for_enough_text(capsys):
    assert not any("MB of text" in line for line in table(capsys, seconds=1.0, bytes_in=999_999))
    assert any(
        "MB of text a second" in line and line.endswith("2.0")
        for line in table(capsys, seconds=1.0, bytes_in=2_000_000)
    )

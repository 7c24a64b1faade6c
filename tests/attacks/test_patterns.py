"""Patterns that take too long: no rule file can stop a run, and records say which rules they were cleaned without."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import copydesk
from copydesk.cleaner.kernel.kernel import Kernel
from copydesk.cleaner.kernel.match import budget
from copydesk.cleaner.kernel.match.matcher import InlinePhrases, Phrases
from copydesk.cleaner.kernel.types import Failure, RecordContext
from copydesk.rules.patterns.dialect import translate
from copydesk.rules.ruleset.model import PhraseRule
from copydesk.rules.ruleset.ruleset import load_ruleset
from copydesk.schemas.cache.store import cache_directory
from copydesk.schemas.edits import Edit, undo_edits
from copydesk.schemas.errors import RuleError

PROSE = "The ferry from Skarnes left the quay an hour late on Monday, because the harbour master had lost a key."
# Both pass the loader and the filters, and take exponential time on the lines below.
WHOLE = "start (a|a)*[!?] at the end"
INLINE = r"\[ad (a|a){1,200}[!?]{2}\]"


def declare(name, *match, **more):
    fields = {"id": f"evil/{name}", "summary": "A rule of patterns", "match": [*match], "removes": ["x"]}
    fields |= {"keeps": ["y"], "since": "1", **more}
    return "[[rule]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in fields.items()) + "\n"


def bad_line(number, inline=False):
    """Return a line on which the pattern explodes, another one for each number."""
    return f"{PROSE} [ad {'a' * (40 + number)}!]" if inline else f"start {'a' * (40 + number)} at the end"


@pytest.fixture(autouse=True)
def without_automaton(monkeypatch):
    """Let `regex` decide about all lines: the compiled automaton reads each byte once, whatever the pattern is."""
    monkeypatch.setenv("COPYDESK_KERNEL", "plain")


@pytest.fixture
def short_limits(monkeypatch):
    monkeypatch.setattr(budget, "SECONDS", 0.05)
    monkeypatch.setattr(budget, "BUDGET", 0.2)


@pytest.fixture
def make_kernel(tmp_path):
    def make(*rules):
        path = tmp_path / "evil.toml"
        path.write_text("".join(rules), "utf-8")
        return Kernel(load_ruleset([path], profile="rules", plugins=False), cache_directory())

    return make


def clean(kernel, texts, contexts=None):
    cleaned = kernel.clean(pa.array(texts, pa.large_string()), contexts)
    failures = {row: [(f.rule, f.slow, f.off) for f in of_row] for row, of_row in cleaned.failures.items()}
    edits = [[] for _ in texts]
    for edit in cleaned.edits.to_pylist():
        edits[edit.pop("row")].append(Edit(**edit))
    for text, clean_text, of_row in zip(texts, cleaned.texts.to_pylist(), edits, strict=True):
        assert undo_edits(clean_text, of_row) == text
    return cleaned.texts.to_pylist(), failures


KINDS = {
    "match": (declare("bad", WHOLE), False),
    "unless": (declare("bad", "start a.{0,99} the end", unless=[WHOLE]), False),
    "inline": (declare("bad", INLINE, where="inline"), True),
    "inline unless": (declare("bad", r"\[ad [a!]{1,99}\]", unless=[f".*{INLINE}"], where="inline"), True),
}


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize(("rule", "inline"), KINDS.values(), ids=KINDS)
def test_a_rule_that_takes_too_long_is_switched_off_and_named(rule, inline, make_kernel, caplog):
    kernel = make_kernel(rule, declare("good", "lantern menu"))
    texts = [f"{PROSE}\n{bad_line(number, inline)}\nlantern menu\n{PROSE}" for number in range(30)]
    started = time.process_time()
    result, failures = clean(kernel, texts)
    assert time.process_time() - started < 10
    # nothing of the bad rule, all of the good one
    assert result == [text.replace("lantern menu\n", "") for text in texts]
    assert failures[0] == [("evil/bad", True, False)]
    assert failures[29] == [("evil/bad", False, True)]
    assert sorted(failures) == [*range(30)]
    assert sum("evil/bad is switched off" in record.getMessage() for record in caplog.records) == 1
    # a clean text stays as it is
    assert clean(kernel, result)[0] == result


@pytest.mark.usefixtures("short_limits")
def test_records_without_a_line_for_the_rule_do_not_name_it(make_kernel):
    kernel = make_kernel(declare("bad", WHOLE, "lantern menu"))
    clean(kernel, [bad_line(number) for number in range(10)])
    result, failures = clean(kernel, [f"{PROSE}\nlantern menu", f"{PROSE}\nPage not found"])
    assert result[0] == f"{PROSE}\nlantern menu"  # this would be cut by another pattern of the rule
    assert failures == {0: [("evil/bad", False, True)]}


@pytest.mark.usefixtures("short_limits")
def test_a_record_loses_all_cuts_of_a_rule_that_fails_on_it(make_kernel):
    kernel = make_kernel(declare("bad", WHOLE, "lantern menu"))
    text = f"lantern menu\n{PROSE}\n{bad_line(0)}"
    result, failures = clean(kernel, [text, f"lantern menu\n{PROSE}"])
    assert result == [text, PROSE]
    assert failures == {0: [("evil/bad", True, False)]}


@pytest.mark.usefixtures("short_limits")
def test_a_rule_that_is_ignored_on_a_record_does_not_fail_there(make_kernel):
    kernel = make_kernel(declare("bad", WHOLE))
    ignored = RecordContext(ignored=frozenset({"evil/bad"}))
    assert clean(kernel, [bad_line(0)] * 2, [ignored, RecordContext()])[1] == {1: [("evil/bad", True, False)]}


@pytest.mark.usefixtures("short_limits")
def test_rules_that_share_a_pattern_fail_together(make_kernel):
    kernel = make_kernel(declare("bad", WHOLE), declare("other", WHOLE, "lantern menu"))
    failures = clean(kernel, [bad_line(number) for number in range(9)])[1]
    assert failures[0] == [("evil/bad", True, False), ("evil/other", True, False)]
    assert failures[8] == [("evil/bad", False, True), ("evil/other", False, True)]


@pytest.mark.usefixtures("short_limits")
def test_flow_names_the_rule_too(make_kernel):
    kernel = make_kernel(declare("bad", WHOLE))
    contexts = [RecordContext(form="flow")] * 2
    chain = f"{PROSE} Leave a Comment Scroll to Top Share this Page not found {PROSE}"
    result, failures = clean(kernel, [bad_line(1), chain], contexts)
    assert result[0] == bad_line(1)
    assert failures[0] == [("evil/bad", True, False)]


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_ends_and_counts_the_records(workers, jsonl, copydesk_command, tmp_path):
    Path(tmp_path, "evil.toml").write_text(declare("bad", WHOLE), "utf-8")
    count = 3 if workers else 12  # the limits of other processes are not short
    path = jsonl(*({"id": str(n), "text": f"{PROSE}\n\n{bad_line(n)}\n\n{PROSE} Day {n}."} for n in range(count)))
    words = ["--workers", workers] if workers else []
    ran = copydesk_command("clean", path, "--out", tmp_path / "out", "--rules", tmp_path / "evil.toml", *words)
    assert ran.code == 0, ran.err
    assert "records cleaned without a rule, because the rule failed" in ran.err
    summary = json.loads(Path(tmp_path, "out", "summary.json").read_text("utf-8"))
    assert summary["failures"]["evil/bad"]["records"] == summary["checks"]["plugin/failed"] == count
    assert "evil/bad" not in summary["edits"]


def test_built_in_patterns_stay_far_below_their_budget():
    kernel = Kernel(load_ruleset(profile="page", unsafe=True, plugins=False), cache_directory())
    hostile = ["a " * 120, "- " * 120, "1, " * 80, "share " * 40, "' " * 120, "x" * 240, "… " * 60, "read more: " * 20]
    lines = [f"{line[:size]}{number}" for number, line in enumerate(hostile) for size in range(1, 240, 7)]
    kernel.clean(pa.array(["\n".join(lines)] * 3, pa.large_string()))
    for phrases in [*kernel._engine._whole, kernel._engine._inline]:
        assert not phrases._budget.off
        assert sum(phrases._budget._spent.values()) < 0.5


PIECES = ["a", "b", "é", " ", "(", ")", "|", "*", "+", "?", "{2}", "{1,3}", "{", "[ab]", "[^a]", "[", "]", "-", "."]
PIECES += [r"\.", r"\w", r"\b", r"\d", "^", "(?:", "(?=", "(?!", "(?<", "…", "’", "\\", "$", "(?i)", r"\x41"]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join), st.booleans())
def test_any_pattern_is_refused_or_runs(pattern, inline):
    where = "inline" if inline else "anywhere"
    fields = {"id": "evil/any", "summary": "A rule of patterns", "removes": ["x"], "keeps": ["y"], "since": "1"}
    try:
        rule = PhraseRule(match=[pattern], where=where, **fields)
        regex.compile(translate(pattern))  # as the loader does
        phrases = InlinePhrases([rule]) if inline else Phrases([rule], [0])
    except (ValidationError, RuleError, regex.error):
        return
    for line in ("ab", "aab é", "a" * 30 + "!", "…’-"):
        if inline:
            assert not isinstance(phrases.spans(line, 0), Failure)
        else:
            phrases.confirm(line.encode(), range(len(phrases._rules_of)))
            assert not phrases.failures


def test_a_file_in_the_folder_of_rules_cannot_stop_the_command(copydesk_command, tmp_path):
    Path(tmp_path, "rules").mkdir()
    Path(tmp_path, "rules", "evil.toml").write_text(declare("bad", "x" * 99 + "(" * 20 + "a" + "|b)+" * 20), "utf-8")
    Path(tmp_path, "a.txt").write_text(PROSE, "utf-8")
    ran = copydesk_command("check", tmp_path / "a.txt", "--rules", tmp_path / "rules")
    assert (ran.code, "20 groups are nested" in ran.err) == (2, True)


@pytest.mark.usefixtures("short_limits")
def test_the_library_names_the_rule_too(tmp_path):
    path = tmp_path / "evil.toml"
    path.write_text(declare("bad", WHOLE), "utf-8")
    text = f"{PROSE}\n{bad_line(0)}"
    cleaned = copydesk.Cleaner(load_ruleset([path], plugins=False), suite="none").clean({"text": text})
    assert [reason.check for reason in cleaned.reasons] == ["plugin/failed"]
    assert cleaned.restore() == text


def test_the_automaton_reads_such_lines_at_once(make_kernel, monkeypatch):
    monkeypatch.delenv("COPYDESK_KERNEL")
    kernel = make_kernel(declare("bad", WHOLE))
    texts = [f"{PROSE}\n\n{bad_line(number)}" for number in range(100)]
    cleaned, failures = clean(kernel, [*texts, f"{PROSE}\n\nstart aaa! at the end"])
    assert (cleaned, failures) == ([*texts, PROSE], {})

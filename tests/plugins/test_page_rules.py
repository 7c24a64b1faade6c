"""Page rules of plugins: they see what built-in page rules see, and what they do wrong costs one record one rule."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

import copydesk
from copydesk.cleaner.kernel import rule_guard
from copydesk.cleaner.rule_tools.contract import find_contract_cases

ROLL = """
import time
from copydesk.plugins import Case, Cut, FieldCut, RuleOutcome, page_rule, rule

@page_rule(
    "lantern/roll",
    summary="Roll call of the keepers below the article",
    removes=["Present: Holt, Lund"],
    keeps=["Present: nobody, he wrote, and put the book away for good, for the lamp needed no keeper any more."],
    since="1",
)
def find_roll(page):
    {misdeed}
    return [Cut(line) for line, text in enumerate(page.texts) if text.startswith("Present:") and not page.prose[line]]
"""
STAMP = """
@rule("lantern/stamp", summary="Stamp of the archive", removes=["Seen [stamp 9]"], keeps=["Seen."], since="1")
def find_stamps(text):
    at = text.find("[stamp 9]")
    return [(at, at + 9)] if at >= 0 else []
"""
FOLLOWER = """
from copydesk.plugins import Case, FieldCut, Page, Cut, RuleInfo, RuleOutcome, page_rule

ROLL = RuleInfo(id="lantern/roll", summary="Roll call below a link to the top", removes=["x"], keeps=["y"], since="1")
NAME = RuleInfo(id="lantern/name", summary="Name of the lantern in the headline", removes=["x"], keeps=["y"], since="1")

@page_rule(ROLL, NAME, follows=["navigation"])
def find_both(page: Page):
    outcome = RuleOutcome(source_name="The Lantern")
    for line, rules in page.cut.items():
        outcome.cuts += [Cut(n, ROLL.id, f"below {rules[0]}") for n in range(line, len(page.texts))]
    at = (page.title or "").find(" (Lantern)")
    if at > 0:
        outcome.title_cuts.append(FieldCut(at, at + 10, NAME.id))
    return outcome
"""


@pytest.fixture
def roll(install):
    """Install a page rule that does something bad to texts that say so, and a text rule beside it."""

    def roll(misdeed: str = "pass") -> None:
        guarded = f"if any('MISDEED' in text for text in page.texts):\n        {misdeed}"
        code = ROLL.format(misdeed=guarded) + STAMP
        install("lantern-rules", {"lantern_roll.py": code}, rules="lantern = lantern_roll")

    return roll


def test_a_page_rule_cuts_lines(roll, article):
    roll()
    text = f"{article}\n\nPresent: Holt, Lund\nPresent: Quist [stamp 9]\n\nScroll to Top"
    cleaner = copydesk.Cleaner(suite="none")
    cleaned = cleaner.clean(text)
    assert (cleaned.article.body, cleaned.reasons) == (article, [])
    assert [edit.rule for edit in cleaned.edits] == ["lantern/roll", "lantern/roll", "navigation/top"]
    assert cleaned.restore() == text
    assert cleaner.clean(article).edits == []


def test_it_is_a_rule_like_all_others(roll, copydesk_command, article, tmp_path):
    roll()
    (tmp_path / "a.txt").write_text(f"{article}\n\nPresent: Holt, Lund", "utf-8")
    assert "lantern/roll " in copydesk_command("rules", "list").out
    assert "- Present: Holt, Lund  [lantern/roll, " in copydesk_command("explain", tmp_path / "a.txt").out
    assert "lantern" not in copydesk_command("explain", tmp_path / "a.txt", "--ignore", "lantern").out
    assert copydesk_command("rules", "test", "lantern-rules").err == "4 of 4 examples hold\n"


def test_the_contract_holds_for_a_sound_page_rule(roll):
    roll()
    cases = list(find_contract_cases(["lantern-rules"]))
    assert [case.name for case in cases[1:6]] == [
        f"lantern/roll-{law}" for law in ("examples", "restores", "changes-nothing-else", "is-stable", "cannot-hang")
    ]
    assert {case.name: failures for case in cases if (failures := case.failures())} == {}


def test_the_contract_finds_a_page_rule_that_fails(roll, install):
    code = ROLL.format(misdeed="page.texts[999]")
    install("lantern-rules", {"lantern_roll.py": code}, rules="lantern = lantern_roll")
    failures = {case.name: case.failures() for case in find_contract_cases(["lantern-rules"])}
    assert failures["lantern/roll-cannot-hang"][0].startswith("IndexError: 999 (lantern_roll.py:13), on 'Present: Holt")
    assert len(failures["lantern/roll-cannot-hang"]) == 3
    assert failures["lantern/roll-examples"]


MISDEEDS = {
    "raise ValueError('no wheels')": "ValueError: no wheels (lantern_roll.py:14)",
    "raise SystemExit(3)": "SystemExit: 3 (lantern_roll.py:14)",
    "return None": "TypeError: ",
    "return [7]": "it returned 7, not a Cut with the number of a line",
    "return [Cut('1')]": "it returned Cut(line='1', rule='lantern/roll', detail=None), not a Cut",
    "return [Cut(True)]": "not a Cut with the number of a line",
    "return [Cut(99)]": "it cut line 99 of a page with 3 lines",
    "return [Cut(-1)]": "it cut line -1 of a page with 3 lines",
    "return [Cut(0, 'navigation/top')]": "it cut a line as 'navigation/top', which it does not declare",
    "return [Cut(0, detail=7)]": "it returned 7, not a text",
    "return [Cut(0, detail='\\ud800')]": "which UTF-8 cannot encode",
    "return (Cut(0) for _ in iter(int, 1))": "it returned more cuts than the page has lines",
    "return RuleOutcome(headline=7)": "it returned 7, not a text",
    "return RuleOutcome(alt_headlines=[None])": "it returned None among the headlines",
    "return RuleOutcome(title_cuts=[FieldCut(0, 9, 'lantern/roll')])": "which is not a span of the headline",
    "return RuleOutcome(title_cuts=[7])": "it returned 7, not a FieldCut of a rule",
    "while True: pass": "it took longer than 0.2 s",
    "time.sleep(60)": "it took longer than 0.2 s",
}


@pytest.mark.parametrize(("misdeed", "cause"), MISDEEDS.items(), ids=MISDEEDS)
def test_a_page_rule_that_misbehaves_costs_its_record_the_rule_alone(misdeed, cause, roll, article, monkeypatch):
    monkeypatch.setattr(rule_guard, "SECONDS", 0.2)
    roll(misdeed)
    bad = f"MISDEED. {article.splitlines()[-1]}\n\nPresent: Holt\nPresent: Quist [stamp 9]\n\nScroll to Top"
    cleaner = copydesk.Cleaner(suite="none")
    good = cleaner.clean(f"{article}\n\nPresent: Holt, Lund")
    assert (good.article.body, good.reasons) == (article, [])
    cleaned = cleaner.clean(bad)
    # the text rule and the built-in rules have cut theirs
    assert cleaned.article.body == bad.removesuffix(" [stamp 9]\n\nScroll to Top")
    assert {edit.rule for edit in cleaned.edits} == {"lantern/stamp", "navigation/top"}
    assert cleaned.restore() == bad
    (reason,) = cleaned.reasons
    assert (reason.check, reason.severity) == ("plugin/failed", "warning")
    assert reason.message.startswith("cleaned without the rule lantern/roll: ")
    assert cause in reason.message


def test_a_page_rule_that_cuts_on_and_on_is_left_out(install, article):
    code = ROLL.format(misdeed="return [Cut(len(page.texts) - 1)] if len(page.texts) > 2 else []")
    install("lantern-rules", {"lantern_roll.py": code}, rules="lantern = lantern_roll")
    names = "\n".join(f"Keeper {number}" for number in range(30))
    cleaned = copydesk.Cleaner(profile="rules", suite="none").clean(f"{article}\n\n{names}")
    assert cleaned.article.body == f"{article}\n\n{names}"
    assert cleaned.reasons[0].message.endswith("it still cuts something after 16 rounds")
    few = "\n".join(f"Keeper {number}" for number in range(9))
    assert copydesk.Cleaner(profile="rules", suite="none").clean(f"{article}\n\n{few}").article.body == article


def test_a_page_rule_that_takes_too_long_is_switched_off(roll, article, monkeypatch):
    monkeypatch.setattr(rule_guard, "SECONDS", 0.05)
    roll("while True: pass")
    cleaner = copydesk.Cleaner(suite="none")
    texts = [f"MISDEED {number} {article}\n\nPresent: Holt" for number in range(5)]
    cleaned = [cleaner.clean(text) for text in texts]
    assert [one.article.body for one in cleaned] == texts
    causes = [one.reasons[0].message.partition("roll: ")[2] for one in cleaned]
    assert causes == ["it took longer than 0.05 s"] * 3 + ["it was switched off after it took too long 3 times"] * 2
    # it is off for good texts, too, and other rules are not
    later = cleaner.clean(f"{article}\n\nPresent: Holt\nSeen [stamp 9]")
    assert later.article.body == f"{article}\n\nPresent: Holt\nSeen"
    assert len(later.reasons) == 1


def test_it_does_not_matter_in_which_batch_a_page_rule_fails(roll, article):
    roll("return [7]")
    texts = [f"{article}\n\nPresent: Holt", f"MISDEED {article}\n\nPresent: Lund\n\nScroll to Top", article]
    cleaner = copydesk.Cleaner(suite="none")
    table = cleaner.clean_table(pa.table({"text": texts}))
    assert table.column("body").to_pylist() == [cleaner.clean(text).article.body for text in texts]


def test_a_page_rule_may_follow_others_and_declare_several_ids(install, article):
    install("lantern-rules", {"lantern_both.py": FOLLOWER}, rules="lantern = lantern_both")
    cleaner = copydesk.Cleaner(profile="rules", suite="none")
    text = f"{article}\n\nScroll to Top\n\nHolt\nLund"
    cleaned = cleaner.clean({"title": "Lamp out (Lantern)", "text": text})
    assert (cleaned.article.headline, cleaned.article.body) == ("Lamp out", article)
    assert cleaned.article.source_name == "The Lantern"
    edits = [(edit.field, edit.rule, edit.detail) for edit in cleaned.edits]
    assert ("body", "lantern/roll", "below navigation/top") in edits
    assert ("headline", "lantern/name", None) in edits
    # without a line of the family that it follows, the rule is not asked
    assert cleaner.clean({"title": "Lamp out (Lantern)", "text": article}).article.headline == "Lamp out (Lantern)"


def test_a_page_rule_may_follow_single_rules_below_prose(install, article):
    follows = '@page_rule(ROLL, NAME, follows=["navigation/top"], after_prose=(100, 10))'
    code = FOLLOWER.replace('@page_rule(ROLL, NAME, follows=["navigation"])', follows)
    install("lantern-rules", {"lantern_both.py": code}, rules="lantern = lantern_both")
    cleaner = copydesk.Cleaner(profile="rules", suite="none")
    assert cleaner.clean(f"{article}\n\nScroll to Top\n\nHolt\nLund").article.body == article
    # the prose is below the line, not above it; and another rule of the family cuts
    assert cleaner.clean(f"Holt\n\nScroll to Top\n\n{article}").article.body == f"Holt\n\n{article}"
    assert cleaner.clean(f"{article}\n\nSkip to content\n\nHolt\nLund").article.body == f"{article}\n\nHolt\nLund"


DECLARATIONS = {
    "unknown-key": ('@page_rule("lantern/a", sumary="s")', "unknown key 'sumary', did you mean 'summary'?"),
    "missing-key": ('@page_rule("lantern/a", summary="A summary", since="1")', "the key 'removes' is missing"),
    "no-id": ("@page_rule()", "neither one id with its keys nor only RuleInfo objects"),
    "two-ids": ('@page_rule("lantern/a", "lantern/b")', "neither one id with its keys nor only RuleInfo objects"),
    "bad-id": ('@page_rule("Lantern", summary="A summary", removes=["a"], keeps=["b"], since="1")', "rule 'Lantern'"),
}


@pytest.mark.parametrize(("line", "said"), DECLARATIONS.values(), ids=DECLARATIONS)
def test_a_declaration_that_is_not_valid_names_its_line(line, said, install, copydesk_command):
    code = f"from copydesk.plugins import page_rule\n\n{line}\ndef find(page):\n    return []\n"
    install("lantern-rules", {"lantern_roll.py": code}, rules="lantern = lantern_roll")
    (plugin,) = json.loads(copydesk_command("plugins", "--json").out)["plugins"]
    assert "lantern_roll.py:3: " in plugin["error"]
    assert said in plugin["error"]


def test_a_repair_rule_of_a_plugin_is_refused(install, copydesk_command):
    code = (
        "from copydesk.rules.ruleset.declare import repair_rule\nfrom copydesk.plugins import RuleInfo\n"
        'INFO = RuleInfo(id="lantern/a", summary="A summary", removes=["a"], keeps=["b"], since="1")\n'
        '@repair_rule(INFO, signs="a")\ndef find(text):\n    return []\n'
    )
    install("lantern-rules", {"lantern_mend.py": code}, rules="lantern = lantern_mend")
    (plugin,) = json.loads(copydesk_command("plugins", "--json").out)["plugins"]
    assert "lantern/a rewrites texts unchecked, as only rules of copydesk itself may" in plugin["error"]

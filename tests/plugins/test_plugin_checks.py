"""Checks of plugins: of records and of sets, sound ones and those that fail."""

from __future__ import annotations

import json

import pytest

from copydesk.cleaner.rule_tools.contract import find_contract_cases
from copydesk.schemas.errors import SettingError

CHECK = """
from copydesk.plugins import check

EXAMPLES = {{"fails": {{"text": "ferry"}}, "passes": {{"text": "a"}}}}
@check("{id}", severity="info", fields=("body",), message="m", remedy="d", **EXAMPLES)
def flag(frame):
    return frame.matches("ferry", frame.length > 0)
"""


def test_a_check_of_a_plugin_runs(install, copydesk_command, article, tmp_path):
    install("lantern-checks", {"lantern_checks.py": CHECK.format(id="lantern/ferry")}, checks="c = lantern_checks")
    (tmp_path / "a.txt").write_text(article, "utf-8")
    (tmp_path / "s.toml").write_text('extends = "minimal"\n[checks]\n"lantern/ferry" = "error"\n', "utf-8")
    ran = copydesk_command("check", tmp_path / "a.txt", "--suite", tmp_path / "s.toml", "--format", "concise")
    assert (ran.code, "lantern/ferry" in ran.out) == (1, True)


BAD_CHECKS = {
    "if (frame.length > 9).any(): raise KeyError('ferry')": "KeyError: 'ferry' (lantern_checks.py:",
    "return 'yes'": "AttributeError: 'str' object",
    "return frame.length": "TypeError: it returned int64 of shape (1,), not a mask of 1 records",
    "return frame.matches('ferry', frame.length > 0)[:0]": "not a mask of 1 records",
    "return {0: [('body', '\\ud800')]}": "UnicodeEncodeError: 'utf-8' codec can't encode",
    "return {0: [('body', 7)]}": "TypeError: it returned tuple, not a pair of a field and a message",
    "return {0: ['ab']}": "TypeError: it returned str, not a pair of a field and a message",
    "return {0: 7}": "TypeError: 'int' object is not iterable",
    "return {5: [('body', 'm')]}": "ValueError: it returned details for the row 5, and the rows are 0 to 0",
    "return {-1: [('body', 'm')]}": "ValueError: it returned details for the row -1, and the rows are 0 to 0",
    "return {'a': [('body', 'm')]}": "ValueError: it returned details for the row 'a', and the rows are 0 to 0",
    "raise ValueError('\\ud800')": "ValueError: \\ud800",
    "E = type('E', (ValueError,), {'__str__': lambda self: 1 / 0}); raise E": "E: its message cannot be read",
    "return None": "AttributeError: 'NoneType' object",
}


@pytest.mark.parametrize(("misdeed", "cause"), BAD_CHECKS.items(), ids=range(len(BAD_CHECKS)))
def test_a_check_that_fails_leaves_the_record_to_the_others(
    misdeed, cause, install, copydesk_command, jsonl, tmp_path, article
):
    code = CHECK.format(id="lantern/ferry").replace("    return", f"    {misdeed}\n    return")
    install("lantern-checks", {"lantern_checks.py": code}, checks="c = lantern_checks")
    (tmp_path / "s.toml").write_text('extends = "minimal"\n[checks]\n"lantern/ferry" = "error"\n', "utf-8")
    path = jsonl({"id": "a", "text": article}, {"id": "b", "text": ""})
    ran = copydesk_command("check", path, "--suite", tmp_path / "s.toml", "--format", "json")
    found = {(finding["record"], finding["code"]): finding for finding in json.loads(ran.out)["findings"]}
    assert found["b", "body/empty"]["severity"] == "error"
    assert cause in found["a", "plugin/failed"]["message"]
    assert ran.code == 1
    assert copydesk_command("validate", path, "--suite", tmp_path / "s.toml", "--verdict-by", "flags", "-q").code == 1


def test_a_check_cannot_change_what_others_see(install, copydesk_command, tmp_path, article):
    misdeed = "frame.length[:] = 0; frame.articles = frame.articles.slice(0, 0)"
    code = CHECK.format(id="lantern/ferry").replace("    return", f"    {misdeed}\n    return")
    install("lantern-checks", {"lantern_checks.py": code}, checks="c = lantern_checks")
    checks = '"lantern/ferry" = "info"\n"body/too-short" = "error"\n"body/short" = "error"\n"body/empty" = "error"'
    (tmp_path / "s.toml").write_text(f"[checks]\n{checks}\n", "utf-8")
    (tmp_path / "a.txt").write_text(article, "utf-8")
    ran = copydesk_command("check", tmp_path / "a.txt", "--suite", tmp_path / "s.toml", "--fail-on", "error")
    assert (ran.code, ran.out) == (0, "")


SET_CHECK = """
import numpy
from copydesk.plugins import Miss, set_check

EXAMPLES = {{"fails": [{{"text": "ferry"}}] * 60, "passes": [{{"text": "a"}}]}}
@set_check("lantern/{name}", severity="error", fields=("body",), message="m", remedy="d", **EXAMPLES)
def find_{name}(profile):
    {misdeed}
    return [Miss("body", "too many", numpy.int64(profile.records))] if profile.records > 50 else []
"""
BAD_SET_CHECKS = {
    "raise KeyError('ferry')": "KeyError: 'ferry' (lantern_sets.py:8)",
    "raise SystemExit(3)": "SystemExit: 3 (lantern_sets.py:8)",
    "return None": "Expected `array`, got `null`",
    "return [Miss('body', 'm', object())]": "TypeError: it returned object, not a SetFinding",
    "return [Miss('body', None)]": "Expected `str`, got `null` - at `$[0].message`",
}


@pytest.fixture
def set_checks(install, tmp_path, jsonl, article):
    """Install three checks of sets, of which the second does something bad; return the arguments that run them."""

    def make(misdeed: str) -> list[object]:
        code = [SET_CHECK.format(name=name, misdeed="pass") for name in ("one", "two", "three")]
        code[1] = SET_CHECK.format(name="two", misdeed=misdeed)
        install("lantern-sets", {"lantern_sets.py": code[1] + code[0] + code[2]}, checks="c = lantern_sets")
        checks = "".join(f'"lantern/{name}" = "error"\n' for name in ("one", "two", "three"))
        (tmp_path / "s.toml").write_text(f'extends = "minimal"\n[checks]\n{checks}', "utf-8")
        return [jsonl({"id": "a", "text": article}), "--suite", tmp_path / "s.toml"]

    return make


@pytest.mark.parametrize(("misdeed", "cause"), BAD_SET_CHECKS.items(), ids=range(len(BAD_SET_CHECKS)))
def test_a_check_of_the_set_that_fails_is_named_once(misdeed, cause, set_checks, copydesk_command, tmp_path):
    arguments = [*set_checks(misdeed), "--verdict-by", "flags"]
    ran = copydesk_command("validate", *arguments, "--out", tmp_path / "out")
    assert (ran.code, ran.out.count("plugin/failed")) == (0, 1), ran.err
    assert "warning  plugin/failed  set    the check lantern/two was skipped: " in ran.out
    assert cause in ran.out
    assert "and 3 of 3 checks of the set" in ran.out  # the others, and that of the suite that it extends
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    (failed,) = summary["set"]
    assert (failed["id"], failed["severity"], summary["success"]) == ("plugin/failed", "warning", True)
    assert cause in failed["message"]
    assert "lantern/two" in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert copydesk_command("validate", *arguments, "--fail-on", "warning").code == 1


def test_a_check_of_the_set_that_fails_is_nothing_to_other_commands(set_checks, copydesk_command, tmp_path):
    arguments = set_checks("raise KeyError('ferry')")
    ran = copydesk_command("check", *arguments)
    assert (ran.code, ran.out) == (0, ""), ran.err
    ran = copydesk_command("clean", *arguments, "--out", tmp_path / "out", "--to", "jsonl")
    assert (ran.code, json.loads((tmp_path / "out" / "articles.jsonl").read_bytes())["id"]) == (0, "a"), ran.err


def test_a_check_of_the_set_cannot_change_what_others_see(set_checks, copydesk_command):
    ran = copydesk_command("validate", *set_checks("profile.records = 99"), "--verdict-by", "flags")
    assert ran.out.count("too many") == 1
    assert "lantern/two" in ran.out


@pytest.mark.parametrize(
    ("distributions", "law", "said"), [([], "examples", "no distribution"), (["copydesk"], "restore", "'restores'")]
)
def test_a_contract_without_cases_is_an_error(distributions, law, said):
    with pytest.raises(SettingError, match=said):
        list(find_contract_cases(distributions, [law]))


def test_a_check_without_an_example_that_fails_breaks_its_promise(install):
    code = CHECK.format(id="ferry/ferry").replace('"fails": {"text": "ferry"}', '"fails": []')
    install("ferry-checks", {"ferry_checks.py": code}, checks="c = ferry_checks")
    broken = {promise.name: promise.failures() for promise in find_contract_cases(["ferry-checks"])}
    assert broken["ferry/ferry-examples"] == ["it does not flag []"]


def test_a_check_that_fails_on_its_examples_breaks_its_promise(install, set_checks):
    set_checks("if profile.records < 9: raise KeyError('few')")
    code = CHECK.format(id="ferry/ferry").replace(
        "    return", "    if frame.length[0] < 2: raise KeyError('few')\n    return"
    )
    install("ferry-checks", {"ferry_checks.py": code}, checks="c = ferry_checks")
    broken = {promise.name: promise.failures() for promise in find_contract_cases(["lantern-sets", "ferry-checks"])}
    assert not broken["lantern/one-examples"]
    for name in ("lantern/two", "ferry/ferry"):
        (problem,) = broken[f"{name}-examples"]
        assert problem.startswith(f"the check {name} was skipped: KeyError: 'few'")


DATA_CHECK = """
[[check]]
id = "lantern/section"
field = "section"
allowed = ["news"]
remedy = "look"
fails = ["{fails}"]
passes = ["news"]
"""


def test_a_package_brings_checks_as_data(install, copydesk_command, jsonl, article):
    files = {"lantern_checks/__init__.py": "", "lantern_checks/checks.toml": DATA_CHECK.format(fails="misc")}
    install("lantern-checks", files, checks="c = lantern_checks")
    assert copydesk_command("checks", "test", "lantern-checks").err == "2 of 2 examples hold, of 1 check\n"
    path = jsonl({"id": "a", "text": article, "section": "misc"})
    (path.parent / "s.toml").write_text('[checks]\n"lantern/section" = "error"\n', "utf-8")
    ran = copydesk_command("validate", path, "--suite", path.parent / "s.toml", "--verdict-by", "flags")
    assert (ran.code, "lantern/section" in ran.out) == (1, True)
    failures = {case.name: case.failures() for case in find_contract_cases(["lantern-checks"])}
    assert any("lantern/section" in name for name in failures)
    assert not any(failures.values())


def test_a_package_whose_data_are_wrong_is_skipped(install, copydesk_command):
    files = {"lantern_checks/__init__.py": "", "lantern_checks/checks.toml": "[[check]]\nid = 5\n"}
    install("lantern-checks", files, checks="c = lantern_checks")
    ran = copydesk_command("plugins")
    assert (ran.code, "checks.toml:2: check 5: id: 5 is not a text" in ran.out) == (1, True)

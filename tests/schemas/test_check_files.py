"""Checks that are declared as data: what they flag, where a file is wrong, and that no pattern can hang."""

from __future__ import annotations

import pickle
import time

import pytest

import copydesk
from copydesk.cleaner.rule_tools.check_examples import run_check_examples
from copydesk.schemas import safe_patterns
from copydesk.schemas.checks.check_files import MAX_CHECKS, load_check_files
from copydesk.schemas.errors import SettingError

SOUND = {
    "allowed": ('field = "section"', 'allowed = ["news", "sport"]', '["News & More"]', '["news"]'),
    "must-match": ('field = "url"', "must-match = '^https://'", '["http://a.example/1"]', '["https://a.example/1"]'),
    "must-not-match": (
        'field = "body"',
        "must-not-match = '(?i)subscribe to read'",
        '["He left. Subscribe to read the rest."]',
        '["He read it."]',
    ),
    "days": (
        'field = "date_published"',
        "range = { least = 2015-01-01, most = 2024-12-31 }",
        '[2014-12-31, "2025-01-01"]',
        "[2015-01-01, 2024-12-31T23:59:59Z]",
    ),
    "numbers": ('field = "word_count"', "range = { least = 3 }", '["one two"]', '["one two three"]'),
    "characters": ('field = "headline"', "length = { most = 5 }", '["A key!"]', '["A key"]'),
    "entries": (
        'field = "authors"',
        "length = { least = 1, most = 2 }",
        '[{ text = "It rained." }, ["Ann Holt", "Bo Lund", "Cay Ek"]]',
        '["Ann Holt"]',
    ),
    "each of a list": ('field = "keywords"', "must-match = '^[a-z]+$'", '[["rain", "No 5"]]', '[["rain", "sea"]]'),
    "required": ('field = "license"', "required = true", '[{ text = "It rained." }]', '["CC0"]'),
    "required list": ('field = "authors"', "required = true", '[{ text = "It rained." }]', '["Ann Holt"]'),
    "truth": ('field = "free_access"', "allowed = [true]", "[false]", "[true]"),
    "languages": (
        'field = "body"\nlanguages = ["de"]',
        "must-not-match = 'Abo'",
        '["Nur mit Abo."]',
        '[{ body = "Nur mit Abo.", language = "en" }, { body = "Nur mit Abo." }, "Ohne."]',
    ),
}


def entry(field: str, condition: str, fails: str, passes: str, name: str = "house/one", more: str = "") -> str:
    return (
        f'[[check]]\nid = "{name}"\n{field}\n{condition}\nremedy = "look at it"\n{more}'
        f"fails = {fails}\npasses = {passes}\n"
    )


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "checks.toml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.parametrize("parts", SOUND.values(), ids=SOUND)
def test_a_check_flags_what_fails_and_nothing_else(parts, write):
    tried = run_check_examples([write(entry(*parts))])
    assert (tried.failures, tried.checks) == ([], 1)
    assert tried.examples >= 2


@pytest.mark.parametrize("parts", SOUND.values(), ids=SOUND)
def test_an_example_that_does_not_hold_is_found(parts, write):
    field, condition, fails, passes = parts
    tried = run_check_examples([write(entry(field, condition, passes, fails))])
    assert tried.failures
    assert all(failure.startswith("house/one: it ") for failure in tried.failures)


WRONG = {
    "no id": ('[[check]]\nfield = "body"\n', "checks.toml:1: check number 1: the key 'id' is missing"),
    "bad id": (entry(*SOUND["truth"], name="House"), "checks.toml:2: check House: id: 'House' does not have the form"),
    "unknown field": (
        entry('field = "hedline"', "required = true", '["x"]', '["y"]'),
        "checks.toml:3: check house/one: field: articles have no field 'hedline', did you mean 'headline'?",
    ),
    "own field": (entry('field = "provenance"', "required = true", '["x"]', '["y"]'), "no field 'provenance'"),
    "unknown key": (
        entry(*SOUND["truth"], more='severty = "error"\n'),
        "checks.toml:6: check house/one: unknown key 'severty', did you mean 'severity'?",
    ),
    "unknown bound": (
        entry('field = "headline"', "length = { mst = 5 }", '["x"]', '["y"]'),
        "unknown key 'mst', did you mean 'most'?",
    ),
    "bad severity": (entry(*SOUND["truth"], more='severity = "fatal"\n'), "checks.toml:6: check house/one: severity: "),
    "no condition": (entry('field = "body"', "", '["x"]', '["y"]'), "it needs exactly one condition"),
    "required = false": (entry('field = "body"', "required = false", '["x"]', '["y"]'), "exactly one condition"),
    "two conditions": (
        entry('field = "headline"', "required = true\nlength = { most = 5 }", '["x"]', '["y"]'),
        "it needs exactly one condition",
    ),
    "unfit condition": (
        entry('field = "headline"', "range = { most = 5 }", '["x"]', '["y"]'),
        "range does not fit the field headline: use required or must-match or",
    ),
    "numbers for dates": (entry('field = "date_published"', "range = { most = 5 }", "[1]", "[2]"), "write dates as in"),
    "dates for numbers": (
        entry('field = "word_count"', "range = { most = 2024-01-01 }", '["x"]', '["y"]'),
        "write whole numbers",
    ),
    "no bound": (entry('field = "headline"', "length = {}", '["x"]', '["y"]'), "it needs least, most, or both"),
    "bounds crossed": (
        entry('field = "headline"', "length = { least = 5, most = 4 }", '["x"]', '["y"]'),
        "least is more than most",
    ),
    "negative length": (entry('field = "headline"', "length = { least = -1 }", '["x"]', '["y"]'), "length: "),
    "values of a wrong kind": (
        entry('field = "section"', "allowed = [1]", '["x"]', '["y"]'),
        "1 is not a text",
    ),
    "bad pattern": (
        entry('field = "body"', "must-match = '(a'", '["x"]', '["y"]'),
        "checks.toml:4: check house/one: must-match: the pattern '(a' cannot be compiled: ",
    ),
    "loose brace": (
        entry('field = "body"', "must-match = 'a{e<=3}'", '["x"]', '["y"]'),
        "a brace that is not a repeat",
    ),
    "long pattern": (
        entry('field = "body"', f"must-match = '{'a' * 900 + 'b?' * 1000}'", '["x"]', '["y"]'),
        "checks.toml:4: check house/one: ",
    ),
    "deep pattern": (
        entry('field = "body"', f"must-match = '{'(' * 400}a{')' * 400}'", '["x"]', '["y"]'),
        "check house",
    ),
    "no examples": (entry('field = "body"', "required = true", "[]", '["y"]'), "the list is empty"),
    "no remedy": (entry(*SOUND["truth"]).replace('remedy = "look at it"', 'remedy = ""'), "is too short"),
    "bad language": (
        entry('field = "body"\nlanguages = ["german"]', "required = true", '["x"]', '["y"]'),
        "'german' is",
    ),
    "the same id twice": (entry(*SOUND["truth"]) * 2, "checks.toml:9: another check has the id 'house/one'"),
    "the id of another": (entry(*SOUND["truth"], name="body/empty"), "another check has the id 'body/empty'"),
    "no check": ("", "checks.toml: the file has no check"),
    "a table": ("[check]\nid = 1\n", "checks.toml:1: check must be a list of tables"),
    "numbers": ("check = [1]\n", "check number 1: "),
    "a rule file": ('[[rule]]\nid = "a/b"\n', "checks.toml:1: unknown key 'rule'"),
    "not TOML": ("[[check]\n", "checks.toml: not a TOML file: "),
    "too many": ("[[check]]\n" * (MAX_CHECKS + 1), "more than 1,000 checks"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_one_line_with_its_place(text, said, write):
    path = write(text)
    started = time.monotonic()
    with pytest.raises(SettingError) as raised:
        copydesk.find_suite("article", [path])
    assert time.monotonic() - started < 10
    line = str(raised.value)
    assert said in line.replace(f"{path.parent}/", "")
    assert "\n" not in line
    assert len(line) < 600


def test_a_missing_file_and_an_empty_folder_are_errors(tmp_path):
    with pytest.raises(SettingError, match=r"gone\.toml: the file of checks cannot be read"):
        load_check_files([tmp_path / "gone.toml"])
    with pytest.raises(SettingError, match="the folder has no file of checks"):
        load_check_files([tmp_path])


def test_the_digest_of_a_suite_covers_its_checks(write):
    digests = {copydesk.find_suite("article").digest}
    for parts in (SOUND["allowed"], SOUND["must-match"]):
        digests.add(copydesk.find_suite("article", [write(entry(*parts))]).digest)
    path = write(entry(*SOUND["allowed"]).replace('"sport"', '"culture"'))
    digests.add(copydesk.find_suite("article", [path]).digest)
    assert len(digests) == 4


def test_a_suite_with_checks_can_be_sent_to_another_process(write):
    suite = copydesk.find_suite("article", [write(entry(*SOUND["must-match"]))])
    again = pickle.loads(pickle.dumps(suite))
    assert again.digest == suite.digest
    assert again.columns()[-1].id == "house/one"


def test_a_suite_declares_checks_and_changes_those_of_files(write):
    own = write(entry(*SOUND["truth"]) + entry(*SOUND["allowed"], name="house/two"), "own.toml")
    suite = write(
        'extends = "minimal"\n[checks]\n"house/one" = "off"\n"house/two" = "error"\n'
        + entry(*SOUND["characters"], name="house/three"),
        "suite.toml",
    )
    loaded = copydesk.find_suite(suite, [own])
    severities = {each.id: each.severity for each in loaded.entries if each.id.startswith("house/")}
    assert severities == {"house/two": "error", "house/three": "warning"}
    child = write('extends = "suite.toml"\n[checks]\n"house/three" = "info"\n', "child.toml")
    severities = {e.id: e.severity for e in copydesk.find_suite(child, [own]).entries if e.id.startswith("house/")}
    assert severities == {"house/two": "error", "house/three": "info"}


def test_braces_in_a_message_stay(write):
    path = write(entry(*SOUND["truth"], more='message = "closed {paywall}"\n'))
    assert copydesk.find_suite("none", [path]).entries[0].message == "closed {paywall}"


def test_a_pattern_that_explodes_costs_a_reason_and_is_switched_off(write, monkeypatch, caplog):
    monkeypatch.setattr(safe_patterns, "SECONDS", 0.05)
    monkeypatch.setattr(safe_patterns, "BUDGET", 0.12)
    path = write(entry('field = "headline"', "must-not-match = '(?:a|a|aa)+$'", '["aa"]', '["b"]'))
    suite = copydesk.find_suite("none", [path])
    records = [{"id": str(n), "text": "It rained.", "title": "a" * 60 + f"{n}!" if n else "Rain"} for n in range(6)]
    started = time.monotonic()
    results = list(copydesk.Cleaner(suite=suite, profile="rules").clean_many(records))
    assert time.monotonic() - started < 20
    assert results[0].reasons == []
    said = [reason.message for result in results[1:] for reason in result.reasons]
    assert {reason.check for result in results[1:] for reason in result.reasons} == {"plugin/failed"}
    assert any("its pattern took longer than" in message for message in said)
    assert any("it was switched off" in message for message in said)
    assert caplog.text.count("is switched off") == 1

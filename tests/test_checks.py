"""Checks: each flags its own example and nothing in the other, and what a check needs is all declared."""

from __future__ import annotations

import pytest

from copydesk.cleaner.records import Place
from copydesk.cleaner.seen import SeenRecords
from copydesk.cleaner.validating import Tally, Validator
from copydesk.schemas.article import Article
from copydesk.schemas.checks.model import Check, SetCheck
from copydesk.schemas.checks.registry import load_checks
from copydesk.schemas.checks.suites import Entry, Suite, builtin_suites, find_suite

CHECKS = load_checks()
OF_RECORDS = [check for check in CHECKS.values() if isinstance(check, Check)]
OF_SETS = [check for check in CHECKS.values() if isinstance(check, SetCheck)]


def suite_of(check) -> Suite:
    entry = Entry(check, check.severity, dict(check.parameters))
    return Suite("one", entries=(entry,)) if isinstance(check, Check) else Suite("one", set_entries=(entry,))


def flags_of(check: Check, example) -> list[bool]:
    records = list(example) if isinstance(example, list) else [example]
    validator = Validator(suite_of(check))
    judged = validator.judge(validator.loader.from_rows([dict(r) for r in records], Place()), seen=SeenRecords())
    return judged.flags[check.id].tolist()


@pytest.mark.parametrize("check", OF_RECORDS, ids=lambda check: check.id)
def test_a_check_flags_its_example(check):
    flags = flags_of(check, check.fails)
    assert flags[-1]
    assert not any(flags[:-1])


@pytest.mark.parametrize("check", OF_RECORDS, ids=lambda check: check.id)
def test_a_check_passes_its_example(check):
    assert not any(flags_of(check, check.passes))


def profile_of(records):
    validator = Validator("none")
    tally = Tally(validator.suite, engine="flags")
    if records:
        tally.add(validator.judge(validator.loader.from_rows([dict(r) for r in records], Place())))
    return tally.result.profile


@pytest.mark.parametrize("check", OF_SETS, ids=lambda check: check.id)
def test_a_check_of_sets_tells_its_examples_apart(check):
    good, bad = profile_of(check.passes), profile_of(check.fails)
    earlier = (good,) if check.against else ()
    assert check.find(good, *earlier, **check.parameters) == []
    found = check.find(bad, *earlier, **check.parameters)
    assert {miss.field for miss in found} <= set(Article.model_fields)
    assert found


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.id)
def test_a_check_says_all_there_is_to_say(check):
    assert check.message.format(**check.parameters)
    assert check.do
    assert set(check.fields) <= {*Article.model_fields}


def test_every_check_is_in_a_suite_that_comes_with_the_package():
    used = {
        entry.id for name in builtin_suites() for entry in (*find_suite(name).entries, *find_suite(name).set_entries)
    }
    assert used == set(CHECKS)

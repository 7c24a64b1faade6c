"""Checks and rules keep what they promise, by the tests that plugins are held to."""

from __future__ import annotations

import copydesk.testing
from copydesk.schemas.checks.registry import load_checks
from copydesk.schemas.checks.suites import builtin_suites, find_suite

# the other laws are proven for all rules at once, by texts that nobody thought of: see test_laws
test_contract = copydesk.testing.contract("copydesk", laws=("examples", "cannot-hang"))


def test_every_check_is_in_a_suite_that_comes_with_the_package():
    used = {
        entry.id for name in builtin_suites() for entry in (*find_suite(name).entries, *find_suite(name).set_entries)
    }
    assert used == set(load_checks())

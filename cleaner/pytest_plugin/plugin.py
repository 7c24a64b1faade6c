"""The pytest plugin: data files as tests, and a fixture that asserts that data pass a suite.

Every pytest run loads this module if copydesk is installed. So it imports nothing until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .mark import MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..validate.result import Validation


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("copydesk", "articles as tests")
    group.addoption(
        "--copydesk",
        dest="copydesk_inputs",
        action="append",
        default=[],
        metavar="PATH",
        help="Check the articles of a file or folder like `copydesk check`, one test for each file. May be repeated.",
    )
    group.addoption(
        "--copydesk-fail-on",
        default="warning",
        choices=("info", "warning", "error"),
        help="Lowest severity of a finding that makes the test of a file fail (default: warning).",
    )
    group.addoption(
        "--copydesk-baseline", metavar="FILE", help="File of accepted findings: see `copydesk baseline create`."
    )
    group.addoption(
        "--copydesk-partial",
        action="store_true",
        help="PATH is only a part of the data, such as the files of a commit. Do not report unused suppressions.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of the data tests."""
    config.addinivalue_line("markers", f"{MARK}: tests of the data files that --copydesk names")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests of the data files before other plugins select tests."""
    if config.getoption("copydesk_inputs"):
        from .data_files import collect_data

        items += collect_data(session, config)


@pytest.fixture(scope="session")
def assert_suite() -> Callable[..., Validation]:
    """Return the function `assert_suite(data, suite="article", …)`, which fails unless the data pass a suite.

    `data` is a path, a table of a database, a record or a frame. `copydesk suite list` shows the suites.
    """
    from .assertions import assert_suite

    return assert_suite

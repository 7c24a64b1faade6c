"""The verdict of Great Expectations on the records of a run.

Checks have said of each record whether it is flagged. Great Expectations gets only that: a narrow frame with one
column a check and one row a record, in pieces, so that memory does not grow with the run. Importing it takes seconds,
sets up logging and adds filters of warnings for the whole process: it is imported when it is asked for, and what it
set up is undone.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

from ..schemas.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..schemas.checks import Check
    from ..schemas.reasons import Mask

PIECE_ROWS = 1_000_000
_SEVERITIES = {"info": "info", "warning": "warning", "error": "critical"}


class Verdict:
    """What Great Expectations says of a suite of checks, over all records that were added."""

    def __init__(self, suite: Sequence[Check]) -> None:
        self._suite = suite
        self._pending: dict[str, list[Mask]] = {check.id: [] for check in suite}
        self._rows = self._total = 0
        self._flagged: Counter[str] = Counter()

    def add(self, flags: dict[str, Mask]) -> None:
        """Add the flags of a batch, by check."""
        for check_id, flag in flags.items():
            self._pending[check_id].append(flag)
        self._rows += max((len(flag) for flag in flags.values()), default=0)
        if self._rows >= PIECE_ROWS:
            self._run()

    def close(self, read: int) -> dict[str, Any]:
        """Give the verdict: of each check its severity, how many records it flagged, and whether that is none.

        Of the records `read`, those that were not added could not be read: no check has seen them, and each is a
        failure.

        Raises `InternalError` if an expectation could not be worked out, which says nothing of the data.
        """
        self._run()
        checks = {
            check.id: {
                "severity": check.severity,
                "flagged": self._flagged[check.id],
                "success": not self._flagged[check.id],
            }
            for check in self._suite
        }
        return {
            "engine": "great-expectations",
            "records": self._total,
            "unreadable": read - self._total,
            "success": self._total == read and not any(self._flagged.values()),
            "checks": checks,
        }

    def _run(self) -> None:
        if not self._rows or not self._suite:
            return
        columns = {check_id: np.concatenate(parts) for check_id, parts in self._pending.items()}
        for result in run_expectations(columns, self._suite):
            _raise_if_crashed(result)
            self._flagged[result.expectation_config.kwargs["column"]] += result.result["unexpected_count"]
        self._total += self._rows
        self._rows = 0
        self._pending = {check.id: [] for check in self._suite}


def run_expectations(columns: dict[str, Mask], suite: Sequence[Check]) -> list[Any]:
    """Run the suite on a frame of flags; give the results of Great Expectations, one for each check."""
    with _great_expectations() as gx:
        import pandas as pd

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("records").add_dataframe_asset("flags")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": pd.DataFrame(columns)})
        expectations = context.suites.add(gx.ExpectationSuite(name="checks"))
        for check in suite:
            expectations.add_expectation(
                gx.expectations.ExpectColumnValuesToBeInSet(
                    column=check.id, value_set=[False], severity=_SEVERITIES[check.severity], notes=check.message
                )
            )
        found = batch.validate(expectations, result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
    results: list[Any] = found.results
    return results


def _raise_if_crashed(result: Any) -> None:
    """Raise `InternalError` if a result is no verdict: `exception_info` is one entry, or one for each metric."""
    infos = result.exception_info or {}
    for info in infos.values() if "raised_exception" not in infos else [infos]:
        if info["raised_exception"]:
            check = result.expectation_config.kwargs.get("column", "?")
            raise InternalError(
                f"Great Expectations could not work out the check {check}: {info['exception_message']}",
                do="please report it; without --gx the run does not need it",
                trace=info["exception_traceback"] or "",
            )


@contextmanager
def _great_expectations() -> Iterator[Any]:
    """Give the package, without reports on its use, and put back what its import changes in the process."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    with warnings.catch_warnings(), mock.patch.dict(os.environ, {"GX_ANALYTICS_ENABLED": "false"}):
        warnings.simplefilter("ignore")
        try:
            import great_expectations

            yield great_expectations
        finally:
            root.setLevel(level)
            root.handlers[:] = handlers

"""Let Great Expectations reach a verdict on the records of a run.

The checks have flagged records. Great Expectations gets only the flags: a narrow frame with one column for each check
and one row for each record, in pieces, so that memory does not grow with the run. Importing it takes seconds, sets up
logging and adds warning filters for the whole process. So it is imported only on demand, and what it set up is undone.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..schemas.errors import InternalError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..schemas.byte_arrays import Mask
    from ..schemas.checks.suites import SuiteCheck

PIECE_ROWS = 1_000_000
ENGINE = "great-expectations"
_REPORTS = "GX_ANALYTICS_ENABLED"
_SEVERITIES = {"info": "info", "warning": "warning", "error": "critical"}


class Verdict:
    """The verdict of Great Expectations on a suite, over all records that were added."""

    def __init__(self, entries: Sequence[SuiteCheck], data_docs: Path | None = None) -> None:
        """Start with the checks of a suite. `data_docs` is a directory for the pages about each piece."""
        self._entries = entries
        self._data_docs = data_docs
        self._pending: dict[str, list[Mask]] = {entry.id: [] for entry in entries}
        self._rows = 0
        self.records = 0
        self.flagged: Counter[str] = Counter()

    def add(self, flags: dict[str, Mask]) -> None:
        """Add the flags of a batch, by check."""
        for check_id, flag in flags.items():
            self._pending[check_id].append(flag)
        self._rows += max((len(flag) for flag in flags.values()), default=0)
        if self._rows >= PIECE_ROWS:
            self._run()

    def close(self, read: int) -> dict[str, Any]:
        """Return the verdict: for each check its severity, the number of flagged records, and whether it passes.

        `read` is the number of all records. Those that were not added could not be read, and count as failures.

        Raises `InternalError` if an expectation crashed, which says nothing about the data.
        """
        self._run()
        checks = {
            entry.id: {
                "severity": entry.severity,
                "flagged": self.flagged[entry.id],
                "success": passes(entry, self.flagged[entry.id], self.records),
            }
            for entry in self._entries
        }
        return {
            "engine": ENGINE,
            "records": self.records,
            "unreadable": read - self.records,
            "success": self.records == read and all(check["success"] for check in checks.values()),
            "checks": checks,
        }

    def _run(self) -> None:
        if not self._rows or not self._entries:
            return
        columns = {check_id: np.concatenate(parts) for check_id, parts in self._pending.items()}
        for result in run_expectations(columns, self._entries, self._data_docs):
            raise_if_crashed(result)
            self.flagged[result.expectation_config.kwargs["column"]] += result.result["unexpected_count"]
        self.records += self._rows
        self._rows = 0
        self._pending = {entry.id: [] for entry in self._entries}


def passes(entry: SuiteCheck, flagged: int, records: int) -> bool:
    """Return whether a check passes: at least the share `mostly` of the records is not flagged (default: all)."""
    return meets(entry.mostly if entry.mostly is not None else 1, flagged, records)


def meets(mostly: float, unexpected: int, elements: int) -> bool:
    """Return whether at least the share `mostly` of the elements is as expected, compared as in Great Expectations."""
    return not unexpected or (elements - unexpected) / elements >= mostly


def run_expectations(
    columns: dict[str, Mask], entries: Sequence[SuiteCheck], data_docs: Path | None = None
) -> list[Any]:
    """Run the suite on a frame of flags. Return the results of Great Expectations, one for each check."""
    with great_expectations() as gx:
        import pandas as pd

        suite = gx.ExpectationSuite(name="checks")
        ran = run_suite_on(gx, suite, expectations_of(gx, entries), pd.DataFrame(columns), data_docs)
    results: list[Any] = ran.results
    return results


def expectations_of(gx: Any, entries: Sequence[SuiteCheck]) -> list[Any]:
    """Return an expectation for each check: its column of flags contains only False."""
    return [
        gx.expectations.ExpectColumnValuesToBeInSet(
            column=entry.id,
            value_set=[False],
            severity=_SEVERITIES[entry.severity],
            notes=f"{entry.message}; {entry.check.remedy}",
            **({"mostly": entry.mostly} if entry.mostly is not None else {}),
        )
        for entry in entries
    ]


def run_suite_on(gx: Any, suite: Any, expectations: Sequence[Any], frame: Any, data_docs: Path | None = None) -> Any:
    """Add expectations to a suite of Great Expectations, and run it on a pandas frame.

    With `data_docs`, the pages about the suite and this run are built in that directory.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("records").add_dataframe_asset("frame")
    definition = asset.add_batch_definition_whole_dataframe("all")
    # an expectation can only be added to a suite that a context knows
    suite = context.suites.add(suite)
    for expectation in expectations:
        suite.add_expectation(expectation)
    result_format = {"result_format": "BASIC", "partial_unexpected_count": 0}
    if data_docs is None:
        return definition.get_batch({"dataframe": frame}).validate(suite, result_format=result_format)
    site = {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            # Great Expectations replaces $NAME by a variable of the environment
            "base_directory": str(data_docs.resolve()).replace("$", r"\$"),
        },
    }
    context.add_data_docs_site(site_name="copydesk", site_config=site)
    run = context.validation_definitions.add(gx.ValidationDefinition(name="records", data=definition, suite=suite))
    checkpoint = gx.Checkpoint(
        name="records",
        validation_definitions=[run],
        actions=[gx.checkpoint.UpdateDataDocsAction(name="docs", site_names=["copydesk"])],
        result_format=result_format,
    )
    ran = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
    return next(iter(ran.run_results.values()))


def require_no_links(data_docs: Path) -> None:
    """Raise `OutputError` if the folder for Data Docs contains a link: Great Expectations would write through it."""
    for folder, folders, files in os.walk(data_docs):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                hint = "remove it, or give another folder"
                raise OutputError("a link in the folder for Data Docs", where=path, hint=hint)


class Crash(NamedTuple):
    """Why an expectation could not be checked."""

    message: str
    trace: str


def find_crash(result: Any) -> Crash | None:
    """Return why a result is not a verdict, or None if it is one."""
    infos = result.exception_info or {}  # of the expectation, or of each of its metrics
    for info in infos.values() if "raised_exception" not in infos else [infos]:
        if info["raised_exception"]:
            return Crash(info["exception_message"], info["exception_traceback"] or "")
    return None


def raise_if_crashed(result: Any) -> None:
    """Raise `InternalError` if the expectation of a result crashed, so that it is not a verdict."""
    crash = find_crash(result)
    if crash:
        config = result.expectation_config
        raise InternalError(
            f"Great Expectations failed on {config.type} of {config.kwargs.get('column', 'the table')}: "
            f"{crash.message}",
            hint="this says nothing about the data; run without it: validate --verdict-by flags, or clean without --gx",
            trace=crash.trace,
        )


@contextmanager
def great_expectations() -> Iterator[Any]:
    """Import the package with its usage reports switched off. At the end, undo what the import changed."""
    root, own = logging.getLogger(), logging.getLogger("great_expectations")
    level, handlers, reports = root.level, list(root.handlers), os.environ.get(_REPORTS)
    own_level = own.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ[_REPORTS] = "false"
        try:
            import great_expectations

            own.setLevel(logging.CRITICAL)  # it logs the tracebacks of its own pages, which change no verdict
            yield great_expectations
        finally:
            os.environ.pop(_REPORTS)
            if reports is not None:
                os.environ[_REPORTS] = reports
            own.setLevel(own_level)
            root.setLevel(level)
            root.handlers[:] = handlers

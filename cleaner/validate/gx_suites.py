"""Suites of Great Expectations: ours written as one, and a user's own run on the columns of the articles.

A suite that is written expects each column of flags, as `validate --out` leaves them in flags.parquet, to hold nothing
but False: plain Great Expectations comes to the same verdict on that frame.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ...schemas.errors import InputError, SettingError
from ...schemas.reasons import SEVERITIES, Severity
from ..gx_verdict import expectations_of, great_expectations, meets, raise_if_crashed, run_suite_on
from ..readers.discovery import name_inputs
from ..runs.judge import judge_files
from .validator import Validator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ...schemas.checks.suites import Suite
    from ..runs.judge import BatchResult

PIECE_ROWS = 100_000  # of bodies
_SEVERITIES: dict[str, Severity] = {"critical": "error", "warning": "warning", "info": "info", "None": "error"}


def export_suite(suite: Suite) -> str:
    """Give a suite as the JSON of an ExpectationSuite on the frame of flags."""
    with great_expectations() as gx:
        found = gx.ExpectationSuite(name=suite.name, expectations=expectations_of(gx, suite.columns()))
        return json.dumps(found.to_json_dict(), indent=2, ensure_ascii=False) + "\n"


@dataclass
class ForeignResult:
    """What an expectation of the user found, over all pieces of the data."""

    expectation: str
    arguments: dict[str, Any]
    success: bool
    severity: Severity = "error"
    elements: int = 0
    unexpected: int = 0
    observed: Any = None


@dataclass
class ForeignValidation:
    """The verdict of a user's own suite on the articles."""

    suite: str
    fail_on: Severity = "error"
    records: int = 0
    unreadable: int = 0
    results: list[ForeignResult] = field(default_factory=list)

    @property
    def success(self) -> bool:
        """Whether every expectation of severity `fail_on` or graver is met, and every record could be read."""
        grave = SEVERITIES[SEVERITIES.index(self.fail_on) :]
        return not self.unreadable and all(result.success or result.severity not in grave for result in self.results)


def load_foreign_suite(path: Path) -> dict[str, Any]:
    """Read an ExpectationSuite from JSON, of version 1 or of those before.

    Raises `SettingError` for a file that is none.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        expectations = data["expectations"]
        configurations = [
            {"type": item.get("type") or item["expectation_type"],
             **{key: item[key] for key in ("kwargs", "meta", "severity") if key in item}}
            for item in expectations
        ]  # fmt: skip
    except OSError as error:
        raise SettingError(f"the suite cannot be read ({error.strerror})", where=str(path)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingError(
            "no suite of Great Expectations", where=str(path), hint="save one with ExpectationSuite.to_json_dict()"
        ) from None
    if not configurations:
        raise SettingError("no expectation in it", where=str(path), hint="add one to the suite before it is saved")
    return {"name": data.get("name") or data.get("expectation_suite_name") or path.stem, "expectations": configurations}


def validate_with_foreign_suite(
    inputs: list[str],
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    kind: str = "auto",
    encoding: str | None = None,
    data_docs: Path | None = None,
    fail_on: Severity = "error",
) -> ForeignValidation:
    """Run a user's own suite on the articles' columns, named as in `copydesk schema`.

    Expectations about single values run piece by piece, and their counts are added up. Those about a whole column or
    table need all of it: with one of them in the suite, the columns that it names are kept in memory.
    """
    configured = load_foreign_suite(path)
    _, results = judge_files(inputs, Validator("none", mapping=mapping), kind=kind, encoding=encoding)
    found = ForeignValidation(configured["name"], fail_on)
    with great_expectations() as gx:
        try:
            suite = gx.ExpectationSuite(**configured)
        except Exception as error:  # whatever Great Expectations raises for what it does not know
            message = " ".join(str(error).split())[:200]
            raise SettingError(f"not a suite that it can run: {message}", where=str(path)) from None
        # what it does not know it leaves out with a word on stderr: a suite must run whole or not at all
        known = [expectation.expectation_type for expectation in suite.expectations]
        for item in configured["expectations"]:
            if item["type"] not in known:
                raise SettingError(f"Great Expectations has no expectation {item['type']!r}", where=str(path))
        mapped = all(map(_is_mapped, suite.expectations))
        columns = _columns_of(configured)
        for frame in _frames(results, columns, PIECE_ROWS if mapped else None, found):
            _merge(found, run_suite_on(gx, gx.ExpectationSuite(**configured), [], frame, data_docs).results)
    if not found.records:
        raise InputError("no record in it", where=name_inputs(inputs), hint="name a file that contains articles")
    return found


def _is_mapped(expectation: Any) -> bool:
    """Say whether an expectation is about each value by itself."""
    return any(kind.__name__ == "ColumnMapExpectation" for kind in type(expectation).__mro__)


def _columns_of(configured: Mapping[str, Any]) -> list[str]:
    """Give the columns that a suite names. Raises `SettingError` for one that articles do not have."""
    from ...schemas.arrow import ARTICLE
    from ...schemas.checks.registry import load_checks
    from ...schemas.errors import nearest

    named: dict[str, None] = {}
    for item in configured["expectations"]:
        kwargs = item.get("kwargs", {})
        for key in ("column", "column_A", "column_B"):
            if key in kwargs:
                named[kwargs[key]] = None
        named.update(dict.fromkeys(kwargs.get("column_list", [])))
    for name in named:
        if name not in ARTICLE.names:
            hint = "see `copydesk schema`"
            if name in load_checks():  # what `suite export` wrote
                hint = (
                    "this suite is for flags.parquet, in plain Great Expectations; here, name the suite that it is of"
                )
            raise SettingError(f"articles have no column {name!r}{nearest(name, ARTICLE.names)}", hint=hint)
    return list(named) or ["id"]


def _frames(
    results: Iterable[BatchResult], columns: list[str], rows: int | None, found: ForeignValidation
) -> Iterable[Any]:
    """Give pandas frames of some columns, of at least so many rows but for the last, or one of all."""
    pending: list[pa.Table] = []
    waiting = 0
    for result in results:
        articles = result.checked.articles.select(columns)
        found.records += articles.num_rows
        found.unreadable += len(result.batch.unreadable)
        pending.append(articles)
        waiting += articles.num_rows
        if rows is not None and waiting >= rows:
            yield pa.concat_tables(pending).to_pandas()
            pending, waiting = [], 0
    if waiting:
        yield pa.concat_tables(pending).to_pandas()


def _merge(found: ForeignValidation, results: list[Any]) -> None:
    """Add the results of a piece to those of the pieces before."""
    for number, result in enumerate(results):
        raise_if_crashed(result)
        config = result.expectation_config
        if number == len(found.results):
            arguments = {key: value for key, value in config.kwargs.items() if key != "batch_id"}
            severity = _SEVERITIES[str(getattr(config.severity, "value", config.severity))]
            found.results.append(ForeignResult(config.type, arguments, True, severity))
        mine = found.results[number]
        if "element_count" in result.result and "unexpected_count" in result.result:
            missing = result.result.get("missing_count") or 0
            mine.elements += result.result["element_count"] - missing
            mine.unexpected += result.result["unexpected_count"]
            mine.success = meets(config.kwargs.get("mostly", 1), mine.unexpected, mine.elements)
        else:
            mine.success = bool(result.success)
            mine.observed = result.result.get("observed_value")

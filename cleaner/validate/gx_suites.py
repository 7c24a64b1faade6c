"""Suites of Great Expectations: write one of ours as JSON, and run a user's own on the columns of the articles.

A suite that is written expects that each column of flags.parquet, which `validate --out` writes, contains only False.
Plain Great Expectations reaches the same verdict on that file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE
from ...schemas.errors import InputError, SettingError
from ...schemas.reasons import SEVERITIES, Severity
from ..gx_verdict import expectations_of, find_crash, great_expectations, meets, require_no_links, run_suite_on
from ..readers.discovery import name_inputs
from ..runs.judge import judge_files
from .gx_allowed import SHOWS_VALUES
from .gx_flags import compute_flags
from .gx_json_schema import SlowSchemaError
from .gx_patterns import SlowPatternError
from .gx_suite_file import ForeignExpectation, ForeignSuite, load_foreign_suite
from .validator import Validator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...schemas.checks.suites import Suite
    from ..runs.judge import BatchResult
    from .gx_conditions import Condition

PIECE_ROWS = 20_000  # of bodies
_INDEX = "copydesk"  # key in the meta of an expectation, for its place in the suite


def export_suite(suite: Suite) -> str:
    """Return a suite as the JSON of an ExpectationSuite about flags.parquet."""
    with great_expectations() as gx:
        exported = gx.ExpectationSuite(name=Path(suite.name).stem, expectations=expectations_of(gx, suite.columns()))
        return json.dumps(exported.to_json_dict(), indent=2, ensure_ascii=False) + "\n"


@dataclass
class ForeignResult:
    """The result of one expectation of the user, over all records."""

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
        """Whether all records could be read, and all expectations of severity `fail_on` or above are met."""
        grave = SEVERITIES[SEVERITIES.index(self.fail_on) :]
        return not self.unreadable and all(result.success or result.severity not in grave for result in self.results)


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
    """Run a user's own suite on the articles. Its columns have the names that `copydesk schema` prints.

    Expectations about single values run piece by piece, and their counts are added up. If an expectation is about a
    whole column or about all records, the columns of the suite are kept in memory.

    Raises `SettingError` if the suite is not accepted, does not fit the columns, or has a pattern that takes too long.
    """
    suite = load_foreign_suite(path)
    if data_docs:
        _require_safe_pages(suite, str(path), data_docs)
    _, results = judge_files(inputs, Validator("none", mapping=mapping), kind=kind, encoding=encoding)
    validation = ForeignValidation(suite.name, fail_on)
    validation.results = [ForeignResult(each.kind, each.arguments, True, each.severity) for each in suite.expectations]
    with great_expectations() as gx:
        runner = _SuiteRunner(gx, suite, str(path), validation, data_docs)
        for piece in _join_pieces(_prepare_batches(results, runner, validation), whole=runner.needs_all):
            runner.run(piece)
    if not validation.records:
        raise InputError("no record in it", where=name_inputs(inputs), hint="give a file that holds articles")
    return validation


def _require_safe_pages(suite: ForeignSuite, path: str, data_docs: Path) -> None:
    """Raise an error if Data Docs would show texts of the data as HTML, or be written through a link."""
    for each in suite.expectations:
        if each.kind in SHOWS_VALUES and not pa.types.is_primitive(ARTICLE.field(each.columns()[0]).type):
            message = "Data Docs would show texts of the data without escapes"
            raise SettingError(message, where=f"{path}: {each.place}", hint="leave out --data-docs or this expectation")
    require_no_links(data_docs)


def _prepare_batches(
    results: Iterable[BatchResult], runner: _SuiteRunner, validation: ForeignValidation
) -> Iterator[pa.Table]:
    """Count the records of each batch, and yield what the suite needs of them."""
    for result in results:
        validation.records += result.checked.articles.num_rows
        validation.unreadable += len(result.batch.unreadable)
        yield runner.prepare(result.checked.articles)


def _join_pieces(tables: Iterable[pa.Table], *, whole: bool) -> Iterator[pa.Table]:
    """Join tables into pieces of at least `PIECE_ROWS` rows, or into one of all."""
    pending: list[pa.Table] = []
    for table in tables:
        pending.append(table)
        if not whole and sum(each.num_rows for each in pending) >= PIECE_ROWS:
            yield pa.concat_tables(pending)
            pending = []
    if any(each.num_rows for each in pending):
        yield pa.concat_tables(pending)


class _SuiteRunner:
    """Runs a suite on pieces of the articles, and adds up the results.

    Conditions and the flags of `COMPUTED` types are worked out for each batch. They are columns of their own.
    """

    def __init__(
        self, gx: Any, suite: ForeignSuite, path: str, validation: ForeignValidation, data_docs: Path | None
    ) -> None:
        self._gx = gx
        self._suite = suite
        self._path = path
        self._results = validation.results
        self._data_docs = data_docs
        self._groups: dict[Condition | None, list[ForeignExpectation]] = {}
        for expectation in suite.expectations:
            if expectation.scope != "columns":
                self._groups.setdefault(expectation.condition, []).append(expectation)
        self._about_columns = [each for each in suite.expectations if each.scope == "columns"]
        self.needs_all = any(each.scope == "whole" for each in suite.expectations)
        self._make_suite(suite.expectations)  # raises before any input is read

    def prepare(self, articles: pa.Table) -> pa.Table:
        """Return the columns that the suite needs, a mask for each condition, and the computed flags."""
        computed = [each for group in self._groups.values() for each in group if each.matcher]
        plain = [each for group in self._groups.values() for each in group if not each.matcher]
        names = dict.fromkeys(["id", *(name for each in plain for name in each.columns())])
        table = articles.select(list(names))
        masks: dict[Condition | None, pa.Array] = {}
        for number, condition in enumerate(self._groups):
            if condition is not None:
                masks[condition] = pa.array(condition.evaluate(articles))
                table = table.append_column(_mask_name(number), masks[condition])
        for each in computed:
            values = articles.column(each.columns()[0])
            if each.condition is not None:  # other records are not looked at
                values = pc.if_else(masks[each.condition], values, pa.scalar(None, values.type))
            table = table.append_column(_flag_name(each), pa.array(self._flag(each, values.to_pylist()), pa.bool_()))
        return table

    def _flag(self, expectation: ForeignExpectation, values: list[Any]) -> list[bool | None]:
        assert expectation.matcher is not None
        try:
            return compute_flags(expectation.matcher, values)
        except SlowPatternError as error:
            raise SettingError(str(error), where=f"{self._path}: {expectation.place}", hint=error.hint) from None
        except SlowSchemaError:
            message = "the json_schema takes too long on these data"
            raise SettingError(
                message, where=f"{self._path}: {expectation.place}", hint="use fewer $ref in it"
            ) from None

    def run(self, piece: pa.Table) -> None:
        """Run the suite on a piece that `prepare` made, and add up the results."""
        for number, (condition, expectations) in enumerate(self._groups.items()):
            rows = piece if condition is None else piece.filter(piece.column(_mask_name(number)))
            columns = dict.fromkeys(["id"])
            for each in expectations:
                columns |= dict.fromkeys([_flag_name(each)] if each.matcher else each.columns())
            if rows.num_rows or any(each.scope == "whole" for each in expectations):
                self._run_on(rows.select(list(columns)), expectations)
        if self._about_columns:
            self._run_on(ARTICLE.empty_table(), self._about_columns)
            self._about_columns = []

    def _run_on(self, table: pa.Table, expectations: Sequence[ForeignExpectation]) -> None:
        frame = table.to_pandas()
        for result in run_suite_on(self._gx, self._make_suite(expectations), [], frame).results:
            expectation = self._suite.expectations[result.expectation_config.meta[_INDEX]]
            if crash := find_crash(result):
                message = f"Great Expectations cannot check this: {_one_line(crash.message)}"
                hint = "check that it fits the columns: see `copydesk schema`"
                raise SettingError(message, where=f"{self._path}: {expectation.place}", hint=hint)
            self._add(expectation, result)
        if self._data_docs:  # only now: pages about a crash would show values of the data as HTML
            run_suite_on(self._gx, self._make_suite(expectations), [], frame, self._data_docs)

    def _make_suite(self, expectations: Sequence[ForeignExpectation]) -> Any:
        """Return a suite of Great Expectations, in which a computed expectation is one about its flags."""
        made: list[Any] = []
        for each in expectations:
            kind, arguments = each.kind, each.arguments
            if each.matcher:
                kind = "expect_column_values_to_be_in_set"
                mostly = {"mostly": arguments["mostly"]} if "mostly" in arguments else {}
                arguments = {"column": _flag_name(each), "value_set": [True], **mostly}
            item = {"type": kind, "kwargs": dict(arguments), "meta": {_INDEX: each.index}}
            try:
                # an expectation that is not valid raises, or is left out with a line in the log
                (expectation,) = self._gx.ExpectationSuite(name="one", expectations=[item]).expectations
            except Exception as error:  # whatever Great Expectations raises
                message = f"Great Expectations does not accept this: {_one_line(error)}"
                raise SettingError(message, where=f"{self._path}: {each.place}", hint="correct its kwargs") from None
            made.append(expectation)
        return self._gx.ExpectationSuite(name=self._suite.name, expectations=made)

    def _add(self, expectation: ForeignExpectation, result: Any) -> None:
        """Add the result of a piece to those of the pieces before."""
        total, mostly = self._results[expectation.index], expectation.arguments.get("mostly", 1)
        found = result.result
        if "element_count" in found and "unexpected_count" in found:
            total.elements += found["element_count"] - (found.get("missing_count") or 0)
            total.unexpected += found["unexpected_count"]
            total.success = meets(mostly, total.unexpected, total.elements)
        else:
            total.success = bool(result.success)
            total.observed = found.get("observed_value")


def _mask_name(number: int) -> str:
    return f"condition {number}"


def _flag_name(expectation: ForeignExpectation) -> str:
    return f"{expectation.columns()[0]}: {expectation.kind} [{expectation.index}]"


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:200]

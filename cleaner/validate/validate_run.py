"""Validate files: reach a verdict and write the rejected records, the flags and a report to a directory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.errors import InputError, InternalError, OutputError
from ..gx_verdict import require_no_links
from ..readers.discovery import name_inputs, warn_of_passed_over
from ..readers.exclusions import NOTHING, Exclusions
from ..runs.fit import require_fitting
from ..runs.judge import BatchResult, judge_files
from ..runs.output_directory import OutputDirectory
from ..runs.quarantine_entries import quarantine_entries
from ..runs.run_files import VALIDATED, names_of_run
from ..runs.summary import describe_run
from ..runs.totals import Totals
from .html_report import render_validation
from .result import Example, Validation
from .validator import Tally, Validator

if TYPE_CHECKING:
    from pathlib import Path

    from ...schemas.checks.profile import Profile
    from ...schemas.reasons import Severity
    from ..readers.source import Source
    from .result import CheckResult, SetResult

Progress = Callable[[int], None]


def validate_files(
    inputs: list[str],
    validator: Validator,
    *,
    out: Path | None = None,
    fail_on: Severity = "error",
    max_fail_ratio: float = 0.0,
    against: Profile | None = None,
    engine: str = "great-expectations",
    data_docs: Path | None = None,
    overwrite: bool = False,
    allow_empty: bool = False,
    kind: str = "auto",
    encoding: str | None = None,
    exclude: Exclusions = NOTHING,
    progress: Progress = lambda _: None,
) -> Validation:
    """Validate files and folders. With a directory `out`, write the files of `VALIDATED` to it.

    `data_docs` is a directory for the Data Docs of Great Expectations. It needs that engine.

    Raises `InputError` if there is nothing to read, or no record (unless `allow_empty`), `OutputError` if `out` is in
    use, and `InternalError` if Great Expectations failed. A run that raises leaves no files.
    """
    started = time.perf_counter()
    if data_docs:
        require_no_links(data_docs)
    sources, results = judge_files(
        inputs, validator, kind=kind, encoding=encoding, exclude=exclude, strict=False, allow_empty=allow_empty
    )
    warn_of_passed_over(inputs, sources, exclude)
    tally = Tally(
        validator.suite,
        fail_on=fail_on,
        max_fail_ratio=max_fail_ratio,
        against=against,
        engine=engine,
        data_docs=data_docs,
    )
    directory = _open_directory(out, inputs, overwrite=overwrite) if out else None
    try:
        work = directory.work if directory else None
        with _RecordFiles(work, [entry.id for entry in validator.suite.columns()]) as files:
            labels = {source.name: source.label for source in sources}
            rejected, misfits = _judge(results, tally, files, labels, progress)
        validation = tally.close(time.perf_counter() - started)
        if not validation.records and not allow_empty:
            raise InputError("no record in it", where=name_inputs(inputs), hint="add --allow-empty to accept that")
        if not allow_empty:
            require_fitting(misfits, labels, validation.records)
        if rejected != validation.failed:
            message = f"{validation.failed} records failed, but {rejected} were set aside"
            raise InternalError(message, hint="please report this")
        if directory:
            _write_summary(directory.work, validation, sources)
            directory.commit(VALIDATED)
    except BaseException:
        if directory:
            directory.discard()
        raise
    return validation


def _open_directory(out: Path, inputs: list[str], *, overwrite: bool) -> OutputDirectory:
    """Return the output directory. Raises `OutputError` if it is in use or holds the results of `clean`."""
    if (out / names_of_run("parquet")[1]).exists():
        raise OutputError("it holds the results of `copydesk clean`", where=str(out), hint="give another --out")
    return OutputDirectory(out, overwrite=overwrite, inputs=inputs)


class _RecordFiles:
    """The two output files that grow with the records. Without a directory, nothing is written."""

    def __init__(self, work: Path | None, checks: list[str]) -> None:
        self._quarantine: IO[bytes] | None = (work / "quarantine.jsonl").open("wb") if work else None
        fields = [("row", pa.int64()), ("id", pa.large_string()), *((check, pa.bool_()) for check in checks)]
        self._schema = pa.schema(fields)
        # pyarrow opens no path that is not UTF-8, so it gets an open file
        self._flags_file = (work / "flags.parquet").open("wb") if work else None
        self._flags = pq.ParquetWriter(self._flags_file, self._schema, compression="zstd") if work else None
        self._rows = 0

    def __enter__(self) -> _RecordFiles:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._quarantine, self._flags, self._flags_file):
            if file is not None:
                file.close()

    def set_aside(self, entries: Iterable[bytes]) -> int:
        """Write the entries of rejected records to the quarantine. Return their number."""
        count = 0
        for entry in entries:
            count += 1
            if self._quarantine:
                self._quarantine.write(entry)
        return count

    def write_flags(self, result: BatchResult) -> None:
        """Write one row of flags for each record that could be read."""
        count = result.records.count
        if self._flags and count:
            row = pa.array(np.arange(self._rows, self._rows + count))
            columns = [pa.array(result.checked.flags[name]) for name in self._schema.names[2:]]
            ids = result.checked.articles.column("id").combine_chunks()
            self._flags.write_table(pa.Table.from_arrays([row, ids, *columns], schema=self._schema))
        self._rows += count


def _judge(
    results: Iterable[BatchResult], tally: Tally, files: _RecordFiles, labels: dict[str, str], progress: Progress
) -> tuple[int, list[dict[str, str]]]:
    """Count all records and set the rejected ones aside. Return the number of these, and the files that do not fit."""
    rejected, totals = 0, Totals()
    for result in results:
        failed = tally.add(result.checked)
        for bad in result.batch.unreadable:
            place = Example("", labels.get(bad.file, bad.file), bad.line, bad.message)
            tally.add_unreadable(bad.check, bad.message, place)
        totals.add_misfits(result.batch.unreadable)
        rejected += files.set_aside(quarantine_entries(result, failed))
        files.write_flags(result)
        progress(result.batch.consumed)
    return rejected, totals.misfits


def summarise_validation(validation: Validation, sources: list[Source]) -> dict[str, Any]:
    """Return the summary of a validation. Only what is under `run` differs between two runs of the same input."""
    return {
        "success": validation.success,
        "suite": validation.suite,
        "suite_digest": validation.suite_digest,
        "fail_on": validation.fail_on,
        "max_fail_ratio": validation.max_fail_ratio,
        "engine": validation.engine,
        "records": {
            "read": validation.records,
            "accepted": validation.passed,
            "quarantined": validation.failed,
            "unreadable": validation.unreadable,
        },
        "checks": [_as_json(check) for check in validation.checks],
        "set": [_as_json(check) for check in validation.of_set],
        **describe_run(sources, validation.seconds),
    }


def _write_summary(work: Path, validation: Validation, sources: list[Source]) -> None:
    summary = summarise_validation(validation, sources)
    (work / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (work / "report.html").write_text(render_validation(validation, summary), "utf-8")


def _as_json(check: CheckResult | SetResult) -> dict[str, Any]:
    """Return a result for summary.json, in which `remedy` keeps its earlier name, `do`."""
    return {"do" if name == "remedy" else name: value for name, value in asdict(check).items()}

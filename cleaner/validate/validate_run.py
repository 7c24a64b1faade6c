"""A validation of files: a verdict, and a directory with the rejected records, their flags, and a report."""

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
from ..readers.discovery import name_inputs, warn_of_passed_over
from ..runs.judge import BatchResult, judge_files
from ..runs.output_directory import OutputDirectory
from ..runs.quarantine_entries import quarantine_entries
from ..runs.run_files import VALIDATED, names_of_run
from ..runs.summary import describe_run
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
    progress: Progress = lambda _: None,
) -> Validation:
    """Validate files and folders; into the directory `out`, if one is given, go `VALIDATED`.

    `data_docs` is a directory for pages of Great Expectations, which then must be the engine.

    Raises `InputError` if there is nothing to read or no record in it (unless `allow_empty`), `OutputError` if `out`
    is in use, `InternalError` if Great Expectations could not do its work. Nothing is left by a run that ends so.
    """
    started = time.perf_counter()
    sources, results = judge_files(inputs, validator, kind=kind, encoding=encoding)
    warn_of_passed_over(inputs, sources)
    tally = Tally(
        validator.suite,
        fail_on=fail_on,
        max_fail_ratio=max_fail_ratio,
        against=against,
        engine=engine,
        data_docs=data_docs,
    )
    if out and (out / names_of_run("parquet")[1]).exists():
        raise OutputError("the results of `copydesk clean` are there", where=str(out), hint="give another --out")
    directory = OutputDirectory(out, overwrite=overwrite, inputs=inputs) if out else None
    try:
        with _Files(directory.work if directory else None, [entry.id for entry in validator.suite.columns()]) as files:
            rejected = _judge(results, tally, files, {source.name: source.label for source in sources}, progress)
        found = tally.close(time.perf_counter() - started)
        if not found.records and not allow_empty:
            raise InputError(
                "no record in it", where=name_inputs(inputs), hint="add --allow-empty if that is as it should be"
            )
        if rejected != found.failed:
            raise InternalError(
                f"{found.failed} records failed, but {rejected} were set aside", hint="please report this"
            )
        if directory:
            _write_summary(directory.work, found, sources)
            directory.commit(VALIDATED)
    except BaseException:
        if directory:
            directory.discard()
        raise
    return found


class _Files:
    """The files that grow with the records, if there is a directory for them."""

    def __init__(self, work: Path | None, checks: list[str]) -> None:
        self._quarantine: IO[bytes] | None = (work / "quarantine.jsonl").open("wb") if work else None
        fields = [("row", pa.int64()), ("id", pa.large_string()), *((check, pa.bool_()) for check in checks)]
        self._schema = pa.schema(fields)
        path = work / "flags.parquet" if work else None
        self._flags = pq.ParquetWriter(path, self._schema, compression="zstd") if path else None
        self._rows = 0

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._quarantine, self._flags):
            if file is not None:
                file.close()

    def set_aside(self, entries: Iterable[bytes]) -> int:
        """Write the entries of rejected records; give their number."""
        count = 0
        for entry in entries:
            count += 1
            if self._quarantine:
                self._quarantine.write(entry)
        return count

    def write_flags(self, result: BatchResult) -> None:
        """Write what each check says of each record that could be read."""
        count = result.records.count
        if self._flags and count:
            row = pa.array(np.arange(self._rows, self._rows + count))
            columns = [pa.array(result.checked.flags[name]) for name in self._schema.names[2:]]
            ids = result.checked.articles.column("id").combine_chunks()
            self._flags.write_table(pa.Table.from_arrays([row, ids, *columns], schema=self._schema))
        self._rows += count


def _judge(
    results: Iterable[BatchResult], tally: Tally, files: _Files, labels: dict[str, str], progress: Progress
) -> int:
    """Count all records and set the rejected ones aside; give the number of those."""
    rejected = 0
    for result in results:
        failed = tally.add(result.checked)
        for bad in result.batch.unreadable:
            place = Example("", labels.get(bad.file, bad.file), bad.line, bad.message)
            tally.add_unreadable(bad.check, bad.message, place)
        rejected += files.set_aside(quarantine_entries(result, failed))
        files.write_flags(result)
        progress(result.batch.consumed)
    return rejected


def summarise_validation(found: Validation, sources: list[Source]) -> dict[str, Any]:
    """Give the summary of a validation; what another run of the same input would change stands under `run`."""
    return {
        "success": found.success,
        "suite": found.suite,
        "fail_on": found.fail_on,
        "max_fail_ratio": found.max_fail_ratio,
        "engine": found.engine,
        "records": {
            "read": found.records,
            "accepted": found.passed,
            "quarantined": found.failed,
            "unreadable": found.unreadable,
        },
        "checks": [_as_json(check) for check in found.checks],
        "set": [_as_json(check) for check in found.of_set],
        **describe_run(sources, found.seconds),
    }


def _write_summary(work: Path, found: Validation, sources: list[Source]) -> None:
    summary = summarise_validation(found, sources)
    (work / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (work / "report.html").write_text(render_validation(found, summary), "utf-8")


def _as_json(check: CheckResult | SetResult) -> dict[str, Any]:
    """Return a result for summary.json, where `remedy` has the name that readers of the file know: `do`."""
    return {"do" if name == "remedy" else name: value for name, value in asdict(check).items()}

"""A run on Spark: from files to a directory of clean articles, edits and rejected records."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from ..readers.discovery import warn_of_passed_over
from ..runs.fit import warn_of_misfits
from ..runs.judge import paths_by_name
from ..runs.output_directory import OutputDirectory
from ..runs.run_files import QUARANTINE, QUARANTINE_PARTS, SCHEMAS, SUMMARY, names_of_other_runs
from ..runs.run_request import SparkOptions
from ..runs.summary import encode_summary, summarise
from ..runs.totals import Totals
from ..runs.watched_sources import watch_of
from .session import start_session
from .splits import refuse_unsplittable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..api import Cleaner
    from ..kernel.site_templates import Templates
    from ..runs.run_request import RunInputs, RunRequest


def clean_on_spark(request: RunRequest, cleaner: Cleaner) -> Totals:
    """Clean the inputs of a request into its directory, as `clean_files` of a run without Spark does.

    Articles and edits are folders of Parquet files. Quarantine and summary are files, as in any run. Every executor
    must find the inputs and the directory under the same paths.

    Raises the errors of `clean_files`, and `SettingError` if Spark or its executors cannot do the work.
    """
    started = time.perf_counter()
    inputs, options = request.inputs, request.spark or SparkOptions()
    names, sources = list(inputs.names), list(inputs.sources)
    warn_of_passed_over(names, sources)
    refuse_unsplittable(sources)  # before Spark starts, which takes seconds
    directory = OutputDirectory(request.out, overwrite=request.overwrite, inputs=names)
    try:
        spark = start_session(options.master, options.settings)
        from .frames import clean_files

        cleaned = clean_files(spark, sources, cleaner, encoding=inputs.encoding, strict=inputs.strict)
        try:
            if not cleaned.read and not request.allow_empty:
                raise inputs.no_record()
            if options.partition_by is None:
                totals = cleaned.write_files(directory.work)
            else:
                totals = cleaned.totals()
                # with the scheme: on a cluster, a bare path may be one of a distributed file system
                cleaned.write(f"file://{directory.work}", partition_by=options.partition_by)
            _finish(directory.work, totals)
            order = {source.name: number for number, source in enumerate(sources)}
            totals.misfits.sort(key=lambda one: order[one["file"]])
            warn_of_misfits(totals, paths_by_name(sources), require=not request.allow_empty)
        finally:
            cleaned.unpersist()
        totals.seconds = time.perf_counter() - started
        summary = summarise(totals, cleaner, sources)
        for source in sources:
            if watch := watch_of(source):
                watch.require_untouched()
        directory.files.write(SUMMARY, encode_summary(summary))
        files = [*SCHEMAS, QUARANTINE, SUMMARY]
        directory.commit(files, names_of_other_runs(files))
    except BaseException:
        directory.discard()
        raise
    return totals


def learn_on_spark(inputs: RunInputs, options: SparkOptions, *, mapping: Mapping[str, str]) -> Templates:
    """Learn which lines recur on the documents of each host, from the inputs of a run."""
    refuse_unsplittable(inputs.sources)
    spark = start_session(options.master, options.settings)
    from .frames import learn_from_files

    return learn_from_files(
        spark, list(inputs.sources), mapping=mapping, encoding=inputs.encoding, strict=inputs.strict
    )


def _finish(work: Path, totals: Totals) -> None:
    """Join the parts of the quarantine. Raises `InternalError` unless as many records were written as were read."""
    import pyarrow.parquet as pq

    for left in [*work.glob("*/**/.*")]:
        left.unlink()  # checksums of Spark, and files of tasks that did not finish
    for name, schema in SCHEMAS.items():
        (work / name).mkdir(exist_ok=True)
        if not any((work / name).iterdir()):
            pq.write_table(schema.empty_table(), work / name / "part-0.parquet")
    written = sum(pq.read_metadata(path).num_rows for path in (work / "articles.parquet").rglob("*.parquet"))
    with (work / QUARANTINE).open("wb") as whole:
        for part in sorted((work / QUARANTINE_PARTS).glob("part-*")):
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
    shutil.rmtree(work / QUARANTINE_PARTS, ignore_errors=True)
    with (work / QUARANTINE).open("rb") as whole:
        lines = sum(1 for _ in whole)
    Totals(read=totals.read, accepted=written, quarantined=lines).check()

"""A run on Spark: files in, a directory of clean articles, explained edits and turned-away records out."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from ...schemas.errors import InputError
from ..readers.discovery import find_sources, name_inputs, warn_of_passed_over
from ..readers.dispatch import check_encoding
from ..runs.output_directory import ARTICLE_FORMATS, QUARANTINE, SCHEMAS, SUMMARY, OutputDirectory
from ..runs.summary import summarise, write_summary
from ..runs.totals import Totals
from .outputs import QUARANTINE_PARTS
from .session import start_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..api import Cleaner
    from ..kernel.site_templates import Templates


def clean_on_spark(
    inputs: list[str],
    out: Path,
    cleaner: Cleaner,
    *,
    master: str | None = None,
    settings: Mapping[str, str] | None = None,
    partition_by: str | None = None,
    overwrite: bool = False,
    allow_empty: bool = False,
    kind: str = "auto",
    encoding: str | None = None,
) -> Totals:
    """Clean files and folders into the directory `out`, as `clean_files` of a run without Spark does.

    Articles and edits are folders of Parquet, quarantine and summary the files of any run. Inputs and `out` must be
    where every executor finds them under the same path. `settings` are those of Spark, if it is started for this.

    Raises what `clean_files` raises, and `SettingError` if Spark, or its executors, cannot do the work.
    """
    started = time.perf_counter()
    encoding = check_encoding(encoding)
    sources = find_sources(inputs, kind)
    warn_of_passed_over(inputs, sources)
    directory = OutputDirectory(out, overwrite=overwrite, inputs=inputs)
    try:
        spark = start_session(master, settings)
        from .frames import clean_files

        cleaned = clean_files(spark, sources, cleaner, encoding=encoding)
        try:
            if not cleaned.read and not allow_empty:
                hint = "add --allow-empty if that is as it should be"
                raise InputError("no record in it", where=name_inputs(inputs), hint=hint)
            if partition_by is None:
                totals = cleaned.write_files(directory.work)
            else:
                totals = cleaned.totals()
                # with its scheme: elsewhere, a path alone may be one of a distributed file system
                cleaned.write(f"file://{directory.work}", partition_by=partition_by)
            _finish(directory.work, totals)
        finally:
            cleaned.unpersist()
        totals.seconds = time.perf_counter() - started
        write_summary(directory.work / SUMMARY, summarise(totals, cleaner, sources))
        directory.commit([*SCHEMAS, QUARANTINE, SUMMARY], {f"articles.{to}" for to in ARTICLE_FORMATS} - set(SCHEMAS))
    except BaseException:
        directory.discard()
        raise
    return totals


def learn_on_spark(
    inputs: list[str],
    *,
    mapping: Mapping[str, str],
    master: str | None = None,
    settings: Mapping[str, str] | None = None,
    kind: str = "auto",
    encoding: str | None = None,
) -> Templates:
    """Learn which lines recur on the documents of each host, from the inputs of a run."""
    encoding = check_encoding(encoding)
    sources = find_sources(inputs, kind)
    spark = start_session(master, settings)
    from .frames import learn_from_files

    return learn_from_files(spark, sources, mapping=mapping, encoding=encoding)


def _finish(work: Path, totals: Totals) -> None:
    """Make one file of the quarantine. Raises `InternalError` unless as many records were written as were read."""
    import pyarrow.parquet as pq

    for left in [*work.glob("*/**/.*")]:
        left.unlink()  # checksums of Spark, and what tasks wrote that came to no end
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

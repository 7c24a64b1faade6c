"""Data frames of Spark cleaned: articles, quarantine and edits, each a data frame."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark import StorageLevel, cloudpickle
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 # as everybody calls it
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import IntegralType

from ...schemas.arrow import EDITS_FILE
from ...schemas.errors import OutputError, SettingError, nearest
from ..api import Cleaner
from ..learn_templates import MIN_DOCUMENTS, MIN_SHARE
from ..records.loader import Loader, known_fields
from ..runs.fit import Fit
from ..runs.judge import paths_by_name
from ..runs.totals import Totals
from .duplicates import SIMILARITY, TWIN, checks_of_duplicates, find_duplicates
from .outputs import (
    ARTICLES,
    COUNTS,
    DUPLICATES,
    LINES,
    count_outcomes,
    write_outcomes,
    yield_articles,
    yield_edits,
    yield_lines,
)
from .packed_batches import PACKED, PLACE_BITS, POSITION, ROW, ROWS
from .session import plain_errors, require_package
from .splits import find_ranges, find_splits, refuse_unsplittable
from .tasks import (
    RANGES,
    RECURRING,
    FileInput,
    Packed,
    TableInput,
    Work,
    clean_rows,
    count_lines,
    count_recurring,
    templates_from,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from pyspark.sql import SparkSession

    from ...schemas.checks.suites import Suite
    from ..kernel.site_templates import Templates
    from ..readers.source import Source
    from .tasks import Input

_ENTRY = """id string, file string, line long, byte_offset long, raw string, raw_encoding string, record string,
    reasons array<struct<check: string, severity: string, field: string, message: string,
    twin: struct<id: string, file: string, line: long, similarity: double>>>"""
_PARTITIONS = {"source": "source_domain", "date": "to_date(to_utc_timestamp(date_published, current_timezone()))"}
_FEW = 1_000_000  # duplicates that the driver sends to all executors, about 100 bytes each
_FOUND = f"{ROW} long, kind string, id string, file string, line long, {SIMILARITY} double"
_RANGES_OF_TASK = 256  # a GiB of lines to count
# Splits of a task that cleans: to begin one takes a tenth of a second, to clean a split of 4 MiB about half a second.
_MOST, _ENOUGH = 16, 4


@dataclass(frozen=True)
class CleanedFrames:
    """The outputs of a data frame. All of them are computed from batches that were cleaned once and are kept.

    `articles` has the accepted records as `Article`, `edits` their edits with the article's id. `quarantine` has the
    rejected records: place, unchanged raw record, record as JSON, all reasons.
    """

    articles: DataFrame
    quarantine: DataFrame
    edits: DataFrame
    lines: DataFrame
    """The quarantine as lines of JSON, in the order of the input."""
    read: int
    """Number of records, including unreadable ones."""
    _batches: Batches
    _held: list[DataFrame] = field(repr=False)

    def totals(self) -> Totals:
        """Count the accepted and the rejected records. Raises `InternalError` if one was lost or doubled.

        Records that were read are counted before the search for duplicates, the others after it. The counts are rows
        that tasks return for batches, not accumulators, so a repeated task does not change them.
        """
        return self._summed(count_outcomes)

    def write_files(self, folder: Path) -> Totals:
        """Write articles, edits and quarantine into an empty folder, in parts; return their counts as `totals` does.

        All executors must see the folder under this path. It is much faster than `write`: no record goes through Java.
        """
        return self._summed(partial(write_outcomes, str(folder)))

    def _summed(self, task: Any) -> Totals:
        totals = Totals()
        with plain_errors():
            for row in self._batches.run(task, COUNTS).collect():
                totals.add(Totals.from_dict(json.loads(row[0])))
        totals.read = self.read
        totals.check()
        return totals

    def conserved(self, read: int) -> bool:
        """Return whether `read` records are now articles or in the quarantine."""
        with plain_errors():
            written: int = self.articles.count() + self.quarantine.count()
        return read == written

    def write(self, path: str | Path, *, partition_by: str | None = None, overwrite: bool = False) -> None:
        """Write `articles.parquet` and `edits.parquet`, folders of Parquet, and `quarantine`, one of JSON Lines.

        `path` is anything that Spark writes to. With `partition_by` "source" or "date", articles are in folders such as
        `source=lowmoor.example` or `date=2024-05-04` (of UTC). Their files still have all columns.

        Raises `OutputError` if one of the three exists already, unless `overwrite` is set.
        """
        articles = self.articles
        if partition_by is not None:
            if partition_by not in _PARTITIONS:
                raise SettingError(f"cannot partition by {partition_by!r}", hint=f"use {' or '.join(_PARTITIONS)}")
            # let Spark balance the files: otherwise each task writes a file in each folder
            articles = articles.withColumn(partition_by, F.expr(_PARTITIONS[partition_by])).hint(
                "rebalance", partition_by
            )
        mode = "overwrite" if overwrite else "error"
        with plain_errors(), _refusing_existing(path), _exact_times(articles.sparkSession):
            parquet = articles.write.mode(mode).option("compression", "zstd")
            (parquet.partitionBy(partition_by) if partition_by else parquet).parquet(f"{path}/articles.parquet")
            self.edits.write.mode(mode).option("compression", "zstd").parquet(f"{path}/edits.parquet")
            self.lines.write.mode(mode).text(f"{path}/quarantine")

    def unpersist(self) -> None:
        """Release the batches that Spark keeps."""
        for frame in self._held:
            frame.unpersist()


@dataclass(frozen=True)
class Batches:
    """Batches whose duplicates are known. `checks` has the checks that look for them, with their kinds of key."""

    batches: DataFrame
    checks: dict[str, str]

    def run(self, task: Any, schema: pa.Schema) -> DataFrame:
        """Return the rows that a task of `outputs` makes from the batches."""
        return self.batches.mapInArrow(partial(task, self.checks), from_arrow_schema(schema))


@contextmanager
def _refusing_existing(path: str | Path) -> Iterator[None]:
    """Raise `OutputError` instead of Spark's error about a path that exists."""
    try:
        yield
    except AnalysisException as error:
        if error.getCondition() != "PATH_ALREADY_EXISTS":
            raise
        hint = "use another path, or overwrite=True"
        raise OutputError("articles, edits or a quarantine exist already", where=str(path), hint=hint) from None


@contextmanager
def _exact_times(spark: SparkSession) -> Iterator[None]:
    """Let Spark write times in a form that all readers know: microseconds of UTC."""
    name = "spark.sql.parquet.outputTimestampType"
    before = spark.conf.get(name)
    spark.conf.set(name, "TIMESTAMP_MICROS")
    try:
        yield
    finally:
        spark.conf.set(name, before)


def clean(
    frame: DataFrame,
    *,
    profile: str = "article",
    suite: str | Path | Suite = "article",
    mapping: Mapping[str, str] | None = None,
    templates: Templates | None = None,
    cleaner: Cleaner | None = None,
    position: str | None = None,
) -> CleanedFrames:
    """Clean a data frame. Its columns are fields, under any of the names that dumps use.

    The records are cleaned once, when you call this, and kept until `unpersist`. The column `position` has whole
    numbers: of several equal records, the one with the lowest number stays. Without it, the one that Spark reads first
    stays. `cleaner` replaces the arguments before it.

    Raises `SettingError` if `frame` is not a data frame of Spark, if it has no column `position`, or if the executors
    do not have this package. Raises `NoTextFieldError` if no column has the text.
    """
    _require_frame(frame, position)
    cleaner = cleaner or Cleaner(profile=profile, suite=suite, mapping=mapping, templates=templates)
    require_package(frame.sparkSession)
    return _clean(*_columns(frame, cleaner.loader, position), cleaner)


def clean_files(
    spark: SparkSession, sources: list[Source], cleaner: Cleaner, *, encoding: str | None = None, strict: bool = True
) -> CleanedFrames:
    """Clean files. Every executor must find them under the path that they have for the driver.

    The readers are those of any other run, so the articles have the same bytes, including their places. A file that
    does not fit raises `InputError`; unless `strict`, it becomes an unreadable record.
    """
    require_package(spark)
    splits = _find_splits(spark, sources, encoding, Fit(cleaner.loader, strict))
    return _clean(*splits, cleaner, paths_by_name(sources))


def learn_templates(frame: DataFrame, *, mapping: Mapping[str, str] | None = None) -> Templates:
    """Learn which lines recur on the documents of each host, as `copydesk.learn_templates` does."""
    _require_frame(frame, None)
    require_package(frame.sparkSession)
    fields = known_fields(mapping or {})
    return _learn(*_columns(frame, Loader(fields), None), fields)


def learn_from_files(
    spark: SparkSession,
    sources: list[Source],
    *,
    mapping: Mapping[str, str],
    encoding: str | None = None,
    strict: bool = True,
) -> Templates:
    """Learn which lines recur on the documents of each host, from the files that `clean_files` would clean."""
    require_package(spark)
    splits = _find_splits(spark, sources, encoding, Fit(Loader(dict(mapping)), strict))
    return _learn(*splits, dict(mapping))


def _require_frame(frame: object, position: str | None) -> None:
    """Raise `SettingError` unless `frame` is a data frame of Spark with whole numbers in the column `position`."""
    if not isinstance(frame, DataFrame):
        hint = "pass a result of spark.read or spark.createDataFrame; for other data, use copydesk.clean or clean_table"
        raise SettingError(f"this is a {type(frame).__name__}, not a data frame of Spark", hint=hint)
    if position is None:
        return
    where, hint = f"position={position!r}", "name a column of whole numbers"
    if position not in frame.columns:
        raise SettingError(f"there is no such column{nearest(position, frame.columns)}", where=where, hint=hint)
    found = next(column.dataType for column in frame.schema if column.name == position)
    if not isinstance(found, IntegralType):
        raise SettingError(f"the column holds values of the type {found.simpleString()}", where=where, hint=hint)


def _columns(frame: DataFrame, loader: Loader, position: str | None) -> tuple[DataFrame, TableInput]:
    """Return the data frame with numbers as column names, and with the column of positions, if there is one."""
    names = [name for name in frame.columns if name != position]
    loader.require_text([names], "data frame")
    fields = [F.col(_quoted(name)) for name in names]
    # numbers, because Spark could take a name for a path
    numbered = frame.select(*fields).toDF(*map(str, range(len(names))))
    if position is not None:
        order = F.col(_quoted(position)).cast("long")
        numbered = frame.select(*fields, order).toDF(*numbered.columns, POSITION)
    return numbered, TableInput(names)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _find_splits(
    spark: SparkSession, sources: list[Source], encoding: str | None, fit: Fit
) -> tuple[DataFrame, FileInput]:
    """Return the numbers of the splits of files as a data frame, and the splits."""
    refuse_unsplittable(sources)
    ranges = find_ranges(sources)
    counted: list[tuple[int, int, int | None]] = []
    if ranges:
        with plain_errors():
            task = partial(count_lines, ranges)
            found = _tasks(spark, len(ranges), _RANGES_OF_TASK).mapInArrow(task, from_arrow_schema(RANGES)).collect()
            counted = sorted(tuple(row) for row in found)
    lines = [(ranges[number], count, first) for number, count, first in counted]
    splits = find_splits(sources, lines, encoding, fit)
    # several tasks for each core of a cluster, few if there is little input, none so large that repeating it costs much
    size = max(1, min(_MOST, max(len(splits) // 64, min(_ENOUGH, len(splits) // 8))))
    return _tasks(spark, len(splits), size), FileInput(splits, encoding, fit.strict)


def _tasks(spark: SparkSession, count: int, size: int) -> DataFrame:
    """Return the numbers below `count` as a data frame, about `size` successive ones in each task."""
    return spark.range(0, count, 1, max(1, -(-count // size)))


def _clean(numbered: DataFrame, data: Input, cleaner: Cleaner, paths: Mapping[str, str] | None = None) -> CleanedFrames:
    now = datetime.now(timezone.utc)
    cleaner.compile()
    packed = Packed(cloudpickle.dumps(Work(cleaner, now, paths or {})))
    rows = numbered.mapInArrow(partial(clean_rows, packed, data), from_arrow_schema(ROWS))
    return _split(rows, cleaner, now)


def _learn(numbered: DataFrame, data: Input, mapping: dict[str, str]) -> Templates:
    with plain_errors():
        counted = numbered.mapInArrow(partial(count_recurring, mapping, data), from_arrow_schema(RECURRING))
        summed = counted.groupBy("host", "line").agg(F.sum("count").alias("count"))
        # a window, not a join, so that nothing is computed twice
        of_host = Window.partitionBy("host")
        documents = F.max(F.when(F.col("line").isNull(), F.col("count"))).over(of_host)
        often = summed.where(F.col("count") >= MIN_DOCUMENTS).withColumn("documents", documents)
        often = often.where(F.col("line").isNotNull() & (F.col("count") >= MIN_SHARE * F.col("documents")))
        return templates_from(tuple(row) for row in often.select("host", "line", "count", "documents").collect())


def _split(rows: DataFrame, cleaner: Cleaner, now: datetime) -> CleanedFrames:
    """Return the outputs of cleaned batches: find the duplicates, and settle the batches."""
    held: list[DataFrame] = []

    def hold(frame: DataFrame, level: StorageLevel = StorageLevel.MEMORY_AND_DISK) -> DataFrame:
        held.append(frame.persist(level))
        return frame

    try:
        with plain_errors():
            # batches are large and read once or twice, so memory is better used by Java
            read: int = hold(rows, StorageLevel.DISK_ONLY).agg(F.sum("read")).collect()[0][0] or 0
            checks = checks_of_duplicates(cleaner, now)
            settled = Batches(_settle(rows, set(checks.values()), hold), checks)
    except BaseException:
        for frame in held:
            frame.unpersist()
        raise
    lines = settled.run(yield_lines, LINES)
    return CleanedFrames(
        articles=settled.run(yield_articles, ARTICLES),
        quarantine=lines.select(F.from_json("line", _ENTRY).alias("entry")).select("entry.*"),
        edits=settled.run(yield_edits, EDITS_FILE),
        lines=lines.orderBy(POSITION, ROW).select(F.col("line").alias("value")),
        read=read,
        _batches=settled,
        _held=held,
    )


def _settle(rows: DataFrame, kinds: set[str], hold: Any) -> DataFrame:
    """Return the batches with their duplicates, each with the kind of key and the twin."""
    batches = rows.select("batch", *PACKED)
    if not kinds:
        return batches.withColumn(DUPLICATES, F.lit(None).cast(f"array<struct<{_FOUND}>>"))
    names = rows.select(F.inline("names")).withColumnRenamed(ROW, TWIN)
    found = find_duplicates(rows, kinds, hold).join(names, TWIN).select(ROW, "kind", "id", "file", "line", SIMILARITY)
    few = found.limit(_FEW + 1).toArrow()
    if few.num_rows > _FEW:
        # the join moves batches, and successive ones are written together
        return batches.join(hold(_by_batch(found)), "batch", "left").orderBy("batch")
    here = rows.sparkSession.createDataFrame(few, _FOUND)
    return batches.join(F.broadcast(_by_batch(here)), "batch", "left")


def _by_batch(found: DataFrame) -> DataFrame:
    """Return the duplicates grouped by batch."""
    batch = F.shiftright(ROW, PLACE_BITS).alias("batch")
    return found.groupBy(batch).agg(F.collect_list(F.struct(*found.columns)).alias(DUPLICATES))

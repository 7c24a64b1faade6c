"""Data frames of Spark cleaned: articles, quarantine and edits, each a data frame."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
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
from ..runs.judge import paths_by_name
from ..runs.totals import Totals
from .duplicates import checks_of_duplicates, find_duplicates
from .outputs import (
    ARTICLES,
    COUNTS,
    HOW,
    LINES,
    TWICE,
    count_outcomes,
    give_articles,
    give_edits,
    give_lines,
    write_outcomes,
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

    from pyspark.sql import SparkSession

    from ...schemas.checks.suites import Suite
    from ..kernel.site_templates import Templates
    from ..readers.source import Source
    from .tasks import Input

_ENTRY = """id string, file string, line long, byte_offset long, raw string, raw_encoding string, record string,
    reasons array<struct<check: string, severity: string, field: string, message: string>>"""
_PARTITIONS = {"source": "source_domain", "date": "to_date(to_utc_timestamp(date_published, current_timezone()))"}
_FEW = 1_000_000  # duplicates that the driver sends to all executors, 20 bytes each
_RANGES_OF_TASK = 256  # a GiB of lines to count
# Splits of a task that cleans: to begin one takes a tenth of a second, to clean a split of 4 MiB about half a second.
_MOST, _ENOUGH = 16, 4


@dataclass(frozen=True)
class CleanedFrames:
    """What became of the records of a data frame. All of it is read from batches that were cleaned once, and are kept.

    `articles` has the accepted records as `Article`, `edits` their edits with the article's id, `quarantine` those
    turned away: place, raw record as it was, record as JSON, all reasons.
    """

    articles: DataFrame
    quarantine: DataFrame
    edits: DataFrame
    lines: DataFrame
    """The quarantine as lines of JSON, in the order of the input."""
    read: int
    """How many records there were, those among them that could not be read."""
    _batches: Batches
    _held: list[DataFrame] = field(repr=False)

    def totals(self) -> Totals:
        """Count what became of the records. Raises `InternalError` if one was lost or doubled.

        What was read is counted before duplicates are looked for, what was accepted and turned away after that, each
        by what tasks give for batches: one that is done again does not change it, as it would an accumulator.
        """
        return self._summed(count_outcomes)

    def write_files(self, folder: Path) -> Totals:
        """Write into an empty folder that all executors see under this path: articles, edits and quarantine, in parts.

        It costs much less than `write`, as no record goes through Java. Gives what `totals` does, of what was written.
        """
        return self._summed(partial(write_outcomes, str(folder)))

    def _summed(self, task: Any) -> Totals:
        totals = Totals()
        with plain_errors():
            for row in self._batches.give(task, COUNTS).collect():
                totals.add(Totals.from_dict(json.loads(row[0])))
        totals.read = self.read
        totals.check()
        return totals

    def conserved(self, read: int) -> bool:
        """Say whether that many records came out, as articles or in quarantine."""
        with plain_errors():
            written: int = self.articles.count() + self.quarantine.count()
        return read == written

    def write(self, path: str | Path, *, partition_by: str | None = None, overwrite: bool = False) -> None:
        """Write `articles.parquet` and `edits.parquet`, folders of Parquet, and `quarantine`, one of JSON Lines.

        `path` is anything that Spark writes to. With `partition_by` "source" or "date", articles stand in folders such
        as `source=lowmoor.example` or `date=2024-05-04` (of UTC); their files have all columns nevertheless.

        Raises `OutputError` if one of the three is there already, unless `overwrite` says to replace them.
        """
        articles = self.articles
        if partition_by is not None:
            if partition_by not in _PARTITIONS:
                raise SettingError(f"cannot partition by {partition_by!r}", hint=f"use {' or '.join(_PARTITIONS)}")
            # what Spark balances itself: not a file for each task in each folder
            articles = articles.withColumn(partition_by, F.expr(_PARTITIONS[partition_by])).hint(
                "rebalance", partition_by
            )
        mode = "overwrite" if overwrite else "error"
        with plain_errors(), _refused_if_there(path), _exact_times(articles.sparkSession):
            parquet = articles.write.mode(mode).option("compression", "zstd")
            (parquet.partitionBy(partition_by) if partition_by else parquet).parquet(f"{path}/articles.parquet")
            self.edits.write.mode(mode).option("compression", "zstd").parquet(f"{path}/edits.parquet")
            self.lines.write.mode(mode).text(f"{path}/quarantine")

    def unpersist(self) -> None:
        """Let Spark forget the batches that were kept."""
        for frame in self._held:
            frame.unpersist()


@dataclass(frozen=True)
class Batches:
    """Batches of which it is known what comes twice, by checks that go by some kinds of keys."""

    batches: DataFrame
    checks: dict[str, str]

    def give(self, task: Any, schema: pa.Schema) -> DataFrame:
        """Give what a task of `outcomes` makes of them."""
        return self.batches.mapInArrow(partial(task, self.checks), from_arrow_schema(schema))


@contextmanager
def _refused_if_there(path: str | Path) -> Iterator[None]:
    """Give the error of Spark about what is there already as `OutputError`."""
    try:
        yield
    except AnalysisException as error:
        if error.getCondition() != "PATH_ALREADY_EXISTS":
            raise
        hint = "give another path, or overwrite=True"
        raise OutputError("there are articles, edits or quarantine already", where=str(path), hint=hint) from None


@contextmanager
def _exact_times(spark: SparkSession) -> Iterator[None]:
    """Let Spark write times as all readers know them: microseconds of UTC."""
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
    """Clean a data frame whose columns are fields under any of the names that dumps use.

    Records are cleaned when it is called, once, and kept until `unpersist`. Of records that come twice, the first by
    the whole number in the column `position` counts as first; without it, the one that Spark reads first. `cleaner` is
    one with settings of its own, in place of those before it.

    Raises `SettingError` if `frame` is no data frame of Spark, if it has no such `position`, or if the executors do not
    have this package; `NoTextFieldError` if no column holds the text.
    """
    _require_frame(frame, position)
    cleaner = cleaner or Cleaner(profile=profile, suite=suite, mapping=mapping, templates=templates)
    require_package(frame.sparkSession)
    return _clean(*_columns(frame, cleaner.loader, position), cleaner)


def clean_files(
    spark: SparkSession, sources: list[Source], cleaner: Cleaner, *, encoding: str | None = None
) -> CleanedFrames:
    """Clean files that every executor can read under the path that the driver has them under.

    They are read by the readers of any other run, so articles are the same to the byte, places among them.
    """
    require_package(spark)
    return _clean(*_find_splits(spark, sources, encoding), cleaner, paths_by_name(sources))


def learn_templates(frame: DataFrame, *, mapping: Mapping[str, str] | None = None) -> Templates:
    """Learn which lines recur on the documents of each host, as `copydesk.learn_templates` does."""
    _require_frame(frame, None)
    require_package(frame.sparkSession)
    fields = known_fields(mapping or {})
    return _learn(*_columns(frame, Loader(fields), None), fields)


def learn_from_files(
    spark: SparkSession, sources: list[Source], *, mapping: Mapping[str, str], encoding: str | None = None
) -> Templates:
    """Learn which lines recur on the documents of each host, from the files that `clean_files` would clean."""
    require_package(spark)
    return _learn(*_find_splits(spark, sources, encoding), dict(mapping))


def _require_frame(frame: object, position: str | None) -> None:
    """Raise `SettingError` unless that is a data frame of Spark, with whole numbers in the column `position`."""
    if not isinstance(frame, DataFrame):
        hint = "give what spark.read or spark.createDataFrame makes; copydesk.clean and clean_table take other things"
        raise SettingError(f"this is no data frame of Spark, but of the type {type(frame).__name__}", hint=hint)
    if position is None:
        return
    where, hint = f"position={position!r}", "name a column of whole numbers"
    if position not in frame.columns:
        raise SettingError(f"there is no such column{nearest(position, frame.columns)}", where=where, hint=hint)
    found = next(column.dataType for column in frame.schema if column.name == position)
    if not isinstance(found, IntegralType):
        raise SettingError(f"the column holds values of the type {found.simpleString()}", where=where, hint=hint)


def _columns(frame: DataFrame, loader: Loader, position: str | None) -> tuple[DataFrame, TableInput]:
    """Give the rows with numbers as names, and with the place of each in the order of the input, if there is one."""
    names = [name for name in frame.columns if name != position]
    loader.require_text([names], "data frame")
    fields = [F.col(_quoted(name)) for name in names]
    # by number: a name may hold what Spark takes for a path
    numbered = frame.select(*fields).toDF(*map(str, range(len(names))))
    if position is not None:
        order = F.col(_quoted(position)).cast("long")
        numbered = frame.select(*fields, order).toDF(*numbered.columns, POSITION)
    return numbered, TableInput(names)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _find_splits(spark: SparkSession, sources: list[Source], encoding: str | None) -> tuple[DataFrame, FileInput]:
    """Give the numbers of the parts of files, and the parts."""
    refuse_unsplittable(sources)
    ranges = find_ranges(sources)
    counted: list[tuple[int, int, int | None]] = []
    if ranges:
        with plain_errors():
            task = partial(count_lines, ranges)
            found = _tasks(spark, len(ranges), _RANGES_OF_TASK).mapInArrow(task, from_arrow_schema(RANGES)).collect()
            counted = sorted(tuple(row) for row in found)
    splits = find_splits(sources, [(ranges[number], count, first) for number, count, first in counted], encoding)
    # some for each core of a cluster, a few for each where there is little, none so large that to do it again is a loss
    size = max(1, min(_MOST, max(len(splits) // 64, min(_ENOUGH, len(splits) // 8))))
    return _tasks(spark, len(splits), size), FileInput(splits, encoding)


def _tasks(spark: SparkSession, count: int, size: int) -> DataFrame:
    """Give the numbers below `count`, some `size` of them, which are neighbours, a task."""
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
        # hosts are grouped once more, not joined: what was counted is counted once
        of_host = Window.partitionBy("host")
        documents = F.max(F.when(F.col("line").isNull(), F.col("count"))).over(of_host)
        often = summed.where(F.col("count") >= MIN_DOCUMENTS).withColumn("documents", documents)
        often = often.where(F.col("line").isNotNull() & (F.col("count") >= MIN_SHARE * F.col("documents")))
        return templates_from(tuple(row) for row in often.select("host", "line", "count", "documents").collect())


def _split(rows: DataFrame, cleaner: Cleaner, now: datetime) -> CleanedFrames:
    """Give what becomes of the batches that tasks made, once it is known which records are duplicates."""
    held: list[DataFrame] = []

    def hold(frame: DataFrame, level: StorageLevel = StorageLevel.MEMORY_AND_DISK) -> DataFrame:
        held.append(frame.persist(level))
        return frame

    try:
        with plain_errors():
            # batches are large, and read once or twice: in memory they cost Java more than they save
            read: int = hold(rows, StorageLevel.DISK_ONLY).agg(F.sum("read")).collect()[0][0] or 0
            checks = checks_of_duplicates(cleaner, now)
            settled = Batches(_settle(rows, set(checks.values()), hold), checks)
    except BaseException:
        for frame in held:
            frame.unpersist()
        raise
    lines = settled.give(give_lines, LINES)
    return CleanedFrames(
        articles=settled.give(give_articles, ARTICLES),
        quarantine=lines.select(F.from_json("line", _ENTRY).alias("entry")).select("entry.*"),
        edits=settled.give(give_edits, EDITS_FILE),
        lines=lines.orderBy(POSITION, ROW).select(F.col("line").alias("value")),
        read=read,
        _batches=settled,
        _held=held,
    )


def _settle(rows: DataFrame, kinds: set[str], hold: Any) -> DataFrame:
    """Give the batches with the numbers of the records that come twice, and how."""
    batches = rows.select("batch", *PACKED)
    if not kinds:
        return batches.withColumns({TWICE: F.lit(None).cast("array<long>"), HOW: F.lit(None).cast("array<string>")})
    found = find_duplicates(rows, kinds, hold)
    few = found.limit(_FEW + 1).toArrow()
    if few.num_rows > _FEW:
        # the batches move: those that follow each other are to be written together
        return batches.join(hold(_by_batch(found)), "batch", "left").orderBy("batch")
    here = rows.sparkSession.createDataFrame(few.cast(pa.schema([(ROW, pa.int64()), ("kind", pa.string())])))
    return batches.join(F.broadcast(_by_batch(here)), "batch", "left")


def _by_batch(found: DataFrame) -> DataFrame:
    """Put what is found in the same batch together."""
    batch = F.shiftright(ROW, PLACE_BITS).alias("batch")
    return found.groupBy(batch).agg(F.collect_list(ROW).alias(TWICE), F.collect_list("kind").alias(HOW))

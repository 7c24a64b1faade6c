"""Data frames of Spark cleaned: articles, quarantine and edits, each a data frame."""

from __future__ import annotations

import operator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from pyspark import StorageLevel, cloudpickle
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 # as everybody calls it
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import IntegralType

from ...schemas.arrow import EDITS_FILE
from ...schemas.errors import OutputError, SettingError, nearest
from ..api import Cleaner, known_fields
from ..judging import paths_of
from ..records import Loader
from ..templates import MIN_DOCUMENTS, MIN_SHARE
from ..totals import Totals
from .duplicates import checks_of_duplicates, find_duplicates
from .session import plain_errors, require_package
from .splits import find_ranges, find_splits, refuse_unsplittable
from .tasks import (
    LINES,
    POSITION,
    RECURRING,
    ROW,
    ROWS,
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

    from pyspark.sql import Column, SparkSession

    from ...schemas.checks.suites import Suite
    from ..sources import Source
    from ..templates import Templates
    from .tasks import Input

_PLACE = "id string, file string, line long, byte_offset long, raw string, raw_encoding string, record string"
_PARTITIONS = {"source": "source_domain", "date": "to_date(to_utc_timestamp(date_published, current_timezone()))"}
# What is counted of each record: itself, its edits, and once each check that had something to say.
_COUNTED = """concat(
    array(struct('accepted' AS what, string(accepted) AS name, characters_out AS size)),
    transform(if(accepted, edits, slice(edits, 1, 0)),
        edit -> struct('edit' AS what, edit.rule AS name, edit.end - edit.start AS size)),
    transform(array_distinct(reasons.check),
        check -> struct('reason' AS what, check AS name, bigint(0) AS size)),
    transform(array_distinct(filter(reasons, reason -> reason.severity = 'error').check),
        check -> struct('rejection' AS what, check AS name, bigint(0) AS size))
)"""
_BROADCAST = 1_000_000  # duplicates, of which each takes some 50 bytes in every executor
_TASKS = 64  # at least, if there is that much to do
_SPLITS_OF_TASK = 16  # at most about: of a file of lines, 64 MiB


@dataclass(frozen=True)
class CleanedFrames:
    """What became of the records of a data frame. All of it is read from rows that were cleaned once, and are kept.

    `articles` has the accepted records as `Article`, `edits` their edits with the article's id, `quarantine` those
    turned away: place, raw record as it was, record as JSON, all reasons.
    """

    articles: DataFrame
    quarantine: DataFrame
    edits: DataFrame
    lines: DataFrame
    """The quarantine as lines of JSON, in the order of the input."""
    _rows: DataFrame
    _judged: DataFrame
    _held: list[DataFrame] = field(repr=False)

    def totals(self) -> Totals:
        """Count what became of the records. Raises `InternalError` if one was lost or doubled.

        What was read is counted before duplicates are looked for, what was accepted and turned away after that, each
        by a count of rows, which a task that is done again does not change, as it would an accumulator.
        """
        with plain_errors():
            return _count(self._rows, self._judged)

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
                raise SettingError(f"cannot partition by {partition_by!r}", do=f"use {' or '.join(_PARTITIONS)}")
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
        """Let Spark forget the rows that were kept."""
        for frame in self._held:
            frame.unpersist()


@contextmanager
def _refused_if_there(path: str | Path) -> Iterator[None]:
    """Give the error of Spark about what is there already as `OutputError`."""
    try:
        yield
    except AnalysisException as error:
        if error.getCondition() != "PATH_ALREADY_EXISTS":
            raise
        do = "give another path, or overwrite=True"
        raise OutputError("there are articles, edits or quarantine already", where=str(path), do=do) from None


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
    return _clean(*_number(frame, cleaner.loader, position), cleaner)


def clean_files(
    spark: SparkSession, sources: list[Source], cleaner: Cleaner, *, encoding: str | None = None
) -> CleanedFrames:
    """Clean files that every executor can read under the path that the driver has them under.

    They are read by the readers of any other run, so articles are the same to the byte, places among them.
    """
    require_package(spark)
    cleaner.paths = paths_of(sources)
    return _clean(*_find_splits(spark, sources, encoding), cleaner)


def learn_templates(frame: DataFrame, *, mapping: Mapping[str, str] | None = None) -> Templates:
    """Learn which lines recur on the documents of each host, as `copydesk.learn_templates` does."""
    _require_frame(frame, None)
    require_package(frame.sparkSession)
    fields = known_fields(mapping or {})
    return _learn(*_number(frame, Loader(fields), None), fields)


def learn_from_files(
    spark: SparkSession, sources: list[Source], *, mapping: Mapping[str, str], encoding: str | None = None
) -> Templates:
    """Learn which lines recur on the documents of each host, from the files that `clean_files` would clean."""
    require_package(spark)
    return _learn(*_find_splits(spark, sources, encoding), dict(mapping))


def _require_frame(frame: object, position: str | None) -> None:
    """Raise `SettingError` unless that is a data frame of Spark, with whole numbers in the column `position`."""
    if not isinstance(frame, DataFrame):
        do = "give what spark.read or spark.createDataFrame makes; copydesk.clean and clean_table take other things"
        raise SettingError(f"this is no data frame of Spark, but of the type {type(frame).__name__}", do=do)
    if position is None:
        return
    where, do = f"position={position!r}", "name a column of whole numbers"
    if position not in frame.columns:
        raise SettingError(f"there is no such column{nearest(position, frame.columns)}", where=where, do=do)
    found = next(column.dataType for column in frame.schema if column.name == position)
    if not isinstance(found, IntegralType):
        raise SettingError(f"the column holds values of the type {found.simpleString()}", where=where, do=do)


def _number(frame: DataFrame, loader: Loader, position: str | None) -> tuple[DataFrame, TableInput]:
    """Give the rows with a number for each, and its place in the order of the input."""
    names = [name for name in frame.columns if name != position]
    loader.require_text([names], "data frame")
    number = F.monotonically_increasing_id()
    order = F.col(_quoted(position)).cast("long") if position is not None else number
    fields = [F.col(_quoted(name)) for name in names]
    # by number: a name may hold what Spark takes for a path
    numbered = frame.select(*fields, number, order).toDF(*map(str, range(len(names))), ROW, POSITION)
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
            found = _tasks(spark, len(ranges)).mapInArrow(task, from_arrow_schema(LINES)).collect()
            counted = sorted(tuple(row) for row in found)
    splits = find_splits(sources, [(ranges[number], count, first) for number, count, first in counted], encoding)
    return _tasks(spark, len(splits)), FileInput(splits, encoding)


def _tasks(spark: SparkSession, count: int) -> DataFrame:
    """Give the numbers below `count`, some neighbours a task, none so large that to do it again is a loss."""
    return spark.range(0, count, 1, max(1, min(count, max(_TASKS, count // _SPLITS_OF_TASK))))


def _clean(numbered: DataFrame, data: Input, cleaner: Cleaner) -> CleanedFrames:
    now = datetime.now(timezone.utc)
    cleaner.compile()
    packed = Packed(cloudpickle.dumps(Work(cleaner, now)))
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
    """Give what becomes of the rows that tasks made, once it is known which are duplicates."""
    held: list[DataFrame] = []

    def hold(frame: DataFrame) -> DataFrame:
        held.append(frame.persist(StorageLevel.MEMORY_AND_DISK))
        return frame

    try:
        with plain_errors():
            hold(rows).count()
            judged = _judge(rows, checks_of_duplicates(cleaner, now), hold)
    except BaseException:
        for frame in held:
            frame.unpersist()
        raise
    good, bad = judged.where("accepted"), judged.where("not accepted")
    told = bad.select("*", F.from_json("entry", _PLACE).alias("place"))
    whole = F.expr("concat(left(entry, length(entry) - 4), to_json(reasons), '}')")
    edits = good.select("id", F.inline("edits"))
    return CleanedFrames(
        articles=good.select("article.*"),
        quarantine=told.select("place.*", "reasons"),
        edits=edits.select(*EDITS_FILE.names),
        lines=bad.orderBy(POSITION, ROW).select(whole.alias("value")),
        _rows=rows,
        _judged=judged,
        _held=held,
    )


def _judge(rows: DataFrame, checks: Mapping[str, str], hold: Any) -> DataFrame:
    """Take back what was said of records that are no duplicates; say which are accepted."""
    if checks:
        found = hold(find_duplicates(rows, set(checks.values()), hold))
        # the rows are large: they stay where they are, unless there are too many duplicates to send to all of them
        rows = rows.join(F.broadcast(found) if found.count() <= _BROADCAST else found, ROW, "left")
        is_duplicate = {
            check: F.coalesce(F.array_contains("duplicate", kind), F.lit(False)) for check, kind in checks.items()
        }

        def stays(reason: Column) -> Column:
            return reduce(operator.and_, ((reason["check"] != check) | said for check, said in is_duplicate.items()))

        rows = rows.withColumn("reasons", F.filter("reasons", stays))
        flags = F.filter("reasons", lambda reason: reason["severity"] != "error")
        rows = rows.withColumn(
            "article", F.when(F.col("article").isNotNull(), F.col("article").withField("flags", flags))
        )
    return rows.withColumn("accepted", ~F.exists("reasons", lambda reason: reason["severity"] == "error"))


def _count(rows: DataFrame, judged: DataFrame) -> Totals:
    read, bytes_in, characters_in = rows.agg(F.count("*"), F.sum("bytes_in"), F.sum("characters_in")).collect()[0]
    totals = Totals(read=read, bytes_in=bytes_in or 0, characters_in=characters_in or 0)
    counted = judged.select(F.inline(F.expr(_COUNTED))).groupBy("what", "name")
    found: dict[str, dict[str, tuple[int, int]]] = {"accepted": {}, "edit": {}, "reason": {}, "rejection": {}}
    for what, name, count, size in counted.agg(F.count("*"), F.sum("size")).collect():
        found[what][name] = count, size
    totals.accepted, totals.characters_out = found["accepted"].get("true", (0, 0))
    totals.quarantined, _ = found["accepted"].get("false", (0, 0))
    for rule, (count, size) in found["edit"].items():
        totals.edits[rule], totals.characters_cut[rule] = count, size
    totals.reasons.update({check: count for check, (count, _) in found["reason"].items()})
    totals.rejections.update({check: count for check, (count, _) in found["rejection"].items()})
    totals.check()
    return totals

"""Duplicates over a whole data set: the first of equal or nearly equal records stays, by its position in the input.

The result is the same as that of a run on one machine, record by record. Equal records have one key. A record is
nearly equal to an earlier one if their sketches are near each other and the earlier one is not a duplicate itself. Only
records that share a band of their sketches are compared.

Records that share no band with another one are settled at once, the others in rounds. In each round, the records that
come first in all of their bands stay, and those near them are duplicates. When few records are left, the driver
compares them one after the other, as a run on one machine does.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql import Window
from pyspark.sql import functions as F  # noqa: N812 # as everybody calls it
from pyspark.sql.pandas.types import from_arrow_schema

from ...schemas.checks.declare import Check
from ...schemas.checks.frame import Frame
from ...schemas.checks.text.minhash import HASHES, NearIndex, count_bands, load_sketch, similarity_of
from ...schemas.errors import SettingError
from ..records.loader import Place
from .packed_batches import POSITION, ROW, DeferredRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    import numpy.typing as npt
    from pyspark.sql import DataFrame

    from ..api import Cleaner

    Hold = Callable[[DataFrame], DataFrame]

FEW = 200_000  # sketches that the driver compares by itself, in about 1 kB each
TWIN, SIMILARITY = "twin", "similarity"
_BANDS = pa.schema([(POSITION, pa.int64()), (ROW, pa.int64()), ("band", pa.int64())])
_PAIRS = pa.schema([(ROW, pa.int64()), (TWIN, pa.int64()), (SIMILARITY, pa.float64())])
_ORDER = (POSITION, ROW)
_SAMPLE = {"id": "1", "url": "https://lowmoor.example/1", "text": "The ferry left the quay an hour late on Monday."}


def checks_of_duplicates(cleaner: Cleaner, now: datetime) -> dict[str, str]:
    """Return the checks of a suite that look for earlier records of a run, each with the kind of key that it uses.

    Such a check flags only records that came before. Raises `SettingError` if the kind depends on the host.
    """
    made = cleaner.assemble(cleaner.loader.from_rows([_SAMPLE], Place()))
    found: dict[str, str] = {}
    overrides = [entry for one in cleaner.suite.overrides for entry in one.entries.values() if entry is not None]
    for entry in (*cleaner.suite.columns(), *overrides):
        seen = DeferredRecords()
        assert isinstance(entry.check, Check)  # checks of sets have no column
        with suppress(Exception):  # a plugin's check that fails is reported with each record
            entry.check.flag(Frame(made.articles, now, seen, made.known_but_kept), **entry.parameters)
        for kind in [*seen.keys, *seen.near_kinds][:1]:
            if found.setdefault(entry.id, kind) != kind:
                hint = "use one similarity for all hosts, or --engine local"
                raise SettingError(f"{entry.id}: on Spark, the similarity cannot depend on the host", hint=hint)
    return found


def find_duplicates(rows: DataFrame, kinds: Iterable[str], hold: Hold, *, few: int = FEW) -> DataFrame:
    """Return the numbers of duplicates, with the `kind` of key, the number of the `TWIN`, and their `SIMILARITY`.

    A record may be there with several kinds. `rows` are packed batches. `hold` persists a frame that is needed more
    than once. If more than `few` records may be near others, Spark compares their sketches, else the driver.
    """
    keys = rows.select(F.inline("keys"))
    before = Window.partitionBy("kind", "hash").orderBy(*_ORDER)
    ranked = keys.where(F.col("kind").isin([*kinds])).withColumn("rank", F.row_number().over(before))
    found = ranked.withColumn(TWIN, F.first(ROW).over(before)).where("rank > 1")
    found = found.select(ROW, "kind", TWIN, F.when(F.col("kind") == "body", 1.0).alias(SIMILARITY))
    for kind in kinds:
        if (similarity := similarity_of(kind)) is not None:
            near = _find_near(rows, similarity, hold, few).withColumn("kind", F.lit(kind))
            found = found.unionByName(near)
    return found


def _find_near(rows: DataFrame, similarity: float, hold: Hold, few: int) -> DataFrame:
    """Return the rows that are near an earlier one, as `_PAIRS`."""
    # all but the first of equal sketches are near the first one, or near a record that it is near
    alike = Window.partitionBy("sketch").orderBy(*_ORDER)
    ranked = rows.select(F.inline("sketches")).withColumns(
        {"rank": F.row_number().over(alike), "first": F.first(ROW).over(alike)}
    )
    sketches = hold(ranked.where("rank = 1").drop("rank", "first"))
    add_bands = partial(_add_bands, count_bands(similarity))
    banded = _shared_bands(sketches.mapInArrow(add_bands, from_arrow_schema(_BANDS))).localCheckpoint()
    waiting, settled = banded, None
    while waiting.select(ROW).distinct().count() > few:
        kept, near = _decide(waiting, sketches, similarity)
        # without checkpoints, the plan of each round would contain that of the round before several times
        near = near.localCheckpoint()
        settled = near if settled is None else settled.unionByName(near)
        waiting = _shared_bands(waiting.join(kept.unionByName(near), ROW, "left_anti")).localCheckpoint()
    left = sketches.join(waiting.select(ROW).distinct(), ROW, "left_semi").orderBy(*_ORDER).toArrow()
    pairs = rows.sparkSession.createDataFrame(_compare(left, similarity))
    if settled is not None:
        pairs = hold(_find_twins(banded, settled.unionByName(pairs.select(ROW)), sketches, similarity))
    repeated = (
        ranked.where("rank > 1").select(ROW, "first").join(pairs.withColumnRenamed(ROW, "first"), "first", "left")
    )
    twin = F.coalesce(TWIN, "first").alias(TWIN)
    return pairs.unionByName(repeated.select(ROW, twin, F.coalesce(SIMILARITY, F.lit(1.0)).alias(SIMILARITY)))


def _compare(sketches: pa.Table, similarity: float) -> pa.Table:
    """Return the rows that are near an earlier one of the same table, as `_PAIRS`."""
    index = NearIndex(similarity)
    columns = (sketches.column(name).to_pylist() for name in (ROW, "sketch"))
    added = [(row, index.add(load_sketch(data), row)) for row, data in zip(*columns, strict=True)]
    pairs = [(row, *pair) for row, pair in added if pair is not None]
    return pa.Table.from_pylist([dict(zip(_PAIRS.names, pair, strict=True)) for pair in pairs], _PAIRS)


def _find_twins(banded: DataFrame, near: DataFrame, sketches: DataFrame, similarity: float) -> DataFrame:
    """Return the twins of the rows `near`: the most similar of the earlier rows that are not near another one."""
    kept = banded.join(near, ROW, "left_anti").select("band", *(F.col(name).alias(f"other{name}") for name in _ORDER))
    order, other = (F.struct(*(f"{prefix}{name}" for name in _ORDER)) for prefix in ("", "other"))
    pairs = banded.join(near, ROW, "left_semi").join(kept, "band").where(other < order).drop("band", POSITION)
    of_twin = F.col("sketch").alias("other")
    compared = (
        pairs.distinct()
        .withColumnRenamed(f"other{ROW}", TWIN)
        .join(sketches.select(ROW, "sketch"), ROW)
        .join(sketches.select(F.col(ROW).alias(TWIN), of_twin), TWIN)
        .select(ROW, TWIN, f"other{POSITION}", "sketch", "other")
    )
    schema = from_arrow_schema(_PAIRS.append(pa.field(POSITION, pa.int64())))
    measured = compared.mapInArrow(partial(_measure, similarity), schema)
    best = Window.partitionBy(ROW).orderBy(F.desc(SIMILARITY), POSITION, TWIN)
    return measured.withColumn("rank", F.row_number().over(best)).where("rank = 1").select(*_PAIRS.names)


def _measure(similarity: float, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the pairs of near rows with their similarity and the position of the twin."""
    for batch in batches:
        share = np.mean(_digests(batch.column("sketch")) == _digests(batch.column("other")), axis=1)
        columns = [batch.column(ROW), batch.column(TWIN), pa.array(share), batch.column(f"other{POSITION}")]
        measured = pa.record_batch(columns, names=[*_PAIRS.names, POSITION])
        yield measured.filter(pa.array(share >= similarity))


def _shared_bands(banded: DataFrame) -> DataFrame:
    """Return the bands that several rows share."""
    counted = banded.withColumn("count", F.count("*").over(Window.partitionBy("band")))
    return counted.where("count > 1").drop("count")


def _decide(waiting: DataFrame, sketches: DataFrame, similarity: float) -> tuple[DataFrame, DataFrame]:
    """Return the rows that come first in all of their bands, and the rows near one of them."""
    first = F.min(F.struct(*_ORDER)).over(Window.partitionBy("band"))[ROW]
    led = waiting.select(ROW, first.alias("first"))
    kept = led.groupBy(ROW).agg(F.every(F.col("first") == F.col(ROW)).alias("kept")).where("kept").select(ROW)
    pairs = led.where(F.col("first") != F.col(ROW)).distinct()
    pairs = pairs.join(kept.withColumnRenamed(ROW, "first"), "first", "left_semi")
    others = sketches.select(F.col(ROW).alias("first"), F.col("sketch").alias("other"))
    compared = pairs.join(sketches.select(ROW, "sketch"), ROW).join(others, "first").select(ROW, "sketch", "other")
    return kept, compared.mapInArrow(partial(_keep_near, similarity), f"{ROW} long").distinct()


def _add_bands(count: int, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield each row once for each band of its sketch."""
    for batch in batches:
        digests = _digests(batch.column("sketch"))
        size = HASHES // count * digests.itemsize
        bands = [
            int.from_bytes(
                blake2b(data[at : at + size], digest_size=8, salt=bytes([at // size])).digest(), "little", signed=True
            )
            for data in map(bytes, digests)
            for at in range(0, len(data), size)
        ]
        repeated = pa.array(np.repeat(np.arange(batch.num_rows), count))
        yield pa.record_batch([*(batch.column(name).take(repeated) for name in _ORDER), pa.array(bands)], schema=_BANDS)


def _keep_near(similarity: float, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the rows whose two sketches are near each other."""
    for batch in batches:
        share = np.mean(_digests(batch.column("sketch")) == _digests(batch.column("other")), axis=1)
        yield pa.record_batch([batch.column(ROW).filter(pa.array(share >= similarity))], names=[ROW])


def _digests(sketches: pa.Array) -> npt.NDArray[np.uint32]:
    """Return the hashes of each sketch: shape (sketches, `HASHES`)."""
    digests = [load_sketch(data).digest() for data in sketches.to_pylist()]
    return np.array(digests, np.uint32).reshape(-1, HASHES)

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
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql import Window
from pyspark.sql import functions as F  # noqa: N812 # as everybody calls it
from pyspark.sql.pandas.types import from_arrow_schema

from ...schemas.checks.declare import Check
from ...schemas.checks.frame import Frame
from ...schemas.checks.text.minhash import BANDS, HASHES, NEAR, THRESHOLD, load_sketch
from ..records.loader import Place
from ..runs.seen_records import RunDuplicateIndex
from .packed_batches import POSITION, ROW, DeferredRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    import numpy.typing as npt
    from pyspark.sql import DataFrame

    from ..api import Cleaner

    Hold = Callable[[DataFrame], DataFrame]

FEW = 200_000  # sketches that the driver compares by itself, in about 1 kB each
_BANDS = pa.schema([(POSITION, pa.int64()), (ROW, pa.int64()), ("band", pa.int64())])
_ORDER = (POSITION, ROW)
_SAMPLE = {"id": "1", "url": "https://lowmoor.example/1", "text": "The ferry left the quay an hour late on Monday."}


def checks_of_duplicates(cleaner: Cleaner, now: datetime) -> dict[str, str]:
    """Return the checks of a suite that look for earlier records of a run, each with the kind of key that it uses.

    Such a check flags only records that came before.
    """
    made = cleaner.assemble(cleaner.loader.from_rows([_SAMPLE], Place()))
    found = {}
    for entry in cleaner.suite.columns():
        seen = DeferredRecords()
        assert isinstance(entry.check, Check)  # checks of sets have no column
        with suppress(Exception):  # a plugin's check that fails is reported with each record
            entry.check.flag(Frame(made.articles, now, seen, made.known_but_kept), **entry.parameters)
        kinds = [*seen.keys, *([NEAR] if seen.sketches is not None else [])]
        if kinds:
            found[entry.id] = kinds[0]
    return found


def find_duplicates(rows: DataFrame, kinds: Iterable[str], hold: Hold, *, few: int = FEW) -> DataFrame:
    """Return the numbers of duplicates, with the `kind` of key. A record may be there with several kinds.

    `rows` are packed batches. `hold` persists a frame that is needed more than once. If more than `few` records may be
    near others, Spark compares their sketches, else the driver.
    """
    keys = rows.select(F.inline("keys"))
    before = Window.partitionBy("kind", "hash").orderBy(*_ORDER)
    found = keys.where(F.col("kind").isin([*kinds])).withColumn("rank", F.row_number().over(before)).where("rank > 1")
    found = found.select(ROW, "kind")
    if NEAR in kinds:
        found = found.unionByName(_find_near(rows, hold, few).withColumn("kind", F.lit(NEAR)))
    return found


def _find_near(rows: DataFrame, hold: Hold, few: int) -> DataFrame:
    """Return the rows that are near an earlier one."""
    # all but the first of equal sketches are near the first one, or near a record that it is near
    alike = Window.partitionBy("sketch").orderBy(*_ORDER)
    ranked = rows.select(F.inline("sketches")).withColumn("rank", F.row_number().over(alike))
    found = ranked.where("rank > 1").select(ROW)
    sketches = hold(ranked.where("rank = 1").drop("rank"))
    waiting = _shared_bands(sketches.mapInArrow(_add_bands, from_arrow_schema(_BANDS))).localCheckpoint()
    while waiting.select(ROW).distinct().count() > few:
        kept, near = _decide(waiting, sketches)
        # without checkpoints, the plan of each round would contain that of the round before several times
        near = near.localCheckpoint()
        found = found.unionByName(near)
        waiting = _shared_bands(waiting.join(kept.unionByName(near), ROW, "left_anti")).localCheckpoint()
    left = sketches.join(waiting.select(ROW).distinct(), ROW, "left_semi").orderBy(*_ORDER).toArrow()
    near_here = RunDuplicateIndex().near([load_sketch(data) for data in left.column("sketch").to_pylist()])
    found_here = pa.table({ROW: left.column(ROW).filter(pa.array(near_here))})
    return found.unionByName(rows.sparkSession.createDataFrame(found_here)) if near_here.any() else found


def _shared_bands(banded: DataFrame) -> DataFrame:
    """Return the bands that several rows share."""
    counted = banded.withColumn("count", F.count("*").over(Window.partitionBy("band")))
    return counted.where("count > 1").drop("count")


def _decide(waiting: DataFrame, sketches: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Return the rows that come first in all of their bands, and the rows near one of them."""
    first = F.min(F.struct(*_ORDER)).over(Window.partitionBy("band"))[ROW]
    led = waiting.select(ROW, first.alias("first"))
    kept = led.groupBy(ROW).agg(F.every(F.col("first") == F.col(ROW)).alias("kept")).where("kept").select(ROW)
    pairs = led.where(F.col("first") != F.col(ROW)).distinct()
    pairs = pairs.join(kept.withColumnRenamed(ROW, "first"), "first", "left_semi")
    others = sketches.select(F.col(ROW).alias("first"), F.col("sketch").alias("other"))
    compared = pairs.join(sketches.select(ROW, "sketch"), ROW).join(others, "first").select(ROW, "sketch", "other")
    return kept, compared.mapInArrow(_keep_near, f"{ROW} long").distinct()


def _add_bands(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield each row once for each band of its sketch."""
    for batch in batches:
        digests = _digests(batch.column("sketch"))
        size = HASHES // BANDS * digests.itemsize
        bands = [
            int.from_bytes(
                blake2b(data[at : at + size], digest_size=8, salt=bytes([at // size])).digest(), "little", signed=True
            )
            for data in map(bytes, digests)
            for at in range(0, len(data), size)
        ]
        repeated = pa.array(np.repeat(np.arange(batch.num_rows), BANDS))
        yield pa.record_batch([*(batch.column(name).take(repeated) for name in _ORDER), pa.array(bands)], schema=_BANDS)


def _keep_near(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the rows whose two sketches are near each other."""
    for batch in batches:
        share = np.mean(_digests(batch.column("sketch")) == _digests(batch.column("other")), axis=1)
        yield pa.record_batch([batch.column(ROW).filter(pa.array(share >= THRESHOLD))], names=[ROW])


def _digests(sketches: pa.Array) -> npt.NDArray[np.uint32]:
    """Return the hashes of each sketch: shape (sketches, `HASHES`)."""
    digests = [load_sketch(data).digest() for data in sketches.to_pylist()]
    return np.array(digests, np.uint32).reshape(-1, HASHES)

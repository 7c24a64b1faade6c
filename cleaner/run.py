"""A run: files in, a directory of clean articles, explained edits and turned-away records out."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .._version import __version__
from ..schemas.errors import InputError, InternalError
from ..schemas.reasons import Reason
from .api import Cleaner, Judged, accepted_articles
from .articles import with_ids
from .inputs import Batch, Source, Unreadable, check_encoding, find_sources, name_inputs, read_batches
from .outputs import ARTICLE_FORMATS, OutputDirectory, open_articles, open_edits, quarantine_entry, sizes_of
from .records import python_values
from .seen import SeenRecords
from .verdict import Verdict

if TYPE_CHECKING:
    from ..schemas.checks.frame import Seen
    from ..schemas.reasons import Mask
    from .records import Loader, Records

OUTPUT_NAMES = (
    *(f"articles.{to}" for to in ARTICLE_FORMATS),
    "edits.parquet",
    "quarantine.jsonl",
    "summary.json",
)
Progress = Callable[[int], None]
_log = logging.getLogger("copydesk")


@dataclass
class Totals:
    """What a run counted."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    bytes_in: int = 0
    characters_in: int = 0
    characters_out: int = 0
    edits: Counter[str] = field(default_factory=Counter)
    characters_cut: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    rejections: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def check(self) -> None:
        """Raise `InternalError` unless every record that was read is accounted for."""
        if self.read != self.accepted + self.quarantined:
            raise InternalError(
                f"{self.read} records were read, but {self.accepted} accepted and {self.quarantined} quarantined",
                do="please report this: a record was lost or doubled",
            )

    def count_edits(self, edits: pa.Table) -> None:
        """Add the edits of a batch."""
        rules = edits.column("rule").combine_chunks()
        cut = pc.subtract(edits.column("end"), edits.column("start")).combine_chunks()
        grouped = pa.table({"rule": rules, "cut": cut}).group_by("rule").aggregate([("cut", "sum"), ("cut", "count")])
        for row in grouped.to_pylist():
            self.edits[row["rule"]] += row["cut_count"]
            self.characters_cut[row["rule"]] += row["cut_sum"]


@dataclass(frozen=True)
class Item:
    """A record with its place in the run, for quarantine and for findings."""

    file: str | None
    line: int | None
    byte_offset: int | None

    def as_dict(self) -> dict[str, Any]:
        """Give the place as the keys of a quarantine entry."""
        return {"file": self.file, "line": self.line, "byte_offset": self.byte_offset}


@dataclass(frozen=True)
class Result:
    """A batch of a run, cleaned and checked."""

    batch: Batch
    records: Records
    judged: Judged

    def in_order(self, rows: Iterable[int]) -> Iterable[int | Unreadable]:
        """Give some rows, and what could not be read between them, in the order of the input."""
        unreadable = iter(self.batch.unreadable)
        following = next(unreadable, None)
        for row in rows:
            while following is not None and following.position <= row:
                yield following
                following = next(unreadable, None)
            yield row
        while following is not None:
            yield following
            following = next(unreadable, None)

    def item(self, row: int) -> Item:
        """Say where a record stands."""
        found = self.judged.articles.column("provenance")[row].as_py()
        return Item(found["file"], found["line"], found["byte_offset"])


class Judge(Protocol):
    """What judges the records of a run: a `Cleaner`, or a `Validator` that leaves them as they are."""

    paths: Mapping[str, str]

    @property
    def loader(self) -> Loader:
        """What reads raw records."""

    def judge(self, records: Records, *, now: datetime | None = None, seen: Seen | None = None) -> Judged:
        """Judge a batch of raw records."""


def judge_files(
    inputs: list[str], cleaner: Judge, *, kind: str = "auto", encoding: str | None = None
) -> tuple[list[Source], Iterable[Result]]:
    """Find the inputs and judge them, batch by batch, as the results are asked for."""
    sources = find_sources(inputs, kind)
    cleaner.paths = {source.name: source.label for source in sources}
    return sources, _results(sources, cleaner, check_encoding(encoding))


def _results(sources: list[Source], cleaner: Judge, encoding: str | None) -> Iterable[Result]:
    now = datetime.now(timezone.utc)
    seen = SeenRecords()
    labels = {source.name: source.label for source in sources}
    checked: set[str] = set()
    for batch in read_batches(sources, encoding):
        if batch.table is not None:
            names: list[Any] = [batch.table.column_names]
            records = cleaner.loader.from_table(batch.table, batch.place)
        else:
            rows = batch.rows or []
            names = [tuple(row) for row in rows]
            records = cleaner.loader.from_rows(rows, batch.place)
        file = batch.place.file
        if isinstance(file, str) and file not in checked:
            cleaner.loader.require_text(names, labels[file])
            checked.add(file)
        yield Result(batch, records, cleaner.judge(records, now=now, seen=seen))
    for name in sorted(cleaner.loader.unseen):
        _log.warning("no record has the field %r that --map names", name)


def clean_files(
    inputs: list[str],
    out: Path,
    cleaner: Cleaner,
    *,
    to: str = "parquet",
    overwrite: bool = False,
    allow_empty: bool = False,
    gx: bool = False,
    kind: str = "auto",
    encoding: str | None = None,
    progress: Progress = lambda _: None,
) -> Totals:
    """Clean files and folders into the directory `out`; see the README for what it then holds.

    Raises `InputError` if there is nothing to read or no record in it (unless `allow_empty`), `OutputError` if `out`
    is in use, `InternalError` if Great Expectations, asked for by `gx`, could not do its work. Nothing is left behind
    by a run that does not end well.
    """
    started = time.perf_counter()
    sources, results = judge_files(inputs, cleaner, kind=kind, encoding=encoding)
    files = [Path(given) for given in inputs if os.path.exists(given)]
    directory = OutputDirectory(out, overwrite=overwrite, inputs=files)
    try:
        verdict = Verdict(cleaner.suite.columns()) if gx else None
        totals = _write(results, directory.work, to, progress, verdict)
        if not totals.read and not allow_empty:
            raise InputError(
                "no record in it", where=name_inputs(inputs), do="add --allow-empty if that is as it should be"
            )
        totals.check()
        totals.seconds = time.perf_counter() - started
        summary = summarise(totals, cleaner, sources, verdict.close(totals.read) if verdict else None)
        (directory.work / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
        directory.commit(OUTPUT_NAMES)
    except BaseException:
        directory.discard()
        raise
    return totals


def _write(results: Iterable[Result], work: Path, to: str, progress: Progress, verdict: Verdict | None) -> Totals:
    totals = Totals()
    articles, edits = open_articles(work, to), open_edits(work)
    try:
        with (work / "quarantine.jsonl").open("wb") as quarantine:
            for result in results:
                good = accepted_articles(result.judged)
                articles.write(good, sizes_of(good.column("body").combine_chunks()))
                written = _accepted_edits(result.judged)
                edits.write(written, np.full(written.num_rows, 128))
                for entry in quarantined(result, ~result.judged.accepted):
                    quarantine.write(entry)
                _count(totals, result, good, written)
                if verdict:
                    verdict.add(result.judged.flags)
                progress(result.batch.consumed)
    finally:
        articles.close()
        edits.close()
    return totals


def _accepted_edits(judged: Judged) -> pa.Table:
    kept = judged.edits
    accepted = judged.accepted
    if not accepted.all():
        kept = kept.filter(pa.array(accepted[kept.column("row").to_numpy()]))
    return with_ids(kept, judged.articles.column("id").combine_chunks())


def _count(totals: Totals, result: Result, good: pa.Table, edits: pa.Table) -> None:
    judged, bad = result.judged, result.batch.unreadable
    totals.read += judged.articles.num_rows + len(bad)
    totals.accepted += good.num_rows
    totals.quarantined += int((~judged.accepted).sum()) + len(bad)
    raw = result.records.body
    totals.bytes_in += int(sizes_of(raw).sum()) + sum(len(item.raw) for item in bad)
    totals.characters_in += pc.sum(pc.utf8_length(raw)).as_py() or 0
    totals.characters_out += pc.sum(pc.utf8_length(good.column("body"))).as_py() or 0
    totals.count_edits(edits)
    totals.reasons.update(judged.reasons.counts())
    totals.rejections.update(judged.reasons.counts(errors=True))
    totals.reasons.update(item.check for item in bad)
    totals.rejections.update(item.check for item in bad)


def quarantined(result: Result, rejected: Mask) -> Iterable[bytes]:
    """Give the quarantine entries of a batch, for its rejected rows and what could not be read, in its order."""
    for item in result.in_order(np.flatnonzero(rejected).tolist()):
        yield _rejected_entry(result, item) if isinstance(item, int) else _unreadable_entry(item)


def _rejected_entry(result: Result, row: int) -> bytes:
    batch = result.batch
    if batch.table is not None:
        one = batch.table.slice(row, 1)
        record: dict[str, Any] = {f.name: python_values(one.column(f.name), f)[0] for f in one.schema}
        raw: bytes | None = json.dumps(record, ensure_ascii=False, default=str).encode()
    else:
        record, raw = (batch.rows or [])[row], batch.raw(row)
    identity = result.judged.articles.column("id")[row].as_py()
    return quarantine_entry(identity, result.item(row).as_dict(), raw, record, result.judged.reasons.of(row))


def _unreadable_entry(item: Unreadable) -> bytes:
    reason = Reason(item.check, "error", "", item.message)
    place = Item(item.file, item.line, item.byte_offset).as_dict()
    return quarantine_entry(hashlib.sha256(item.raw).hexdigest(), place, item.raw, None, [reason])


def summarise(
    totals: Totals, cleaner: Cleaner, sources: list[Source], validation: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Give the summary of a run; what another run of the same input would change stands under `run`."""
    return {
        "records": {"read": totals.read, "accepted": totals.accepted, "quarantined": totals.quarantined},
        "characters": {"in": totals.characters_in, "out": totals.characters_out},
        "edits": {
            rule: {"count": count, "characters": totals.characters_cut[rule]}
            for rule, count in sorted(totals.edits.items())
        },
        "checks": dict(sorted(totals.reasons.items())),
        "rejections": dict(sorted(totals.rejections.items())),
        **({"validation": validation} if validation else {}),
        "profile": cleaner.ruleset.profile,
        "ruleset": {"digest": cleaner.ruleset.digest, "rules": len(cleaner.ruleset.infos)},
        **describe_run(sources, totals.seconds),
    }


def describe_run(sources: list[Source], seconds: float) -> dict[str, Any]:
    """Say what a run read, and under `run` what another one would not have alike."""
    import platform

    return {
        "inputs": [_input(source) for source in sources],
        "run": {
            "copydesk": __version__,
            "python": platform.python_version(),
            "pyarrow": pa.__version__,
            "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
        },
    }


def _input(source: Source) -> dict[str, Any]:
    """Give what the summary says of a source; the rows of a table have no bytes that a digest could be of."""
    if source.database is not None:
        return {"name": source.name, "format": source.kind, "table": source.database.label}
    return {"name": source.name, "format": source.kind, "bytes": source.size, "sha256": _sha256(source)}


def _sha256(source: Source) -> str | None:
    if source.path is None:
        return None
    with source.path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()

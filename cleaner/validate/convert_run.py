"""Convert articles, of an output folder of ours or of any dump, to forms that other programs read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ...schemas.errors import InputError
from ..readers.discovery import is_output_folder
from ..readers.exclusions import NOTHING, Exclusions
from ..runs.exports import TEXT_END, Export, article_rows
from ..runs.fit import warn_of_misfits
from ..runs.foreign_formats import CONVERTERS
from ..runs.judge import judge_files, paths_by_name
from ..runs.run_files import ARTICLES, read_parts
from ..runs.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..readers.batches import Batch
    from .validator import Validator

CONVERSIONS = ("schemaorg", "ninjs", "csv", "txt", "jsonl")
_BATCH = 1000  # articles that are written at once
Row = dict[str, Any]


@dataclass(frozen=True)
class Conversion:
    """What is converted, and to which form."""

    inputs: tuple[str, ...]
    to: str
    """One of `CONVERSIONS`."""
    columns: tuple[str, ...] = ()
    raw_csv: bool = False
    kind: str = "auto"
    encoding: str | None = None
    exclude: Exclusions = NOTHING

    @property
    def encoder(self) -> Callable[[Iterable[Row]], bytes]:
        """The function that returns articles as bytes."""
        if self.to not in CONVERTERS:
            return self._export.encode_rows
        convert, encode = CONVERTERS[self.to], msgspec.json.Encoder().encode
        return lambda rows: b"".join(encode(convert(row)) + b"\n" for row in rows)

    @property
    def start(self) -> bytes:
        """What the output begins with."""
        return b"" if self.to in CONVERTERS else self._export.start

    @property
    def _export(self) -> Export:
        return Export(self.to, self.columns, raw_csv=self.raw_csv)


def convert_articles(conversion: Conversion, validator: Validator, write: Callable[[bytes], object]) -> Totals:
    """Pass all articles to `write`, converted. Return the counts: what cannot be read is `quarantined`.

    Raises `InputError` if there is no article, or if an input cannot be read.
    """
    totals = Totals()
    encode, start = conversion.encoder, conversion.start
    held: list[Row] = []
    for row in read_rows(conversion, validator, totals):
        held.append(row)
        if len(held) == _BATCH:
            write(start + encode(held))
            held, start = [], TEXT_END if conversion.to == "txt" else b""
    if held or start:
        write(start + encode(held))
    return totals


def read_rows(conversion: Conversion, validator: Validator, totals: Totals) -> Iterator[Row]:
    """Yield the articles as Python objects, and count them.

    Raises `InputError` at the end if there was none.
    """
    for name in conversion.inputs:
        rows = _rows_of_run(Path(name)) if _is_run(name) else _rows_of_dump(name, conversion, validator, totals)
        for row in rows:
            totals.read += 1
            totals.accepted += 1
            yield row
    if not totals.accepted:
        raise InputError("no article in it", where=", ".join(conversion.inputs), hint="name a folder that clean wrote")


def _is_run(name: str) -> bool:
    return os.path.isdir(name) and os.path.exists(os.path.join(name, ARTICLES)) and is_output_folder(os.listdir(name))


def _rows_of_run(out: Path) -> Iterator[Row]:
    for table in read_parts(out / ARTICLES):
        yield from article_rows(table)


def _rows_of_dump(name: str, conversion: Conversion, validator: Validator, totals: Totals) -> Iterator[Row]:
    """Yield the records of any other input as articles. Their texts are as they are."""
    sources, results = judge_files(
        [name],
        validator,
        kind=conversion.kind,
        encoding=conversion.encoding,
        exclude=conversion.exclude,
        strict=False,
    )
    for result in results:
        _count_unreadable(totals, result.batch)
        yield from article_rows(result.checked.articles)
    warn_of_misfits(totals, paths_by_name(sources), require=True)


def _count_unreadable(totals: Totals, batch: Batch) -> None:
    totals.read += len(batch.unreadable)
    totals.quarantined += len(batch.unreadable)
    totals.add_misfits(batch.unreadable)

"""The order of day and month in the dates of a file, learned from the dates at its beginning that show it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from ...schemas.errors import CopydeskError
from ...schemas.field_reader import FieldReader
from ...schemas.values.dates import has_order
from ..records.record_dates import DATES, host_of
from .dispatch import read_batches
from .source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..records.loader import Loader
    from .batches import Batch

_MOST = 0.02  # share of dates that may show the other order: a slip of an editor
Votes = Counter[tuple[str | None, str]]
"""How many dates show an order, by host and order; the host None counts those of all hosts."""


class SourceDates:
    """What dates of the sources of a run show.

    The first batch of a file (4 MB, or 2,048 rows of a table) decides for all of it, so the result depends on the file
    alone. It is read again when the first date needs it. Standard input, pipes and databases show nothing.
    """

    def __init__(self, sources: Sequence[Source], encoding: str | None, loader: Loader) -> None:
        self._sources = {source.name: source for source in sources}
        self._encoding, self._loader = encoding, loader
        self._votes: dict[str, Votes] = {}

    def path_of(self, file: str) -> str:
        """Return the path of a file that records have under this name."""
        return self._sources[file].label if file in self._sources else file

    def order_of(self, file: str, host: str | None) -> str | None:
        """Return the order that other dates of the host, else of the file, show; None if they show none."""
        if file not in self._votes:
            self._votes[file] = self._count(file)
        votes = self._votes[file]
        return _winner(votes, host) or _winner(votes, None)

    def _count(self, file: str) -> Votes:
        votes: Votes = Counter()
        source = self._sources.get(file)
        batch = _first_batch(source, self._encoding) if source is not None and source.path is not None else None
        for host, value in _dates_of(batch, self._loader) if batch is not None else ():
            if (order := has_order(value)) is not None:
                votes.update({(host, order), (None, order)})
        return votes


def _winner(votes: Votes, host: str | None) -> str | None:
    counts = {order: votes[host, order] for order in ("day-first", "month-first")}
    best = max(counts, key=lambda order: counts[order])
    total = sum(counts.values())
    return best if total and total - counts[best] <= _MOST * total else None


def _first_batch(source: Source, encoding: str | None) -> Batch | None:
    # a source of a run may keep account of what is read of it: read a plain one
    plain = Source(source.path, source.name, source.kind, source.size, source.modified, source.partition)
    batches: Iterator[Batch] = read_batches([plain], encoding)
    try:
        return next(batches, None)
    except CopydeskError:  # the run itself meets it, too
        return None
    finally:
        close = getattr(batches, "close", None)
        if close is not None:
            close()


def _dates_of(batch: Batch, loader: Loader) -> Iterator[tuple[str | None, object]]:
    """Yield the dates of a batch as they are written, with the hosts of their records."""
    for row in range(len(batch.rows) if batch.rows is not None else batch.table.num_rows if batch.table else 0):
        record = batch.record(row)
        read = FieldReader(loader.plan(tuple(record)), partial(_value_of, record), 1, _as_it_is).read({})
        values = {field: value for field, [value] in read.values.items()}
        domain, url = values.get("source_domain"), values.get("url")
        host = host_of(domain if isinstance(domain, str) else None, url if isinstance(url, str) else None)
        for field in DATES:
            if field in values:
                yield host, values[field]


def _value_of(record: Mapping[str, Any], name: str) -> list[Any]:
    return [record[name]]


def _as_it_is(_field: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, ValueError]]]:
    return values, []

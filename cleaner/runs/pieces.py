"""The input of a run in pieces of about 6 MB, cut by content alone: any process can work on one, in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ..readers.batches import Batch, UnparsedBatch
from ..readers.dispatch import group_sources, misfit, read_group
from .fit import STRICT, Fit
from .manifest import ENDS
from .watched_sources import WatchedSource, watch_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..readers.dispatch import SourceGroup
    from ..readers.source import Source
    from .watched_sources import Progress

PIECE_BYTES = 6 << 20  # a piece of this size is full: two batches of a file of JSON Lines


class Position(msgspec.Struct, frozen=True):
    """A place in the input: the number of a source, the batches before the place in it, its line and byte offset."""

    source: int = 0
    batches: int = 0
    line: int = 1
    offset: int = 0


@dataclass(frozen=True)
class Piece:
    """A piece of the input: batches of records, some of them not parsed yet."""

    batches: list[Batch | UnparsedBatch]
    begun: dict[str, str]
    """The labels of the sources that begin in it, by name."""
    end: Position
    """Where the next piece begins."""
    read: dict[str, Progress] = field(default_factory=dict)
    """How far large files that end in it, or go on behind it, were read."""

    @property
    def consumed(self) -> int:
        """The bytes on disk that were read for it, about."""
        return sum(batch.consumed for batch in self.batches)


def read_pieces(
    sources: Sequence[Source], encoding: str | None, start: Position, *, fit: Fit = STRICT
) -> Iterator[Piece]:
    """Read the sources, in their order, from a position on.

    Raises `InputError` for an input that cannot be read, or has no text field, unless `fit` sets it aside; and for one
    that has changed since it was found.
    """
    batches: list[Batch | UnparsedBatch] = []
    begun: dict[str, str] = {}
    ended: dict[str, Progress] = {}
    size = 0
    end = start
    for group in group_sources(list(sources)):
        if group.first + len(group.sources) <= start.source:
            continue
        begin = start if group.first == start.source else Position(group.first)
        if not begin.batches:
            begun.update((source.name, source.label) for source in group.sources)
        for batch, end in _read_from(group, encoding, begin, fit):
            batches.append(batch)
            size += batch.size
            if size >= PIECE_BYTES:
                yield Piece(batches, begun, end, ended | _progress(group))
                batches, begun, ended, size = [], {}, {}, 0
        ended |= _progress(group)
    if batches:
        yield Piece(batches, begun, end, ended)


def _progress(group: SourceGroup) -> dict[str, Progress]:
    """Return how far the file of a group was read, if it is too large for the manifest to cover all of it."""
    watch = watch_of(group.sources[0])
    if watch is None or len(group.sources) > 1 or group.sources[0].size <= 2 * ENDS:
        return {}
    return {group.sources[0].name: watch.progress}


def _read_from(
    group: SourceGroup, encoding: str | None, begin: Position, fit: Fit
) -> Iterator[tuple[Batch | UnparsedBatch, Position]]:
    """Yield the batches of a group from a position on, each with the position after it."""
    source = group.sources[0]
    if isinstance(source, WatchedSource):
        source.begin()
    batches = read_group(group, encoding, line=begin.line, offset=begin.offset, strict=fit.strict)
    if not begin.offset:
        batches = islice(batches, begin.batches, None)
    for number, batch in enumerate(batches, begin.batches + 1):
        if len(group.sources) == 1:
            source.require_unchanged()
        if number == 1 and len(group.sources) == 1 and (problem := fit.find_problem(source, batch)):
            yield misfit(source, problem), Position(group.first + 1)
            return
        end = Position(group.first, number)
        if isinstance(batch, Batch):
            yield batch, end
        else:
            yield batch, replace(end, line=batch.end_line, offset=batch.offset + batch.size)

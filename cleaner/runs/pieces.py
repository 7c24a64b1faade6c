"""The input of a run in pieces, cut where its content says, so that each can be worked on alone and in any process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from ..readers.batches import Batch
from ..readers.dispatch import group_sources, read_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..readers.dispatch import SourceGroup
    from ..readers.formats.jsonl import UnparsedBatch
    from ..readers.source import Source

PIECE_BYTES = 6 << 20  # from there on a piece is full: two blocks of a file of JSON Lines


@dataclass(frozen=True)
class Position:
    """Where reading goes on: in which source, after how many parts of it, and at which line and offset in bytes."""

    source: int = 0
    parts: int = 0
    line: int = 1
    offset: int = 0


@dataclass(frozen=True)
class Piece:
    """A part of the input: batches of records, and blocks that are still to be parsed."""

    parts: list[Batch | UnparsedBatch]
    begun: dict[str, str]
    """Names and labels of the sources that begin in it."""
    end: Position
    """Where the next piece begins: it is the same whether this one was read before or not."""

    @property
    def consumed(self) -> int:
        """Bytes on disk that were read for it, about."""
        return sum(part.consumed for part in self.parts)


def read_pieces(sources: list[Source], encoding: str | None, start: Position) -> Iterator[Piece]:
    """Read the sources, in their order, from a position on.

    Raises `InputError` for an input that cannot be read, or is no longer what it was when it was found.
    """
    parts: list[Batch | UnparsedBatch] = []
    begun: dict[str, str] = {}
    size = 0
    end = start
    for unit in group_sources(sources):
        if unit.first + len(unit.sources) <= start.source:
            continue
        begin = start if unit.first == start.source else Position(unit.first)
        if not begin.parts:
            begun.update((source.name, source.label) for source in unit.sources)
        for part, end in _read(unit, encoding, begin):
            parts.append(part)
            size += part.size
            if size >= PIECE_BYTES:
                yield Piece(parts, begun, end)
                parts, begun, size = [], {}, 0
    if parts:
        yield Piece(parts, begun, end)


def _read(unit: SourceGroup, encoding: str | None, begin: Position) -> Iterator[tuple[Batch | UnparsedBatch, Position]]:
    """Give the parts of a unit from a position on, each with the position after it."""
    found = read_group(unit, encoding, line=begin.line, offset=begin.offset)
    if not begin.offset:
        found = islice(found, begin.parts, None)
    for number, part in enumerate(found, begin.parts + 1):
        end = Position(unit.first, number)
        if isinstance(part, Batch):
            yield part, end
        else:
            yield part.unloaded(), replace(end, line=part.end_line, offset=part.offset + part.size)

"""Quarantine files, read as the records that were turned away, each with the place where it stood first."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from ....schemas.errors import InputError
from ...records.loader import Place
from ..batches import Batch, Unreadable, read_line_chunks
from ..source import Source, opened
from .jsonl import parse_record

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator


class QuarantineEntry(msgspec.Struct):
    """A record that was turned away, as quarantine.jsonl holds it."""

    id: str
    file: str | None
    line: int | None
    byte_offset: int | None
    raw: str | None
    raw_encoding: str
    record: dict[str, Any] | None
    reasons: list[dict[str, str]]

    @property
    def content(self) -> bytes:
        """The bytes of the record as they were."""
        if self.raw is None:
            return msgspec.json.encode(self.record)
        return base64.b64decode(self.raw) if self.raw_encoding == "base64" else self.raw.encode()

    @property
    def place(self) -> str:
        """The file and the line, as messages name them."""
        return f"{self.file or '-'}:{self.line}" if self.line is not None else self.file or "-"


# Reasons for which a line could not be read that another attempt may mend; a row of a table cannot be read alone.
_OF_JSON = ("input/not-json", "input/not-object", "input/encoding", "input/lone-surrogate", "run/worker-died")
_decoder = msgspec.json.Decoder(QuarantineEntry)


def read_entries(
    source: Source, stream: io.BufferedReader | None = None
) -> Iterator[tuple[list[QuarantineEntry], int]]:
    """Read entries in groups, each with the bytes that it took. Raises `InputError` for a line that is none."""
    line = 0
    with opened(source, stream) as (file, at):
        done = 0
        for chunk in read_line_chunks(file):
            entries = []
            for raw in chunk.splitlines():
                line += 1
                try:
                    entries.append(_decoder.decode(raw))
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    where = f"{source.label}:{line}"
                    hint = "give one as `clean` writes it"
                    raise InputError(f"no entry of a quarantine ({error})", where=where, hint=hint) from None
            yield entries, at() - done
            done = at()


def read_quarantine(source: Source, encoding: str | None, stream: io.BufferedReader | None = None) -> Iterator[Batch]:
    """Read a quarantine as batches of raw records; what could not be read before is tried again."""
    for entries, consumed in read_entries(source, stream):
        rows: list[dict[str, Any]] = []
        kept: list[QuarantineEntry] = []
        unreadable: list[Unreadable] = []
        for entry in entries:
            record = entry.record if entry.record is not None else _read_again(entry, encoding)
            if isinstance(record, dict):
                rows.append(record)
                kept.append(entry)
            else:
                where = (entry.file or source.name, entry.line, entry.byte_offset)
                check, message = record or ("input/not-json", "the line is blank")
                unreadable.append(Unreadable(len(rows), *where, entry.content, check, message))
        place = Place(
            [entry.file or source.name for entry in kept],
            pa.array([entry.line for entry in kept], pa.int64()),
            pa.array([entry.byte_offset for entry in kept], pa.int64()),
            "quarantine",
        )
        raws = [entry.content if entry.raw is not None else None for entry in kept]
        yield Batch(place, rows=rows, raw=raws.__getitem__, unreadable=unreadable, consumed=consumed)


def _read_again(entry: QuarantineEntry, encoding: str | None) -> dict[str, Any] | tuple[str, str] | None:
    reason = entry.reasons[0]
    if reason["check"] not in _OF_JSON:
        return reason["check"], reason["message"]
    if entry.line is not None:
        return parse_record(entry.content, encoding)
    try:
        return {"text": entry.content.decode(encoding or "utf-8")}
    except UnicodeDecodeError as error:
        message = f"byte {entry.content[error.start]:#04x} at offset {error.start} is not valid {error.encoding}"
        return "input/encoding", message

"""Quarantine files: the records that were turned away, each with its place in the first input."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import msgspec

from ....schemas.errors import InputError
from ....schemas.input_problems import OF_FILES
from .. import batches
from ..batches import LongLine, read_line_chunks
from ..declare import Bad, Record, reader
from .jsonl import parse_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile


class EntryReason(TypedDict):
    """Why a record was turned away."""

    check: str
    severity: str
    field: str
    message: str


class QuarantineEntry(msgspec.Struct):
    """A record that was turned away, as a line of quarantine.jsonl holds it."""

    id: str
    file: str | None
    line: int | None
    byte_offset: int | None
    raw: str | None
    raw_encoding: str
    record: dict[str, Any] | None
    reasons: Annotated[list[EntryReason], msgspec.Meta(min_length=1)]

    @property
    def content(self) -> bytes:
        """The bytes of the record as they were."""
        if self.raw is None:
            return msgspec.json.encode(self.record)
        return base64.b64decode(self.raw) if self.raw_encoding == "base64" else self.raw.encode()

    @property
    def is_of_file(self) -> bool:
        """Whether it stands for a whole file that was set aside, not for a record."""
        return self.reasons[0]["check"] in OF_FILES

    @property
    def place(self) -> str:
        """The file and the line, as in messages."""
        return f"{self.file or '-'}:{self.line}" if self.line is not None else self.file or "-"


# Reasons why a line could not be read that may be gone at the next attempt. A row of a table cannot be read alone.
_OF_JSON = ("input/not-json", "input/not-object", "input/encoding", "input/lone-surrogate", "run/worker-died")
_LONGEST = 4  # times the bytes of a record: an entry holds them twice, written as JSON
_decoder = msgspec.json.Decoder(QuarantineEntry)


def read_entries(file: InputFile) -> Iterator[QuarantineEntry]:
    """Read the entries of a quarantine. Raises `InputError` for a line that is not an entry."""
    line = 0
    for chunk in read_line_chunks(file, _LONGEST * batches.MAX_RECORD):
        for raw in chunk.head.splitlines()[:1] if isinstance(chunk, LongLine) else chunk.splitlines():
            line += 1
            try:
                entry = _decoder.decode(raw)
                assert entry.content is not None  # or its base64 is damaged
                yield entry
            except (ValueError, RecursionError) as error:
                where = f"{file.source.label}:{line}"
                hint = "use a quarantine.jsonl as `clean` writes it"
                raise InputError(f"not an entry of a quarantine ({error})", where=where, hint=hint) from None


@reader(name="quarantine")
def read_quarantine(file: InputFile) -> Iterator[Record | Bad]:
    """Read a quarantine as raw records. What could not be read before is tried again."""
    for entry in read_entries(file):
        record = entry.record if entry.record is not None else _read_again(entry, file.encoding)
        name = entry.file or file.source.name
        if isinstance(record, dict):
            raw = entry.content if entry.raw is not None else None
            yield Record(record, entry.line, entry.byte_offset, raw, name)
        else:
            check, message = record or ("input/not-json", "the line is blank")
            yield Bad(entry.content, message, entry.line, entry.byte_offset, check, name)


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

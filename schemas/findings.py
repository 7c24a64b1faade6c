"""A finding: one thing to say about one record, with its place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from .messages import counted
from .severity import Severity  # msgspec needs it at run time

SNIPPET = 80  # characters


class Finding(msgspec.Struct, frozen=True, array_like=True):
    """What a rule or a check has to say about a record."""

    code: str
    """Id of the rule or check."""
    severity: Severity
    message: str
    file: str
    line: int | None = None
    """Physical line, from 1: that of the cut in a text file, that of the record elsewhere."""
    column: int | None = None
    """Code point in the line, from 1, in a text file."""
    record: str = ""
    host: str | None = None
    field: str = ""
    start: int | None = None
    """First code point of the raw field that would be cut, counted from 0; `end` is the one after the last."""
    end: int | None = None
    text: str = ""
    """What would be cut."""

    @property
    def place(self) -> str:
        """The file, with the line and the column as far as they are known."""
        numbers = [self.line, self.column if self.line is not None else None]
        return ":".join([self.file, *(str(number) for number in numbers if number is not None)])

    @property
    def snippet(self) -> str:
        """What would be cut, in one line of at most `SNIPPET` characters."""
        line = " ".join(self.text.split())
        return line if len(line) <= SNIPPET else f"{line[: SNIPPET - 1]}…"

    def __str__(self) -> str:
        snippet = f": {self.snippet!r}" if self.snippet else ""
        return f"{self.place}: {self.severity}: {self.code}: {self.message}{snippet}"

    @property
    def key(self) -> str:
        """What makes it the same finding wherever its record stands: 128 bits of SHA-256 in hexadecimal.

        That is the rule or check, the field, the id of the record, and the text without regard to case and white space.
        """
        parts = (self.code, self.field, self.record, " ".join(self.text.split()).casefold())
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class Described:
    """What a rule or check says of itself."""

    id: str
    severity: Severity
    summary: str
    help: str = ""


@dataclass(frozen=True)
class CheckSummary:
    """What a run of `check` came to."""

    records: int
    findings: int
    suppressed: int = 0
    """Findings that the settings suppress."""
    known: int = 0
    """Findings that stand in the baseline."""

    def __str__(self) -> str:
        left_out = [(self.known, "in the baseline"), (self.suppressed, "suppressed")]
        beside = [f"{count:,} {where}" for count, where in left_out if count]
        more = f" (and {', '.join(beside)})" if beside else ""
        return f"{counted(self.findings, 'finding')} in {counted(self.records, 'record')}{more}"

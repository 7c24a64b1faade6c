"""A finding: one thing that a rule or a check reports about one record, with its place."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .messages import counted
from .severity import Severity  # msgspec needs it at run time

_DIGEST = re.compile(r"[0-9a-f]{64}")  # the id of a record that has none of its own
SNIPPET = 80  # characters


class Finding(msgspec.Struct, frozen=True, array_like=True):
    """What a rule or a check reports about a record."""

    code: str
    """Id of the rule or check."""
    severity: Severity
    message: str
    file: str
    line: int | None = None
    """Physical line, from 1: of the cut in a text file, of the record in other files."""
    column: int | None = None
    """Code point in the line, from 1; only for a cut in a text file."""
    record: str = ""
    host: str | None = None
    field: str = ""
    start: int | None = None
    """First code point of the cut in the raw field, from 0; `end` is the one after the last."""
    end: int | None = None
    text: str = ""
    """The text that `clean` would cut."""

    @property
    def place(self) -> str:
        """The file, with the line and the column if they are known, as in `a.txt:3:1`."""
        numbers = [self.line, self.column if self.line is not None else None]
        return ":".join([self.file, *(str(number) for number in numbers if number is not None)])

    @property
    def snippet(self) -> str:
        """The text of the cut, in one line of at most `SNIPPET` characters."""
        line = " ".join(self.text.split())
        return line if len(line) <= SNIPPET else f"{line[: SNIPPET - 1]}…"

    @property
    def description(self) -> str:
        """The message, the text of the cut, and the id of the record, as far as there are any."""
        snippet = f": {self.snippet}" if self.snippet else ""
        return f"{self.message}{snippet}{self.record_note}"

    @property
    def record_note(self) -> str:
        """The name of the record, to end a line with: ` (id a1)`, or nothing."""
        return f" (id {self.record_name})" if self.record_name else ""

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.code}: {self.description}"

    @property
    def key(self) -> str:
        """128 bits of SHA-256, in hexadecimal, that identify the finding even if its record moves.

        The key is made of the rule or check, the field, the id of the record, and the text without case and spaces.
        """
        return self._key_of(self.record)

    @property
    def record_name(self) -> str:
        """The id of the record if it tells more than the place: none for a text file, or if the id is a digest."""
        return self.record if self.column is None and not _DIGEST.fullmatch(self.record) else ""

    @property
    def place_key(self) -> str:
        """A key like `key`, with the path of the file for its record. Empty unless the file is one text without an id.

        The id of such a text is a digest of the text, so it changes when somebody edits the file.
        """
        is_text_file = self.column is not None or self.line is None
        if not (is_text_file and _DIGEST.fullmatch(self.record)):
            return ""
        return self._key_of(Path(os.path.relpath(self.file)).as_posix())

    def _key_of(self, record: str) -> str:
        parts = (self.code, self.field, record, " ".join(self.text.split()).casefold())
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class Described:
    """What a report says about a rule or check."""

    id: str
    severity: Severity
    summary: str
    help: str = ""


@dataclass(frozen=True)
class CheckSummary:
    """The counts of a run of `check`."""

    records: int
    findings: int
    suppressed: int = 0
    """Findings that the settings suppress."""
    known: int = 0
    """Findings that the baseline has."""

    def __str__(self) -> str:
        not_shown = [(self.known, "in the baseline"), (self.suppressed, "suppressed")]
        counts = [f"{count:,} {where}" for count, where in not_shown if count]
        more = f" (and {', '.join(counts)})" if counts else ""
        return f"{counted(self.findings, 'finding')} in {counted(self.records, 'record')}{more}"

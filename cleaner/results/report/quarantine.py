"""Why the records of a run were turned away: counts and examples by reason."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import msgspec

from ....schemas.errors import InputError
from ...readers.batches import MAX_RECORD, LongLine, read_line_chunks
from ...readers.source import Source, opened
from ...runs.run_files import QUARANTINE
from .data import ReasonFigures

if TYPE_CHECKING:
    from pathlib import Path

    from .data import ReportData

EXAMPLES = 4  # of each reason
_SHOWN = 240  # characters of a record


class _Reason(msgspec.Struct):
    check: str
    severity: str = "error"
    message: str = ""


class _Entry(msgspec.Struct):
    """A line of quarantine.jsonl. The record itself is decoded only for examples."""

    id: str
    reasons: list[_Reason]
    file: str | None = None
    line: int | None = None
    raw: msgspec.Raw = msgspec.Raw(b"null")
    raw_encoding: str = "utf-8"
    record: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def place(self) -> str:
        """The file and the line, as in messages."""
        return f"{self.file or '-'}:{self.line}" if self.line is not None else self.file or "-"

    @property
    def beginning(self) -> str:
        """The first characters of the record, in one line."""
        raw = msgspec.json.decode(self.raw)
        if raw is None:
            text = bytes(self.record).decode("utf-8", "replace")
        elif self.raw_encoding == "base64":
            text = base64.b64decode(raw[: 8 * _SHOWN]).decode("utf-8", "replace")
        else:
            text = raw
        shown = " ".join(text[: 4 * _SHOWN].split())
        return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def add_quarantine(data: ReportData, out: Path) -> None:
    """Count the entries of the quarantine by reason, and keep the first ones of each as examples.

    Raises `InputError` for a quarantine that is damaged. A run that turned nothing away may have none.
    """
    path = out / QUARANTINE
    if not path.exists():
        return
    decoder = msgspec.json.Decoder(_Entry)
    try:
        with opened(Source(path, path.name, "jsonl")) as file:
            for chunk in read_line_chunks(file, 4 * MAX_RECORD):
                lines = [] if isinstance(chunk, LongLine) else chunk.split(b"\n")
                data.turned_away += isinstance(chunk, LongLine)
                for line in filter(None, lines):
                    _add(data, decoder.decode(line))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot be read ({reason})", where=str(path), hint="clean the inputs again") from None
    order = {"error": 0, "warning": 1, "info": 2}
    ranked = sorted(data.reasons.items(), key=lambda item: (order.get(item[1].severity, 3), -item[1].records, item[0]))
    data.reasons = dict(ranked)


def _add(data: ReportData, entry: _Entry) -> None:
    data.turned_away += 1
    checks = {reason.check for reason in entry.reasons if reason.severity == "error"}
    for reason in {reason.check: reason for reason in entry.reasons}.values():
        figures = data.reasons.setdefault(reason.check, ReasonFigures(reason.severity))
        figures.records += 1
        figures.alone += checks == {reason.check}
        if len(figures.examples) < EXAMPLES:
            figures.examples.append((entry.place, entry.id, reason.message, entry.beginning))

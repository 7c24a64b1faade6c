"""Findings: what `clean` would cut or turn away, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schemas.errors import InputError
from ..schemas.reasons import SEVERITIES, Severity
from .inputs import name_inputs
from .run import judge_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .api import Cleaner


@dataclass(frozen=True)
class Finding:
    """One thing to say about one record."""

    file: str
    line: int | None
    severity: Severity
    code: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        return f"{place}: {self.severity}: {self.code}: {self.message}"


def check_files(
    inputs: list[str],
    cleaner: Cleaner,
    *,
    fail_on: str = "warning",
    kind: str = "auto",
    encoding: str | None = None,
) -> Iterator[Finding | None]:
    """Give the findings of files at or above a severity, and None after each record.

    A cut in a text file is shown with its physical line, one in a record with the line of the record.
    """
    least = SEVERITIES.index(fail_on)
    infos = cleaner.ruleset.infos
    sources, results = judge_files(inputs, cleaner, kind=kind, encoding=encoding)
    labels = {source.name: source.label for source in sources}
    read = 0
    for result in results:
        edits: dict[int, list[dict[str, object]]] = {}
        for edit in result.judged.edits.to_pylist():
            edits.setdefault(edit["row"], []).append(edit)
        for row in result.in_order(range(result.records.count)):
            read += 1
            if not isinstance(row, int):
                yield Finding(labels.get(row.file, row.file), row.line, "error", row.check, row.message)
                yield None
                continue
            item = result.item(row)
            file = labels.get(item.file or "", item.file or "-")
            raw = result.records.body[row].as_py() or "" if row in edits and item.line is None else ""
            for edit in edits.get(row, []):
                info = infos.get(str(edit["rule"]))
                if info is None or SEVERITIES.index(info.severity) < least:
                    continue
                before = str(edit["before"])
                lead = len(before) - len(before.lstrip())
                line = item.line if item.line is not None else raw.count("\n", 0, int(str(edit["start"])) + lead) + 1
                yield Finding(file, line, info.severity, info.id, f"{info.summary}: {_short(before)}")
            for reason in result.judged.reasons.of(row):
                if SEVERITIES.index(reason.severity) >= least:
                    yield Finding(file, item.line, reason.severity, reason.check, reason.message)
            yield None
    if not read:
        raise InputError("no record in it", where=name_inputs(inputs), do="give a file that holds articles")


def _short(text: str) -> str:
    """Give a text in one line of at most 80 characters."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 80 else f"{line[:79]}…")

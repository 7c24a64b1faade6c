"""Findings: what `clean` would cut, and why it would reject records, each with its place."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...schemas.findings import Described, Finding
from ...schemas.input_problems import FAILED, OWN, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...schemas.reasons import Reason
    from ..api import Cleaner
    from ..runs.judge import BatchResult


def findings_of(result: BatchResult, cleaner: Cleaner, labels: Mapping[str, str]) -> Iterator[list[Finding]]:
    """Yield the findings of each record of a batch. `labels` are the paths of files to show, by their names.

    A cut in a text file gets its own line and column, a cut in a record the line of the record.
    """
    edits: dict[int, list[dict[str, Any]]] = {}
    for edit in result.checked.edits.to_pylist():
        edits.setdefault(edit["row"], []).append(edit)
    ids, hosts = (result.checked.articles.column(name) for name in ("id", "source_domain"))
    for row in result.in_order(range(result.records.count)):
        if not isinstance(row, int):
            identity = hashlib.sha256(row.raw).hexdigest()
            yield [Finding(row.check, "error", row.message, labels.get(row.file, row.file), row.line, record=identity)]
            continue
        item = result.place_of(row)
        context = {
            "file": labels.get(item.file or "", item.file or "-"),
            "record": ids[row].as_py(),
            "host": hosts[row].as_py(),
        }
        raw = result.records.body[row].as_py() if row in edits and item.line is None else None
        cuts = [_of_edit(edit, cleaner, item.line, raw, context) for edit in edits.get(row, [])]
        yield [cut for cut in cuts if cut] + [
            Finding(reason.check, reason.severity, reason.message, line=item.line, field=reason.field, **context)
            for reason in (_with_label(reason, labels) for reason in result.checked.reasons.of_row(row))
        ]


def _with_label(reason: Reason, labels: Mapping[str, str]) -> Reason:
    """Return a reason whose twin has the path of its file, as findings show it."""
    if reason.twin is None or reason.twin.file is None:
        return reason
    return reason.naming(replace(reason.twin, file=labels.get(reason.twin.file, reason.twin.file)))


def _of_edit(
    edit: dict[str, Any], cleaner: Cleaner, line: int | None, raw: str | None, context: dict[str, Any]
) -> Finding | None:
    """Return the finding of a cut, or None if no rule made it. `raw` is the text of a file that is one article."""
    info = cleaner.ruleset.infos.get(edit["rule"])
    if info is None:
        return None
    column = None
    if raw is not None:
        before: str = edit["before"]
        position = edit["start"] + len(before) - len(before.lstrip())
        line, column = raw.count("\n", 0, position) + 1, position - raw.rfind("\n", 0, position)
    span = {"field": edit["field"], "start": edit["start"], "end": edit["end"], "text": edit["before"]}
    return Finding(info.id, info.severity, info.summary, line=line, column=column, **span, **context)


def describe_all(cleaner: Cleaner) -> dict[str, Described]:
    """Return the descriptions of all rules and checks that a finding can have, by id."""
    rules = [Described(info.id, info.severity, info.summary, info.why) for info in cleaner.ruleset.infos.values()]
    checks = [
        Described(entry.id, entry.severity, entry.message, entry.check.remedy) for entry in cleaner.suite.columns()
    ]
    return {described.id: described for described in (*rules, *checks, *UNREADABLE, FAILED, *OWN)}

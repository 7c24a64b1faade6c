"""Locks at work: `--locked` refuses other rules, and `rules diff` shows what new rules do to your records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...rules.ruleset.lockfile import (
    MAKE_ANEW,
    MOVED,
    find_drift,
    locked_ruleset,
    looks_like_lock,
    make_lock,
    read_lock,
    render_lock,
)
from ...rules.ruleset.ruleset import EDGES
from ...schemas.errors import InputError, LockError, OutputError
from ..api import Cleaner
from ..atomic_files import whole_file
from ..readers.discovery import name_inputs
from ..runs.judge import judge_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ...rules.ruleset.ruleset import Ruleset

_SHOWN = 10  # differences in one message


def write_lock(ruleset: Ruleset, path: Path) -> None:
    """Write the lock of a ruleset. Raises `OutputError` for a file that is not a lock: it is not overwritten."""
    if path.is_file() and not looks_like_lock(path.read_bytes()):
        raise OutputError("the file exists and is not a lock", where=str(path), hint="name another --lock-file")
    with whole_file(path) as file:
        file.write(render_lock(make_lock(ruleset)))


def require_locked(ruleset: Ruleset, path: Path) -> None:
    """Raise `LockError`, with the differences, unless a ruleset is the one of a lock."""
    drift = find_drift(read_lock(path), ruleset)
    if drift == [MOVED]:
        raise LockError(MOVED, where=str(path), hint=MAKE_ANEW)
    if drift:
        more = f", and {len(drift) - _SHOWN} more" if len(drift) > _SHOWN else ""
        raise LockError(
            f"the rules differ from the lock: {'; '.join(drift[:_SHOWN])}{more}",
            where=str(path),
            hint="see `copydesk rules diff`, then `copydesk rules lock`",
        )


@dataclass
class Difference:
    """A record that two rulesets clean differently, with the cuts that only one of them makes."""

    place: str
    cut: list[tuple[str, str]]
    """Pairs of rule and text that only the new ruleset cuts."""
    kept: list[tuple[str, str]]
    """Pairs of rule and text that only the old ruleset cut."""


class Diff:
    """Two rulesets at work on the same records."""

    def __init__(
        self, old: Path, new: Path, *, installed_code: bool = False, mapping: Mapping[str, str] | None = None
    ) -> None:
        """Load two locks. `mapping` is the `{article field: input field}` of the records.

        Raises `LockError` for a lock whose rules cannot run here.
        """
        self._cleaners = [
            Cleaner(locked_ruleset(read_lock(path), path, installed_code=installed_code), suite="none", mapping=mapping)
            for path in (old, new)
        ]
        self.records = self.changed = 0
        self.rules: Counter[str] = Counter()
        """The number of changed records, by the rules that changed them."""

    def run(self, inputs: list[str], *, kind: str = "auto", encoding: str | None = None) -> Iterator[Difference]:
        """Clean files with both rulesets, and yield the records whose texts differ."""
        runs = [judge_files(inputs, cleaner, kind=kind, encoding=encoding) for cleaner in self._cleaners]
        labels = {source.name: source.label for source in runs[0][0]}
        for before, after in zip(runs[0][1], runs[1][1], strict=True):
            old, new = before.checked, after.checked
            self.records += old.articles.num_rows
            columns = [
                [checked.articles.column(name).to_pylist() for name in ("body", "headline", "alt_headlines")]
                for checked in (old, new)
            ]
            texts = [list(zip(*column, strict=True)) for column in columns]
            edits = [_index_by_row(checked.edits.to_pylist()) for checked in (old, new)]
            for row in range(old.articles.num_rows):
                if texts[0][row] == texts[1][row]:
                    continue
                item = before.place_of(row)
                line = f":{item.line}" if item.line is not None else ""
                place = f"{labels.get(item.file or '', item.file)}{line}: {old.articles.column('id')[row]}"
                yield self._compare(place, edits[0].get(row, {}), edits[1].get(row, {}))
        if not self.records:
            raise InputError("no record in it", where=name_inputs(inputs), hint="name a file that contains articles")

    def _compare(self, place: str, old: dict[Any, Any], new: dict[Any, Any]) -> Difference:
        cut = [new[key] for key in sorted(new.keys() - old.keys())]
        kept = [old[key] for key in sorted(old.keys() - new.keys())]
        self.changed += 1
        self.rules.update({rule for rule, _ in (*cut, *kept)})
        return Difference(place, cut, kept)


def _index_by_row(edits: list[dict[str, Any]]) -> dict[int, dict[tuple[str, int, int], tuple[str, str]]]:
    """Return the rule and text of each cut, by row and then by field and span, without trimmed ends of texts."""
    by_row: dict[int, dict[tuple[str, int, int], tuple[str, str]]] = {}
    for edit in edits:
        if edit["rule"] != EDGES:
            span = (edit["field"], edit["start"], edit["end"])
            by_row.setdefault(edit["row"], {})[span] = (edit["rule"], edit["before"])
    return by_row

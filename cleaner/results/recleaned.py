"""Articles of a run cleaned again under other decisions: the fields that change, and the new edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...schemas.arrow import ARTICLE, EDIT, EDITS_FILE
from ...schemas.decisions import line_digest
from ...schemas.edits import Edit
from ...schemas.errors import RestoreError
from .rebuilt_records import rebuild_records
from .undone_cuts import CutLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...schemas.decisions import Keep
    from ..api import Assembled, Cleaner

Row = dict[str, Any]
_KEPT = frozenset(("id", "flags", "raw", "provenance", "extra", "schema_version"))  # as they were read
_OTHERS = "the rules, the settings or the version are others than those of the run"


@dataclass(frozen=True)
class CleanedAgain:
    """An article with its new edits, and what has changed: its fields as they were, and whether checks reject it."""

    article: Row
    edits: list[Row]
    before: Row
    rejected: bool


class SecondCleaning:
    """Cleans articles again. `before` has the decisions of the run, `after` those of now."""

    def __init__(self, before: Cleaner, after: Cleaner, keeps: Iterable[Keep]) -> None:
        self._before, self._after = before, after
        self._digests = {keep.digest for keep in keeps}
        self._lines = CutLines(after.ruleset)
        self.retaken: set[tuple[str, str]] = set()
        """Rules that now cut a line that was to stay, each with the line."""

    def clean(self, articles: Sequence[Row], edits: Sequence[Sequence[Row]]) -> list[CleanedAgain]:
        """Return articles of one reader, cleaned again; `edits` are those of each.

        Raises `RestoreError` if the old decisions do not lead to the articles as they are: other rules made them.
        """
        old = self._before.assemble(rebuild_records(articles, edits))
        new = self._after.assemble(rebuild_records(articles, edits))
        old_rows, new_rows = old.articles.to_pylist(), new.articles.to_pylist()
        old_edits, new_edits = _by_row(old), _by_row(new)
        flags = [_flags(self._before, old), _flags(self._after, new)]
        cleaned = []
        for at, (article, own) in enumerate(zip(articles, edits, strict=True)):
            if old_rows[at]["body"] != article["body"] or list(map(_essence, old_edits[at])) != list(
                map(_essence, own)
            ):
                hint = "clean the inputs again; the decisions are kept"
                raise RestoreError(_OTHERS, where=article["id"], hint=hint)
            changed = {
                name: new_rows[at][name]
                for name in ARTICLE.names
                if name not in _KEPT and new_rows[at][name] != old_rows[at][name]
            }
            before, after = (of_cleaning[at] for of_cleaning in flags)
            own_flags = [flag for flag in article["flags"] if flag not in before]
            accepted = [flag for flag in after if flag["severity"] != "error"]
            rejected = len(accepted) < len(after) and all(flag["severity"] != "error" for flag in before)
            self._note_retaken(own, new_edits[at], article["raw"]["format"])
            row = {**article, **changed, "flags": own_flags + accepted}
            cleaned.append(
                CleanedAgain(row, [_written(edit, article) for edit in new_edits[at]], dict(article), rejected)
            )
        return cleaned

    def _note_retaken(self, old: Sequence[Row], new: Sequence[Row], form: str) -> None:
        known = set(map(_essence, old))
        for row in new:
            if row["rule"] not in self._lines.fixed and _essence(row) not in known:
                edit = Edit(**{name: row[name] for name in EDIT.names})
                lines = self._lines.of(edit, form)
                self.retaken.update((edit.rule, line) for line in lines if line_digest(line) in self._digests)


def _by_row(assembled: Assembled) -> list[list[Row]]:
    rows: list[list[Row]] = [[] for _ in range(assembled.articles.num_rows)]
    for edit in assembled.edits.to_pylist():
        rows[edit["row"]].append(edit)
    return rows


def _essence(edit: Row) -> tuple[Any, ...]:
    return tuple(edit[name] for name in EDIT.names if name != "detail")


def _flags(cleaner: Cleaner, assembled: Assembled) -> list[list[Row]]:
    """Return what the checks find in each article."""
    reasons = cleaner.check(assembled).reasons
    return [[reason.as_flag() for reason in reasons.of_row(row)] for row in range(assembled.articles.num_rows)]


def _written(edit: Row, article: Row) -> Row:
    """Return an edit as it is written, with the id and the place of its article."""
    place = {"id": article["id"], **article["provenance"]}
    return {name: edit[name] if name in edit else place[name] for name in EDITS_FILE.names}

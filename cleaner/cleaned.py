"""One clean record, as the library returns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schemas.edits import Edit, undo_edits
from ..schemas.messages import counted
from .reports.html_environment import render_part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..schemas.article import Article
    from ..schemas.reasons import Reason

_SHOWN = 50  # edits of a record in a notebook


@dataclass(frozen=True, repr=False)
class Cleaned:
    """One clean record: the article, its edits, and the reasons that checks gave."""

    article: Article
    """The clean article."""
    edits: list[Edit]
    """All changes of its body and headline, in the order of the text."""
    reasons: list[Reason]
    """What the checks found. Those of severity `error` reject the record, the others are flags of the article."""

    @property
    def accepted(self) -> bool:
        """Whether the record has no reason of severity error."""
        return not any(reason.severity == "error" for reason in self.reasons)

    def restore(self) -> str:
        """Return the raw text, as it was before cleaning."""
        return restore(self.article.body, self.edits)

    def __repr__(self) -> str:
        verdict = "accepted" if self.accepted else "rejected"
        checks = ", ".join(sorted({reason.check for reason in self.reasons}))
        counts = f"{len(self.article.body):,} characters, {counted(len(self.edits), 'edit')}"
        return f"<Cleaned {self.article.id!r}: {verdict}, {counts}{f'; {checks}' if checks else ''}>"

    def _repr_html_(self) -> str:
        """Return the view of a notebook: each cut with its rule, and the beginning of the clean text."""
        before = len(self.article.body) + sum(
            len(edit.before) - len(edit.after) for edit in self.edits if edit.field == "body"
        )
        values = {"cleaned": self, "article": self.article, "before": before, "shown": self.edits[:_SHOWN]}
        return render_part("cleaned_part.html", **values)


def restore(clean_text: str, edits: Iterable[Edit], *, field: str = "body") -> str:
    """Return the raw text of a field from its clean text and edits. Raises `RestoreError` if they do not fit."""
    return undo_edits(clean_text, [edit for edit in edits if edit.field == field])

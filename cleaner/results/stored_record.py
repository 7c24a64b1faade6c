"""A record of a run as its output folder has it: the clean article and the edits that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ..runs.written_articles import OwnEdits, WrittenArticle

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...schemas.edits import Edit


class StoredArticle(WrittenArticle):
    """The fields of an article that people look at. Older versions did not write all of them."""

    url: str | None = None
    source_name: str | None = None
    source_domain: str | None = None
    alt_headlines: list[str] = msgspec.field(default_factory=list)
    flags: list[dict[str, Any]] = msgspec.field(default_factory=list)
    language: str | None = None


@dataclass(frozen=True)
class StoredRecord:
    """A record of a run: its clean article and the edits that led to it."""

    article: StoredArticle
    edits: OwnEdits

    @property
    def changed(self) -> bool:
        """Whether anything of the record was changed."""
        return bool(self.edits.body or self.edits.headline)

    @property
    def host(self) -> str:
        """The host of the record, without www.; empty if it is unknown."""
        return (self.article.source_domain or "").lower().removeprefix("www.")

    def rebuild_raw(self) -> str:
        """Return the raw text. Raises `RestoreError` if the edits do not lead to the text that was read."""
        return self.edits.restore_body(self.article)

    def cut_by(self, selectors: Collection[str]) -> list[Edit]:
        """Return the edits of some rules, or of the rules of some families."""
        return [edit for edit in (*self.edits.headline, *self.edits.body) if names_rule(selectors, edit.rule)]


def names_rule(selectors: Collection[str], rule: str) -> bool:
    """Return whether one of some selectors, each an id or a family, names a rule."""
    return rule in selectors or rule.partition("/")[0] in selectors

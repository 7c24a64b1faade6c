"""Edits: how a clean text was made from the raw text, and the way back.

An edit replaces the code points `[start, end)` of a raw field: `before` becomes `after`. The edits of one field do not
overlap. Apply them to get the clean text, undo them to get the raw text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from .errors import RestoreError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(BaseModel):
    """One cut or repair of a field, with the rule that made it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    field: str = Field(description="Field of the article: body or headline.")
    rule: str = Field(description="Id of the rule, family/name.")
    start: int = Field(ge=0, description="First code point of the raw field that the edit covers.")
    end: int = Field(ge=0, description="Code point of the raw field after the last one covered.")
    before: str = Field(description="The raw text that the edit replaces.")
    after: str = Field("", description="The clean text in its place; empty for a cut.")
    detail: str | None = Field(None, description="Why, for rules that have more than one reason.")


def apply_edits(raw: str, edits: Iterable[Edit]) -> str:
    r"""Return the clean text. Raises `RestoreError` if an edit does not fit the raw text.

    >>> apply_edits("Menu\nIt rained.", [Edit(field="body", rule="a/b", start=0, end=5, before="Menu\n")])
    'It rained.'
    """
    pieces, position = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < position or raw[edit.start : edit.end] != edit.before:
            raise RestoreError(f"the edit of {edit.rule} at {edit.start} does not fit the raw text")
        pieces += [raw[position : edit.start], edit.after]
        position = edit.end
    return "".join([*pieces, raw[position:]])


def undo_edits(clean: str, edits: Iterable[Edit]) -> str:
    r"""Return the raw text. Raises `RestoreError` if an edit does not fit the clean text.

    >>> undo_edits("It rained.", [Edit(field="body", rule="a/b", start=0, end=5, before="Menu\n")])
    'Menu\nIt rained.'
    """
    pieces: list[str] = []
    position = raw_position = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        unchanged = edit.start - raw_position
        start = position + unchanged
        if unchanged < 0 or clean[start : start + len(edit.after)] != edit.after or start > len(clean):
            raise RestoreError(f"the edit of {edit.rule} at {edit.start} does not fit the clean text")
        pieces += [clean[position:start], edit.before]
        position = start + len(edit.after)
        raw_position = edit.end
    return "".join([*pieces, clean[position:]])

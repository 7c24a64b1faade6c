"""An edit, and the way back.

An edit says that the code points `[start, end)` of a raw field, which read `before`, were replaced by `after`. The
edits of one field do not overlap; applied they give the clean text, undone they give the raw text back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from .errors import RestoreError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(BaseModel):
    """One cut or repair, with its reason."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    field: str = Field(description="Field of the article: body or headline.")
    rule: str = Field(description="Id of the rule, family/name.")
    start: int = Field(ge=0, description="First code point of the raw field that the edit covers.")
    end: int = Field(ge=0, description="Code point of the raw field after the last one covered.")
    before: str = Field(description="What stood there.")
    after: str = Field("", description="What stands there now.")
    detail: str | None = Field(None, description="Why, where the rule has more to say than its id.")


def apply_edits(raw: str, edits: Iterable[Edit]) -> str:
    r"""Give the clean text of a raw one.

    >>> apply_edits("Menu\nIt rained.", [Edit(field="body", rule="a/b", start=0, end=5, before="Menu\n")])
    'It rained.'
    """
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < at or raw[edit.start : edit.end] != edit.before:
            raise RestoreError(f"the edit of {edit.rule} at {edit.start} does not fit the raw text")
        pieces += [raw[at : edit.start], edit.after]
        at = edit.end
    return "".join([*pieces, raw[at:]])


def undo_edits(clean: str, edits: Iterable[Edit]) -> str:
    r"""Give the raw text of a clean one.

    Raises `RestoreError` when what stands in the clean text is not what the edits left there.

    >>> undo_edits("It rained.", [Edit(field="body", rule="a/b", start=0, end=5, before="Menu\n")])
    'Menu\nIt rained.'
    """
    pieces: list[str] = []
    at = raw_at = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        kept = edit.start - raw_at
        after_at = at + kept
        if kept < 0 or clean[after_at : after_at + len(edit.after)] != edit.after or after_at > len(clean):
            raise RestoreError(f"the edit of {edit.rule} at {edit.start} does not fit the clean text")
        pieces += [clean[at:after_at], edit.before]
        at = after_at + len(edit.after)
        raw_at = edit.end
    return "".join([*pieces, clean[at:]])

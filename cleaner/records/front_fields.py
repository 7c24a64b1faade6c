"""Fields from the front matter of Markdown, for records that lack them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ...rules.markup.front_matter import read_front_matter
from .loader import Loader, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .loader import Records

_FENCES = r"^\x{feff}?(---|\+\+\+)[ \t]*[\r\n]"
_FIELDS = (
    "headline",
    "authors",
    "date_published",
    "date_modified",
    "description",
    "keywords",
    "section",
    "language",
    "canonical_url",
    "source_name",
    "location",
    "license",
)


def add_front_fields(records: Records, forms: Sequence[str | None] | None = None) -> Records:
    """Return records with the fields that their front matter has and they lack.

    `forms` are the forms of the texts that the user named: what is no Markdown has no front matter.
    """
    begins = pc.match_substring_regex(records.body, _FENCES).fill_null(False)
    rows = [row for row, fits in enumerate(begins.to_pylist()) if fits and (forms is None or _may_be(forms[row]))]
    if not rows:
        return records
    found: list[dict[str, Any]] = [{} for _ in range(records.count)]
    for row in rows:
        found[row] = read_front_matter(records.body[row].as_py())
    if not any(found):
        return records
    front = Loader().from_rows([{**fields, "body": ""} for fields in found], Place()).columns
    columns = dict(records.columns)
    for name in _FIELDS:
        for column in (name, f"{name}_precision"):
            if column in front:
                columns[column] = _fill(columns.get(column), front[column])
    own = records.columns.get("headline")
    titled = [row for row in rows if found[row] and (own is None or not (own[row].as_py() or "").strip())]
    return replace(records, columns=columns, titled=frozenset(titled))


def _may_be(form: str | None) -> bool:
    return form in (None, "markdown")


def _fill(own: pa.Array | None, front: pa.Array) -> pa.Array:
    if own is None:
        return front
    if pa.types.is_list(own.type):
        pairs = zip(own.to_pylist(), front.to_pylist(), strict=True)
        return pa.array([mine or other for mine, other in pairs], own.type)
    return pc.coalesce(own, front.cast(own.type))

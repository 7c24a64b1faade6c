"""Raw records rebuilt from the articles and edits of a run, so that they can be cleaned again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ...schemas.arrow import ARTICLE
from ...schemas.edits import Edit, undo_edits
from ..readers.registry import own_readers
from ..records.loader import Place, Records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DERIVED = frozenset(
    (
        "schema_version",
        "body_format",
        "sections",
        "word_count",
        "profile",
        "raw",
        "provenance",
        "flags",
        "extra",
        "body",
    )
)
"""Fields that no record has, or that are not taken as they are."""
_WITH_DATES = {"date_published": "date_published_precision"}


def rebuild_records(rows: Sequence[Mapping[str, Any]], edits: Sequence[Sequence[Mapping[str, Any]]]) -> Records:
    """Return the raw records of some articles of one reader, given with the edits of each.

    Fields that a cut text has filled are empty again. Raises `RestoreError` for edits that do not fit.
    """
    count = len(rows)
    columns: dict[str, pa.Array] = {}
    own = [_own_fields(row, of_row) for row, of_row in zip(rows, edits, strict=True)]
    for field in ARTICLE:
        if field.name not in _DERIVED:
            values = [fields[field.name] for fields in own]
            if any(value not in (None, []) for value in values):
                columns[field.name] = pa.array(values, field.type)
    columns["body"] = pa.array([fields["body"] for fields in own], pa.large_string())
    origins = [row["provenance"] for row in rows]
    reader = own_readers().get(origins[0]["reader"]) if count else None
    place = Place(
        file=[origin["file"] for origin in origins],
        line=pa.array([origin["line"] for origin in origins], pa.int64()),
        byte_offset=pa.array([origin["byte_offset"] for origin in origins], pa.int64()),
        reader=origins[0]["reader"] if count else "",
        whole_pages=reader.whole_pages if reader is not None else False,
        form=reader.form if reader is not None else None,
    )
    titles = [next((edit["input_field"] for edit in of_row if edit["field"] == "headline"), None) for of_row in edits]
    fields = [origin["text_field"] for origin in origins]
    return Records(count, columns, fields, place, headline_field=titles)


def _own_fields(row: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fields of an article as its record had them."""
    fields = dict(row)
    lifted = 0
    for edit in edits:
        name = edit.get("fills")
        if name == "alt_headlines":
            lifted += 1
        elif name is not None:
            fields[name] = [] if isinstance(fields[name], list) else None
            if name in _WITH_DATES:
                fields[_WITH_DATES[name]] = None
    if lifted:
        fields["alt_headlines"] = fields["alt_headlines"][: max(len(fields["alt_headlines"]) - lifted, 0)]
    of_field: dict[str, list[Edit]] = {"body": [], "headline": []}
    for edit in edits:
        of_field[edit["field"]].append(Edit(**{name: edit[name] for name in Edit.model_fields}))
    fields["body"] = undo_edits(row["body"], of_field["body"])
    if of_field["headline"]:
        fields["headline"] = undo_edits(row["headline"] or "", of_field["headline"])
    return fields

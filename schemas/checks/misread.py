"""Values that did not fit their fields, and what was assumed to read the others, for checks of fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from ..byte_arrays import Mask
    from .declare import Details
    from .frame import Frame

DATES = {"date_published", "date_modified", "date_retrieved"}


def misread_values(frame: Frame, among: set[str], *, others: bool = False, kind: str | None = None) -> Details:
    """Return the values that do not fit in the fields `among`; with `others`, those of all other fields.

    `kind` chooses values of one kind; None means all.
    """
    misread = {}
    for row, values in frame.misread.items():
        chosen = [
            (name, message)
            for name, message, of_kind in values
            if (name in among) != others and kind in (None, of_kind)
        ]
        if chosen:
            misread[row] = chosen
    return misread


def assumed_values(frame: Frame, fields: set[str]) -> Details:
    """Return what was assumed to fill some fields."""
    assumed = pc.struct_field(frame.column("provenance"), "assumed")
    items = pc.list_flatten(assumed)
    of_fields = pc.is_in(pc.struct_field(items, "field"), pa.array(sorted(fields), pa.large_string()))
    rows = pc.list_parent_indices(assumed).filter(of_fields).to_pylist()
    details: Details = {}
    for row, item in zip(rows, items.filter(of_fields).to_pylist(), strict=True):
        details.setdefault(row, []).append((item["field"], f"assumed: {item['how']}"))
    return details


def rows_of(details: Details, count: int) -> Mask:
    """Return which of `count` rows have details."""
    rows = np.zeros(count, np.bool_)
    rows[list(details)] = True
    return rows

"""The Arrow schemas, derived from the Pydantic models, so that no second list of fields is needed."""

from __future__ import annotations

import datetime as dt
import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

from .article import Article, Flag, Provenance
from .edits import Edit


def arrow_type(annotation: Any) -> pa.DataType:
    """Return the Arrow type of an annotation.

    Text becomes large_string, a time becomes microseconds in UTC, an object becomes JSON text. Raises `TypeError` for
    an annotation without an Arrow type.
    """
    origin = get_origin(annotation)
    if origin is Annotated:
        return arrow_type(get_args(annotation)[0])
    if origin is Literal:
        return pa.large_string()
    if origin in (Union, types.UnionType):
        (inner,) = (arg for arg in get_args(annotation) if arg is not type(None))
        return arrow_type(inner)
    if origin is list:
        return pa.list_(arrow_type(get_args(annotation)[0]))
    if origin is dict:
        return pa.large_string()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(list(arrow_schema(annotation)))
    if isinstance(annotation, type) and issubclass(annotation, bool):
        return pa.bool_()
    if annotation is int:
        return pa.int64()
    if annotation is float:
        return pa.float64()
    if annotation is str:
        return pa.large_string()
    if annotation is dt.datetime or getattr(annotation, "__name__", "") == "AwareDatetime":
        return pa.timestamp("us", tz="UTC")
    raise TypeError(f"no Arrow type for {annotation!r}")


@cache
def arrow_schema(model: type[BaseModel]) -> pa.Schema:
    """Return the Arrow schema of a model. A field that allows None is nullable."""
    fields = []
    for name, info in model.model_fields.items():
        nullable = type(None) in get_args(info.annotation)
        fields.append(pa.field(name, arrow_type(info.annotation), nullable=nullable))
    return pa.schema(fields)


ARTICLE = arrow_schema(Article)
FLAGS = pa.list_(pa.struct(list(arrow_schema(Flag))))
EDIT = arrow_schema(Edit)
EDIT_PLACE = ("file", "line", "byte_offset")
EDITS = pa.schema([pa.field("row", pa.int64()), *(field.with_nullable(True) for field in EDIT)])
INPUT_FIELD = pa.field("input_field", pa.large_string())
FILLS = pa.field("fills", pa.large_string())
EDITS_FILE = pa.schema(
    [
        pa.field("id", pa.large_string(), nullable=False),
        *EDIT,
        INPUT_FIELD,
        FILLS,
        *(pa.field(name, arrow_type(Provenance.model_fields[name].annotation)) for name in EDIT_PLACE),
    ]
)
"""Edits as a run writes them, with the id of the article, the name of the field in the input, the field of the
article that the cut text filled, and the record's place: an id may be that of several records."""

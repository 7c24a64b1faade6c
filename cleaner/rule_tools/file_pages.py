"""The page of the files that a run writes: each column of each file, made from the schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

from ...schemas.arrow import EDITS_FILE, arrow_schema
from ...schemas.article import Article, Provenance
from ...schemas.edits import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTE = "<!-- made by docs/make.py from the schemas: change those -->"
# Columns of edits.parquet that an `Edit` does not have.
EDIT_COLUMNS = {
    "id": "Id of the article.",
    "input_field": "Name that the field has in the input.",
    "fills": "Field of the article that the cut text filled.",
    **{name: Provenance.model_fields[name].description or "" for name in ("file", "line", "byte_offset")},
}
QUARANTINE_KEYS = {
    "id": "Id of the record; of one that could not be read, SHA-256 of its bytes.",
    "file": EDIT_COLUMNS["file"],
    "line": EDIT_COLUMNS["line"],
    "byte_offset": EDIT_COLUMNS["byte_offset"],
    "raw": "The record as it was read: its bytes as text, or a row of a table as JSON.",
    "raw_encoding": "`utf-8`, or `base64` if the bytes are not UTF-8.",
    "record": "Its fields; null if it could not be read.",
    "reasons": "All reasons: the columns of `flags` above, with the severity `error` at least once.",
}
SUMMARY_KEYS = {
    "records": "`read`, `accepted` and `quarantined`; the first is the sum of the others.",
    "files": "`file`, `check` and `message` of each file that was set aside or read in part; only if there are any.",
    "characters": "`in`, `out`, `removed` and `quarantined`, in code points.",
    "edits": "For each rule, the `count` of its edits and the `characters` that they took away.",
    "checks": "For each check, the number of records that it flagged or rejected.",
    "rejections": "For each check, the number of records that it rejected.",
    "validation": "The verdict of Great Expectations; only with `--gx`.",
    "failures": "For each rule that failed, the `records` that were cleaned without it; only if there are any.",
    "profile": "The profile of the run.",
    "ruleset": "The `digest` of all rules with their settings, and the number of `rules`.",
    "suite": "The `name` and `digest` of the suite, with your own checks, and the number of `checks`.",
    "templates": "`digest` and number of `lines` of the site templates; only with `--templates`.",
    "inputs": "For each input `name`, `format`, `bytes` and `sha256`.",
    "run": "What differs between two runs of the same input: versions, time, `seconds`.",
}
_INTRODUCTION = """\
# Files of a run

`copydesk clean INPUT --out DIR` writes these files into the directory. [cleaning.md](cleaning.md) says how to get other
formats, [results.md](results.md) how to query them. Texts are UTF-8, times are in UTC, and places in a text count code
points from 0; an end is the place after the last one.
"""
_OF_VALIDATE = """\
## Files of `validate`

`copydesk validate INPUT --out DIR` writes a `quarantine.jsonl`, a `summary.json` and a `report.html` as well, and
`flags.parquet`: one row for each record that could be read, with the columns `row` (from 0), `id`, and one for each
check of the suite, true where it flagged the record.
"""


def render_file_page() -> str:
    """Return the page in Markdown."""
    lines = [NOTE, "", _INTRODUCTION]
    lines += [f"## articles.parquet\n\nOne row for each accepted record. The schema has version {_version()}.\n"]
    lines += _table(Article)
    lines += ["", "## edits.parquet", "", "One row for each edit, in the order of the articles and of the text.", ""]
    lines += _edit_table()
    lines += [
        "",
        "## quarantine.jsonl",
        "",
        "One line of JSON for each rejected record, in the order of the input.",
        "",
    ]
    lines += _key_table(QUARANTINE_KEYS)
    lines += ["", "## summary.json", "", "One object.", "", *_key_table(SUMMARY_KEYS)]
    lines += ["", "## report.html", "", "A page to look at: [report.md](report.md).", ""]
    lines += [_OF_VALIDATE]
    return "\n".join(lines)


def _version() -> str:
    return f"`{Article.model_fields['schema_version'].default}`"


def _table(model: type[BaseModel]) -> list[str]:
    rows = ["| column | type | what |", "|---|---|---|"]
    return rows + [f"| `{name}` | {kind} | {what} |" for name, kind, what in _columns(model, "")]


def _columns(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and description of each column, those of nested records under their path."""
    schema = arrow_schema(model)
    for name, info in model.model_fields.items():
        inner = _inner_model(info.annotation)
        field = schema.field(name)
        yield prefix + name, _kind(field), info.description or ""
        if inner is not None:
            yield from _columns(inner, f"{prefix}{name}{'[]' if get_origin(info.annotation) is list else ''}.")


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *get_args(annotation)]
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _kind(field: pa.Field) -> str:
    """Return a type in words.

    >>> import pyarrow as pa
    >>> _kind(pa.field("keywords", pa.list_(pa.large_string()), nullable=False))
    'list of text'
    """
    return _type_name(field.type) + (", or null" if field.nullable else "")


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type_name(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "record"
    if pa.types.is_timestamp(kind):
        return "time"
    names = {pa.large_string(): "text", pa.int64(): "integer", pa.float64(): "number", pa.bool_(): "true or false"}
    return names[kind]


def _edit_table() -> list[str]:
    rows = ["| column | type | what |", "|---|---|---|"]
    for field in EDITS_FILE:
        info = Edit.model_fields.get(field.name)
        what = info.description if info else EDIT_COLUMNS[field.name]
        rows.append(f"| `{field.name}` | {_kind(field)} | {what} |")
    return rows


def _key_table(keys: dict[str, str]) -> list[str]:
    return ["| key | what |", "|---|---|", *(f"| `{key}` | {what} |" for key, what in keys.items())]

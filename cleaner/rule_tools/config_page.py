"""The reference of the configuration: its JSON Schema, and a page, both made from the model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...schemas.config import Config, Suppression
from .rule_pages import NOTE

if TYPE_CHECKING:
    from pydantic import BaseModel

_INTRODUCTION = """\
# Configuration

Settings stand in `copydesk.toml`, or in `pyproject.toml` under `[tool.copydesk]`. The nearest such file counts, from
the working directory upwards; `--config FILE` names another, `--isolated` reads none, and `--show-settings` prints
each setting with where it comes from. What is said on the command line takes the place of what the file says, but for
`--map`, which overrules it field by field. Paths are taken from the directory of the file. An unknown key is an error.

```toml
profile = "article"
rules = ["rules"]
ignore = ["tags", "headline/missing"]

[severity]
"body/short" = "error"

[per-source-ignores]
"*.lowmoor.example" = ["captions"]
"archive/*" = ["date"]

[[suppressions]]
rules = ["navigation/top"]
host = "harbour.example"
reason = "a column of that name"
expires = 2030-12-31
```

A rule or check is named by its id, or with all others of its family, or as `all`; where several of these name it, the
narrowest counts, and among equals `ignore`. Globs of `per-source-ignores` are tried on the host of a record's URL
(without `www.`) and on the path of its file; their `*` goes past any `/`. What is left out there does not run: `clean`
cuts nothing by it. A suppression is about `check` alone: the finding is there and known. One that has expired, and one
that nothing was found for, are findings themselves. Its JSON Schema: [config.schema.json](config.schema.json).
"""


def render_schema() -> str:
    """Give the JSON Schema of the configuration."""
    return json.dumps(Config.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def render_reference() -> str:
    """Give the page of the configuration in Markdown."""
    parts = [NOTE, "", _INTRODUCTION, "## Keys", "", *_table(Config)]
    parts += ["", "## Keys of a suppression", "", *_table(Suppression)]
    return "\n".join(parts) + "\n"


def _table(model: type[BaseModel]) -> list[str]:
    rows = ["| key | type | default | what |", "|---|---|---|---|"]
    properties: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    for key, schema in properties.items():
        default = f"`{json.dumps(schema['default'])}`" if schema.get("default") is not None else ""
        rows.append(f"| `{key}` | {_type(schema)} | {default} | {schema['description']} |")
    return rows


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return _type(next(option for option in schema["anyOf"] if option.get("type") != "null"))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {'tables' if '$ref' in schema['items'] else 'strings'}"
    return {"object": "table", "boolean": "true or false"}.get(schema["type"], str(schema.get("format", "string")))

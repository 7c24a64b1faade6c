"""Make the reference of the configuration from its model: a page, and its JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...schemas.config import Config, Suppression
from .rule_pages import NOTE

if TYPE_CHECKING:
    from pydantic import BaseModel

_INTRODUCTION = """\
# Configuration

Settings are in `copydesk.toml`, or in `pyproject.toml` under `[tool.copydesk]`. copydesk uses the nearest such file,
searching from the working directory upwards. `--config FILE` names another file, `--isolated` reads none, and
`--show-settings` prints each setting with its source. Options replace the settings of the file, except `--map`, which
replaces them field by field. An unknown key is an error.

A settings file may be somebody else's. So its paths are relative to its folder, and must stay inside that folder; name
other paths on the command line. If the file is above the working directory, the command prints its path once, unless
you name it with `--config` or use `--quiet`. No settings file, rule file or suite can run code.

```toml
profile = "article"
rules = ["rules"]
ignore = ["tags", "headline/missing"]

[severity]
"body/short" = "error"

[per-source-ignores]
"*.lowmoor.example" = ["captions"]
"archive/*" = ["date"]

[per-source-forms]
"posts/*.md" = "markdown"

[[suppressions]]
rules = ["navigation/top"]
host = "harbour.example"
reason = "a column of that name"
expires = 2030-12-31
```

You select rules and checks by id, by family, or with `all`. If several selectors name one, the narrowest wins, and
among equals `ignore` wins. Globs of `per-source-ignores` and `per-source-forms` match the host of a record's URL
(without `www.`) and the path of its file; their `*` also matches `/`. Rules that are left out there do not run on those
records, so `clean` cuts nothing with them. A suppression concerns only `check`: it hides a finding that you know about.
A suppression that has expired, or that hides nothing, is a finding itself. The JSON Schema is
[config.schema.json](config.schema.json).
"""


def render_schema() -> str:
    """Return the JSON Schema of the configuration."""
    return json.dumps(Config.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def render_reference() -> str:
    """Return the page of the configuration in Markdown."""
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
    names = {"object": "table", "boolean": "true or false", "number": "number"}
    return names.get(schema["type"], str(schema.get("format", "string")))

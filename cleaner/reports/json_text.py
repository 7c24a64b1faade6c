"""JSON that is safe to print: it has no raw control character, and no command for a CI service."""

from __future__ import annotations

import json
from typing import Any

from .safe_stream import as_json_text, escape_commands


def write_json(value: Any, indent: int | None = None) -> str:
    r"""Return a value as JSON. Unsafe characters are written as escapes, so the document stays the same.

    >>> print(write_json(["Größe", "\x9b31m", "##[error]"]))
    ["Größe", "\u009b31m", "##\u005berror]"]
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return escape_commands(as_json_text(text, keep="\n"))

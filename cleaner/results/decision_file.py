"""The file of decisions, written so that people can read it and a diff shows what changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..atomic_files import whole_file

if TYPE_CHECKING:
    from pathlib import Path

    from ...schemas.decisions import Decisions

_HEAD = """\
# Cuts that were taken back. `clean`, `check` and `explain` leave these lines alone: on all records, or only on those of
# the host or with the id. Remove an entry to let its rule cut again.
"""


def write_decisions(decisions: Decisions, path: Path) -> None:
    """Write all decisions. The file is complete, or as it was before."""
    with whole_file(path) as file:
        file.write(_HEAD)
        for entry in decisions.entries:
            values = entry.model_dump(exclude_none=True)
            lines = "".join(f"{name} = {_quote(value)}\n" for name, value in values.items())
            file.write(f"\n[[keep]]\n{lines}")


def _quote(text: str) -> str:
    """Return a text as a string of TOML, with escapes for all that is not plain."""
    quoted = json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
    return "".join(char if char.isprintable() else "".join(f"\\U{ord(char):08x}") for char in quoted)

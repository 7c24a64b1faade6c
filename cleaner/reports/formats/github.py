"""Workflow commands of GitHub Actions. GitHub shows them as annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....schemas.messages import printable
from ..reporter import Reporter, repository_path

if TYPE_CHECKING:
    from ....schemas.findings import Finding

_LEVELS = {"info": "notice", "warning": "warning", "error": "error"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


class GitHub(Reporter):
    """`::warning file=…,line=…,title=…::message`. GitHub shows the first ten of each level in a step."""

    writes_commands = True

    def add(self, finding: Finding) -> None:
        """Write a command."""
        values = {
            "file": repository_path(finding.file),
            "line": finding.line,
            "col": finding.column,
            "title": finding.code,
        }
        properties = ",".join(
            f"{name}={_escape(str(value), _PROPERTY)}" for name, value in values.items() if value is not None
        )
        self.out.write(f"::{_LEVELS[finding.severity]} {properties}::{_escape(finding.description, _DATA)}\n")


def _escape(text: str, codes: dict[str, str]) -> str:
    safe = printable(text, keep="\r\n")
    return "".join(codes.get(character, character) for character in safe)

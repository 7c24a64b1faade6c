"""GitLab Code Quality: a subset of the Code Climate format."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..json_text import write_json
from ..reporter import Reporter, repository_path

if TYPE_CHECKING:
    from ....schemas.findings import CheckSummary, Finding

_SEVERITIES = {"info": "info", "warning": "minor", "error": "major"}


class GitLab(Reporter):
    """A list of findings, each with its own fingerprint."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._seen: Counter[str] = Counter()

    def add(self, finding: Finding) -> None:
        """Write an element of the list."""
        entry = {
            "description": finding.description,
            "check_name": finding.code,
            "fingerprint": f"{finding.key}-{self._seen[finding.key]}",
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": repository_path(finding.file), "lines": {"begin": finding.line or 1}},
        }
        self.out.write((",\n" if self._seen else "[\n") + write_json(entry))
        self._seen[finding.key] += 1

    def close(self, summary: CheckSummary) -> None:
        """Close the list."""
        self.out.write("\n]\n" if self._seen else "[]\n")

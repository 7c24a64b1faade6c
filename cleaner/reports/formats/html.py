"""A page for the browser: one file, without scripts and without links to other addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..html_pages import render_findings
from ..reporter import Reporter

if TYPE_CHECKING:
    from ....schemas.findings import CheckSummary, Finding

SHOWN = 100  # findings of each rule


class Html(Reporter):
    """The number of findings of each rule, and its first findings in a part that opens."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._first: dict[str, list[Finding]] = {}
        self._counts: dict[str, int] = {}

    def add(self, finding: Finding) -> None:
        """Count the finding, and keep the first ones of each rule."""
        self._counts[finding.code] = self._counts.get(finding.code, 0) + 1
        first = self._first.setdefault(finding.code, [])
        if len(first) < SHOWN:
            first.append(finding)

    def close(self, summary: CheckSummary) -> None:
        """Write the page."""
        codes = sorted(self._counts, key=lambda code: (-self._counts[code], code))
        groups = [(code, self.rules.get(code), self._counts[code], self._first[code]) for code in codes]
        self.out.write(render_findings(summary, groups) + "\n")

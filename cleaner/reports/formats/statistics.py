"""The number of findings of each rule and check, the largest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..reporter import Reporter
from ..screen import SEVERITY_STYLES, Screen

if TYPE_CHECKING:
    from ....schemas.findings import CheckSummary, Finding
    from ....schemas.severity import Severity


class Statistics(Reporter):
    """A line for each rule or check: the number of its findings, its severity, and what it reports."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._counts: dict[str, int] = {}
        self._severities: dict[str, Severity] = {}
        self._messages: dict[str, str] = {}

    def add(self, finding: Finding) -> None:
        """Count the finding."""
        self._counts[finding.code] = self._counts.get(finding.code, 0) + 1
        self._severities.setdefault(finding.code, finding.severity)
        self._messages.setdefault(finding.code, finding.message)

    def close(self, summary: CheckSummary) -> None:
        """Write the lines."""
        screen = Screen(self.out)
        ranked = sorted(self._counts, key=lambda code: (-self._counts[code], code))
        widths = [max((len(text) for text in column), default=0) for column in (map(self._count, ranked), ranked)]
        for code in ranked:
            described = self.rules.get(code)
            severity = self._severities[code]
            screen.write(
                f"{self._count(code):>{widths[0]}}  ",
                (f"{code:<{widths[1]}}", "cyan"),
                "  ",
                (f"{severity:<7}", SEVERITY_STYLES[severity]),
                f"  {described.summary if described else self._messages[code]}",
                hanging=4,
            )

    def _count(self, code: str) -> str:
        return f"{self._counts[code]:,}"

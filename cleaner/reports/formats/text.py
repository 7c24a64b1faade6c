"""Plain text: a line for each finding, and below it the text that would be cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..reporter import Reporter

if TYPE_CHECKING:
    from ....schemas.findings import Finding


class Text(Reporter):
    """`file:line:column: severity: rule: message`, and the snippet below."""

    def add(self, finding: Finding) -> None:
        """Write one line or two."""
        self.out.write(f"{finding.place}: {finding.severity}: {finding.code}: {finding.message}\n")
        if finding.snippet:
            self.out.write(f"    {finding.snippet}\n")

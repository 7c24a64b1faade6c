"""Plain text: a line for each finding, and below it the text that would be cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..reporter import Reporter
from ..safe_stream import safe_line

if TYPE_CHECKING:
    from ....schemas.findings import Finding


class Text(Reporter):
    """`file:line:column: severity: rule: message`, and the snippet below."""

    def add(self, finding: Finding) -> None:
        """Write one line or two."""
        line = f"{finding.place}: {finding.severity}: {finding.code}: {finding.message}"
        self.out.write(f"{safe_line(line)}\n")
        if finding.snippet:
            self.out.write(f"    {safe_line(finding.snippet)}\n")

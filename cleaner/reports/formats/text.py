"""Plain text: a line for each finding, and below it the text that would be cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..reporter import Reporter
from ..screen import SEVERITY_STYLES, Screen

if TYPE_CHECKING:
    from ....schemas.findings import Finding


class Text(Reporter):
    """`file:line:column: severity: rule: message (id)`, and the snippet below."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._screen = Screen(self.out)

    def add(self, finding: Finding) -> None:
        """Write one line or two."""
        self._screen.write(
            (finding.place, "bold"),
            ": ",
            (finding.severity, SEVERITY_STYLES[finding.severity]),
            ": ",
            (finding.code, "cyan"),
            f": {finding.message}",
            (finding.record_note, "dim"),
            hanging=4,
        )
        if finding.snippet:
            self._screen.write("    ", (finding.snippet, "dim"), hanging=4)

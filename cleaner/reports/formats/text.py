"""Plain text: a line for each finding, and below it the text that would be cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..reporter import Reporter
from ..screen import SEVERITY_STYLES, Screen

if TYPE_CHECKING:
    from ....schemas.findings import Finding

_DIGEST = re.compile(r"[0-9a-f]{64}")  # the id of a record that has none of its own


class Text(Reporter):
    """`file:line:column: severity: rule: message (id)`, and the snippet below."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._screen = Screen(self.out)

    def add(self, finding: Finding) -> None:
        """Write one line or two."""
        record = finding.record if finding.column is None and not _DIGEST.fullmatch(finding.record) else ""
        self._screen.write(
            (finding.place, "bold"),
            ": ",
            (finding.severity, SEVERITY_STYLES[finding.severity]),
            ": ",
            (finding.code, "cyan"),
            f": {finding.message}",
            (f" (id {record})" if record else "", "dim"),
            hanging=4,
        )
        if finding.snippet:
            self._screen.write("    ", (finding.snippet, "dim"), hanging=4)

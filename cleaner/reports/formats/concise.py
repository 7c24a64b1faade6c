"""One line for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..reporter import Reporter
from ..safe_stream import safe_line

if TYPE_CHECKING:
    from ....schemas.findings import Finding


class Concise(Reporter):
    """`file:line:column: severity: rule: message: snippet (id)`."""

    def add(self, finding: Finding) -> None:
        """Write one line."""
        self.out.write(f"{safe_line(str(finding))}\n")

"""One line for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..reporter import Reporter

if TYPE_CHECKING:
    from ....schemas.findings import Finding


class Concise(Reporter):
    """`file:line:column: severity: rule: message: snippet`."""

    def add(self, finding: Finding) -> None:
        """Write one line."""
        self.out.write(f"{finding}\n")

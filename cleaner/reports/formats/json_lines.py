"""JSON Lines: one object for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..json_text import write_json
from ..reporter import Reporter, as_dict

if TYPE_CHECKING:
    from ....schemas.findings import Finding


class JsonLines(Reporter):
    """One finding in each line."""

    def add(self, finding: Finding) -> None:
        """Write a line."""
        self.out.write(write_json(as_dict(finding)) + "\n")

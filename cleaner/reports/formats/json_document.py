"""One JSON document with all findings and the summary."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...._version import __version__
from ..json_text import write_json
from ..reporter import Reporter, as_dict

if TYPE_CHECKING:
    from ....schemas.findings import CheckSummary, Finding


class JsonDocument(Reporter):
    """`{"copydesk": version, "findings": [...], "summary": {...}}`, written finding by finding."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._before = f'{{"copydesk": {json.dumps(__version__)}, "findings": ['

    def add(self, finding: Finding) -> None:
        """Write an element of the list."""
        self.out.write(f"{self._before}\n{write_json(as_dict(finding))}")
        self._before = ","

    def close(self, summary: CheckSummary) -> None:
        """Close the list and write the summary."""
        start = self._before if self._before != "," else "\n"
        self.out.write(f'{start}], "summary": {json.dumps(asdict(summary))}}}\n')

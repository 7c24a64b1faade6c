"""Markdown for the summary of a CI job: a table by rule, and the first findings."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from ....schemas.messages import printable
from ..reporter import Reporter

if TYPE_CHECKING:
    from ....schemas.findings import CheckSummary, Finding

FIRST = 50  # findings; GitHub limits a summary to one megabyte


class Markdown(Reporter):
    """A heading, a table of counts, and the first findings in a part that opens."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._first: list[Finding] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, finding: Finding) -> None:
        """Count the finding, and keep the first ones."""
        self._counts[finding.code, finding.severity] += 1
        if len(self._first) < FIRST:
            self._first.append(finding)

    def close(self, summary: CheckSummary) -> None:
        """Write the document."""
        lines = ["## copydesk", "", f"{summary}.", ""]
        if self._counts:
            lines += ["| rule | severity | findings | meaning |", "|---|---|--:|---|"]
            for (code, severity), count in self._counts.most_common():
                meaning = self.rules[code].summary if code in self.rules else ""
                lines.append(f"| `{code}` | {severity} | {count:,} | {_escape(meaning)} |")
            lines += ["", "<details>", f"<summary>The first {len(self._first)}</summary>", ""]
            lines += [f"- {_escape(_line(finding))}" for finding in self._first]
            lines += ["", "</details>", ""]
        self.out.write("\n".join(lines))


def _line(finding: Finding) -> str:
    return f"{finding.place}: {finding.code}: {finding.description}"


def _escape(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]|~#@])", r"\\\1", html.escape(printable(text), quote=False))

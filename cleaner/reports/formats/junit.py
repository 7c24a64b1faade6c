"""JUnit XML for Jenkins, GitLab and others: each finding is a failed test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from ....schemas.messages import printable
from ..reporter import Reporter, repository_path
from ..safe_stream import escape_commands

if TYPE_CHECKING:
    from ....schemas.findings import CheckSummary, Finding


class JUnit(Reporter):
    """One test suite. Without findings, it holds one test that passed."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._suite = ET.Element("testsuite", name="copydesk")

    def add(self, finding: Finding) -> None:
        """Add a failed test."""
        where = repository_path(finding.file)
        name = f"{finding.code} at {finding.line}" if finding.line is not None else finding.code
        case = ET.SubElement(self._suite, "testcase", classname=_allowed(where), name=name)
        message = _allowed(f"{finding.message}{finding.record_note}")
        failure = ET.SubElement(case, "failure", message=message, type=finding.severity)
        failure.text = _allowed(f"{finding.place}: {finding.snippet}" if finding.snippet else finding.place)

    def close(self, summary: CheckSummary) -> None:
        """Write the document."""
        failures = len(self._suite)
        if not failures:
            ET.SubElement(self._suite, "testcase", classname="copydesk", name="no findings")
        counts = {"tests": len(self._suite), "failures": failures, "errors": 0}
        for name, count in counts.items():
            self._suite.set(name, str(count))
        root = ET.Element("testsuites")
        root.append(self._suite)
        ET.indent(root)
        self.out.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n{escape_commands(ET.tostring(root, "unicode"), "&#{};")}\n'
        )


def _allowed(text: str) -> str:
    """Return a text as it may reach a terminal, with U+FFFD for the characters that XML cannot hold."""
    text = printable(text)
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )

"""SARIF 2.1.0, within the limits that GitHub code scanning publishes.

GitHub shows 5,000 results of a run, 100 locations of a result and 10 tags of a rule. Up to 5,000 findings, each finding
is a result. Above that, there is one result for each rule, with its first places and the number of its findings, so
that a dump of a million records still gives a report. GitHub refuses more than 25,000 results or rules in a run, 1,000
locations of a result, 20 tags of a rule, 20 runs, or 10 MB packed with gzip.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from ...._version import __version__
from ....schemas.findings import Described
from ....schemas.messages import counted
from ..json_text import write_json
from ..reporter import Reporter, repository_uri

if TYPE_CHECKING:
    from ....schemas.findings import CheckSummary, Finding

MAX_RESULTS = 5_000
MAX_LOCATIONS = 100
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"info": "note", "warning": "warning", "error": "error"}


class Sarif(Reporter):
    """One run. The fingerprints of its results do not change when records move."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._findings: list[Finding] = []
        self._first: dict[str, list[Finding]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, finding: Finding) -> None:
        """Keep the finding, up to the limits."""
        self._counts[finding.code] += 1
        first = self._first.setdefault(finding.code, [])
        if len(first) < MAX_LOCATIONS:
            first.append(finding)
        if len(self._findings) <= MAX_RESULTS:
            self._findings.append(finding)

    def close(self, summary: CheckSummary) -> None:
        """Write the document."""
        codes = sorted(self._counts)
        results = self._each() if len(self._findings) <= MAX_RESULTS else [self._all_of(code) for code in codes]
        for result in results:
            result["ruleIndex"] = codes.index(result["ruleId"])
        run = {
            "tool": {
                "driver": {
                    "name": "copydesk",
                    "version": __version__,
                    "rules": [_rule(self._described(code)) for code in codes],
                }
            },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
            "results": results,
        }
        document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
        self.out.write(write_json(document, indent=1) + "\n")

    def _described(self, code: str) -> Described:
        first = self._first[code][0]
        return self.rules.get(code) or Described(code, first.severity, first.message)

    def _each(self) -> list[dict[str, Any]]:
        seen: Counter[str] = Counter()
        results = []
        for finding in self._findings:
            seen[finding.key] += 1
            results.append(_result([finding], finding.description, f"{finding.key}:{seen[finding.key]}"))
        return results

    def _all_of(self, code: str) -> dict[str, Any]:
        first = self._first[code]
        message = f"{first[0].message}: {counted(self._counts[code], 'finding')}, the first {len(first)} are shown"
        return _result(first, message, f"{hashlib.sha256(code.encode()).hexdigest()[:32]}:1")


def _result(findings: list[Finding], message: str, fingerprint: str) -> dict[str, Any]:
    return {
        "ruleId": findings[0].code,
        "level": _LEVELS[findings[0].severity],
        "message": {"text": message},
        "locations": [_location(finding) for finding in findings],
        # GitHub uses only this name.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }


def _location(finding: Finding) -> dict[str, Any]:
    uri = repository_uri(finding.file)
    file: dict[str, Any] = {"uri": uri} if ":" in uri else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    region = {"startLine": finding.line or 1}
    if finding.column is not None:
        region["startColumn"] = finding.column
    return {"physicalLocation": {"artifactLocation": file, "region": region}}


def _rule(described: Described) -> dict[str, Any]:
    return {
        "id": described.id,
        "shortDescription": {"text": described.summary},
        "fullDescription": {"text": described.help or described.summary},
        "defaultConfiguration": {"level": _LEVELS[described.severity]},
        "properties": {
            "tags": [described.id.split("/")[0]],
            "problem.severity": described.severity.replace("info", "recommendation"),
        },
    }

"""The result of a validation: the findings of each check, and whether the set passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schemas.checks.profile import Profile
from ...schemas.messages import counted
from ..gx_verdict import ENGINE
from ..reports.html_environment import render_part

if TYPE_CHECKING:
    from ...schemas.reasons import Severity


@dataclass
class Example:
    """A record that a check flagged, and its place."""

    id: str
    file: str | None
    line: int | None
    message: str


@dataclass
class CheckResult:
    """The result of a check of records: how many it flagged, and whether the set passes it."""

    id: str
    severity: Severity
    message: str
    remedy: str
    flagged: int = 0
    share: float = 0.0
    mostly: float | None = None
    success: bool = True
    examples: list[Example] = field(default_factory=list)


@dataclass
class SetResult:
    """A finding of a check of the whole set."""

    id: str
    severity: Severity
    field: str
    message: str
    remedy: str
    value: float | int | None


@dataclass(repr=False)
class Validation:
    """The verdict on a set of records."""

    suite: str
    """Name of the suite."""
    fail_on: Severity
    """Severity from which on a reason rejects a record."""
    max_fail_ratio: float
    """Share of the records that may be rejected before the set fails."""
    records: int = 0
    """Records that were read."""
    failed: int = 0
    """Records with a reason of severity `fail_on` or above, including those that could not be read."""
    unreadable: int = 0
    """Records that could not be read."""
    engine: str = ENGINE
    """What reached the verdict: `flags` or `great-expectations`."""
    checks: list[CheckResult] = field(default_factory=list)
    """Each check of records: `id`, `severity`, `message`, `remedy`, how many it `flagged`, `success`, `examples`."""
    of_set: list[SetResult] = field(default_factory=list)
    """Findings of the checks of the set. A check of a plugin that failed is one of them, as `plugin/failed`."""
    set_checks: int = 0
    """Checks of the set that ran without failing."""
    record_checks: int = 0
    """Checks of records that ran. `checks` also has the reasons why records could not be read."""
    success: bool = True
    """Whether the set passes."""
    seconds: float = 0.0
    """Time that it took."""
    profile: Profile = field(default_factory=Profile)
    """Lengths, languages, sources, dates and missing values of the set."""
    suite_digest: str = ""
    """SHA-256 of the checks and their settings."""

    @property
    def passed(self) -> int:
        """Records that did not fail."""
        return self.records - self.failed

    def __repr__(self) -> str:
        verdict = "passed" if self.success else "failed"
        counts = f"{counted(self.records, 'record')}, {self.passed:,} passed, {self.failed:,} failed"
        flagged = sum(check.flagged > 0 for check in self.checks)
        of_set = f", {len(self.of_set)} of the set" if self.of_set else ""
        return (
            f"<Validation {verdict}: suite {self.suite!r}, {counts}; findings of {counted(flagged, 'check')}{of_set}>"
        )

    def _repr_html_(self) -> str:
        """Return the view of a notebook: the verdict, and a row for each check with findings."""
        return render_part("validation_part.html", found=self)

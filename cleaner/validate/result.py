"""The result of a validation: the findings of each check, and whether the set passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schemas.checks.profile import Profile
from ..gx_verdict import ENGINE

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


@dataclass
class Validation:
    """The verdict on a set of records."""

    suite: str
    fail_on: Severity
    max_fail_ratio: float
    records: int = 0
    failed: int = 0
    """Records with a reason of severity `fail_on` or above, including those that could not be read."""
    unreadable: int = 0
    engine: str = ENGINE
    checks: list[CheckResult] = field(default_factory=list)
    of_set: list[SetResult] = field(default_factory=list)
    """Findings of the checks of the set. A check of a plugin that failed is one of them, as `plugin/failed`."""
    set_checks: int = 0
    """Checks of the set that ran without failing."""
    record_checks: int = 0
    """Checks of records that ran. `checks` also has the reasons why records could not be read."""
    success: bool = True
    seconds: float = 0.0
    profile: Profile = field(default_factory=Profile)

    @property
    def passed(self) -> int:
        """Records that did not fail."""
        return self.records - self.failed

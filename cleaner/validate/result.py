"""The result of a validation: what each check found, and whether the set passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schemas.checks.profile import Profile
from ..gx_verdict import ENGINE

if TYPE_CHECKING:
    from ...schemas.reasons import Severity


@dataclass
class Example:
    """A record that a check flagged, and where it stands."""

    id: str
    file: str | None
    line: int | None
    message: str


@dataclass
class CheckResult:
    """What a check found in a set: how many records it flagged, and whether those are few enough."""

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
    """What a check of the whole set found wrong with it."""

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
    """Records with a reason of severity `fail_on` or graver, those that could not be read among them."""
    unreadable: int = 0
    engine: str = ENGINE
    checks: list[CheckResult] = field(default_factory=list)
    of_set: list[SetResult] = field(default_factory=list)
    """What checks of the set found, of those that ran: `set_checks`."""
    set_checks: int = 0
    """Those of a plugin that fail are not among them, and stand in `of_set` as `plugin/failed`."""
    record_checks: int = 0
    """Checks of records that ran; what could not be read at all stands in `checks` beside them."""
    success: bool = True
    seconds: float = 0.0
    profile: Profile = field(default_factory=Profile)

    @property
    def passed(self) -> int:
        """Records without such a reason."""
        return self.records - self.failed

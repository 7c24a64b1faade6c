"""What is made of findings: which are suppressed, which are known, which are severe enough to be shown."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ...rules.ruleset.selection import narrowness, resolved
from ...schemas.errors import SettingError
from ...schemas.findings import CheckSummary, Finding
from ...schemas.input_problems import FAILED, UNREADABLE
from ...schemas.severity import SEVERITIES
from ..settings import suppression_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...schemas.config import Suppression
    from ..settings import Settings
    from .baseline import Baseline


class Suppressions:
    """The suppressions of the settings, and how many findings each was there for. `known` are ids of rules and checks.

    Raises `SettingError` for one of a rule or check that there is not.
    """

    def __init__(self, settings: Settings, known: Iterable[str], today: date | None = None) -> None:
        self._file = settings.file
        self._all = settings.config.suppressions
        self._today = today or datetime.now(timezone.utc).date()
        self._hits: Counter[int] = Counter()
        ids = [*known, *(described.id for described in (*UNREADABLE, FAILED))]
        for number, entry in enumerate(self._all):
            try:
                resolved(entry.rules, "suppressions", ids)
            except SettingError as error:
                where = f"{self._file}:{suppression_line(self._file, number)}" if self._file else ""
                raise SettingError(error.what, where=where, hint=error.hint) from None

    def covers(self, finding: Finding) -> bool:
        """Say whether a finding is suppressed."""
        for number, entry in enumerate(self._all):
            if not self._expired(entry) and _means(entry, finding):
                self._hits[number] += 1
                return True
        return False

    def leftovers(self, *, partial: bool = False) -> list[Finding]:
        """Give the suppressions that have expired and those that nothing was found for, as findings.

        Of `partial` data it cannot be known whether something would be found for them.
        """
        found = []
        for number, entry in enumerate(self._all):
            about = f"{', '.join(entry.rules)} for {entry.record or entry.host} ({entry.reason})"
            if self._expired(entry):
                found.append(("suppression/expired", f"the suppression of {about} expired on {entry.expires}", number))
            elif not self._hits[number] and not partial:
                found.append(("suppression/unused", f"nothing was found that is suppressed: {about}", number))
        return [
            Finding(code, "warning", message, str(self._file), suppression_line(self._file, number))
            for code, message, number in found
            if self._file
        ]

    def _expired(self, entry: Suppression) -> bool:
        return entry.expires is not None and entry.expires < self._today


def _means(entry: Suppression, finding: Finding) -> bool:
    host = (finding.host or "").lower().removeprefix("www.")
    here = finding.record == entry.record if entry.record is not None else fnmatchcase(host, entry.host or "")
    return here and narrowness(entry.rules, finding.code) > 0


class Review:
    """What is left of findings, and the counts of the others; with `strict`, all of a baseline must still be found.

    Of `partial` data, such as the files of a commit, it is not asked what is no longer found.
    """

    def __init__(
        self,
        suppressions: Suppressions,
        baseline: Baseline | None = None,
        *,
        fail_on: str = "warning",
        strict: bool = False,
        partial: bool = False,
    ) -> None:
        self._suppressions = suppressions
        self._baseline = baseline
        self._strict = strict
        self._partial = partial
        self._wanted = SEVERITIES[SEVERITIES.index(fail_on) :]
        self._records = self._left = self._suppressed = self._known = 0

    def sift(self, findings: list[Finding]) -> list[Finding]:
        """Give what is left of the findings of a record."""
        self._records += 1
        left = []
        for finding in findings:
            shown = finding.severity in self._wanted
            if self._suppressions.covers(finding):
                self._suppressed += shown
            elif self._baseline is not None and self._baseline.covers(finding):
                self._known += shown
            elif shown:
                left.append(finding)
        self._left += len(left)
        return left

    def close(self) -> tuple[list[Finding], CheckSummary]:
        """Give the findings about suppressions and the baseline, once all records were seen, and what it came to."""
        about = self._suppressions.leftovers(partial=self._partial)
        if self._baseline is not None and self._strict and not self._partial:
            about += self._baseline.gone()
        about = [finding for finding in about if finding.severity in self._wanted]
        outcome = CheckSummary(self._records, self._left + len(about), self._suppressed, self._known)
        return about, outcome

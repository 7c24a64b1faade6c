"""Review findings: which are suppressed, which are in the baseline, which are severe enough to report."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import date, datetime, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ...rules.ruleset.selection import narrowness, replace_former, resolved
from ...schemas.errors import SettingError
from ...schemas.findings import CheckSummary, Finding
from ...schemas.input_problems import FAILED, UNREADABLE
from ...schemas.severity import SEVERITIES
from ..settings import suppression_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...schemas.config import Suppression
    from ..settings import Settings
    from .baseline import Baseline


class Suppressions:
    """The suppressions of the settings, with the number of findings that each one matched.

    `all_ids` are the ids of all rules and checks, `former` the names that rules had before. Raises `SettingError` for
    a suppression of an unknown one.
    """

    def __init__(
        self,
        settings: Settings,
        all_ids: Iterable[str],
        today: date | None = None,
        *,
        former: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._file = settings.file
        self._all = [
            entry.model_copy(update={"rules": replace_former(entry.rules, "suppressions", former or {})})
            for entry in settings.config.suppressions
        ]
        self._today = today or datetime.now(timezone.utc).date()
        self._hits: Counter[int] = Counter()
        self._of_hosts = [number for number, entry in enumerate(self._all) if entry.record is None]
        self._of_records: dict[str, list[int]] = {}
        for number, entry in enumerate(self._all):
            if entry.record is not None:
                self._of_records.setdefault(entry.record, []).append(number)
        ids = [*all_ids, *(described.id for described in (*UNREADABLE, FAILED))]
        numbers = {selector: number for number, entry in reversed([*enumerate(self._all)]) for selector in entry.rules}
        for selector, number in sorted(numbers.items(), key=lambda item: item[1]):
            try:
                resolved([selector], "suppressions", ids)
            except SettingError as error:
                where = f"{self._file}:{self._lines()[number]}" if self._file else ""
                raise SettingError(error.what, where=where, hint=error.hint) from None

    def covers(self, finding: Finding) -> bool:
        """Return whether a finding is suppressed, and count it."""
        for number in heapq.merge(self._of_records.get(finding.record, []), self._of_hosts):
            entry = self._all[number]
            if not self._expired(entry) and _matches(entry, finding):
                self._hits[number] += 1
                return True
        return False

    def list_leftovers(self, *, partial: bool = False) -> list[Finding]:
        """Return the suppressions that have expired or matched nothing, as findings.

        In `partial` data, a suppression that matched nothing is fine: its findings may be in the other data.
        """
        problems = []
        for number, entry in enumerate(self._all):
            subject = f"{', '.join(entry.rules)} for {entry.record or entry.host} ({entry.reason})"
            if self._expired(entry):
                problems.append(
                    ("suppression/expired", f"the suppression of {subject} expired on {entry.expires}", number)
                )
            elif not self._hits[number] and not partial:
                problems.append(("suppression/unused", f"the suppression of {subject} matches no finding", number))
        lines = self._lines() if problems else []
        return [
            Finding(code, "warning", message, str(self._file), lines[number])
            for code, message, number in problems
            if self._file
        ]

    def _lines(self) -> list[int]:
        return suppression_lines(self._file, len(self._all)) if self._file else []

    def _expired(self, entry: Suppression) -> bool:
        return entry.expires is not None and entry.expires < self._today


def _matches(entry: Suppression, finding: Finding) -> bool:
    host = (finding.host or "").lower().removeprefix("www.")
    same_place = finding.record == entry.record if entry.record is not None else fnmatchcase(host, entry.host or "")
    return same_place and narrowness(entry.rules, finding.code) > 0


class Review:
    """Selects the findings to report and counts the others.

    With `strict`, baseline entries that no longer occur are reported as findings; not for `partial` data, such as the
    files of a commit, because the entries may occur in the other data.
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
        self._reported = SEVERITIES[SEVERITIES.index(fail_on) :]
        self._records = self._count = self._suppressed = self._known = 0

    def sift(self, findings: list[Finding]) -> list[Finding]:
        """Return the findings of a record that are to be reported."""
        self._records += 1
        reported = []
        for finding in findings:
            severe = finding.severity in self._reported
            if self._suppressions.covers(finding):
                self._suppressed += severe
            elif self._baseline is not None and self._baseline.covers(finding):
                self._known += severe
            elif severe:
                reported.append(finding)
        self._count += len(reported)
        return reported

    def close(self) -> tuple[list[Finding], CheckSummary]:
        """Return the findings about suppressions and the baseline, and the counts of the whole run."""
        problems = self._suppressions.list_leftovers(partial=self._partial)
        if self._baseline is not None and self._strict and not self._partial:
            problems += self._baseline.list_gone()
        problems = [finding for finding in problems if finding.severity in self._reported]
        summary = CheckSummary(self._records, self._count + len(problems), self._suppressed, self._known)
        return problems, summary

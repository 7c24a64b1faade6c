"""Data files as pytest tests: one test for each file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ...schemas.errors import CopydeskError
from ...schemas.messages import counted, printable
from ..check.baseline import Baseline
from ..check.checker import Checker
from ..check.review import Review, Suppressions
from ..readers.discovery import find_sources
from ..settings import load_settings
from .mark import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...schemas.findings import Finding
    from ..settings import Settings

SHOWN = 10  # findings of a file


class FindingsError(AssertionError):
    """Report the findings of a file."""


@dataclass
class _File:
    """The findings of a file: the number of records and findings, by rule, and the first findings."""

    records: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: list[Finding] = field(default_factory=list)

    def add(self, findings: list[Finding]) -> None:
        """Add the findings of a record."""
        self.records += 1
        self.counts.update((finding.severity, finding.code) for finding in findings)
        self.first += findings[: SHOWN - len(self.first)]

    def __str__(self) -> str:
        total = self.counts.total()
        width = max(len(code) for _, code in self.counts)
        lines = [f"{counted(total, 'finding')} in {counted(self.records, 'record')}"]
        for (severity, code), count in self.counts.most_common():
            lines.append(f"  {severity:<7}  {code:<{width}}  {count:,}")
        lines += ["", *map(str, self.first)]
        if total > len(self.first):
            lines.append(f"… and {total - len(self.first):,} more: see `copydesk check`")
        return printable("\n".join(lines), keep="\n")


class _Check:
    """One run of `check` over all files. It starts with the first test."""

    def __init__(
        self, settings: Settings, inputs: list[str], *, baseline: str | None, fail_on: str, partial: bool
    ) -> None:
        self._settings, self._inputs, self._fail_on, self._partial = settings, inputs, fail_on, partial
        self._baseline = Baseline.read(Path(baseline)) if baseline else None

    def require_clean(self, label: str) -> None:
        """Raise `FindingsError` if a file has a finding, or the error that kept it from being read."""
        files, error = self._results
        if label in files:
            raise FindingsError(str(files[label]))
        if error is not None:
            raise error

    @cached_property
    def _results(self) -> tuple[dict[str, _File], CopydeskError | None]:
        files: dict[str, _File] = {}
        checker = Checker(self._settings, cache=True)
        try:
            suppressions = Suppressions(self._settings, checker.all_ids, former=checker.former)
            baseline = self._baseline and self._baseline.rename(checker.former)
            review = Review(suppressions, baseline, fail_on=self._fail_on, partial=self._partial)
            for findings in checker.check(self._inputs):
                _add(files, review.sift(findings))
            for finding in review.close()[0]:
                _add(files, [finding])
        except CopydeskError as error:
            return files, error
        finally:
            checker.close()
        return files, None


def _add(files: dict[str, _File], findings: list[Finding]) -> None:
    if findings:
        files.setdefault(findings[0].file, _File()).add(findings)


class DataFile(pytest.File):
    """A file of articles."""

    label: str
    check: _Check

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the test of this file."""
        item: DataTest = DataTest.from_parent(self, name="copydesk")
        item.add_marker(MARK)
        yield item


class DataTest(pytest.Item):
    """A test that fails if its file has a finding."""

    parent: DataFile

    def runtest(self) -> None:
        """Check the file."""
        self.parent.check.require_clean(self.parent.label)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the findings, without a traceback of copydesk."""
        if isinstance(excinfo.value, (FindingsError, CopydeskError)):
            return printable(str(excinfo.value), keep="\n")
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return the name for reports."""
        return self.path, None, f"copydesk: {self.parent.label}"


def collect_data(session: pytest.Session, config: pytest.Config) -> list[pytest.Item]:
    """Return the tests of the files that `--copydesk` names, and of the settings file if it has suppressions.

    Raises `pytest.UsageError` for an input, a baseline or settings that cannot be used.
    """
    inputs: list[str] = config.getoption("copydesk_inputs")
    try:
        sources = find_sources(inputs)
        settings = load_settings()
        options = {name: config.getoption(f"copydesk_{name}") for name in ("baseline", "fail_on", "partial")}
        check = _Check(settings, inputs, **options)
    except CopydeskError as error:
        raise pytest.UsageError(str(error)) from None
    paths = [source.path for source in sources]
    if None in paths:
        raise pytest.UsageError("--copydesk takes files and folders; use the fixture `assert_suite` for tables")
    if settings.file and settings.config.suppressions:
        paths.append(settings.file)  # the place of findings about suppressions
    items: list[pytest.Item] = []
    for path in paths:
        assert path is not None
        file: DataFile = DataFile.from_parent(session, path=Path.cwd() / path)
        file.label, file.check = str(path), check
        items += session.genitems(file)
    return items

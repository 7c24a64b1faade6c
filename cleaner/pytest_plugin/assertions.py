"""An assertion that data pass a suite, for tests: when they do not, it says what was found, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schemas.errors import CopydeskError, InternalError
from ...schemas.messages import counted
from ...schemas.severity import SEVERITIES
from ..readers.discovery import find_sources
from ..settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...schemas.checks.profile import Profile
    from ...schemas.checks.suites import Suite
    from ...schemas.severity import Severity
    from ..validate.result import CheckResult, Validation


def assert_suite(
    data: Any,
    suite: str | Path | Suite | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    fail_on: Severity = "error",
    max_fail_ratio: float = 0.0,
    against: Profile | None = None,
) -> Validation:
    """Give the verdict on some data, if they pass a suite: by default that of the settings, else `article`.

    `data` is a path, or a list of them, of files and folders or tables such as `sqlite:///news.db::articles`; or a
    record, or anything with an Arrow stream. `against` is an earlier profile, for checks of drift.

    Raises `AssertionError` with what was found if they do not pass, and what `copydesk.validate` raises for data and
    suites that cannot be used.
    """
    __tracebackhide__ = True  # pytest then shows the line of the test
    try:
        found, files = _validate(data, suite, mapping, fail_on, max_fail_ratio, against)
    except InternalError:
        raise
    except CopydeskError as error:
        raise error.with_traceback(None) from None  # where in this program that was is nothing to the test
    if not found.success:
        raise AssertionError(describe_failure(found, files))
    return found


def _validate(
    data: Any,
    suite: str | Path | Suite | None,
    mapping: Mapping[str, str] | None,
    fail_on: Severity,
    max_fail_ratio: float,
    against: Profile | None,
) -> tuple[Validation, dict[str, str]]:
    """Give the verdict, and the paths of the files by the names that records have them under."""
    from ..validate.validate_run import validate_files
    from ..validate.validator import Validator, validate

    options: dict[str, Any] = {"map": dict(mapping)} if mapping else {}
    if isinstance(suite, (str, Path)):
        options["suite"] = str(suite)
    settings = load_settings(options)
    if suite is None or "suite" in options:
        validator = settings.validator()
    else:
        validator = Validator(suite, mapping=settings.config.map)
    limits: dict[str, Any] = {"fail_on": fail_on, "max_fail_ratio": max_fail_ratio, "against": against}
    files: dict[str, str] = {}
    if inputs := _inputs(data):
        files = {source.name: source.label for source in find_sources(inputs)}
        found = validate_files(inputs, validator, engine="flags", **limits)
    else:
        found = validate(data, suite=validator.suite, mapping=settings.config.map, **limits)
    return found, files


def _inputs(data: Any) -> list[str]:
    """Give the paths and tables that data are read from; none for data that are there already."""
    given = [data] if isinstance(data, (str, Path)) else data
    if isinstance(given, (list, tuple)) and all(isinstance(each, (str, Path)) for each in given):
        return [str(each) for each in given]
    return []


def describe_failure(found: Validation, files: Mapping[str, str]) -> str:
    """Say why data do not pass: the checks that failed, how often, and the first records of each.

    `files` gives the paths of files by the names that records have them under.
    """
    grave = SEVERITIES[SEVERITIES.index(found.fail_on) :]
    most = f", at most {found.max_fail_ratio:.2%} may" if found.max_fail_ratio else ""
    records = counted(found.records, "record")
    lines = [f"the data do not pass the suite {found.suite}: {found.failed:,} of {records} failed{most}"]
    missed = [miss for miss in found.of_set if miss.severity in grave]
    lines += [f"{miss.severity}  {miss.id}  the set: {miss.message}" for miss in missed]
    for check in sorted(found.checks, key=lambda check: (-check.flagged, check.id)):
        if check.flagged and (check.severity in grave or _missed(check)):
            lines += _describe(check, files)
    return "\n".join(lines)


def _missed(check: CheckResult) -> bool:
    """Say whether fewer records passed a check than its suite wants."""
    return check.mostly is not None and not check.success


def _describe(check: CheckResult, files: Mapping[str, str]) -> Iterator[str]:
    limit = f", at least {check.mostly:.2%} must pass" if check.mostly is not None and not check.success else ""
    yield f"{check.severity}  {check.id}  {check.flagged:,} ({check.share:.2%}){limit}  {check.message}"
    for example in check.examples:
        file = files.get(example.file or "", example.file)
        place = ":".join(str(part) for part in (file, example.line) if part is not None)
        message = f"  {example.message}" if example.message != check.message else ""
        yield f"    {place or 'record'}  id {example.id}{message}"
    if check.flagged > len(check.examples):
        yield f"    … and {check.flagged - len(check.examples):,} more"

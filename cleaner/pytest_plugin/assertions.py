"""An assertion for tests: data pass a suite. If they do not, the message says what was found and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schemas.errors import CopydeskError, InternalError
from ...schemas.messages import counted, printable
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
    """Assert that data pass a suite, and return the result of the validation.

    The default suite is that of the settings, else `article`. `data` is a path or a list of paths: files, folders, or
    tables such as `sqlite:///news.db::articles`. It may also be a record, or any object with an Arrow stream. `against`
    is an earlier profile, for the checks of drift.

    Raises `AssertionError` with the findings if the data do not pass. For data and suites that cannot be used, it
    raises the errors of `copydesk.validate`.
    """
    __tracebackhide__ = True  # pytest then shows the line of the test
    try:
        result, files = _validate(data, suite, mapping, fail_on, max_fail_ratio, against)
    except InternalError:
        raise
    except CopydeskError as error:
        raise error.with_traceback(None) from None  # a traceback of copydesk does not help the test
    if not result.success:
        raise AssertionError(describe_failure(result, files))
    return result


def _validate(
    data: Any,
    suite: str | Path | Suite | None,
    mapping: Mapping[str, str] | None,
    fail_on: Severity,
    max_fail_ratio: float,
    against: Profile | None,
) -> tuple[Validation, dict[str, str]]:
    """Return the result, and the paths of the files by the names that the records carry."""
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
        result = validate_files(inputs, validator, engine="flags", **limits)
    else:
        result = validate(data, suite=validator.suite, mapping=settings.config.map, **limits)
    return result, files


def _inputs(data: Any) -> list[str]:
    """Return the paths and tables to read from; an empty list for data in memory."""
    inputs = [data] if isinstance(data, (str, Path)) else data
    if isinstance(inputs, (list, tuple)) and all(isinstance(path, (str, Path)) for path in inputs):
        return [str(path) for path in inputs]
    return []


def describe_failure(result: Validation, files: Mapping[str, str]) -> str:
    """Describe why data do not pass: the checks that failed, how often, and the first records of each.

    `files` maps the file names that the records carry to paths.
    """
    grave = SEVERITIES[SEVERITIES.index(result.fail_on) :]
    limit = f" (limit: {result.max_fail_ratio:.2%})" if result.max_fail_ratio else ""
    records = counted(result.records, "record")
    lines = [f"the data do not pass the suite {result.suite}: {result.failed:,} of {records} failed{limit}"]
    of_set = [finding for finding in result.of_set if finding.severity in grave]
    lines += [f"{finding.severity}  {finding.id}  the whole set: {finding.message}" for finding in of_set]
    for check in sorted(result.checks, key=lambda check: (-check.flagged, check.id)):
        if check.flagged and (check.severity in grave or _is_below_limit(check)):
            lines += _describe(check, files)
    return printable("\n".join(lines), keep="\n")


def _is_below_limit(check: CheckResult) -> bool:
    """Return whether fewer records passed a check than its suite demands."""
    return check.mostly is not None and not check.success


def _describe(check: CheckResult, files: Mapping[str, str]) -> Iterator[str]:
    limit = f", at least {check.mostly:.2%} must pass" if _is_below_limit(check) else ""
    yield f"{check.severity}  {check.id}  {check.flagged:,} ({check.share:.2%}){limit}  {check.message}"
    for example in check.examples:
        file = files.get(example.file or "", example.file)
        place = ":".join(str(part) for part in (file, example.line) if part is not None)
        message = f"  {example.message}" if example.message != check.message else ""
        yield f"    {place or 'record'}  id {example.id}{message}"
    if check.flagged > len(check.examples):
        yield f"    … and {check.flagged - len(check.examples):,} more"

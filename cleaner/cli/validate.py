"""`copydesk validate`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...schemas.messages import counted, printable
from ...schemas.plugins import FAILED
from .options import Configured, color_option, exclude_option, fail_on_option, input_options, settings_options
from .progress import progress_bar

if TYPE_CHECKING:
    from ...schemas.reasons import Severity
    from ..reports.screen import Screen
    from ..settings import Settings
    from ..validate.gx_suites import ForeignValidation
    from ..validate.result import Validation

ENGINES = ("great-expectations", "flags")
_RANK = {"info": 0, "warning": 1, "error": 2}


@dataclass(frozen=True)
class _Request:
    """The arguments and options of the command."""

    inputs: tuple[str, ...]
    out: Path | None
    fail_on: Severity
    max_fail_ratio: float
    against: Path | None
    verdict_by: str
    gx_suite: Path | None
    data_docs: Path | None
    overwrite: bool
    allow_empty: bool
    settings: Settings
    encoding: str | None
    kind: str
    no_progress: bool
    quiet: bool


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", type=click.Path(path_type=Path), help="Directory for rejected records, flags and a report.")
@fail_on_option("error", "Reject records with a reason of this severity or above.")
@click.option(
    "--max-fail-ratio",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of the records that may be rejected before the set fails.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="Report what has changed since `describe` wrote this file.",
)
@click.option(
    "--verdict-by",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="What turns the flags of the checks into a verdict. `flags` starts three seconds faster.",
)
@click.option(
    "--gx-suite",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Check with a suite of Great Expectations (.json) instead: see docs/gx-suites.md.",
)
@click.option("--data-docs", type=click.Path(path_type=Path), help="Directory for Great Expectations' Data Docs.")
@click.option("--overwrite", is_flag=True, help="Replace the results of an earlier run in --out.")
@click.option("--allow-empty", is_flag=True, help="Accept inputs that contain no records.")
@input_options
@exclude_option
@settings_options
@click.option("--no-progress", is_flag=True, help="Show no progress bar. It is shown only in a terminal.")
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Print only the verdict.")
def command(**options: Any) -> int:
    """Check records without changing them. The exit code is 0 if the set passes, 1 if not.

    INPUT is anything that `clean` reads. Every record is checked by every check of the suite. A record is rejected if
    it has a reason of severity --fail-on or above. --out writes the rejected records with all their reasons
    (quarantine.jsonl), the flags of every check for every record (flags.parquet), summary.json and report.html.

    \b
    Example:
      copydesk validate articles.parquet
      copydesk validate news.jsonl.zst --suite ingest.toml --max-fail-ratio 0.01 --out report
      copydesk validate sqlite:///news.db::articles --suite article
    """
    from ..settings import COMMAND_LINE

    request = _Request(**options)
    if request.gx_suite:
        return _run_foreign(request, request.gx_suite)
    if request.settings.suite.endswith(".json"):
        if request.settings.origins.get("suite") == COMMAND_LINE:
            click.echo("copydesk: a suite of Great Expectations is now named with --gx-suite", err=True)
        return _run_foreign(request, Path(request.settings.suite))
    return _run(request)


def _run(request: _Request) -> int:
    """Validate the inputs with a suite of copydesk, and print the result."""
    from ...schemas.checks.profile import load_profile
    from ..readers.discovery import find_sources
    from ..validate.validate_run import validate_files

    if request.data_docs and request.verdict_by != ENGINES[0]:
        raise click.UsageError("--data-docs needs Great Expectations: leave out --verdict-by")
    inputs = list(request.inputs)
    validator = request.settings.validator()
    earlier = load_profile(request.against) if request.against else None
    exclude = request.settings.exclusions
    found = find_sources(inputs, request.kind, exclude=exclude, strict=False, allow_empty=request.allow_empty)
    size = sum(source.size for source in found)
    shown = not (request.no_progress or request.quiet) and sys.stderr.isatty()
    with progress_bar("validating", size, shown=shown) as advance:
        validation = validate_files(
            inputs,
            validator,
            out=request.out,
            fail_on=request.fail_on,
            max_fail_ratio=request.max_fail_ratio,
            against=earlier,
            engine=request.verdict_by,
            data_docs=request.data_docs,
            overwrite=request.overwrite,
            allow_empty=request.allow_empty,
            kind=request.kind,
            encoding=request.encoding,
            exclude=exclude,
            progress=advance,
        )
    _print(validation, quiet=request.quiet)
    if request.out and not request.quiet:
        click.echo(printable(f"written to {request.out}"), err=True)
    return 0 if validation.success else 1


def _run_foreign(request: _Request, suite: Path) -> int:
    """Validate the inputs with a suite of Great Expectations, and print the result of each expectation."""
    from ..validate.gx_suites import validate_with_foreign_suite

    if request.out or request.against or request.max_fail_ratio or request.verdict_by != ENGINES[0]:
        raise click.UsageError(
            "a suite of Great Expectations does not work with --out, --against, --max-fail-ratio or --verdict-by"
        )
    validation = validate_with_foreign_suite(
        list(request.inputs),
        suite,
        mapping=request.settings.config.map,
        kind=request.kind,
        encoding=request.encoding,
        data_docs=request.data_docs,
        fail_on=request.fail_on,
    )
    _print_foreign(validation, quiet=request.quiet)
    return 0 if validation.success else 1


def _print_foreign(validation: ForeignValidation, *, quiet: bool) -> None:
    for result in [] if quiet else validation.results:
        arguments = ", ".join(f"{key}={value!r}" for key, value in result.arguments.items())
        count = f"{result.unexpected:,} of {result.elements:,}" if result.elements else f"observed {result.observed!r}"
        click.echo(printable(f"{_verdict(result.success)}  {result.expectation}({arguments}): {count}"))
    if validation.unreadable and not quiet:
        click.echo(f"failed  {counted(validation.unreadable, 'record')} could not be read")
    click.echo(f"{_verdict(validation.success)}: {counted(validation.records, 'record')}")


def _print(validation: Validation, *, quiet: bool) -> None:
    from ..reports.screen import Screen

    screen = Screen(sys.stdout)
    if not quiet:
        _print_findings(validation, screen)
        silent = sum(not check.flagged for check in validation.checks)
        of_set = validation.set_checks - len({finding.id for finding in validation.of_set} - {FAILED})
        screen.write(
            f"nothing found by {silent} of {counted(validation.record_checks, 'check')} of records, "
            f"and {of_set} of {counted(validation.set_checks, 'check')} of the set"
        )
    screen.write(
        (_verdict(validation.success), "bold green" if validation.success else "bold red"),
        f": {counted(validation.records, 'record')} read, "
        f"{validation.passed:,} accepted, {validation.failed:,} rejected",
    )


def _print_findings(validation: Validation, screen: Screen) -> None:
    """Print a line for each check with findings: severity, id, count, share and message, in columns."""
    from ..reports.html_environment import percent
    from ..reports.screen import SEVERITY_STYLES

    rows = [
        (check.severity, check.id, f"{check.flagged:,}", percent(check.share), check.message)
        for check in sorted(validation.checks, key=lambda check: (-_RANK[check.severity], -check.flagged, check.id))
        if check.flagged
    ]
    rows += [(finding.severity, finding.id, "set", "", finding.message) for finding in validation.of_set]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    for severity, check_id, count, share, message in rows:
        screen.write(
            (f"{severity:<{widths[0]}}", SEVERITY_STYLES[severity]),
            (f"  {check_id:<{widths[1]}}", "cyan"),
            f"  {count:>{widths[2]}}  {share:>{widths[3]}}  {message}",
            hanging=4,
        )


def _verdict(success: bool) -> str:
    return "passed" if success else "failed"

"""`copydesk validate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted
from ...schemas.plugins import FAILED
from .options import Configured, fail_on_option, input_options, settings_options
from .progress import progress_bar

if TYPE_CHECKING:
    from ..settings import Settings
    from ..validate.result import Validation

ENGINES = ("great-expectations", "flags")


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", type=click.Path(path_type=Path), help="Directory for rejected records, flags and a report.")
@fail_on_option("error", "Least severity that rejects a record.")
@click.option(
    "--max-fail-ratio",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of the records that may be rejected before the set fails.",
)
@click.option("--against", type=click.Path(path_type=Path), help="A saved profile: report what changed since.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="What comes to the verdict on the flags of the checks; `flags` starts three seconds faster.",
)
@click.option("--data-docs", type=click.Path(path_type=Path), help="Directory for Great Expectations' Data Docs.")
@click.option("--overwrite", is_flag=True, help="Replace the results of an earlier run in --out.")
@click.option("--allow-empty", is_flag=True, help="An input without a record is no error.")
@input_options
@settings_options
@click.option("--no-progress", is_flag=True, help="No progress bar. There is none where stderr is no terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict.")
def command(
    inputs: tuple[str, ...],
    out: Path | None,
    fail_on: str,
    max_fail_ratio: float,
    against: Path | None,
    engine: str,
    data_docs: Path | None,
    overwrite: bool,
    allow_empty: bool,
    settings: Settings,
    encoding: str | None,
    kind: str,
    no_progress: bool,
    quiet: bool,
) -> int:
    """Judge records as they are, and the set of them: exit code 0 if it passes, 1 if not.

    INPUT is what `clean` reads. Every record meets every check of the suite; a record with a reason of severity
    --fail-on or graver is rejected. With --out, the directory then holds the rejected records with all their reasons
    (quarantine.jsonl), what each check says of each record (flags.parquet), summary.json and report.html.

    --suite also takes a suite of Great Expectations, saved as .json: it runs on the articles' own columns.

    \b
    Example:
      copydesk validate articles.parquet
      copydesk validate news.jsonl.zst --suite ingest.toml --max-fail-ratio 0.01 --out report
      copydesk validate sqlite:///news.db::articles --suite article
    """
    from ...schemas.checks.profile import load_profile
    from ..readers.discovery import find_sources
    from ..validate.validate_run import validate_files

    if settings.suite.endswith(".json"):
        if out or against or max_fail_ratio or engine != ENGINES[0]:
            raise click.UsageError(
                "a suite of Great Expectations goes without --out, --against, --max-fail-ratio, --engine"
            )
        return _run_foreign(inputs, settings, kind, encoding, data_docs, fail_on, quiet=quiet)
    if data_docs and engine != ENGINES[0]:
        raise click.UsageError("--data-docs are made by Great Expectations: leave out --engine")
    validator = settings.validator()
    earlier = load_profile(against) if against else None
    size = sum(source.size for source in find_sources(list(inputs), kind))
    shown = not (no_progress or quiet) and sys.stderr.isatty()
    with progress_bar("validating", size, shown=shown) as advance:
        result = validate_files(
            list(inputs),
            validator,
            out=out,
            fail_on=fail_on,  # type: ignore[arg-type]  # click checks it
            max_fail_ratio=max_fail_ratio,
            against=earlier,
            engine=engine,
            data_docs=data_docs,
            overwrite=overwrite,
            allow_empty=allow_empty,
            kind=kind,
            encoding=encoding,
            progress=advance,
        )
    _print(result, out, quiet=quiet)
    return 0 if result.success else 1


def _run_foreign(
    inputs: tuple[str, ...],
    settings: Settings,
    kind: str,
    encoding: str | None,
    data_docs: Path | None,
    fail_on: str,
    *,
    quiet: bool,
) -> int:
    """Run a suite of Great Expectations and print what each of its expectations found."""
    from ..validate.gx_suites import validate_with_foreign_suite

    found = validate_with_foreign_suite(
        list(inputs),
        Path(settings.suite),
        mapping=settings.config.map,
        kind=kind,
        encoding=encoding,
        data_docs=data_docs,
        fail_on=fail_on,  # type: ignore[arg-type]  # click checks it
    )
    for result in [] if quiet else found.results:
        what = ", ".join(f"{key}={value!r}" for key, value in result.arguments.items())
        count = f"{result.unexpected:,} of {result.elements:,}" if result.elements else f"observed {result.observed!r}"
        click.echo(f"{'passed' if result.success else 'failed'}  {result.expectation}({what}): {count}")
    if found.unreadable and not quiet:
        click.echo(f"failed  {counted(found.unreadable, 'record')} could not be read")
    click.echo(f"{'passed' if found.success else 'failed'}: {counted(found.records, 'record')}")
    return 0 if found.success else 1


def _print(found: Validation, out: Path | None, *, quiet: bool) -> None:
    if not quiet:
        rows = [
            (check.severity, check.id, f"{check.flagged:,}", _percent(check.share), check.message)
            for check in sorted(found.checks, key=lambda check: (-_RANK[check.severity], -check.flagged, check.id))
            if check.flagged
        ]
        rows += [(miss.severity, miss.id, "set", "", miss.message) for miss in found.of_set]
        if rows:
            widths = [max(len(row[column]) for row in rows) for column in range(4)]
            for severity, check_id, count, share, message in rows:
                left = f"{severity:<{widths[0]}}  {check_id:<{widths[1]}}"
                click.echo(f"{left}  {count:>{widths[2]}}  {share:>{widths[3]}}  {message}")
        silent = sum(not check.flagged for check in found.checks)
        of_set = found.set_checks - len({miss.id for miss in found.of_set} - {FAILED})
        click.echo(
            f"nothing found by {silent} of {counted(found.record_checks, 'check')} of records, "
            f"and {of_set} of {counted(found.set_checks, 'check')} of the set"
        )
    click.echo(
        f"{'passed' if found.success else 'failed'}: {counted(found.records, 'record')} read, "
        f"{found.passed:,} accepted, {found.failed:,} rejected"
    )
    if out and not quiet:
        click.echo(f"written to {out}", err=True)


_RANK = {"info": 0, "warning": 1, "error": 2}


def _percent(share: float) -> str:
    from ..reports.html_pages import percent

    return percent(share)

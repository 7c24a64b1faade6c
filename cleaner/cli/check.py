"""`copydesk check`."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import (
    Configured,
    color_option,
    exclude_option,
    fail_on_option,
    input_options,
    lock_options,
    rules_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...schemas.findings import CheckSummary, Finding
    from ..check.checker import Checker
    from ..check.review import Review
    from ..reports.reporter import Reporter
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@fail_on_option("warning", "Lowest severity to show. A finding that is shown makes the exit code 1.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="text, concise, statistics, json, jsonl, github, gitlab, sarif, junit, markdown or html, to standard output "
    "or to FILE. May be repeated.  [default: text]",
)
@click.option("--output-file", type=click.Path(path_type=Path), help="File for the format that names no file itself.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule: short for --format statistics.")
@click.option("--diff", is_flag=True, help="Show what `clean` would change as diffs. Findings of checks are left out.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File of accepted findings: see `copydesk baseline create`.",
)
@click.option("--baseline-strict", is_flag=True, help="Report baseline entries that no longer occur as findings.")
@click.option(
    "--partial",
    is_flag=True,
    help="INPUT is only a part of the data, such as the files of a commit. Do not report unused suppressions, or "
    "baseline entries that no longer occur, and skip files that are no articles, such as pictures, by name.",
)
@click.option(
    "--cache/--no-cache",
    default=True,
    show_default=True,
    help="Remember the findings of each file. A file is checked again once it, the rules or the settings have changed.",
)
@lock_options
@input_options
@exclude_option
@rules_options
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing to standard output, and no summary.")
def command(
    inputs: tuple[str, ...],
    fail_on: str,
    formats: tuple[str, ...],
    output_file: Path | None,
    statistics: bool,
    diff: bool,
    baseline: Path | None,
    baseline_strict: bool,
    partial: bool,
    locked: bool,
    lock_file: Path | None,
    cache: bool,
    settings: Settings,
    encoding: str | None,
    kind: str,
    quiet: bool,
) -> int:
    """Report what `clean` would cut or reject; change nothing.

    Each finding names its file, line, severity, and rule or check. The exit code is 1 if there is a finding. Files that
    have not changed since an earlier check are not checked again.

    \b
    Example:
      copydesk check articles/ --fail-on error
      copydesk check articles/ --format github --format sarif=copydesk.sarif
    """
    from ..check.checker import Checker
    from ..reports.open_reporters import open_reporters, parse_formats
    from .outputs import protect_inputs

    if baseline_strict and not baseline:
        raise click.UsageError("--baseline-strict needs --baseline FILE")
    if diff:
        if formats or statistics or baseline:
            raise click.UsageError("--diff does not work with --format, --statistics or --baseline")
        return _print_diff(inputs, settings, kind, encoding, quiet=quiet)
    if partial and not (inputs := _pass_over(inputs, settings, kind)):
        return 0
    targets = parse_formats(("statistics", *formats) if statistics else formats, output_file)
    protect_inputs([path for _, path in targets], inputs, settings=settings, kind=kind, also=[baseline, lock_file])
    with closing(Checker(settings, kind=kind, encoding=encoding, cache=cache)) as checker:
        if locked:
            from ..rule_tools.lock_diff import require_locked

            require_locked(checker.cleaner.ruleset, lock_file or settings.lock_file)
        review = _open_review(settings, checker, baseline, fail_on, strict=baseline_strict, partial=partial)
        with open_reporters(targets, checker.described, quiet=quiet) as reporters:
            summary = _report(checker.check(list(inputs)), review, reporters)
    if not quiet:
        click.echo(str(summary), err=True)
    return 1 if summary.findings else 0


def _pass_over(inputs: tuple[str, ...], settings: Settings, kind: str) -> tuple[str, ...]:
    """Return the inputs without the files that are no articles, such as pictures. Each of these is named on stderr."""
    from ...schemas.errors import InputError
    from ...schemas.messages import printable
    from ..readers.discovery import find_sources

    taken = []
    for name in inputs:
        try:
            if not Path(name).is_file() or find_sources([name], kind, exclude=settings.exclusions, allow_empty=True):
                taken.append(name)
        except InputError as error:
            click.echo(printable(f"copydesk: skipped {error.where or name}: {error.what}"), err=True)
    return tuple(taken)


def _print_diff(inputs: tuple[str, ...], settings: Settings, kind: str, encoding: str | None, *, quiet: bool) -> int:
    """Print the diffs of all records that `clean` would change; return 1 if there are any."""
    from ...schemas.messages import counted
    from ..reports.screen import Screen
    from ..rule_tools.text_diff import diff_records

    screen, changed = Screen(sys.stdout), 0
    styles = {"---": "bold", "+++": "bold", "@@ ": "cyan"}
    cleaner, exclude = settings.cleaner(), settings.exclusions
    for lines in diff_records(list(inputs), cleaner, kind=kind, encoding=encoding, exclude=exclude):
        changed += 1
        for line in [] if quiet else lines:
            style = styles.get(line[:3], {"-": "red", "+": "green"}.get(line[:1], ""))
            screen.write((line, style), hanging=1, keep="\t")
    if not quiet:
        click.echo(f"{counted(changed, 'record')} would change", err=True)
    return 1 if changed else 0


def _open_review(
    settings: Settings, checker: Checker, baseline: Path | None, fail_on: str, *, strict: bool, partial: bool
) -> Review:
    from ..check.baseline import Baseline
    from ..check.review import Review, Suppressions

    accepted = Baseline.read(baseline).rename(checker.former) if baseline else None
    suppressions = Suppressions(settings, checker.all_ids, former=checker.former)
    return Review(suppressions, accepted, fail_on=fail_on, strict=strict, partial=partial)


def _report(records: Iterator[list[Finding]], review: Review, reporters: list[Reporter]) -> CheckSummary:
    """Hand every finding that counts to the reporters, then those about suppressions and the baseline."""
    for findings in records:
        for finding in review.sift(findings):
            for reporter in reporters:
                reporter.add(finding)
    leftovers, summary = review.close()
    for reporter in reporters:
        for finding in leftovers:
            reporter.add(finding)
        reporter.close(summary)
    return summary

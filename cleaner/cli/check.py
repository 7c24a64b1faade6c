"""`copydesk check`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import Configured, fail_on_option, input_options, lock_options, rules_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@fail_on_option("warning", "Least severity that is shown and makes the exit code 1.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help="text, concise, json, jsonl, github, gitlab, sarif, junit, markdown or html, to standard output or to a file. "
    "May be repeated.  [default: text]",
)
@click.option(
    "--output-file", type=click.Path(path_type=Path), help="File for the format that is given none of its own."
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Findings that were there before: see `copydesk baseline create`.",
)
@click.option("--baseline-strict", is_flag=True, help="Findings of the baseline that are gone are findings, too.")
@click.option(
    "--partial",
    is_flag=True,
    help="INPUT is only a part of the data, such as the files of a commit: say nothing of suppressions that are unused "
    "and of what is gone from the baseline.",
)
@click.option(
    "--cache/--no-cache",
    default=True,
    show_default=True,
    help="Remember what was found in files, and do not check them again until they, or what they are checked by, "
    "have changed.",
)
@lock_options
@input_options
@rules_options
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard output, and no closing line.")
def command(
    inputs: tuple[str, ...],
    fail_on: str,
    formats: tuple[str, ...],
    output_file: Path | None,
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
    """Say what `clean` would cut or turn away, and write nothing but reports.

    Each finding has its file, physical line, severity, and rule or check. Exit code 1 if there is any. Files that were
    checked before, in the same way, are not judged again.

    \b
    Example:
      copydesk check articles/ --fail-on error
      copydesk check articles/ --format github --format sarif=copydesk.sarif
    """
    from ..check.baseline import Baseline
    from ..check.checker import Checker
    from ..check.review import Review, Suppressions
    from ..reports.open_reporters import open_reporters, parse_formats

    if baseline_strict and not baseline:
        raise click.UsageError("--baseline-strict needs --baseline FILE")
    with closing(Checker(settings, kind=kind, encoding=encoding, cache=cache)) as checker:
        if locked:
            from ..rule_tools.lock_diff import require_locked

            require_locked(checker.cleaner.ruleset, lock_file or settings.lock_file)
        known = Baseline.read(baseline) if baseline else None
        suppressions = Suppressions(settings, checker.known)
        review = Review(suppressions, known, fail_on=fail_on, strict=baseline_strict, partial=partial)
        with open_reporters(parse_formats(formats, output_file), checker.described, quiet=quiet) as reporters:
            for findings in checker.check(list(inputs)):
                for finding in review.sift(findings):
                    for reporter in reporters:
                        reporter.add(finding)
            about, outcome = review.close()
            for reporter in reporters:
                for finding in about:
                    reporter.add(finding)
                reporter.close(outcome)
    if not quiet:
        click.echo(str(outcome), err=True)
    return 1 if outcome.findings else 0

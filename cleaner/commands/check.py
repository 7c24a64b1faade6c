"""`copydesk check`."""

from __future__ import annotations

import click

from .options import input_options, parse_mapping, rules_options


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--fail-on",
    type=click.Choice(["info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="Least severity that is shown and makes the exit code 1.",
)
@input_options
@rules_options
@click.option("-q", "--quiet", is_flag=True, help="Only the exit code.")
def command(
    inputs: tuple[str, ...],
    fail_on: str,
    suite: str,
    mapping: tuple[str, ...],
    encoding: str | None,
    kind: str,
    unsafe: bool,
    profile: str,
    rule_files: tuple[str, ...],
    quiet: bool,
) -> int:
    """Say what `clean` would cut or turn away, and write nothing.

    One finding a line: file, physical line, severity, rule or check, and what was found. Exit code 1 if there is any.

    \b
    Example:
      copydesk check articles/ --fail-on error
    """
    from pathlib import Path

    from ..api import Cleaner
    from ..findings import check_files

    files = [Path(file) for file in rule_files]
    cleaner = Cleaner(files, profile=profile, suite=suite, mapping=parse_mapping(mapping), unsafe=unsafe)
    count = records = 0
    for finding in check_files(list(inputs), cleaner, fail_on=fail_on, kind=kind, encoding=encoding):
        if finding is None:
            records += 1
            continue
        count += 1
        if not quiet:
            click.echo(str(finding))
    if not quiet:
        click.echo(f"{count:,} findings in {records:,} records", err=True)
    return 1 if count else 0

"""`copydesk check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .options import Configured, input_options, rules_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
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
    settings: Settings,
    encoding: str | None,
    kind: str,
    quiet: bool,
) -> int:
    """Say what `clean` would cut or turn away, and write nothing.

    One finding a line: file, physical line, severity, rule or check, and what was found. Exit code 1 if there is any.

    \b
    Example:
      copydesk check articles/ --fail-on error
    """
    from ..findings import check_files

    cleaner = settings.cleaner()
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

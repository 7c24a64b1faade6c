"""`copydesk explain`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .options import Configured, input_options, rules_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("file")
@input_options
@rules_options
@click.option("--color/--no-color", default=None, help="Use colours.  [default: if stdout is a terminal]")
def command(
    file: str,
    settings: Settings,
    encoding: str | None,
    kind: str,
    color: bool | None,
) -> int:
    """Show each record of a file before and after cleaning, and each cut with its rule.

    Lines that are kept begin with two spaces. Lines that are cut begin with "- " and end with the rule. Below lines
    with repaired characters, "~ " shows the repairs. Control characters are shown as escapes such as \\x1b.

    \b
    Example:
      copydesk explain article.txt
    """
    from ...schemas.messages import printable
    from ..reports.safe_stream import trusted_stream
    from ..rule_tools.explain import explain_file

    color = sys.stdout.isatty() and color is not False
    for line, kept in explain_file(file, settings.cleaner(), kind=kind, encoding=encoding):
        shown = printable(line, keep="\t")
        if color and kept is False:
            click.echo(click.style(shown, fg="red"), file=trusted_stream(sys.stdout))
        else:
            click.echo(shown)
    return 0

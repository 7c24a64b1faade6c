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
@click.option("--color/--no-color", default=None, help="Colours; by default where stdout is a terminal.")
def command(
    file: str,
    settings: Settings,
    encoding: str | None,
    kind: str,
    color: bool | None,
) -> int:
    """Show each record of a file before and after, and each cut with its rule.

    Lines that stay begin with two spaces, what was cut begins with "- " and is followed by the rule. Below lines in
    which characters were mended, "~ " says which.

    \b
    Example:
      copydesk explain article.txt
    """
    from ..rule_tools.explain import explain_file

    color = sys.stdout.isatty() if color is None else color
    for line, kept in explain_file(file, settings.cleaner(), kind=kind, encoding=encoding):
        style = {True: None, False: "red", None: "bold"}[kept]
        click.echo(click.style(line, fg=style) if color and style == "red" else line)
    return 0

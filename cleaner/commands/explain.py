"""`copydesk explain`."""

from __future__ import annotations

import sys

import click

from .options import input_options, parse_mapping, rules_options


@click.command()
@click.argument("file")
@input_options
@rules_options
@click.option("--color/--no-color", default=None, help="Colours; by default where stdout is a terminal.")
def command(
    file: str,
    suite: str,
    mapping: tuple[str, ...],
    encoding: str | None,
    kind: str,
    unsafe: bool,
    profile: str,
    rule_files: tuple[str, ...],
    color: bool | None,
) -> int:
    """Show each record of a file before and after, and each cut with its rule.

    Lines that stay begin with two spaces, what was cut begins with "- " and is followed by the rule. Below lines in
    which characters were mended, "~ " says which.

    \b
    Example:
      copydesk explain article.txt
    """
    from pathlib import Path

    from ..api import Cleaner
    from ..explaining import explain_file

    files = [Path(name) for name in rule_files]
    cleaner = Cleaner(files, profile=profile, suite=suite, mapping=parse_mapping(mapping), unsafe=unsafe)
    color = sys.stdout.isatty() if color is None else color
    for line, kept in explain_file(file, cleaner, kind=kind, encoding=encoding):
        style = {True: None, False: "red", None: "bold"}[kept]
        click.echo(click.style(line, fg=style) if color and style == "red" else line)
    return 0

"""`copydesk explain`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .options import Configured, color_option, input_options, rules_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("file")
@input_options
@rules_options
@color_option
def command(
    file: str,
    settings: Settings,
    encoding: str | None,
    kind: str,
) -> int:
    """Show each record before and after, and each cut with its rule.

    Lines that are kept begin with two spaces. Lines that are cut begin with "- " and end with the rule. Below lines
    with repaired characters, "~ " shows the repairs. Control characters are shown as escapes such as \\x1b.

    \b
    Example:
      copydesk explain article.txt
    """
    from ..reports.screen import Screen
    from ..rule_tools.explain import explain_file

    screen = Screen(sys.stdout)
    for line, kept in explain_file(file, settings.cleaner(), kind=kind, encoding=encoding):
        text, rule = _split_rule(line) if line[:2] in ("- ", "~ ") else (line, "")
        style = "bold" if kept is None else "red" if kept is False else "yellow" if line.startswith("~ ") else ""
        screen.write((text, style), (rule, "dim"), hanging=2, keep="\t")
    return 0


def _split_rule(line: str) -> tuple[str, str]:
    """Return the text of a cut, and the rule in brackets at its end.

    >>> _split_rule("- Print  [widgets/word, 83-89]")
    ('- Print', '  [widgets/word, 83-89]')
    """
    at = line.rfind("  [")
    return (line[:at], line[at:]) if at > 0 else (line, "")

"""`copydesk rules new`."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click


@click.command("new")
@click.argument("rule_id", metavar="FAMILY/NAME")
@click.option("--removes", multiple=True, required=True, metavar="LINE", help="A line to remove. May be repeated.")
@click.option("--keeps", multiple=True, required=True, metavar="LINE", help="A line like it to keep. May be repeated.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Rule file to create, or to add the rule to."
)
@click.option("--summary", default="", help="What it removes, in one line.")
@click.option("--where", default="anywhere", show_default=True, help="Part of the text in which it cuts.")
@click.option("--general", is_flag=True, help="Match any numbers, months and days of the week in their places.")
@click.option("--language", "languages", multiple=True, metavar="TAG", help="Language of the lines.  [default: any]")
def new(
    rule_id: str,
    removes: tuple[str, ...],
    keeps: tuple[str, ...],
    out: Path,
    summary: str,
    where: str,
    languages: tuple[str, ...],
    general: bool,
) -> int:
    """Write a rule from examples, after testing it in the full ruleset.

    If an example fails, nothing is written and the exit code is 1. A line with numbers or dates can have a pattern that
    matches others, too: it is shown, and written with --general.

    \b
    Example:
      copydesk rules new mysite/sign-off --removes 'Lantern Media, Ostwick' \\
        --keeps 'Lantern Media, Ostwick, said no.' --out rules/mysite.toml
    """
    from ...rules.ruleset.model import Zone
    from ...schemas.errors import SettingError, nearest
    from ...schemas.messages import printable
    from ..rule_tools.draft import Draft, find_known_lines, write_draft

    if where not in get_args(Zone):
        raise SettingError(
            f"--where {where}: not a part of a text{nearest(where, get_args(Zone))}",
            hint=f"use one of: {', '.join(get_args(Zone))}",
        )
    if both := sorted({line.strip() for line in removes} & {line.strip() for line in keeps}):
        raise SettingError(f"{both[0]!r} is both removed and kept", hint="pass it to --removes or to --keeps")
    draft = Draft(rule_id, removes, keeps, summary, where, languages or ("*",), general=general)
    tried = write_draft(draft, out)
    for line, known in find_known_lines(draft).items():
        click.echo(f"copydesk: the built-in rule {known} already removes {line!r}", err=True)
    for literal, wider in draft.choices if not general else ():
        click.echo(printable(f"pattern: {literal}; --general would make it: {wider}"), err=True)
    for failure in (*tried.failures, *tried.explosions):
        click.echo(printable(failure))
    click.echo(printable(f"{tried}; written to {out}" if tried.success else str(tried)), err=True)
    return 0 if tried.success else 1

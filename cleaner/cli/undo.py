"""`copydesk undo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .explain import warn
from .options import Configured, rules_options, suite_option

if TYPE_CHECKING:
    from ..results.folder import RunFolder
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--rule", "named", metavar="RULE", multiple=True, help="Cuts of this rule or family. May be repeated.")
@click.option("--id", "record", metavar="ID", help="Cuts in the record with this id.")
@click.option("--host", metavar="HOST", help="Cuts in records of this host.")
@click.option("--line", metavar="TEXT", help="Cuts of this line.")
@rules_options
@suite_option
def command(
    out: Path, named: tuple[str, ...], record: str | None, host: str | None, line: str | None, settings: Settings
) -> int:
    """Take cuts of a run back, and keep them undone.

    The folder OUT is rewritten as a run would write it now; the input is not needed. The decision is added to
    copydesk.decisions.toml, beside the settings, so that `clean`, `check` and `explain` leave the lines alone. See
    `copydesk decisions`.

    \b
    Example:
      copydesk undo cleaned --rule subscription/offer --id 42
      copydesk undo cleaned --rule related --host lantern.example
      copydesk undo cleaned --rule comments --line 'Leave a Comment'
    """
    from ..results.folder import open_folder
    from ..results.take_back import take_back
    from ..results.undone_cuts import UndoChoice
    from ..rule_tools.explain_run import check_rules

    if not (named or record or host or line):
        raise click.UsageError("name the cuts: --rule, --id, --host or --line")
    folder = open_folder(out)
    warn(folder.warnings)
    before = settings.cleaner()
    rules = check_rules(named, before.ruleset, folder)
    plain_host = host.lower().removeprefix("www.") if host else None
    choice = UndoChoice(rules, record, plain_host, (line,) if line else ())
    file = settings.decisions_file
    undone, decisions = take_back(folder, choice, before, file, isolated=settings.isolated)
    back = counted(undone.characters, "character")
    click.echo(f"{counted(undone.records, 'record')} cleaned again, {back} back", err=True)
    if undone.rejected:
        click.echo(f"{counted(undone.rejected, 'record')} would be rejected by a later run: see its flags", err=True)
    click.echo(f"{counted(len(decisions.entries), 'decision')} in {printable(str(file))}", err=True)
    renew_report(folder, settings)
    return 0


def renew_report(folder: RunFolder, settings: Settings) -> None:
    """Write the page of the run again, and name what else is now older than the articles."""
    from ..results.report.write import write_report
    from ..runs.run_files import EXPORTS

    if (folder.path / "report.html").is_file():
        write_report(folder.path, settings.ruleset())
    stale = [name for name in EXPORTS if (folder.path / name).exists() and (folder.path / "articles.parquet").exists()]
    for name in stale:
        click.echo(f"{name} is as it was: write it again with `copydesk convert`", err=True)

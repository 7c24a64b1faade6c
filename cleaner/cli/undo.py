"""`copydesk undo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .explain import warn
from .options import Configured, rules_options, suite_option

if TYPE_CHECKING:
    from ...schemas.decisions import Decisions
    from ..api import Cleaner
    from ..results.folder import RunFolder
    from ..results.undo import Undone
    from ..results.undone_cuts import UndoChoice
    from ..settings import Settings

_MAX_ROUNDS = 20  # each adds a rule that cuts the same lines


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
    from ..results.decision_file import write_decisions
    from ..results.folder import open_folder
    from ..results.undone_cuts import UndoChoice
    from ..rule_tools.explain_run import check_rules

    if not (named or record or host or line):
        raise click.UsageError("name the cuts: --rule, --id, --host or --line")
    folder = open_folder(out)
    warn(folder.warnings)
    before = settings.cleaner()
    rules = check_rules(named, before.ruleset, folder)
    plain_host = host.lower().removeprefix("www.") if host else None
    undone, decisions = _undo(folder, UndoChoice(rules, record, plain_host, line), settings, before)
    write_decisions(decisions, settings.decisions_file)
    back = counted(undone.characters, "character")
    click.echo(f"{counted(undone.records, 'record')} cleaned again, {back} back", err=True)
    if undone.rejected:
        click.echo(f"{counted(undone.rejected, 'record')} would be rejected by a later run: see its flags", err=True)
    click.echo(f"{counted(len(decisions.entries), 'decision')} in {printable(str(settings.decisions_file))}", err=True)
    _renew(folder, settings)
    return 0


def _undo(folder: RunFolder, choice: UndoChoice, settings: Settings, before: Cleaner) -> tuple[Undone, Decisions]:
    """Take cuts back, and keep their lines from every other rule that would cut them now."""
    from ...schemas.decisions import Keep
    from ...schemas.errors import InternalError
    from ..results.recleaned import SecondCleaning
    from ..results.undo import undo_cuts
    from ..results.undone_cuts import choose_cuts, find_cut_records

    chosen = choose_cuts(folder, choice, before.ruleset)
    for _ in range(_MAX_ROUNDS):
        decisions = settings.decisions + chosen.keeps.values()
        cleaning = SecondCleaning(before, settings.cleaner(decisions=decisions), chosen.keeps.values())
        undone = undo_cuts(folder, chosen.ids, cleaning)
        if undone is not None:
            return undone, decisions
        for rule, line in cleaning.retaken:
            keep = Keep.of(rule, line, host=choice.host, record=choice.record)
            chosen.keeps[keep.scope] = keep
        chosen.ids = find_cut_records(folder, choice, chosen, before.ruleset)
    hint = "please report this; nothing was changed"
    raise InternalError("rules go on cutting these lines", where=str(folder.path), hint=hint)


def _renew(folder: RunFolder, settings: Settings) -> None:
    """Write the page of the run again, and name what else is now older than the articles."""
    from ..results.report.write import write_report
    from ..runs.run_files import EXPORTS

    if (folder.path / "report.html").is_file():
        write_report(folder.path, settings.ruleset().infos.values())
    stale = [name for name in EXPORTS if (folder.path / name).exists() and (folder.path / "articles.parquet").exists()]
    for name in stale:
        click.echo(f"{name} is as it was: write it again with `copydesk convert`", err=True)

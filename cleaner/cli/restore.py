"""`copydesk restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted
from .options import Configured, settings_options
from .renamed_files import echo_renamed

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--to", required=True, type=click.Path(path_type=Path), help="Empty or new directory for the raw texts.")
@click.option("--id", "records", metavar="ID", multiple=True, help="Only the record with this id. May be repeated.")
@click.option(
    "--rule",
    "named",
    metavar="RULE",
    multiple=True,
    help="Only records that this rule or family has cut. May be repeated.",
)
@settings_options
def command(directory: Path, to: Path, records: tuple[str, ...], named: tuple[str, ...], settings: Settings) -> int:
    """Restore the raw texts of a directory that `clean` wrote.

    Text files get their own names and bytes. Records become JSON Lines with their ids and texts, one file for each
    input file. The headline is added if it was cut. Each text is compared with the SHA-256 of the text that was read.

    Two inputs never share a file, and no file outside the directory is written. If a name is in use or cannot be
    used, the file gets another name, which names.jsonl lists.

    Rejected records are in quarantine.jsonl, unchanged: see `copydesk quarantine export`.

    \b
    Example:
      copydesk restore cleaned --to raw
      copydesk restore cleaned --to raw --rule related/section
    """
    from ..runs.restore import count_quarantined, restore_run

    ids = _choose(directory, records, named, settings) if records or named else None
    restored = restore_run(directory, to, ids)
    rejected = count_quarantined(directory) if ids is None else 0
    echo_renamed(restored.renamed, to)
    if restored.unsure_headlines:
        what = counted(restored.unsure_headlines, "headline")
        click.echo(
            f"{what} not restored: records share an id, and the run does not say whose the headline is; "
            "clean the inputs again with this version",
            err=True,
        )
    click.echo(f"restored {counted(restored.records, 'record')} to {to}", err=True)
    if rejected:
        click.echo(f"{counted(rejected, 'record')} rejected: see {directory / 'quarantine.jsonl'}", err=True)
    return 0


def _choose(out: Path, records: tuple[str, ...], named: tuple[str, ...], settings: Settings) -> set[str]:
    """Return the ids of the records to restore: those with some ids, and those that some rules have cut."""
    from ..results.folder import open_folder
    from ..rule_tools.explain_run import check_rules

    folder = open_folder(out)
    ids = {record for record in records if folder.find(record)}
    if named:
        rules = check_rules(named, settings.ruleset(), folder)
        ids.update(record.article.id for record in folder.read_cut(rules))
    return ids

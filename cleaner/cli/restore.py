"""`copydesk restore`."""

from __future__ import annotations

from pathlib import Path

import click

from ...schemas.messages import counted
from .renamed_files import echo_renamed


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--to", required=True, type=click.Path(path_type=Path), help="Empty or new directory for the raw texts.")
def command(directory: Path, to: Path) -> int:
    """Restore the raw texts of a directory that `clean` wrote.

    Text files get their own names and bytes. Records become JSON Lines with their ids and texts, one file for each
    input file. The headline is added if it was cut. Each text is compared with the SHA-256 of the text that was read.

    Two inputs never share a file, and no file outside the directory is written. If a name is in use or cannot be
    used, the file gets another name, which names.jsonl lists.

    Rejected records are in quarantine.jsonl, unchanged: see `copydesk quarantine export`.

    \b
    Example:
      copydesk restore cleaned --to raw
    """
    from ..runs.restore import count_quarantined, restore_run

    restored = restore_run(directory, to)
    rejected = count_quarantined(directory)
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

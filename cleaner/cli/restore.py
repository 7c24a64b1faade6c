"""`copydesk restore`."""

from __future__ import annotations

from pathlib import Path

import click

from ...schemas.messages import counted


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--to", required=True, type=click.Path(path_type=Path), help="Directory for the raw texts.")
def command(directory: Path, to: Path) -> int:
    """Give back the raw texts of a directory that `clean` wrote.

    Text files come back byte for byte under their own names; records as JSON Lines of their ids and texts, one file
    for each input file. Each text is compared with the SHA-256 that was noted when it was read. Records that were
    turned away lie in quarantine.jsonl, as they were, and are not restored.

    \b
    Example:
      copydesk restore cleaned --to raw
    """
    from ..runs.restore import count_quarantined, restore_run

    count = restore_run(directory, to)
    aside = count_quarantined(directory)
    click.echo(f"restored {counted(count, 'text')} to {to}", err=True)
    if aside:
        click.echo(f"{counted(aside, 'record')} turned away: see {directory / 'quarantine.jsonl'}", err=True)
    return 0

"""`copydesk mine`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted
from .options import Configured, exclude_option, reading_options, settings_options

if TYPE_CHECKING:
    from ..mine.miner import Mined
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Rule file for the candidates.")
@click.option(
    "--top", default=200, show_default=True, type=click.IntRange(1, 5000), help="Number of candidates at most."
)
@click.option(
    "--min-records", default=3, show_default=True, type=click.IntRange(2), help="Records that a line must be in."
)
@click.option(
    "--min-hosts",
    default=3,
    show_default=True,
    type=click.IntRange(2),
    help="Hosts that a line must be on; one that is on a single host becomes a rule of this host.",
)
@reading_options
@exclude_option
@settings_options
def command(
    inputs: tuple[str, ...],
    out: Path,
    top: int,
    min_records: int,
    min_hosts: int,
    settings: Settings,
    encoding: str | None,
    kind: str,
) -> int:
    """Write the lines that recur in a data set as rules for review.

    Lines count as the same if they differ only in case, typography and digits. A line becomes a candidate if it stands
    in several records, never between lines of prose, and if the profile `page` cuts it wherever it was looked at. Its
    rule has real lines to remove, and real lines like them to keep. The input is read three times.

    \b
    Example:
      copydesk mine dump.jsonl.zst --out candidates.toml
      copydesk rules test candidates.toml
    """
    from ..atomic_files import whole_file
    from ..mine.miner import mine
    from ..readers.discovery import find_sources
    from ..readers.text_encodings import check_encoding
    from .outputs import protect_inputs

    protect_inputs([out], inputs, settings=settings, kind=kind)
    sources = find_sources(list(inputs), kind, exclude=settings.exclusions, strict=False)
    mined = mine(
        sources,
        top=top,
        least_records=min_records,
        least_hosts=min_hosts,
        mapping=settings.config.map,
        encoding=check_encoding(encoding),
    )
    for line in _describe(mined):
        click.echo(line, err=True)
    if not mined.candidates:
        return 0
    with whole_file(out) as file:
        file.write(mined.render())
    click.echo(f"{counted(len(mined.candidates), 'candidate')} written to {out}", err=True)
    return 0


def _describe(mined: Mined) -> list[str]:
    """Return what could not be used, line by line."""
    lines = [f"{counted(mined.records, 'record')} read"]
    if mined.without_host:
        lines.append(f"{counted(mined.without_host, 'record')} without a host: their lines count as those of no site")
    if mined.failed:
        lines.append(f"{counted(len(mined.failed), 'line')} left out, as the examples of the rule did not hold")
    if mined.forgotten:
        lines.append(f"too many different lines: those in {mined.forgotten} records or fewer may be missing")
    if not mined.candidates:
        lines.append("no line recurs that could be a rule")
    return lines

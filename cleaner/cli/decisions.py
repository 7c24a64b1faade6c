"""`copydesk decisions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .options import Configured, settings_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@settings_options
def command(output: str, settings: Settings) -> int:
    """List the cuts that were taken back.

    They are in copydesk.decisions.toml, beside the settings or in the working directory. Remove an entry of that file
    to let its rule cut again.

    \b
    Example:
      copydesk decisions
    """
    from ..reports.json_text import write_json

    entries = settings.decisions.entries
    for entry in entries:
        if output == "json":
            click.echo(write_json(entry.model_dump(exclude_none=True)))
            continue
        scope = [f"host {entry.host}" if entry.host else "", f"record {entry.record}" if entry.record else ""]
        place = f"  ({', '.join(filter(None, scope))})" if any(scope) else ""
        line = entry.line if entry.line is not None else "all lines" if entry.digest is None else f"line {entry.digest}"
        click.echo(printable(f"{entry.rule}: {line}{place}"))
    click.echo(f"{counted(len(entries), 'decision')} in {printable(str(settings.decisions_file))}", err=True)
    return 0

"""`copydesk diff`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .explain import print_lines, warn
from .options import Configured, color_option, settings_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--rule", "named", metavar="RULE", multiple=True, required=True, help="The rule or family. May be repeated."
)
@click.option("--host", metavar="HOST", help="Only records of this host.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Stop after N places.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@settings_options
@color_option
def command(
    out: Path,
    named: tuple[str, ...],
    host: str | None,
    limit: int | None,
    output: str,
    settings: Settings,
) -> int:
    """Show each place where a rule cut in a run.

    OUT is a folder that `clean` wrote; the input is not needed.

    Each place has the id, the file and the host of its record, and the kept lines before and after the cut.

    \b
    Example:
      copydesk diff cleaned --rule related/section
      copydesk diff cleaned --rule comments --format json
    """
    from ..reports.json_text import write_json
    from ..results.folder import open_folder
    from ..rule_tools.explain_run import check_rules, explain_cuts, find_cuts

    folder = open_folder(out)
    warn(folder.warnings)
    ruleset = settings.ruleset()
    selectors = check_rules(named, ruleset, folder)
    records = folder.read_cut(selectors)
    if host is not None:
        wanted = host.lower().removeprefix("www.")
        records = (record for record in records if record.host == wanted)
    places = islice(find_cuts(records, selectors), limit)
    if output == "json":
        for place in places:
            click.echo(write_json(place.describe()))
        return 0
    print_lines(explain_cuts(places, ruleset))
    return 0

"""`copydesk report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .explain import warn
from .options import Configured, F, settings_options

if TYPE_CHECKING:
    from ..settings import Settings

against_option = click.option(
    "--against", type=click.Path(path_type=Path), metavar="OUT2", help="Show what has changed since this earlier run."
)


def report_options(function: F) -> F:
    """Add the options of the page that a run writes."""
    return against_option(click.option("--no-report", is_flag=True, help="Write no report.html.")(function))


@click.command(cls=Configured)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="The page.  [default: OUT/report.html]")
@against_option
@settings_options
def command(out: Path, to: Path | None, against: Path | None, settings: Settings) -> int:
    """Write the page of a run again: records before and after.

    OUT is a folder that `copydesk clean` wrote. The page is one file that any browser opens, without a network. It
    shows figures of all records and samples of them; the full lists stay in the folder.

    \b
    Example:
      copydesk report cleaned
      copydesk report cleaned --against cleaned-in-may
    """
    from ...schemas.messages import printable
    from ..results.folder import open_folder
    from ..results.report.collect import collect_figures
    from ..results.report.write import write_report

    warn(open_folder(out).warnings)
    earlier = collect_figures(against) if against else None
    page = write_report(out, settings.ruleset(), earlier=earlier, against=str(against or ""), to=to)
    click.echo(printable(f"open {page}"), err=True)
    return 0

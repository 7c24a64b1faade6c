"""`copydesk describe`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .options import Configured, color_option, exclude_option, max_record_option, reading_options, settings_options
from .progress import progress_bar

if TYPE_CHECKING:
    from ...schemas.checks.profile import Profile
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File for the figures. A page with plots is written next to it."
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    help="What to print without --out.  [default: table on a terminal, else json]",
)
@color_option
@reading_options
@max_record_option
@exclude_option
@settings_options
def command(
    inputs: tuple[str, ...],
    out: Path | None,
    output_format: str | None,
    settings: Settings,
    encoding: str | None,
    kind: str,
) -> int:
    """Describe a data set: lengths, languages, sources, dates.

    A terminal shows it as a table with histograms. Otherwise it is JSON. `validate --against` compares a later set with
    it, and `suite new --from` proposes a suite that fits it.

    \b
    Example:
      copydesk describe news.jsonl.zst --out described.json
    """
    from ...schemas.errors import OutputError
    from ..readers.discovery import find_sources
    from ..validate.profiles import profile_files
    from .outputs import protect_inputs

    if out is not None:
        if not out.name or _page_of(out) == out:
            raise OutputError("this is where the page with plots goes", where=str(out), hint="choose a name in .json")
        protect_inputs([out, _page_of(out)], inputs, settings=settings, kind=kind)
    size = sum(source.size for source in find_sources(list(inputs), kind, exclude=settings.exclusions))
    with progress_bar("counting", size, shown=sys.stderr.isatty()) as advance:
        profile = profile_files(
            list(inputs),
            mapping=settings.config.map,
            kind=kind,
            encoding=encoding,
            exclude=settings.exclusions,
            progress=advance,
        )
    if out is None and (output_format == "json" or (output_format is None and not sys.stdout.isatty())):
        click.echo(profile.dumps(), nl=False)
        return 0
    if out is None:
        from .description_table import print_profile

        print_profile(profile)
        return 0
    _write(profile, out)
    return 0


def _page_of(out: Path) -> Path:
    return out.with_suffix(".html")


def _write(profile: Profile, out: Path) -> None:
    from ..atomic_files import whole_file
    from ..reports.html_pages import render_profile

    page = _page_of(out)
    for path, text in ((out, profile.dumps()), (page, render_profile(profile))):
        with whole_file(path) as file:
            file.write(text)
    click.echo(printable(f"{counted(profile.records, 'record')}; written to {out} and {page}"), err=True)

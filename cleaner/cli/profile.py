"""`copydesk profile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted
from .options import Configured, reading_options, settings_options
from .progress import progress_bar

if TYPE_CHECKING:
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File for the profile. A page with plots is written next to it."
)
@reading_options
@settings_options
def command(
    inputs: tuple[str, ...],
    out: Path | None,
    settings: Settings,
    encoding: str | None,
    kind: str,
) -> int:
    """Describe a data set: lengths, languages, sources, dates, missing values.

    The profile is JSON. Without --out, it is printed. `validate --against` compares a later set with it, and
    `suite new --from` proposes a suite that fits it.

    \b
    Example:
      copydesk profile news.jsonl.zst --out profile.json
    """
    from ...schemas.errors import OutputError
    from ..readers.discovery import find_sources
    from ..reports.html_pages import render_profile
    from ..validate.profiles import profile_files

    size = sum(source.size for source in find_sources(list(inputs), kind))
    with progress_bar("profiling", size, shown=sys.stderr.isatty()) as advance:
        profile = profile_files(
            list(inputs), mapping=settings.config.map, kind=kind, encoding=encoding, progress=advance
        )
    if out is None:
        click.echo(profile.dumps(), nl=False)
        return 0
    page = out.with_suffix(".html")
    try:
        out.write_text(profile.dumps(), "utf-8")
        page.write_text(render_profile(profile), "utf-8")
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(out), hint="give another --out") from None
    click.echo(f"{counted(profile.records, 'record')}; written to {out} and {page}", err=True)
    return 0

"""`copydesk convert`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .options import Configured, exclude_option, max_record_option, reading_options, settings_options

if TYPE_CHECKING:
    from ..settings import Settings
    from ..validate.convert_run import Conversion
    from ..validate.validator import Validator


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--to",
    required=True,
    type=click.Choice(["schemaorg", "ninjs", "csv", "txt", "jsonl"]),
    help="schemaorg: NewsArticle as JSON-LD; ninjs: version 3.1. Both have one object a line.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File for the articles, or directory for txt.  [default: standard output]",
)
@click.option("--columns", metavar="NAMES", help="CSV and JSON Lines: write only these fields, as in headline,body.")
@click.option("--raw-csv", is_flag=True, help="CSV: write cells as they are, even those that begin as formulas.")
@reading_options
@max_record_option
@exclude_option
@settings_options
def command(
    inputs: tuple[str, ...],
    to: str,
    out: Path | None,
    columns: str | None,
    raw_csv: bool,
    settings: Settings,
    encoding: str | None,
    kind: str,
) -> int:
    """Convert articles to forms that other programs read.

    Nothing is cleaned.

    INPUT is a directory that `clean` wrote, or anything that `clean` reads. The exit code is 1 if records could not be
    read.

    \b
    Example:
      copydesk convert cleaned --to schemaorg --out articles.jsonld
      copydesk convert cleaned --to csv --columns headline,url,body | head
    """
    from ..validate.convert_run import Conversion
    from ..validate.validator import Validator
    from .outputs import protect_inputs

    names = tuple(filter(None, (name.strip() for name in (columns or "").split(","))))
    if names and to not in ("csv", "jsonl"):
        raise click.UsageError("--columns works only with --to csv and --to jsonl")
    conversion = Conversion(inputs, to, names, raw_csv, kind, encoding, settings.exclusions)
    protect_inputs([out], inputs, settings=settings, kind=kind)
    validator = Validator("none", mapping=settings.config.map)
    return _convert(conversion, validator, out if out is None or str(out) != "-" else None)


def _convert(conversion: Conversion, validator: Validator, out: Path | None) -> int:
    from ..atomic_files import whole_file, whole_folder
    from ..runs.article_texts import write_texts
    from ..runs.totals import Totals
    from ..validate.convert_run import convert_articles, read_rows
    from .streams import write_data

    if out is None:
        totals = convert_articles(conversion, validator, write_data)
    elif conversion.to == "txt":
        totals = Totals()
        with whole_folder(out) as folder:
            write_texts(read_rows(conversion, validator, totals), folder)
    else:
        with whole_file(out) as file:
            totals = convert_articles(conversion, validator, lambda data: file.write(data.decode()))
    place = f"; written to {out}" if out is not None else ""
    lost = f", {totals.quarantined:,} could not be read" if totals.quarantined else ""
    click.echo(printable(f"{counted(totals.accepted, 'article')}{lost}{place}"), err=True)
    return 1 if totals.quarantined else 0

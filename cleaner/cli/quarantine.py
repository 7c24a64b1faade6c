"""`copydesk quarantine`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ...schemas.messages import counted
from .clean import clean_inputs, run_options
from .options import Configured
from .renamed_files import echo_renamed


@click.group()
def command() -> None:
    """List, show, export and retry the records that a run rejected."""


@command.command("list")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--check", help="Only records that this check, or a check of this family, rejected: body/empty, body.")
def list_entries(out: Path, check: str | None) -> int:
    """List the records of a quarantine: place, id, reasons.

    OUT is the directory that `clean` or `validate` wrote.

    \b
    Example:
      copydesk quarantine list out --check date
    """
    from ..runs.quarantine import read_quarantined

    count = 0
    for entry in read_quarantined(out):
        checks = [reason["check"] for reason in entry.reasons]
        if check is not None and not any(found == check or found.startswith(f"{check}/") for found in checks):
            continue
        count += 1
        click.echo(f"{entry.place}  {entry.id}  {', '.join(dict.fromkeys(checks))}")
    click.echo(counted(count, "record"), err=True)
    return 0


@command.command("show")
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("record", metavar="ID")
def show(out: Path, record: str) -> int:
    """Show a record of a quarantine with all its reasons. ID is an id or its beginning, or FILE:LINE.

    \b
    Example:
      copydesk quarantine show out dump.jsonl:7
    """
    from ..runs.quarantine import find_entries

    for entry in find_entries(out, record):
        click.echo(f"{entry.place}\nid: {entry.id}")
        for reason in entry.reasons:
            place = f" ({reason['field']})" if reason["field"] else ""
            click.echo(f"{reason['severity']}: {reason['check']}{place}: {reason['message']}")
        shown = entry.record if entry.record is not None else entry.content.decode("utf-8", "backslashreplace")
        click.echo(shown if isinstance(shown, str) else json.dumps(shown, indent=2, ensure_ascii=False))
    return 0


@command.command("export")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--to", required=True, type=click.Path(path_type=Path), help="Directory for the files.")
def export(out: Path, to: Path) -> int:
    """Write the records of a quarantine to files.

    They have the names and the formats of the input.

    All files are written below the directory, or none if one already exists. If a name is in use or cannot be used,
    the file gets another name, which names.jsonl lists.

    \b
    Example:
      copydesk quarantine export out --to rejected
    """
    from ..runs.quarantine import export_quarantine

    exported = export_quarantine(out, to)
    for file in exported.files:
        click.echo(f"{file.records:>7,}  {file.name}")
    echo_renamed(exported.renamed, to)
    click.echo(f"{counted(sum(file.records for file in exported.files), 'record')} written to {to}", err=True)
    return 0


@command.command("retry", cls=Configured)
@click.argument("quarantine", metavar="OUT", type=click.Path(path_type=Path))
@run_options
def retry(quarantine: Path, **options: Any) -> int:
    """Clean and check the records of a quarantine again.

    The rules and the suite are those of now.

    The options are those of `clean`. Each record keeps its place in the original input. A record that repeats an
    article in articles.parquet of OUT is a duplicate.

    \b
    Example:
      copydesk quarantine retry out --out out2 --suite minimal
    """
    from ..runs.quarantine import quarantine_source

    path = quarantine_source(quarantine).path
    out = quarantine if quarantine.is_dir() else quarantine.parent
    return clean_inputs([str(path)], kind="quarantine", accepted_in=out, **options)

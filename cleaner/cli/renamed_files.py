"""What commands say about records whose files could not keep their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..runs.output_names import RenamedFile

_SHOWN = 10


def echo_renamed(renamed: Sequence[RenamedFile], to: Path) -> None:
    """Print on standard error which names became which paths below `to`."""
    for file in renamed[:_SHOWN]:
        click.echo(f"renamed: {file.name or '-'} -> {to / file.path}", err=True)
    if renamed:
        more = f" ({len(renamed) - _SHOWN:,} more)" if len(renamed) > _SHOWN else ""
        click.echo(f"{counted(len(renamed), 'file')} renamed{more}: see names.jsonl in {to}", err=True)

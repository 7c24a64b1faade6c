"""The progress bar of commands that read files."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress_bar(activity: str, total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` bytes were read. Call the function that you get with the number of new bytes."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from ..reports.safe_stream import trusted_stream

    columns = (
        TextColumn(activity),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=trusted_stream(sys.stderr)), transient=True) as bar:
        task = bar.add_task(activity, total=total or None)
        yield lambda amount: bar.advance(task, amount)

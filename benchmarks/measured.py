"""What the scripts that measure share: parts that take turns, tables, and the file of figures that the page is made of.

A file of figures is JSON: `benchmark` (the script), `tables` (rows by name, each row one measurement), `machine` and
`date`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from copydesk.cleaner.measuring import apart, describe_machine

Row = dict[str, Any]
Part = tuple[Callable[..., Row], tuple[Any, ...], int | None]
"""A function, its arguments, and the number of cores that it may use; None: all."""
_console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def in_turn(parts: Mapping[str, Part], runs: int) -> dict[str, Row]:
    """Measure parts in turn, each time in a process of its own; give of each the run with the median of `seconds`."""
    found: dict[str, list[Row]] = defaultdict(list)
    for _ in range(runs):
        for name, (function, arguments, cores) in parts.items():
            found[name].append(apart(function, *arguments, cores=cores))
    return {name: sorted(mine, key=lambda one: one["seconds"])[(len(mine) - 1) // 2] for name, mine in found.items()}


def rates(taken: Mapping[str, Any], size: float, records: int) -> Row:
    """Give seconds, MB (10^6 bytes of text) and records a second, and the peak of memory."""
    seconds = taken["seconds"]
    return {
        "seconds": round(seconds, 3),
        "mb_per_second": round(size / 1e6 / seconds, 2),
        "records_per_second": round(records / seconds),
        "peak_mib": taken.get("peak_mib"),
    }


def with_ratios(rows: list[Row], of: str = "mb_per_second", to: int = 0) -> list[Row]:
    """Add to each row its rate as a multiple of that of one of them; a row without a rate has no multiple."""
    base = rows[to].get(of)
    return [{**row, "ratio": round(row[of] / base, 3) if base and row.get(of) else None} for row in rows]


def print_table(title: str, rows: list[Row]) -> None:
    """Print rows under the names of their values."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        numbers = all(isinstance(row.get(name), (int, float, type(None))) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numbers else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(show(row.get(name)) for name in names))
    _console.print(table)


def show(value: Any) -> str:
    """Give a value as tables show it."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """Give a parser of arguments with what all scripts have."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures to this file, too")
    return parser


def report(benchmark: str, tables: dict[str, list[Row]], out: Path | None, **more: Any) -> None:
    """Print figures as JSON, and write them to a file if one is given."""
    figures = {
        "benchmark": benchmark,
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": describe_machine(),
        **more,
        "tables": tables,
    }
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    print(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", "utf-8")

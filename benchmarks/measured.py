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
from functools import partial
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from copydesk.cleaner.bench.measure import describe_machine
from copydesk.cleaner.bench.processes import apart

Row = dict[str, Any]
Part = Callable[[], Row]
"""Something to measure: gives at least `seconds`."""
HEADINGS = {
    "mb_per_second": "MB/s",
    "records_per_second": "records/s",
    "peak_mib": "peak MiB",
    "hits_per_mb": "hits/MB",
    "input_mb": "MB of input",
    "ms_over_empty": "ms",
}
_console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def part(function: Callable[..., Row], *arguments: Any, cores: int | None, lean: bool = True) -> Part:
    """Return a function that calls `function` in its own process, on some cores or on all; `lean` as in `apart`."""
    return partial(apart, function, *arguments, cores=cores, lean=lean)


def in_turn(parts: Mapping[str, Part], runs: int) -> dict[str, Row]:
    """Measure parts in turn; give of each the run with the median of `seconds`.

    A part that gave no `seconds` is not asked again.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for _ in range(runs):
        for name, measure in parts.items():
            if all("seconds" in earlier for earlier in found[name]):
                found[name].append(measure())
    return {name: median(mine) for name, mine in found.items()}


def median(taken: list[Row]) -> Row:
    """Return the run in the middle by `seconds`, or the last if it has none."""
    return taken[-1] if "seconds" not in taken[-1] else sorted(taken, key=lambda one: one["seconds"])[len(taken) // 2]


def rates(taken: Mapping[str, Any], size: float, records: int) -> Row:
    """Return seconds, MB (10^6 bytes of text) and records a second, and the peak of memory."""
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
        table.add_column(heading(name), justify="right" if numbers else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(show(row.get(name)) for name in names))
    _console.print(table)


def heading(name: str) -> str:
    """Return the name of a value as tables show it."""
    return HEADINGS.get(name, name.replace("_", " "))


def show(value: Any) -> str:
    """Return a value as tables show it."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser of arguments with what all scripts have."""
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

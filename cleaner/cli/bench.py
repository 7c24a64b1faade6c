"""`copydesk bench`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ...schemas.messages import counted
from .options import Configured, input_options, rules_options

if TYPE_CHECKING:
    from rich.table import Table

    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--megabytes",
    type=click.FloatRange(min=0, min_open=True),
    default=64,
    show_default=True,
    help="Measure on no more than so many of the input, from its beginning.",
)
@click.option("--runs", type=click.IntRange(1), default=3, show_default=True, help="Times; the median counts.")
@click.option("--workers", default=0, show_default=True, help="Processes to compare with one; 0 for one each core.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@input_options
@rules_options
def command(
    inputs: tuple[str, ...],
    megabytes: float,
    runs: int,
    workers: int,
    as_json: bool,
    settings: Settings,
    encoding: str | None,
    kind: str,
) -> int:
    """Measure how fast this machine cleans your own data, and where the time goes.

    Reading alone, the rules alone, the whole of `clean` stage by stage, and the floor: the same texts read and written
    by libraries alone (JSON Lines by polars where it is installed, else by pyarrow; Parquet by pyarrow), which are
    named. Each is a process of its own on one core. A first pass over the beginning, in which patterns and the like are
    made, is not counted; only workers make them while the clock runs. Nothing is kept.

    \b
    Example:
      copydesk bench dumps/ --megabytes 200
    """
    from ..bench.report import bench

    def tell(part: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"measuring: {part}", err=True)

    found = bench(
        list(inputs),
        settings.cleaner(),
        megabytes=megabytes,
        runs=runs,
        workers=workers,
        kind=kind,
        encoding=encoding,
        told=tell,
    )
    if as_json:
        import json

        click.echo(json.dumps(found, indent=1))
        return 0
    _print(found)
    return 0


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console

    from ..bench.report import ENOUGH

    console = Console(highlight=False)
    read, machine = found["input"], found["machine"]
    console.print(
        f"{counted(read['records'], 'record')}, {_size(read['text_bytes'])} of text, "
        f"profile {found['profile']}, {counted(found['rules'], 'rule')}; median of {counted(found['runs'], 'run')}"
    )
    cores = counted(machine["cores"], "core")
    console.print(f"{machine['processor']}, {cores}, Python {machine['python']}", style="dim")
    if not read["enough"]:
        console.print(f"less than {ENOUGH / 1e6:.0f} MB of text: too little to tell; name more")
    for table in (_parts(found), _stages(found), _hits(found)):
        console.print()
        console.print(table)
    console.print()
    if floor := found["parts"].get("floor"):
        console.print(f"floor: the same texts read and written by {' and '.join(floor['libraries'])} alone")
    if found["projected_seconds"]:
        for name, seconds in found["projected_seconds"].items():
            console.print(f"all {_size(read['bytes'])} on disk, {name}: about {_duration(seconds)}")


def _table(first: str, *numbers: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _parts(found: dict[str, Any]) -> Table:
    table = _table("part", "seconds", "MB/s", "records/s", "peak MiB", "times the floor")
    for name, taken in found["parts"].items():
        times = "-" if taken["floor_times"] is None else f"{taken['floor_times']:.2f}"
        peak = f"{taken['peak_mib']:,}" if taken["peak_mib"] else "-"
        rates = (f"{taken['seconds']:.2f}", f"{taken['mb_per_second']:,.1f}", f"{taken['records_per_second']:,}")
        table.add_row(name, *rates, peak, times)
    return table


def _stages(found: dict[str, Any]) -> Table:
    table = _table("stage of clean", "seconds", "share", "MB/s")
    whole = sum(found["stages"].values())
    for name, seconds in found["stages"].items():
        rate = f"{found['input']['text_bytes'] / 1e6 / seconds:,.1f}" if seconds else "-"
        table.add_row(name, f"{seconds:.2f}", f"{seconds / whole:.0%}", rate)
    return table


def _hits(found: dict[str, Any]) -> Table:
    hits = found["hits"]
    table = _table("what stays in Python", "")
    rows = [("hits per MB", found["hits_per_mb"])]
    rows += [(f"  of {kind}", round(found["hits_per_mb"] * share, 1)) for kind, share in hits["shares"].items()]
    rows += [
        ("calls per hit, of Python", hits["calls_per_hit"]),
        ("calls per hit, of C from Python", hits["calls_of_c_per_hit"]),
        ("calls per record without a hit", hits["calls_per_record_without_hits"]),
    ]
    rows += [(f"  {one['function']}, per hit", one["calls_per_hit"]) for one in hits["functions"]]
    for name, value in rows:
        table.add_row(name, "-" if value is None else f"{value:,}")
    return table


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"

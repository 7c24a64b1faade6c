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
    help="Size of the sample in MB, taken from the beginning of the input.",
)
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="How often to measure. The median is reported."
)
@click.option(
    "--workers",
    default=0,
    show_default=True,
    help="Number of worker processes to compare with one. 0: one for each core.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
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
    """Measure how fast this machine cleans your data.

    The tables show where the time goes.

    It measures reading alone, the rules alone, and all of `clean`, stage by stage. For comparison it measures the
    floor: the time that plain libraries need to read and write the same texts (polars or pyarrow). Each part runs in a
    process of its own on one core. Work that a process does once, such as compiling patterns, is not counted, except
    for worker processes. Nothing is kept.

    \b
    Example:
      copydesk bench dumps/ --megabytes 200
    """
    from ..bench.report import bench

    def show_part(part: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"measuring: {part}", err=True)

    figures = bench(
        list(inputs),
        settings.cleaner(),
        megabytes=megabytes,
        runs=runs,
        workers=workers,
        kind=kind,
        encoding=encoding,
        on_part=show_part,
    )
    if as_json:
        import json

        click.echo(json.dumps(figures, indent=1))
        return 0
    _print(figures)
    return 0


def _print(figures: dict[str, Any]) -> None:
    from rich.console import Console

    from ..bench.report import ENOUGH
    from ..reports.safe_stream import trusted_stream

    console = Console(file=trusted_stream(sys.stdout), highlight=False, markup=False)
    sample, machine = figures["input"], figures["machine"]
    console.print(
        f"{counted(sample['records'], 'record')}, {_size(sample['text_bytes'])} of text, "
        f"profile {figures['profile']}, {counted(figures['rules'], 'rule')}; "
        f"median of {counted(figures['runs'], 'run')}"
    )
    cores = counted(machine["cores"], "core")
    console.print(f"{machine['processor']}, {cores}, Python {machine['python']}", style="dim")
    if not sample["enough"]:
        console.print(f"less than {ENOUGH / 1e6:.0f} MB of text: the figures are not reliable, so name more files")
    for table in (_parts(figures), _stages(figures), _hits(figures)):
        console.print()
        console.print(table)
    console.print()
    if floor := figures["parts"].get("floor"):
        console.print(f"floor: the same texts, read and written by {' and '.join(floor['libraries'])} alone")
    if figures["projected_seconds"]:
        for name, seconds in figures["projected_seconds"].items():
            console.print(f"all {_size(sample['bytes'])} on disk, {name}: about {_duration(seconds)}")


def _table(first: str, *numbers: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _parts(figures: dict[str, Any]) -> Table:
    table = _table("part", "seconds", "MB/s", "records/s", "peak MiB", "times the floor")
    for name, taken in figures["parts"].items():
        times = "-" if taken["floor_times"] is None else f"{taken['floor_times']:.2f}"
        peak = f"{taken['peak_mib']:,}" if taken["peak_mib"] else "-"
        rates = (f"{taken['seconds']:.2f}", f"{taken['mb_per_second']:,.1f}", f"{taken['records_per_second']:,}")
        table.add_row(name, *rates, peak, times)
    return table


def _stages(figures: dict[str, Any]) -> Table:
    table = _table("stage of clean", "seconds", "share", "MB/s")
    whole = sum(figures["stages"].values())
    for name, seconds in figures["stages"].items():
        rate = f"{figures['input']['text_bytes'] / 1e6 / seconds:,.1f}" if seconds else "-"
        table.add_row(name, f"{seconds:.2f}", f"{seconds / whole:.0%}", rate)
    return table


def _hits(figures: dict[str, Any]) -> Table:
    hits = figures["hits"]
    table = _table("work in Python", "")
    rows = [("hits per MB", figures["hits_per_mb"])]
    rows += [(f"  of {kind}", round(figures["hits_per_mb"] * share, 1)) for kind, share in hits["shares"].items()]
    rows += [
        ("Python calls per hit", hits["calls_per_hit"]),
        ("C calls from Python per hit", hits["calls_of_c_per_hit"]),
        ("calls per record without a hit", hits["calls_per_record_without_hits"]),
    ]
    rows += [(f"  {call['function']}, per hit", call["calls_per_hit"]) for call in hits["functions"]]
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

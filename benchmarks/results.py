"""Make the page of results: python benchmarks/results.py [--results DIR] [--docs DIR].

Reads the figures that throughput.py, peers.py, scaling.py and paired.py have written to benchmarks/results, and writes
docs/benchmarks.md with its plots. A missing file is left out of the page.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from measured import Row, heading, show

HERE = Path(__file__).parent
RESULTS, DOCS = HERE / "results", HERE.parent / "docs"
SCRIPTS = ("throughput", "peers", "scaling", "paired")
HEAD = """<!-- made by benchmarks/results.py from benchmarks/results: change those -->

# Benchmarks

The figures of each table were measured in turn on one machine. Each measurement ran in its own process, on one core
unless the table names workers. MB are 10^6 bytes of raw text. The ratios matter more than the absolute figures. To
measure your own data on your own machine, run `copydesk bench DUMP`. To repeat all measurements, see
`python benchmarks/everything.py --help`.
"""
ABOUT = {
    "parts": "Floor: polars reads the same JSON Lines, and pyarrow writes text and id as Parquet with Zstandard. "
    "Kernel: from texts in memory to clean texts and edits. Clean: the whole command, with checks and all "
    "output files.",
    "hits": "The number of calls in Python, counted after a warm-up. The calls for a hit are those that the same "
    "texts no longer need once they are clean.",
    "start": "Milliseconds in addition to the start of an empty interpreter. For `copydesk clean`, the work itself "
    "is subtracted: the time of a second run in the same process.",
    "peers": "Each tool is installed in its own environment and runs on the same core. It reads and writes JSON "
    "Lines. The tools do different work, as the table shows. The last columns divide the time by that of "
    "`copydesk clean` with all checks and edits, by profile.",
    "rules": "Rules with one phrase each, on the same invented text.",
    "lengths": "Invented records of different lengths, with the same total size.",
    "rows": "Invented records of 300 bytes.",
    "threads": "The same pieces, processed by threads of one process or by processes. The start of the processes "
    "counts. Nothing is written.",
    "workers": "The whole of `clean`.",
    "spark": "`clean --engine spark` on one machine. The seconds that Spark needs to start are in their own column.",
    "memory": "Memory of all processes together.",
    "paired": "Two versions by turns on a busy machine, in seconds of processor time: see benchmarks/paired.py. The "
    "least of the runs counts. No text comes twice in a dump, but for the invented one. The floor is measured "
    "in the same processes, without the start of Python and its libraries. "
    "For both reasons the ratios are larger than those of the tables above.",
    "paired_stages": "The stages of `clean` for the same runs.",
    "paired_short": "Lines and sentences of a dump, divided into records by `benchmarks/dumps.py --record-bytes`, and "
    "measured like the runs above. Here, the version before is the one before languages were detected only once.",
    "targets": "What the compiled kernel is to reach. The second column is what was measured when the targets were "
    "set, the last two are by turns in processor time, as above. A row without figures was not measured again: it "
    "needs a quiet machine.",
    "shares": "In percent of the processor time of `clean` under a profiler, which makes Python look slower than it "
    "is. Hyperscan is a part of the lines and of the checks.",
}
TITLES = {
    "parts": "Throughput",
    "stages": "Where the time goes",
    "hits": "Work in Python",
    "start": "Start",
    "peers": "Comparison with other tools",
    "rules": "More rules",
    "lengths": "Longer records",
    "rows": "More records",
    "workers": "Workers",
    "threads": "Threads and processes",
    "spark": "Spark",
    "memory": "Memory",
    "paired": "Before and now",
    "paired_stages": "Stages before and now",
    "paired_short": "Short records before and now",
    "targets": "Numbers to reach",
    "shares": "Where the rest is",
}
PLOTS = {"peers": "peers", "stages": "stages", "rules": "scaling", "memory": "memory"}


def load(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the figures of each script that has left some."""
    paths = {name: folder / f"{name}.json" for name in SCRIPTS}
    return {name: json.loads(path.read_text("utf-8")) for name, path in paths.items() if path.exists()}


def render(figures: dict[str, dict[str, Any]], plots: set[str]) -> str:
    """Return the page; `plots` are those that were drawn."""
    parts = [HEAD]
    told = ""
    for found in figures.values():
        machine = _machine(found)
        if machine != told:  # else it is as before
            parts.append(machine)
            told = machine
        for table, rows in found["tables"].items():
            parts.append(f"## {TITLES[table]}\n")
            if table in ABOUT:
                parts.append(f"{ABOUT[table]}\n")
            if PLOTS.get(table) in plots:
                parts.append(f"![{TITLES[table]}](benchmarks/{PLOTS[table]}.svg)\n")
            parts.append(_table(_flat(rows)))
    return "\n".join(parts)


def _machine(found: dict[str, Any]) -> str:
    machine = found["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    memory = f"{machine['memory_mib'] / 1024:,.0f} GiB, " if machine["memory_mib"] else ""
    return (
        f"Measured on {found['date']} with copydesk {machine['copydesk']}: {machine['processor']}, {machine['cores']} "
        f"cores, {memory}{machine['system']}, Python {machine['python']}, {versions}; median of {found['runs']} runs.\n"
    )


def _flat(rows: list[Row]) -> list[Row]:
    """Leave out what is no single value."""
    return [{name: value for name, value in row.items() if not isinstance(value, (list, dict))} for row in rows]


def _table(rows: list[Row]) -> str:
    """Return rows as a table of Markdown; a column without a value is left out."""
    names = [n for n in dict.fromkeys(n for row in rows for n in row) if any(row.get(n) is not None for row in rows)]
    numbers = [all(isinstance(row.get(name), (int, float, type(None))) for row in rows) for name in names]
    lines = [
        " | ".join(map(heading, names)),
        " | ".join("--:" if number else "---" for number in numbers),
        *(" | ".join(show(row.get(name)).replace("|", "\\|") for name in names) for row in rows),
    ]
    return "".join(f"| {line} |\n" for line in lines)


def draw_all(figures: dict[str, dict[str, Any]], folder: Path) -> set[str]:
    """Draw what there are figures for; return the names of the plots."""
    from plots import bars, draw, line, stacked

    tables = {table: rows for found in figures.values() for table, rows in found["tables"].items()}
    drawn = set()
    if peers := [row for row in tables.get("peers", []) if row.get("mb_per_second")]:
        peers.sort(key=lambda row: -row["mb_per_second"])
        names, values = [row["tool"] for row in peers], [row["mb_per_second"] for row in peers]
        height = 0.6 + 0.28 * len(peers)
        panel = [lambda axes: bars(axes, names, values, "MB of text a second", lambda n: n.startswith("copydesk"))]
        draw(folder / "peers.svg", (7, height), panel)
        drawn.add("peers")
    if stages := tables.get("stages"):
        groups: dict[str, dict[str, float]] = {}
        for row in stages:
            groups.setdefault(f"{row['dump']}, {row['profile']}", {})[row["stage"]] = row["seconds"]
        parts = {stage: [group[stage] for group in groups.values()] for stage in next(iter(groups.values()))}
        draw(
            folder / "stages.svg", (7, 0.9 + 0.3 * len(groups)), [lambda axes: stacked(axes, list(groups), parts, "s")]
        )
        drawn.add("stages")
    over = (
        ("rules", "rules", "rules"),
        ("lengths", "bytes_a_record", "bytes a record"),
        ("rows", "records", "records"),
    )
    panels = [line(tables[t], x, "mb_per_second", (label, "MB/s"), log=True) for t, x, label in over if t in tables]
    if panels:
        draw(folder / "scaling.svg", (2.6 * len(panels), 2.2), panels)
        drawn.add("scaling")
    if memory := tables.get("memory"):
        panels = []
        for workers in dict.fromkeys(row["workers"] for row in memory):
            label = f"{workers} worker" + ("s" if workers > 1 else "")
            mine = [row for row in memory if row["workers"] == workers]
            panels.append(line(mine, "input_mb", "peak_mib", (f"MB of input, {label}", "peak MiB"), log=False))
        draw(folder / "memory.svg", (2.6 * len(panels), 2.2), panels)
        drawn.add("memory")
    return drawn


def make(results: Path, docs: Path) -> None:
    """Write the page and its plots. Raises `FileNotFoundError` if there are no figures."""
    figures = load(results)
    if not figures:
        raise FileNotFoundError(f"{results}: no file of figures; run benchmarks/everything.py")
    plots = draw_all(figures, docs / "benchmarks")
    for old in (docs / "benchmarks").glob("*.svg"):
        if old.stem not in plots:
            old.unlink()
    (docs / "benchmarks.md").write_text(render(figures, plots), "utf-8")


def main() -> None:
    """Make the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args()
    try:
        make(options.results, options.docs)
    except FileNotFoundError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

"""How fast cleaning is, as ratios of one run: python benchmarks/throughput.py INPUT.jsonl [--profile P].

Prints JSON: MB/s of text of the kernel alone, of the whole `clean`, and of the floor (polars reads the same file,
pyarrow writes its text and id as Parquet zstd); their ratios; the peak memory of `clean`. Each part runs in a process
of its own, one after the other, `--runs` times, and the median is given. Pin it to one core from outside:
`taskset -c 0 python benchmarks/throughput.py dump.jsonl`. Needs polars, which copydesk does not.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def measure_floor(path: Path) -> dict[str, float]:
    """Read with polars, write with pyarrow."""
    import polars as pl
    import pyarrow.parquet as pq

    started = time.perf_counter()
    frame = pl.read_ndjson(path, schema={"id": pl.String, "text": pl.String})
    read = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(frame.to_arrow(), Path(folder) / "floor.parquet", compression="zstd")
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "read_seconds": read, "bytes": int(frame["text"].str.len_bytes().sum())}


def measure_kernel(path: Path, profile: str) -> dict[str, float]:
    """Clean texts that are in memory already, edits included."""
    import pyarrow as pa

    from copydesk.cleaner.kernel import Kernel
    from copydesk.rules.ruleset import load_ruleset
    from copydesk.schemas.cache import cache_directory

    texts, batches, size, total = [], [], 0, 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            texts.append(json.loads(line)["text"])
            size += len(texts[-1].encode())
            if size >= 8 << 20:
                batches.append(pa.array(texts, pa.large_string()))
                total, size, texts = total + size, 0, []
    batches.append(pa.array(texts, pa.large_string()))
    kernel = Kernel(load_ruleset(profile=profile), cache_directory())
    kernel.clean(batches[0].slice(0, 10))
    started = time.perf_counter()
    edits = sum(kernel.clean(batch).edits.num_rows for batch in batches)
    return {"seconds": time.perf_counter() - started, "edits": edits, "bytes": total + size}


def measure_clean(path: Path, profile: str) -> dict[str, float]:
    """Run the whole command's work: read, clean, check, write everything."""
    from copydesk.cleaner.api import Cleaner
    from copydesk.cleaner.run import clean_files

    cleaner = Cleaner(profile=profile)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        totals = clean_files([str(path)], Path(folder) / "out", cleaner)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "records": totals.read, "quarantined": totals.quarantined}


def run_part(part: str, path: Path, profile: str) -> dict[str, Any]:
    """Run one part in a process of its own."""
    command = [sys.executable, __file__, str(path), "--profile", profile, "--part", part]
    result: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result


def measure_start() -> dict[str, float]:
    """Give the milliseconds of `--version` and of the import over an empty interpreter, median of 9."""

    def median(*code: str) -> float:
        times = []
        for _ in range(9):
            started = time.perf_counter()
            subprocess.run([sys.executable, *code], check=True, capture_output=True)
            times.append(time.perf_counter() - started)
        return statistics.median(times) * 1000

    empty = median("-c", "pass")
    version = "import sys; sys.argv=['copydesk','--version']; from copydesk.cleaner.commands import main; main()"
    return {
        "version_ms_over_empty": round(median("-c", version) - empty, 1),
        "import_ms_over_empty": round(median("-c", "import copydesk") - empty, 1),
        "import_all_ms_over_empty": round(median("-c", "from copydesk import clean") - empty, 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("input", type=Path)
    parser.add_argument("--profile", default="article")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--part", choices=("floor", "kernel", "clean"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        if options.part == "floor":
            found = measure_floor(options.input)
        else:
            found = {"kernel": measure_kernel, "clean": measure_clean}[options.part](options.input, options.profile)
        found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    parts: dict[str, dict[str, Any]] = {}
    for part in ("floor", "kernel", "clean"):
        runs = [run_part(part, options.input, options.profile) for _ in range(options.runs)]
        parts[part] = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]
    size = parts["floor"]["bytes"] / 1e6
    rates = {part: round(size / found["seconds"], 1) for part, found in parts.items()}
    report = {
        "input_mb_of_text": round(size, 1),
        "profile": options.profile,
        "mb_per_second": rates,
        "clean_over_floor_time": round(parts["clean"]["seconds"] / parts["floor"]["seconds"], 2),
        "kernel_over_clean_rate": round(rates["kernel"] / rates["clean"], 2),
        "peak_mib": {part: round(found["peak_mib"]) for part, found in parts.items()},
        "edits": parts["kernel"]["edits"],
        "records": parts["clean"]["records"],
        "quarantined": parts["clean"]["quarantined"],
        "start": measure_start(),
        "machine": {"python": platform.python_version(), "processor": platform.machine()},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()

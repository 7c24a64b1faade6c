"""Compare two versions on a busy machine: python benchmarks/paired.py OLD NEW DUMP.jsonl... [--profile P...].

OLD and NEW are the Pythons of two environments, each with copydesk installed. For each dump and profile, they take
turns in processes of their own, on one core, `--runs` times. All figures are seconds of processor time, so that what
else the machine does counts little, and the least of all runs is given. A process cleans the dump twice and measures
the second time: no text is known then, but rules, tables and the states of automata are loaded, as in a long run. The
floor is measured in the same processes: polars reads the file, pyarrow writes its texts and ids. A dump should have no
text twice.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measured import Row, arguments, print_table, report

VALIDATE = "validate"
STAGES = ("parse", "load", "rules", "checks", "write")


def spend(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that the second of two runs takes."""
    work()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def floor(path: str, folder: str) -> None:
    """Read a file with polars, and write its texts and ids with pyarrow."""
    import polars as pl
    import pyarrow.parquet as pq

    pq.write_table(pl.read_ndjson(path).select("text", "id").to_arrow(), f"{folder}/floor", compression="zstd")


def clean(path: str, profile: str, folder: str) -> Row:
    """Clean a file twice; return the seconds of each stage of the second time."""
    from copydesk.cleaner.api import Cleaner
    from copydesk.cleaner.runs import clean_run
    from copydesk.cleaner.runs.run_request import RunInputs, RunRequest

    stages = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def watch(stage: str) -> Iterator[None]:
        begun = time.process_time()
        yield
        stages[stage] += time.process_time() - begun

    class Watched(clean_run.Processor):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more, watch=watch)

    clean_run.Processor = Watched  # type: ignore[misc]
    cleaner = Cleaner(profile=profile)

    def run() -> None:
        stages.update(dict.fromkeys(STAGES, 0.0))
        clean_run.clean_files(RunRequest(RunInputs.find([path]), Path(folder, "out"), overwrite=True), cleaner)

    return {"seconds": spend(run), **stages}


def validate(path: str) -> Row:
    """Validate a file with the suite of articles."""
    from copydesk.cleaner.validate.validate_run import validate_files
    from copydesk.cleaner.validate.validator import Validator

    validator = Validator("article")
    return {"seconds": spend(lambda: validate_files([path], validator, engine="flags"))}


def measure_here(path: str, profile: str) -> Row:
    """Measure one dump and profile in this process."""
    with tempfile.TemporaryDirectory() as folder:
        base = spend(lambda: floor(path, folder))
        found = validate(path) if profile == VALIDATE else clean(path, profile, folder)
    return {"floor": base, **found}


def measure_apart(python: str, path: Path, profile: str) -> Row:
    """Measure one dump and profile with another Python, on the last core."""
    core = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    command = [python, __file__, "--here", str(path.resolve()), profile]
    pinned = ["taskset", "-c", str(core), *command] if core is not None else command
    done = subprocess.run(pinned, check=True, capture_output=True, text=True)
    found: Row = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(old: str, new: str, path: Path, profile: str, runs: int) -> tuple[Row, list[Row]]:
    """Return the row of a dump and profile, and those of its stages."""
    taken: dict[str, list[Row]] = {old: [], new: []}
    for _ in range(runs):
        for python, found in taken.items():
            found.append(measure_apart(python, path, profile))
    base = min(row["floor"] for rows in taken.values() for row in rows)
    before, after = (min(rows, key=lambda row: row["seconds"]) for rows in taken.values())
    size = sum(len(json.loads(line)["text"].encode()) for line in path.open("rb")) / 1e6
    about = {"dump": path.stem, "profile": profile}
    row = {**about, "mb": round(size, 1), "floor_seconds": round(base, 3)}
    for name, found in (("before", before), ("now", after)):
        row[f"{name}_seconds"] = round(found["seconds"], 2)
        row[f"{name}_floor_times"] = round(found["seconds"] / base, 1)
    row["now_mb_per_second"] = round(size / after["seconds"], 1)
    stages = [
        {**about, "stage": stage, "before_seconds": round(before[stage], 3), "now_seconds": round(after[stage], 3)}
        for stage in STAGES
        if stage in after
    ]
    return row, stages


def main() -> None:
    """Compare and print."""
    if sys.argv[1:2] == ["--here"]:
        print(json.dumps(measure_here(*sys.argv[2:])))
        return
    parser = arguments(__doc__)
    parser.add_argument("old", help="the Python of one environment")
    parser.add_argument("new", help="that of the other one")
    parser.add_argument("dumps", type=Path, nargs="+")
    parser.add_argument("--profile", nargs="+", default=["rules", "article", "page", VALIDATE])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    compared, stages = [], []
    for dump in options.dumps:
        for profile in options.profile:
            row, of_row = compare(options.old, options.new, dump, profile, options.runs)
            print_table(f"{dump.name}, {profile}", [row])
            compared.append(row)
            stages += of_row
    print_table("stages", stages)
    report("paired", {"paired": compared, "paired_stages": stages}, options.out, runs=options.runs)


if __name__ == "__main__":
    main()

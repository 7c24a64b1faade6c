"""How fast cleaning is, as ratios of one run: python benchmarks/throughput.py DUMP.jsonl... [--profile P...].

For each dump and profile, what `copydesk bench` measures of the whole dump: reading alone, the kernel, the floor
(polars reads the same file, pyarrow writes its text and id as Parquet zstd), `clean` with one worker and with two, its
stages, and the calls that stay in Python for a hit; and `validate`, which has no rules to run. Each part is a process
of its own on one core; the parts take turns, `--runs` times, and the median is given. At the end, how long a start
takes. Needs polars, which copydesk does not.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl  # noqa: F401 # without it, the floor would be another one
from measured import Row, arguments, in_turn, part, print_table, rates, report

from copydesk.cleaner.bench.measure import peak_memory
from copydesk.cleaner.bench.report import bench
from copydesk.cleaner.process import python_command

FEW = 20  # records of a run that is over before it has begun


def validate(path: str, suite: str) -> Row:
    """Judge the records of a file as they are."""
    from copydesk.cleaner.validate.validate_run import validate_files
    from copydesk.cleaner.validate.validator import Validator

    validator = Validator(suite)
    started = time.perf_counter()
    validate_files([path], validator, engine="flags")
    return {"seconds": time.perf_counter() - started, "peak_mib": peak_memory()}


def measure(dump: Path, profile: str, options: Any) -> tuple[list[Row], list[Row], dict[str, Any]]:
    """Return the parts, the stages and what stays in Python of one dump and profile."""
    from copydesk.cleaner.api import Cleaner

    found = bench([str(dump)], Cleaner(profile=profile), megabytes=float("inf"), runs=options.runs, workers=2)
    about = {"dump": dump.name.partition(".")[0], "profile": profile}
    size, records = found["input"]["text_bytes"], found["input"]["records"]
    rows = [{**about, "part": name, **figures} for name, figures in found["parts"].items()]
    taken = in_turn({"validate": part(validate, str(dump), options.suite, cores=1)}, options.runs)["validate"]
    floor = found["parts"]["floor"]["seconds"]
    times = round(taken["seconds"] / floor, 2)
    rows.append({**about, "part": f"validate, {options.suite}", **rates(taken, size, records), "floor_times": times})
    whole = sum(found["stages"].values())
    stages = [
        {**about, "stage": stage, "seconds": seconds, "share": round(seconds / whole, 3)}
        for stage, seconds in found["stages"].items()
    ]
    return rows, stages, {**about, "hits_per_mb": found["hits_per_mb"], **found["hits"]}


def measure_start(dump: Path, runs: int) -> list[Row]:
    """Return the milliseconds that starts take beyond those of an empty interpreter.

    That of `clean` is what cleaning a few records takes outside of its work: less what it takes when the same process
    does it once more.
    """
    version = "import sys; sys.argv=['copydesk','--version']; from copydesk.cleaner.cli.main import main; main()"
    codes = {"empty": "pass", "copydesk --version": version, "import copydesk": "import copydesk"}
    codes["from copydesk import clean"] = "from copydesk import clean"
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder, "few.jsonl")
        with dump.open("rb") as file:
            few.write_bytes(b"".join(islice(file, FEW)))
        command = ["copydesk", "clean", str(few), "--out", f"{folder}/out", "--overwrite", "-q"]
        start = "from copydesk.cleaner.cli.entry import start"
        small = f"copydesk clean, {FEW} records"
        codes[small] = f"import sys; sys.argv = {command!r}; {start}; start()"
        work = _work(few, Path(folder, "again"))
        times: dict[str, list[float]] = {name: [] for name in codes}
        for _ in range(3 * runs):
            for name, code in codes.items():
                started = time.perf_counter()
                done = subprocess.run(python_command(code), check=False, capture_output=True, text=True)
                times[name].append(time.perf_counter() - started)
                if done.returncode not in (0, 1):  # 1: some of the records are no articles
                    raise SystemExit(done.stderr)
    empty = statistics.median(times.pop("empty"))
    taken = {name: statistics.median(found) - empty for name, found in times.items()}
    taken[small] -= work
    return [{"start": name, "ms_over_empty": round(1000 * seconds, 1)} for name, seconds in taken.items()]


def _work(path: Path, out: Path) -> float:
    """Return the seconds in which a file is cleaned by a process that has done so before."""
    from copydesk.cleaner.api import Cleaner
    from copydesk.cleaner.runs.clean_run import clean_files
    from copydesk.cleaner.runs.run_request import RunInputs, RunRequest

    cleaner = Cleaner()
    seconds = []
    for _ in range(6):
        started = time.perf_counter()
        clean_files(RunRequest(RunInputs.find([str(path)]), out, overwrite=True), cleaner)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("dumps", type=Path, nargs="+")
    parser.add_argument("--profile", nargs="+", default=["rules", "article"])
    parser.add_argument("--suite", default="article", help="for validate")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    tables: dict[str, list[Row]] = {"parts": [], "stages": [], "hits": []}
    for dump in options.dumps:
        for profile in options.profile:
            parts, stages, hits = measure(dump, profile, options)
            title = f"{dump.name}, profile {profile}"
            print_table(title, parts)
            print_table(f"{title}, stages of clean", stages)
            tables["parts"] += parts
            tables["stages"] += stages
            tables["hits"].append(hits)
    tables["start"] = measure_start(options.dumps[0], options.runs)
    print_table("start", tables["start"])
    report("throughput", tables, options.out, runs=options.runs)


if __name__ == "__main__":
    main()

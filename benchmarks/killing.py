"""Kill runs at random moments and go on with them: python benchmarks/killing.py dump.jsonl [--times 20] [--workers 2].

Each time the outcome is compared, byte for byte, with that of a run that nobody killed. Stops with an error at the
first difference.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from copydesk.cleaner.process import python_command

COMMAND = [*python_command("from copydesk.cleaner.cli.main import main; main()"), "clean", "-q"]


def read_run(out: Path) -> dict[str, object]:
    """Return the files of a run, without what varies."""
    files: dict[str, object] = {path.name: path.read_bytes() for path in out.iterdir()}
    summary = json.loads((out / "summary.json").read_bytes())
    del summary["run"]
    return {**files, "summary.json": summary}


def clean(dump: Path, out: Path, workers: int, *options: str) -> None:
    """Run to the end."""
    command = [*COMMAND, str(dump), "--out", str(out), "--workers", str(workers), *options]
    if subprocess.run(command, check=False).returncode not in (0, 1):
        sys.exit(f"failed: clean {' '.join(command[len(COMMAND) :])}")


def kill_once(dump: Path, folder: Path, workers: int, seconds: float) -> int:
    """Start a run, kill it after some seconds, and go on with it; return how many pieces had been kept."""
    out, partial = folder / "out", folder / ".out.partial"
    with subprocess.Popen([*COMMAND, str(dump), "--out", str(out), "--workers", str(workers)]) as process:
        time.sleep(seconds)
        process.kill()
    journal = partial / "journal"
    kept = journal.read_bytes().count(b"\n") if journal.exists() else 0
    if not out.exists():
        clean(dump, out, workers, *(["--resume"] if (partial / "manifest.json").exists() else []))
    return kept


def main() -> None:
    """Kill, compare and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("input", type=Path)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "whole"
        started = time.perf_counter()
        clean(options.input, whole, options.workers)
        took = time.perf_counter() - started
        expected = read_run(whole)
        kept = []
        for number in range(options.times):
            folder = Path(name) / str(number)
            folder.mkdir()
            kept.append(kill_once(options.input, folder, options.workers, rng.uniform(0, took)))
            if read_run(folder / "out") != expected:
                sys.exit(f"run {number}, killed after {kept[-1]} pieces, gave other bytes")
    print(json.dumps({"times": options.times, "workers": options.workers, "pieces_kept": kept, "same_bytes": True}))


if __name__ == "__main__":
    main()

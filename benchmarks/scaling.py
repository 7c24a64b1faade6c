"""Measure how time and memory grow: python benchmarks/scaling.py [--megabytes 64] [--only workers lengths rows rules].

Records are invented: words made of syllables, and every tenth line a phrase that a rule knows. Each figure comes
from a process of its own, and the runs that a ratio compares follow each other. Peak memory is that of all processes
together, sampled, where /proc tells it.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

SYLLABLES = ("ka", "lo", "mi", "ren", "tu", "sha", "ver", "don", "pel", "gri", "os", "un", "ta", "bel", "ni", "for")
RULE = '[[rule]]\nid = "made/p{0}"\nsummary = "Phrase {0}"\nmatch = ["{1}"]\nremoves = ["{1}"]\nkeeps = ["So {1}."]\n'
PHRASES = 5000
BUILT_IN = ["Scroll to Top", "Leave a Comment", "Share this article", "Read more", "Skip to content", "Advertisement"]


def make_words(rng: random.Random, count: int) -> str:
    """Give some invented words."""
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(count))


def make_phrases() -> list[str]:
    """Give the phrases of the rules, each different."""
    rng = random.Random(1)
    return [f"{make_words(rng, 3)} {number}" for number in range(PHRASES)]


def write_rules(path: Path, phrases: list[str]) -> None:
    """Write a file of rules, one for each phrase."""
    path.write_text("\n".join(RULE.format(n, phrase) + 'since = "1"\n' for n, phrase in enumerate(phrases)), "utf-8")


def write_dump(path: Path, *, size: int, length: int, phrases: list[str]) -> int:
    """Write records with texts of about `length` bytes, `size` bytes in all; give their number."""
    rng = random.Random(2)
    prose = [f"{make_words(rng, 20).capitalize()}." for _ in range(5000)]
    count = max(1, size // length)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            lines: list[str] = []
            left = length
            while left > 0:
                lines.append(rng.choice(phrases if rng.random() < 0.1 else prose))
                left -= len(lines[-1]) + 1
            text = "\n".join(lines)[:length]
            file.write(json.dumps({"id": f"r{number}", "text": text}) + "\n")
    return count


class Memory(threading.Thread):
    """Looks, ten times a second, how much this process and its children have in memory."""

    def __init__(self) -> None:
        """Begin to look when started."""
        super().__init__(daemon=True)
        self.peak = 0

    def run(self) -> None:
        """Look."""
        while True:
            self.peak = max(self.peak, self._now())
            time.sleep(0.1)

    @staticmethod
    def _now() -> int:
        total = 0
        for children in Path("/proc/self/task").glob("*/children"):
            for process in ("self", *children.read_text().split()):
                status = Path("/proc", process, "status")
                if process != "self" or children.parent.name == str(threading.main_thread().native_id):
                    try:
                        found = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
                    except OSError:
                        continue
                    total += sum(int(line.split()[1]) for line in found)
        return total >> 10


def measure(spec: dict[str, Any]) -> dict[str, Any]:
    """Clean a file in this process, and in those that it starts."""
    from copydesk.cleaner.api import Cleaner
    from copydesk.cleaner.run import clean_files
    from copydesk.rules.loading import load_file
    from copydesk.rules.ruleset import Ruleset

    rules = spec.get("rules")
    cleaner = Cleaner(Ruleset((load_file(Path(rules)),), "rules")) if rules else Cleaner(profile=spec["profile"])
    memory = Memory()
    memory.start()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        totals = clean_files([spec["input"]], Path(folder) / "out", cleaner, workers=spec.get("workers", 1))
    seconds = time.perf_counter() - started
    return {
        "records": totals.read,
        "seconds": round(seconds, 2),
        "mb_per_second": round(totals.bytes_in / 1e6 / seconds, 2),
        "records_per_second": round(totals.read / seconds),
        "cuts": sum(totals.edits.values()),
        "peak_mib": memory.peak or None,
    }


def run(**spec: Any) -> dict[str, Any]:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--measure", json.dumps(spec)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def measure_workers(folder: Path, size: int, profile: str, dump: Path | None) -> list[dict[str, Any]]:
    """Measure one and two workers on the same file, twice in turn, and keep the faster run of each."""
    if dump is None:
        dump = folder / "dump.jsonl"
        write_dump(dump, size=size, length=5000, phrases=BUILT_IN)
    found: dict[int, dict[str, Any]] = {}
    for workers in (1, 2, 1, 2):
        one = run(input=str(dump), profile=profile, workers=workers)
        found[workers] = min(found.get(workers, one), one, key=lambda taken: taken["seconds"])
    return [{"workers": count, **one} for count, one in found.items()]


def measure_lengths(folder: Path, size: int, profile: str) -> list[dict[str, Any]]:
    """Measure records of 100 bytes to 10 MB, as many as make the same total."""
    rows = []
    for length in (100, 1000, 5000, 100_000, 1_000_000, 10_000_000):
        dump = folder / "dump.jsonl"
        write_dump(dump, size=max(size, length), length=length, phrases=BUILT_IN)
        rows.append({"length": length, **run(input=str(dump), profile=profile)})
    return rows


def measure_rows(folder: Path, profile: str) -> list[dict[str, Any]]:
    """Measure 10^4 to 10^6 records of 300 bytes."""
    rows = []
    for count in (10**4, 10**5, 10**6):
        dump = folder / "dump.jsonl"
        write_dump(dump, size=count * 300, length=300, phrases=BUILT_IN)
        rows.append({"rows": count, **run(input=str(dump), profile=profile)})
    return rows


def measure_rules(folder: Path, size: int) -> list[dict[str, Any]]:
    """Measure 100 to 5,000 rules of a phrase each, on the same file."""
    phrases = make_phrases()
    dump, path = folder / "dump.jsonl", folder / "rules.toml"
    write_dump(dump, size=size, length=5000, phrases=phrases[:100])
    rows = []
    for count in (100, 500, 1000, 5000):
        write_rules(path, phrases[:count])
        rows.append({"rules": count, **run(input=str(dump), rules=str(path))})
    return rows


def print_table(name: str, rows: list[dict[str, Any]]) -> None:
    """Print rows with their rates as multiples of the first."""
    print(f"\n{name:>10}  seconds    MB/s  records/s  peak MiB  rate to the first")
    for row in rows:
        ratio = row["mb_per_second"] / rows[0]["mb_per_second"]
        row["rate_to_first"] = round(ratio, 2)
        print(
            f"{next(iter(row.values())):>10}  {row['seconds']:>7}  {row['mb_per_second']:>6}  "
            f"{row['records_per_second']:>9}  {row['peak_mib'] or '-':>8}  {ratio:.2f}"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=64)
    parser.add_argument("--profile", default="article")
    parser.add_argument("--input", type=Path, help="a dump of your own for the measure of workers")
    parser.add_argument("--only", nargs="+", default=["workers", "lengths", "rows", "rules"])
    parser.add_argument("--measure", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    size = options.megabytes * 10**6
    found: dict[str, Any] = {"machine": {"python": platform.python_version(), "processor": platform.machine()}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measures = {
            "workers": lambda: measure_workers(folder, size, options.profile, options.input),
            "lengths": lambda: measure_lengths(folder, size, options.profile),
            "rows": lambda: measure_rows(folder, options.profile),
            "rules": lambda: measure_rules(folder, size),
        }
        for what in options.only:
            found[what] = measures[what]()
            print_table(what, found[what])
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

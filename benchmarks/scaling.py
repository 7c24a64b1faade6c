"""Measure how time and memory grow: python benchmarks/scaling.py [--megabytes 64] [--only workers lengths rows ...].

    rules     100 to 5,000 rules of a phrase each
    lengths   records of 100 bytes to 10 MB
    rows      10^4 to 10^7 records (to `--rows-up-to`)
    workers   one process and two, the whole of `clean`
    threads   the same pieces, cleaned and checked by two threads of one process and by two processes
    spark     `clean` on Spark with one core and two, beside one worker and two
    memory    inputs of 1, 2 and 5 times `--memory-megabytes`

Records are invented, but for `--input`, which workers, threads, Spark and memory take. Each figure comes from a process
of its own, the runs that a ratio compares take turns, and the median of `--runs` counts. What has one process runs on
one core. Peak memory is that of all processes together.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from dumps import invent, repeat, words
from measured import Part, Row, arguments, in_turn, part, print_table, rates, report, with_ratios

from copydesk.cleaner.bench.measure import MemoryWatch

RULE = '[[rule]]\nid = "made/p{0}"\nsummary = "Phrase {0}"\nmatch = ["{1}"]\nremoves = ["{1}"]\nkeeps = ["So {1}."]\n'
RULES = (100, 500, 1000, 5000)
LENGTHS = (100, 1000, 5000, 100_000, 1_000_000, 10_000_000)
ROWS = (10**4, 10**5, 10**6, 10**7)
ROW_BYTES = 300
TIMES = (1, 2, 5)
MEASURES = ("rules", "lengths", "rows", "workers", "threads", "spark", "memory")


def make_phrases() -> list[str]:
    """Return the phrases of the rules, each different."""
    rng = random.Random(1)
    return [f"{words(rng, 3)} {number}" for number in range(max(RULES))]


def write_rules(path: Path, phrases: list[str]) -> None:
    """Write a file of rules, one for each phrase."""
    path.write_text("\n".join(RULE.format(n, phrase) + 'since = "1"\n' for n, phrase in enumerate(phrases)), "utf-8")


def make_cleaner(profile: str, rules: str | None = None) -> Any:
    """Return a cleaner with the built-in rules, or with those of a file alone."""
    from copydesk.cleaner.api import Cleaner
    from copydesk.rules.ruleset.loader import load_file
    from copydesk.rules.ruleset.ruleset import Ruleset

    return Cleaner(Ruleset((load_file(Path(rules)),), "rules")) if rules else Cleaner(profile=profile)


def clean(dump: str, profile: str, workers: int, rules: str | None = None) -> Row:
    """Clean a file in this process, and in those that it starts."""
    from copydesk.cleaner.runs.clean_run import clean_files
    from copydesk.cleaner.runs.run_request import RunInputs, RunRequest

    cleaner = make_cleaner(profile, rules)
    with tempfile.TemporaryDirectory() as folder, MemoryWatch() as memory:
        started = time.perf_counter()
        totals = clean_files(RunRequest(RunInputs.find([dump]), Path(folder) / "out", workers=workers), cleaner)
        seconds = time.perf_counter() - started
    taken = {"seconds": seconds, "peak_mib": memory.peak}
    return {**taken, "records": totals.read, "bytes": totals.bytes_in, "cuts": sum(totals.edits.values())}


def clean_on_spark(dump: str, profile: str, cores: int) -> Row:
    """Clean a file on Spark; the seconds in which it starts are told apart."""
    from copydesk.cleaner.runs.run_request import RunInputs, RunRequest
    from copydesk.cleaner.spark.clean_run import clean_on_spark
    from copydesk.cleaner.spark.session import start_session

    begun = time.perf_counter()
    spark = start_session(f"local[{cores},4]", {"spark.driver.memory": "2g"})
    cleaner = make_cleaner(profile)
    with tempfile.TemporaryDirectory() as folder, MemoryWatch() as memory:
        started = time.perf_counter()
        totals = clean_on_spark(RunRequest(RunInputs.find([dump]), Path(folder) / "out"), cleaner)
        seconds = time.perf_counter() - started
    spark.stop()
    taken = {"seconds": seconds, "peak_mib": memory.peak, "start_seconds": started - begun}
    return {**taken, "records": totals.read, "bytes": totals.bytes_in, "cuts": sum(totals.edits.values())}


def process_pieces(dump: str, profile: str, kind: str, count: int) -> Row:
    """Clean and check the same pieces of a file by some threads or processes; their outcome is not written."""
    from copydesk.cleaner.readers.discovery import find_sources
    from copydesk.cleaner.runs.pieces import Position, read_pieces
    from copydesk.cleaner.runs.processor import Processor
    from copydesk.cleaner.runs.seen_records import RunDuplicateIndex
    from copydesk.cleaner.runs.workers import Workers

    now = datetime.now(timezone.utc)
    pieces = list(read_pieces(find_sources([dump], "auto"), None, Position()))

    def make() -> Processor:
        return Processor(make_cleaner(profile), "parquet", now)

    with MemoryWatch() as memory:
        if kind == "processes":
            with Workers(count, make(), RunDuplicateIndex()) as workers:
                started = time.perf_counter()
                done = [processed for _, processed in workers.process(pieces)]
        else:
            # a kernel is for one thread; each knows its own records, which costs less than to ask in turn
            own = threading.local()

            def prepare() -> None:
                own.processor, own.seen = make(), RunDuplicateIndex()

            with ThreadPoolExecutor(count, initializer=prepare) as pool:
                started = time.perf_counter()
                done = list(pool.map(lambda piece: own.processor.process(piece, own.seen, lambda: None), pieces))
        seconds = time.perf_counter() - started
    totals = [processed.totals for processed in done]
    cuts = sum(sum(one.edits.values()) for one in totals)
    taken = {"seconds": seconds, "peak_mib": memory.peak, "cuts": cuts}
    return {**taken, "records": sum(one.read for one in totals), "bytes": sum(one.bytes_in for one in totals)}


class Scaling:
    """The measures, each a table of rows; what is compared has the same dump."""

    def __init__(self, folder: Path, options: Any) -> None:
        self._folder, self._options = folder, options
        self._size = int(options.megabytes * 1e6)
        self._dump: Path | None = options.input

    @property
    def dump(self) -> Path:
        """The user's dump, or one of invented records."""
        if self._dump is None:
            self._dump = self._folder / "invented.jsonl"
            invent(self._dump, size=self._size, length=5000)
        return self._dump

    def rules(self) -> list[Row]:
        """Measure on the same file with more and more rules."""
        phrases = make_phrases()
        dump = self._folder / "dump.jsonl"
        invent(dump, size=self._size, length=5000, phrases=phrases[: min(RULES)])
        parts = {}
        for count in RULES:
            path = self._folder / f"{count}.toml"
            write_rules(path, phrases[:count])
            parts[f"{count}"] = part(clean, str(dump), "rules", 1, str(path), cores=1)
        return self._rows("rules", parts, numbers=True)

    def lengths(self) -> list[Row]:
        """Measure with as many records of each length as make the same total."""
        parts = {}
        for length in (length for length in LENGTHS if length <= self._options.longest):
            dump = self._folder / f"length-{length}.jsonl"
            invent(dump, size=max(self._size, length), length=length)
            parts[f"{length}"] = part(clean, str(dump), self._options.profile, 1, cores=1)
        return self._rows("bytes_a_record", parts, numbers=True)

    def rows(self) -> list[Row]:
        """Measure with more and more records of the same length."""
        parts = {}
        for count in (count for count in ROWS if count <= self._options.rows_up_to):
            dump = self._folder / f"rows-{count}.jsonl"
            invent(dump, size=count * ROW_BYTES, length=ROW_BYTES)
            parts[f"{count}"] = part(clean, str(dump), self._options.profile, 1, cores=1)
        return self._rows("records", parts, numbers=True)

    def workers(self) -> list[Row]:
        """Measure one worker and two."""
        given = (str(self.dump), self._options.profile)
        parts = {f"{count}": part(clean, *given, count, cores=count) for count in (1, 2)}
        return self._rows("workers", parts, numbers=True)

    def threads(self) -> list[Row]:
        """Measure two threads and two processes beside one thread."""
        kinds = (("threads", 1), ("threads", 2), ("processes", 2))
        given = (str(self.dump), self._options.profile)
        parts = {f"{count} {kind}": part(process_pieces, *given, kind, count, cores=count) for kind, count in kinds}
        return self._rows("by", parts)

    def spark(self) -> list[Row]:
        """Measure Spark beside workers."""
        try:
            import pyspark  # noqa: F401

            import copydesk.spark  # noqa: F401
        except ImportError as error:
            print(f"spark: left out, since {error.name} is not installed", file=sys.stderr)
            return [{"by": "Spark", "left_out": f"{error.name} is not installed"}]
        given = (str(self.dump), self._options.profile)
        parts: dict[str, Part] = {f"{n} workers": part(clean, *given, n, cores=n) for n in (1, 2)}
        parts |= {f"Spark, {n} cores": part(clean_on_spark, *given, n, cores=n, lean=False) for n in (1, 2)}
        return self._rows("by", parts)

    def memory(self) -> list[Row]:
        """Measure the memory of one worker and of two with more and more input."""
        rows = []
        for times in TIMES:
            dump, size = self._folder / "memory.jsonl", int(self._options.memory_megabytes * 1e6 * times)
            if self._options.input:
                repeat(self._options.input, dump, size)
            else:
                invent(dump, size=size, length=5000)
            for count in (1, 2):
                taken = part(clean, str(dump), self._options.profile, count, cores=count)()  # once: it hardly varies
                figures = rates(taken, taken["bytes"], taken["records"])
                rows.append({"input_mb": round(size / 1e6, 1), "workers": count, **figures})
        return rows

    def _rows(self, name: str, parts: dict[str, Part], *, numbers: bool = False) -> list[Row]:
        found = in_turn(parts, self._options.runs)
        rows = []
        for key, taken in found.items():
            more = {"start_seconds": round(taken["start_seconds"], 1)} if "start_seconds" in taken else {}
            figures = rates(taken, taken["bytes"], taken["records"])
            rows.append({name: int(key) if numbers else key, **figures, "cuts": taken["cuts"], **more})
        return with_ratios(rows)


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--megabytes", type=float, default=64)
    parser.add_argument("--memory-megabytes", type=float, default=1000)
    parser.add_argument("--rows-up-to", type=int, default=10**6)
    parser.add_argument("--longest", type=int, default=max(LENGTHS), help="bytes of the longest record")
    parser.add_argument("--profile", default="article")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--input", type=Path, help="a dump of your own, JSON Lines with id and text")
    parser.add_argument("--only", nargs="+", default=MEASURES, choices=MEASURES)
    options = parser.parse_args()
    tables = {}
    for measure in options.only:
        # what one measure wrote is not kept for the next
        with tempfile.TemporaryDirectory() as folder:
            tables[measure] = getattr(Scaling(Path(folder), options), measure)()
        print_table(measure, tables[measure])
    report("scaling", tables, options.out, profile=options.profile, runs=options.runs)


if __name__ == "__main__":
    main()

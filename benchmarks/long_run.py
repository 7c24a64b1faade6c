"""Clean gigabytes that are made and thrown away in pieces: python benchmarks/long_run.py [--gigabytes 10].

One process cleans all pieces, with the rules only. After each piece it prints the processor time for each gigabyte, and
the memory and the open files of all its processes. The last pieces must cost what the first ones did.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copydesk.cleaner.api import Cleaner
from copydesk.cleaner.runs.clean_run import clean_files
from copydesk.cleaner.runs.run_request import RunInputs, RunRequest
from copydesk.rules.ruleset.ruleset import load_ruleset

PIECE = 500_000_000  # bytes of a piece of input
WORDS = """harbour ferry council winter lantern bridge keeper rain mayor market quarry orchard railway school concert
glacier archive election village storm museum library coast valley timber bakery fishing tunnel summer clock""".split()
LEFTOVERS = ("Leave a Comment", "Share this:", "Read more: The keeper of the lantern", "Scroll to Top", "Advertisement",
             "Holt &amp; Sons won&#8217;t sell.", "Page not found", "By Petra Quill")  # fmt: skip
TOLERANCE = 0.10  # of the first gigabyte
PAGE = os.sysconf("SC_PAGE_SIZE")


def make_sentences(rng: random.Random, count: int) -> list[str]:
    """Return sentences of invented news."""
    return [
        " ".join(rng.choices(WORDS, k=rng.randrange(8, 22))).capitalize() + f", and {rng.randrange(9000)} people came."
        for _ in range(count)
    ]


def write_piece(path: Path, rng: random.Random, sentences: list[str], size: int) -> None:
    """Write JSON Lines of about `size` bytes. No text repeats in a later piece."""
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            for _ in range(500):
                paragraphs = [" ".join(rng.sample(sentences, 4)) for _ in range(rng.randrange(2, 12))]
                paragraphs += rng.sample(LEFTOVERS, rng.randrange(4))
                number = rng.getrandbits(60)
                record = {"id": f"{number:x}", "title": sentences[number % len(sentences)][:60],
                          "text": "\n\n".join(paragraphs), "url": f"https://lantern.example/{number:x}"}  # fmt: skip
                file.write(json.dumps(record) + "\n")


class Watch(threading.Thread):
    """Notes the most memory, and the most open files, that this process and its children have at a time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.memory = self.files = 0

    def run(self) -> None:
        """Look once a second."""
        while True:
            looks = [look(pid) for pid in [os.getpid(), *children()]]
            self.memory = max(self.memory, sum(memory for memory, _ in looks))
            self.files = max(self.files, sum(files for _, files in looks))
            time.sleep(1)


def children() -> list[int]:
    """Return the processes that this one has started."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += [int(pid) for pid in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def look(pid: int) -> tuple[int, int]:
    """Return the bytes of memory and the number of open files of a process, 0 if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE, len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0, 0


@contextmanager
def temporary_folder(where: Path | None) -> Iterator[Path]:
    """Yield an empty folder."""
    with tempfile.TemporaryDirectory(dir=where) as name:
        yield Path(name)


def cpu_seconds() -> float:
    """Return the processor time of this process, and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> int:
    """Clean the pieces. Return 1 if the last gigabyte costs more than the first."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="a folder on a disk with 3 GB to spare")
    options = parser.parse_args()
    rng = random.Random(1)
    cleaner = Cleaner(load_ruleset(profile="rules", plugins=False))
    sentences = make_sentences(rng, 20_000)
    pieces = max(round(options.gigabytes * 1e9 / PIECE), 1)
    watch = Watch()
    watch.start()
    rows: list[tuple[float, int, int, int]] = []
    with temporary_folder(options.folder) as folder:
        for number in range(pieces):
            path = folder / f"piece-{number}.jsonl"
            write_piece(path, rng, sentences, min(PIECE, int(options.gigabytes * 1e9)))
            size = path.stat().st_size
            watch.memory = watch.files = 0
            started, cpu = time.monotonic(), cpu_seconds()
            request = RunRequest(RunInputs.find([str(path)]), folder / "out", workers=options.workers)
            clean_files(request, cleaner)
            cost = (cpu_seconds() - cpu) * 1e9 / size
            rows.append((cost, watch.memory, watch.files, look(os.getpid())[0]))
            path.unlink()
            shutil.rmtree(folder / "out")
            print(f"piece {number + 1}/{pieces}: {size / 1e6:.0f} MB in {time.monotonic() - started:.0f} s, "
                  f"{cost:.1f} CPU s/GB, at most {watch.memory >> 20} MiB and {watch.files} files, "
                  f"{rows[-1][3] >> 20} MiB afterwards", flush=True)  # fmt: skip
    per_gigabyte = max(round(1e9 / PIECE), 1)
    first, last = (sum(row[0] for row in some) / len(some) for some in (rows[:per_gigabyte], rows[-per_gigabyte:]))
    print(f"first gigabyte {first:.1f} CPU s, last {last:.1f} CPU s: {last / first - 1:+.1%}")
    return 1 if last > first * (1 + TOLERANCE) else 0


if __name__ == "__main__":
    sys.exit(main())

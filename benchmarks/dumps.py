"""Make a dump of any size of a small one: python benchmarks/dumps.py SMALL.jsonl[.zst] --megabytes 1000 --out BIG.

The records are repeated until their texts have that many bytes, each time with new ids: `a`, `a/1`, `a/2` and so on.
With `--record-bytes`, each text is divided into records of about that many bytes instead, and no text comes twice.
`invent` makes dumps of invented words, for what depends on the length of records or on their number.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SYLLABLES = ("ka", "lo", "mi", "ren", "tu", "sha", "ver", "don", "pel", "gri", "os", "un", "ta", "bel", "ni", "for")
BUILT_IN = ["Scroll to Top", "Leave a Comment", "Share this article", "Read more", "Skip to content", "Advertisement"]
"""Lines that built-in rules know."""


def repeat(small: Path, big: Path, size: int) -> int:
    """Write the records of a dump until their texts have `size` bytes; return the number of records.

    Raises `ValueError` if there is no text in it.
    """
    written = count = turn = 0
    with big.open("w", encoding="utf-8") as file:
        while written < size:
            before = written
            for record in read(small):
                if written >= size:
                    break
                if turn:
                    record["id"] = f"{record['id']}/{turn}"
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                written += len(record["text"].encode())
                count += 1
            if written == before:
                raise ValueError(f"{small}: no text in it")
            turn += 1
    return count


def divide(dump: Path, path: Path, *, size: int, length: int) -> int:
    """Write runs of lines and sentences of about `length` bytes as records, `size` bytes in all; return their number.

    No text comes twice. There are fewer bytes if the dump has no more.
    """
    written: dict[str, None] = {}
    left = size
    with path.open("w", encoding="utf-8") as file:
        for record in read(dump):
            run = ""
            for part in record["text"].replace(". ", ".\n").split("\n"):
                run = f"{run}\n{part}".strip()
                count = len(run.encode())
                if count < 0.85 * length:
                    continue
                if count < 1.6 * length and run not in written and left > 0:
                    file.write(json.dumps({"id": f"r{len(written)}", "text": run}, ensure_ascii=False) + "\n")
                    written[run] = None
                    left -= count
                run = ""
    return len(written)


def read(dump: Path) -> Iterator[dict[str, Any]]:
    """Read the records of a dump, which may be packed by Zstandard."""
    with dump.open("rb") as file:
        lines: Any = file
        if dump.suffix == ".zst":
            import zstandard

            lines = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True))
        yield from map(json.loads, lines)


def invent(path: Path, *, size: int, length: int, phrases: Sequence[str] = BUILT_IN) -> int:
    """Write records with texts of `length` bytes, `size` bytes in all; return their number.

    Every tenth line or so is one of the phrases, the others are words made of syllables.
    """
    rng = random.Random(2)
    prose = [f"{words(rng, 20).capitalize()}." for _ in range(5000)]
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


def words(rng: random.Random, count: int) -> str:
    """Return some invented words."""
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(count))


def main() -> None:
    """Make a dump."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("small", type=Path)
    parser.add_argument("--megabytes", type=float, default=1000, help="of text")
    parser.add_argument("--record-bytes", type=int, help="divide the texts into records of this length")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    size, length = int(options.megabytes * 1e6), options.record_bytes
    if length:
        print(f"{divide(options.small, options.out, size=size, length=length):,} records")
    else:
        print(f"{repeat(options.small, options.out, size):,} records")


if __name__ == "__main__":
    main()

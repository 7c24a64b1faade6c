"""What all adapters do alike: read JSON Lines, clean the texts in batches, write JSON Lines, say how long it took.

    python ADAPTER.py INPUT.jsonl OUTPUT.jsonl

Runs in the peer's own environment, of which it asks msgspec alone, by which reading and writing cost next to nothing.
The time begins when the peer is imported and made ready, and ends when the last line is written.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from itertools import islice
from pathlib import Path

import msgspec

BATCH = 1000
Clean = Callable[[list[str]], Sequence[str | None]]
"""Texts in, clean ones out; None for a record that is turned away."""


def run(clean: Clean, package: str | None = None) -> None:
    """Clean a file and print seconds, records, bytes of text in and out, memory and the package's version as JSON."""
    source, target = map(Path, sys.argv[1:3])
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    records = size = size_out = 0
    started = time.perf_counter()
    with source.open("rb") as file, target.open("wb") as out:
        lines = map(decode, file)
        while batch := list(islice(lines, BATCH)):
            texts = [record["text"] for record in batch]
            for record, text in zip(batch, clean(texts), strict=True):
                if text is not None:
                    out.write(encode({"id": record["id"], "text": text}) + b"\n")
                    size_out += len(text.encode())
            records += len(batch)
            size += sum(len(text.encode()) for text in texts)
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status")
    peak = re.search(r"VmHWM:\s*(\d+)", status.read_text()) if status.exists() else None
    found = {"seconds": seconds, "records": records, "bytes": size, "bytes_out": size_out}
    found["peak_mib"] = int(peak[1]) >> 10 if peak else None
    found["version"] = metadata.version(package) if package else None
    print(json.dumps(found))


def each(clean: Callable[[str], str | None]) -> Clean:
    """Return what cleans a batch with what cleans a text."""
    return lambda texts: [clean(text) for text in texts]

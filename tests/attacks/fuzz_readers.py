"""Fuzz the readers: valid files of every format, damaged at random, must give records or one clear error.

    python tests/attacks/fuzz_readers.py --seconds 90 --findings /tmp/findings [--only parquet] [--seed 7]

`fuzz_runner` runs the targets.
"""

from __future__ import annotations

import bz2
import contextlib
import functools
import gzip
import json
import lzma
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from fuzz_runner import run_targets

from copydesk.cleaner.readers.discovery import find_sources
from copydesk.cleaner.readers.dispatch import read_batches
from copydesk.cleaner.records.extra_fields import encode_json
from copydesk.cleaner.records.loader import Loader
from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

RECORDS = [
    {"id": str(n), "title": f"Rain {n}", "text": f"It rained for {n} days. " * (n % 5), "tags": ["a", {"b": [n]}]}
    for n in range(12)
]
PIECES = [b"\0", b"\xff", b'"', b'""', b"\n", b"\r\n", b",", b"{", b"}", b"[", b"]", b"\\", b"=", b"'", b"\t", b";",
          b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"9" * 5000, b"[" * 3000, b'{"a":' * 600, b"1e999", b"NaN",
          b"\\ud800", b"\x80", b"PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
          b"\x00\x00\x00\x80"]  # fmt: skip


def nested_table() -> pa.Table:
    rows = pa.Table.from_pylist([{**record, "tags": ["a"], "n": n, "x": n / 3} for n, record in enumerate(RECORDS)])
    structs = pa.array([{"a": 1, "b": [{"c": "x"}]}] * len(RECORDS))
    times = pa.array(range(len(RECORDS)), pa.timestamp("us", "Europe/Oslo"))
    kinds = pa.array(["x", "y", None] * 4).dictionary_encode()
    return rows.append_column("s", structs).append_column("date", times).append_column("kind", kinds)


def parquet_files() -> Iterator[bytes]:
    for table in (pa.Table.from_pylist([{"id": "1", "text": "It rained."}]), nested_table()):
        for compression in ("none", "snappy", "zstd"):
            for version in ("1.0", "2.0"):
                sink = pa.BufferOutputStream()
                pq.write_table(table, sink, compression=compression, data_page_version=version, row_group_size=5)
                yield bytes(sink.getvalue())


def arrow_files() -> Iterator[bytes]:
    for table in (pa.Table.from_pylist([{"id": "1", "text": "It rained."}]), nested_table()):
        for new in (pa.ipc.new_file, pa.ipc.new_stream):
            for compression in (None, "lz4", "zstd"):
                sink = pa.BufferOutputStream()
                with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
                    writer.write_table(table, 5)
                yield bytes(sink.getvalue())


def json_lines() -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in RECORDS)


def rows(delimiter: str) -> bytes:
    lines = [delimiter.join(f'"{record[name]}"' for name in ("id", "title", "text")) for record in RECORDS]
    return "\n".join(["id,title,text".replace(",", delimiter), *lines]).encode()


def quarantine_lines() -> bytes:
    reason = {"check": "input/not-json", "severity": "error", "field": "", "message": "x"}
    entry = {"id": "1", "file": "a.jsonl", "line": 3, "byte_offset": 70, "raw": "{", "raw_encoding": "utf-8",
             "record": None, "reasons": [reason]}  # fmt: skip
    entries = [entry, {**entry, "record": RECORDS[3], "raw": None}, {**entry, "raw": "eyJ9", "raw_encoding": "base64"}]
    return b"".join(json.dumps(one).encode() + b"\n" for one in entries)


def sqlite_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with contextlib.closing(sqlite3.connect(path)) as base:
            base.execute("CREATE TABLE articles (id TEXT, text TEXT, n REAL, b BLOB)")
            base.executemany(
                "INSERT INTO articles VALUES (?, ?, 1.5, x'00ff')", [(r["id"], r["text"]) for r in RECORDS]
            )
            base.commit()
        return path.read_bytes()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
# For each target the name of its files, and valid ones.
FILES: dict[str, tuple[str, list[bytes]]] = {
    "text": ("a.txt", [b"It rained.\n\nIt snowed.", "Ünrest".encode("utf-16"), b"\xef\xbb\xbfIt rained."]),
    "jsonl": ("a.jsonl", [json_lines(), json_lines().decode().encode("utf-16")]),
    "json": ("a.json", [json.dumps(RECORDS, indent=i).encode() for i in (None, 2)] + [json_lines()]),
    "csv": ("a.csv", [rows(","), rows(";"), rows("\t"), rows(",").replace(b"\n", b"\r\n")]),
    "parquet": ("a.parquet", list(parquet_files())),
    "arrow": ("a.arrow", list(arrow_files())),
    "quarantine": ("a.jsonl", [quarantine_lines()]),
    "sqlite": ("a.db", [sqlite_file()]),
    "unnamed": ("a", [json_lines(), rows(","), b"It rained.", *list(parquet_files())[:2], *list(arrow_files())[:3]]),
    **{f"jsonl-{name}": (f"a.jsonl.{name}", [pack(json_lines())]) for name, pack in PACKERS.items()},
    "packed-parquet": ("a.parquet.gz", [gzip.compress(next(parquet_files()))]),
}


def mutate(data: bytes, random_: random.Random, others: list[bytes]) -> bytes:
    """Damage a file in one to eight ways."""
    found = bytearray(data)
    for _ in range(random_.choice((1, 1, 1, 2, 3, 8))):
        at = random_.randrange(len(found) + 1)
        way = random_.randrange(8)
        if way == 0:
            del found[at:]
        elif way == 1:
            del found[at : at + random_.randrange(1, 40)]
        elif way == 2 and at < len(found):
            found[at] ^= 1 << random_.randrange(8)
        elif way == 3 and at < len(found):
            found[at] = random_.choice((0, 1, 0x7F, 0x80, 0xFF, random_.randrange(256)))
        elif way == 4:
            found[at:at] = random_.choice(PIECES)
        elif way == 5:
            size = random_.choice((2, 4, 8))
            found[at : at + size] = random_.choice((0, 1, 2**31 - 1, 2**32 - 1, 2**63 - 1)).to_bytes(8, "little")[:size]
        elif way == 6:
            start = random_.randrange(len(found) + 1)
            found[at:at] = found[start : start + random_.randrange(200)]
        else:
            other = random_.choice(others)
            found[at:] = other[random_.randrange(len(other) + 1) :]
    return bytes(found)


def read(path: Path, kind: str) -> int:
    """Read, load and encode all records of a file; return their number."""
    name = f"sqlite:///{path}::articles" if path.suffix == ".db" else str(path)
    loader = Loader()
    count = 0
    for batch in read_batches(find_sources([name], "quarantine" if kind == "quarantine" else "auto")):
        load = loader.from_rows if batch.table is None else loader.from_table
        records = load(batch.rows if batch.table is None else batch.table, batch.place)  # type: ignore[operator, arg-type]
        assert records.ids is not None
        for row in range(records.count):
            encode_json(batch.record(row))
            batch.raw(row)
            batch.place.of(row)
        for item in batch.unreadable:
            item.message.encode()
        count += records.count + len(batch.unreadable)
    return count


class DamagedFiles:
    """Reads valid files of one kind, each damaged at random."""

    def __init__(self, kind: str, case: Path) -> None:
        """Take the kind and the folder of the case."""
        self._kind = kind
        name, self._valid = FILES[kind]
        self._path = case / name

    def run(self, random_: random.Random) -> None:
        """Damage a file, and read it. Its error must have one line."""
        self._path.write_bytes(mutate(random_.choice(self._valid), random_, self._valid))
        try:
            read(self._path, self._kind)
        except CopydeskError as error:
            if len(str(error).splitlines()) != 1:
                raise AssertionError("the error has several lines") from error
            raise


TARGETS = {kind: functools.partial(DamagedFiles, kind) for kind in FILES}

if __name__ == "__main__":
    sys.exit(run_targets(__file__, __doc__, TARGETS))

"""The quarantine of a run: its entries found, and given back in the forms of their files."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa

from ...schemas.errors import InputError, OutputError
from ..readers.compression import unpacked_name
from ..readers.detect import suffix
from ..readers.formats.quarantine import QuarantineEntry, read_entries
from ..readers.registry import formats_by_suffix
from ..readers.source import Source, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "quarantine.jsonl"


def quarantine_source(out: Path) -> Source:
    """Give the quarantine of the directory that a run wrote. Raises `InputError` if there is none."""
    path = out / NAME if out.is_dir() else out
    if not path.is_file():
        raise InputError("no quarantine here", where=str(path), hint="name the directory that --out named")
    return Source(path, path.name, "quarantine", path.stat().st_size)


def read_quarantined(out: Path) -> Iterator[QuarantineEntry]:
    """Give the entries of a run's quarantine, in their order."""
    with opened(quarantine_source(out)) as file:
        yield from read_entries(file)


def find_entries(out: Path, wanted: str) -> list[QuarantineEntry]:
    """Give the entries with an id, or with an id that begins so; or at FILE:LINE. Raises `InputError` for none."""
    found = [entry for entry in read_quarantined(out) if entry.id == wanted or entry.place == wanted]
    found = found or [entry for entry in read_quarantined(out) if entry.id.startswith(wanted)]
    if not found:
        raise InputError(
            f"no record {wanted!r} in the quarantine", where=str(out), hint="see `copydesk quarantine list`"
        )
    return found


def export_quarantine(out: Path, to: Path) -> dict[str, int]:
    """Write the records of a quarantine below `to`, each file under its name and in its form.

    Lines and texts come back byte for byte; rows of tables as the values that they held. Gives the records by file.
    Raises `OutputError` if a file is there already.
    """
    files: dict[str, list[QuarantineEntry]] = defaultdict(list)
    for entry in read_quarantined(out):
        files[entry.file or "records.jsonl"].append(entry)
    for name, entries in files.items():
        target = to.joinpath(
            *[part for part in PurePosixPath(name.replace("::", ".")).parts if part not in ("/", "..")]
        )
        kind = formats_by_suffix().get(suffix(target), "")
        if not kind:  # a table of a database
            target, kind = target.with_name(f"{target.name}.jsonl"), "jsonl"
        target = unpacked_name(target)
        if target.exists():
            raise OutputError("there is such a file already", where=str(target), hint="give another directory")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, kind, entries)
        except OSError as error:
            raise OutputError(f"cannot be written ({error.strerror})", where=str(target), hint="give another") from None
    return {name: len(entries) for name, entries in files.items()}


def _write(target: Path, kind: str, entries: list[QuarantineEntry]) -> None:
    """Write the records of one file; those of a table that could not be read go beside it, as they were."""
    of_table = kind in ("csv", "parquet", "arrow")
    records = [entry.record for entry in entries if entry.record is not None]
    if not of_table:
        end = b"" if kind == "text" else b"\n"
        target.write_bytes(b"".join(entry.content + end for entry in entries))
        return
    if unread := [entry.content + b"\n" for entry in entries if entry.record is None]:
        target.with_name(f"{target.name}.unreadable").write_bytes(b"".join(unread))
    if kind == "csv" and records:
        names = list(dict.fromkeys(name for record in records for name in record))
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, delimiter="\t" if target.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(records)
    elif records:
        _write_table(target, kind, pa.Table.from_pylist(records))


def _write_table(target: Path, kind: str, table: pa.Table) -> None:
    import pyarrow.feather as feather
    import pyarrow.parquet as pq

    if kind == "parquet":
        pq.write_table(table, target)
    else:
        feather.write_feather(table, target)

"""The quarantine of a run: its entries, found and exported to files in the formats of the input."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from ...schemas.errors import InputError
from ..atomic_files import whole_folder
from ..readers.detect import suffix
from ..readers.formats.quarantine import QuarantineEntry, read_entries
from ..readers.registry import formats_by_suffix
from ..readers.source import Source, opened
from ..records.extra_fields import encode_json
from .output_names import OutputNames, RenamedFile, is_case_blind, write_renamed
from .run_files import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_TABLES = ("csv", "parquet", "arrow")
_WHOLE_FILES = ("html", "markdown", "text")  # formats of which a file is one record
_OF_LINES = ("json", "jsonl")  # formats whose records may stand one after the other


def quarantine_source(out: Path) -> Source:
    """Return the quarantine of the directory that a run wrote. Raises `InputError` if there is none."""
    path = out / QUARANTINE if out.is_dir() else out
    if not path.is_file():
        raise InputError("no quarantine here", where=str(path), hint="name the directory that --out named")
    return Source(path, path.name, "quarantine", path.stat().st_size)


def read_quarantined(out: Path) -> Iterator[QuarantineEntry]:
    """Read the entries of a run's quarantine, in the order of the input."""
    with opened(quarantine_source(out)) as file:
        yield from read_entries(file)


def find_entries(out: Path, wanted: str) -> list[QuarantineEntry]:
    """Return the entries with an id, with an id that begins with `wanted`, or at FILE:LINE.

    Raises `InputError` if there are none.
    """
    found = [entry for entry in read_quarantined(out) if entry.id == wanted or entry.place == wanted]
    found = found or [entry for entry in read_quarantined(out) if entry.id.startswith(wanted)]
    if not found:
        raise InputError(
            f"no record {wanted!r} in the quarantine", where=str(out), hint="see `copydesk quarantine list`"
        )
    return found


class ExportedFile(NamedTuple):
    """A file of the input, as its records name it, and how many of them were written to which path."""

    name: str
    path: str
    records: int


@dataclass(frozen=True)
class ExportedQuarantine:
    """The files that an export wrote, and those among them whose names had to change."""

    files: list[ExportedFile]
    renamed: list[RenamedFile]


def export_quarantine(out: Path, to: Path) -> ExportedQuarantine:
    """Write the records of a quarantine below `to`, each file under its name and in its format; all of them or none.

    Lines, texts and pages have the bytes of the input; rows of tables have its values, as records of feeds, exports
    and archives have, which are written as JSON Lines. Each text gets a file of its own. A
    name that is in use or cannot be used is replaced: see `OutputNames`. Raises `OutputError` if a file already exists
    under one of the names, or if a link is in the way.
    """
    with whole_folder(to) as folder:
        names = OutputNames(case_blind=is_case_blind(folder))
        files = [
            ExportedFile(name, str(path), len(entries))
            for name, path, entries in _write_files(read_quarantined(out), folder, names)
        ]
        renamed = list(names.renamed)
        write_renamed(folder, names)
    return ExportedQuarantine(files, renamed)


def _write_files(
    entries: Iterable[QuarantineEntry], folder: Path, names: OutputNames
) -> Iterator[tuple[str, PurePosixPath, list[QuarantineEntry]]]:
    """Write the entries to the files of a folder; yield the name, the path and the entries of each file."""
    by_file: dict[str, list[QuarantineEntry]] = defaultdict(list)
    for entry in (entry for entry in entries if not entry.is_of_file):
        by_file[entry.file or "records.jsonl"].append(entry)
    for name, of_file in by_file.items():
        kind = formats_by_suffix().get(suffix(PurePosixPath(name)), "")
        for group in [[entry] for entry in of_file] if kind in _WHOLE_FILES else [of_file]:
            # a name without a known suffix is that of a table: DATABASE::TABLE
            keeps_name = kind in (*_TABLES, *_WHOLE_FILES, *_OF_LINES)
            path = names.choose(name) if keeps_name else names.choose(name.replace("::", "."), ".jsonl")
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            _write(folder, path, kind, group, names)
            yield name, path, group


def _write(folder: Path, path: PurePosixPath, kind: str, entries: list[QuarantineEntry], names: OutputNames) -> None:
    """Write the records of one file.

    Rows of a table that could not be read go to a file beside it, unchanged. So do all rows, as JSON Lines, if they do
    not fit into a table.
    """
    records = [entry.record for entry in entries if entry.record is not None]
    if kind in (*_WHOLE_FILES, *_OF_LINES):
        end = b"" if kind in _WHOLE_FILES else b"\n"
        (folder / path).write_bytes(b"".join(entry.content + end for entry in entries))
        return
    if unread := [entry.content + b"\n" for entry in entries if entry.record is None]:
        (folder / names.choose(f"{path}.unreadable")).write_bytes(b"".join(unread))
    if kind not in _TABLES and records:
        (folder / path).write_bytes(b"".join(encode_json(record) + b"\n" for record in records))
    elif kind == "csv" and records:
        columns = list(dict.fromkeys(name for record in records for name in record))
        with (folder / path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(records)
    elif records and not _write_table(folder / path, kind, records):
        lines = [entry.content + b"\n" for entry in entries if entry.record is not None]
        (folder / names.choose(f"{path}.jsonl")).write_bytes(b"".join(lines))


def _write_table(path: Path, kind: str, records: list[dict[str, Any]]) -> bool:
    """Write rows as Parquet or Arrow. Return False if that is impossible: a column has values of several types."""
    import pyarrow.feather as feather
    import pyarrow.parquet as pq

    try:
        table = pa.Table.from_pylist(records)
        if kind == "parquet":
            pq.write_table(table, path)
        else:
            feather.write_feather(table, path)
    except (pa.ArrowException, OverflowError):
        path.unlink(missing_ok=True)
        return False
    return True

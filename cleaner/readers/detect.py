"""Kinds of input, told by the endings of names and by the first bytes."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING

from ...schemas.errors import InputError
from ...schemas.field_aliases import rename_fields
from .compression import unpacked_name

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("auto", "text", "jsonl", "json", "csv", "parquet", "arrow", "quarantine")
SUFFIXES = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
KNOWN = ".txt, .jsonl, .json, .csv, .tsv, .parquet or .arrow"
SAMPLE = 1 << 16  # bytes that are looked at
_FOREIGN = {
    b"PK\x03\x04": ("this is a ZIP archive, or a document of an office program", "give the files or the text in it"),
    b"%PDF-": ("this is a PDF", "give the text in it"),
}
"""First bytes of what is not read, by what it is and what to do."""
_MAGIC = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "arrow"}


def suffix(path: Path) -> str:
    """Give the ending of a name that tells its kind, without that of a packing."""
    return unpacked_name(path).suffix.lower()


def sniff(start: bytes, where: str) -> str:
    """Tell the kind of an input from its first bytes.

    Raises `InputError` for a database, which needs a URL, and for what is known to be something else than text.
    """
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return kind
    for scheme, found in (("sqlite", start.startswith(b"SQLite format 3\0")), ("duckdb", start[8:12] == b"DUCK")):
        if found:
            raise InputError("this is a database", where=where, hint=f"name a table of it: {scheme}:///{where}::TABLE")
    for magic, (what, hint) in _FOREIGN.items():
        if start.startswith(magic):
            raise InputError(what, where=where, hint=hint)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = start.decode("utf-16", "ignore").encode()
    start = start.removeprefix(codecs.BOM_UTF8)
    if start.lstrip().startswith(b"{"):
        return _objects(start)
    if re.match(rb"\s*\[\s*\{", start):
        return "json"
    return "csv" if _is_header(start) else "text"


def _objects(start: bytes) -> str:
    """Tell objects that stand in one line each from one that spreads over several."""
    line, end, _ = start.lstrip().partition(b"\n")
    if not end:
        return "jsonl"
    try:
        return "jsonl" if isinstance(json.loads(line), dict) else "json"
    except (ValueError, RecursionError):
        return "json"


def _is_header(start: bytes) -> bool:
    """Say whether the first line names columns, and one of them is known to hold the text."""
    line, end, _ = start.partition(b"\n")
    if not end:
        return False
    for delimiter in ",;\t":
        names = [name.strip().strip('"') for name in line.decode("latin-1").split(delimiter)]
        if 2 <= len(names) == len(set(names)) and all(re.fullmatch(r"[\w.:@-]{1,40}", name) for name in names):
            return "body" in rename_fields(names).values()
    return False

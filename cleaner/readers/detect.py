"""Formats of input, told by the suffix of a name and by the first bytes."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from ...schemas.errors import InputError
from .compression import unpacked_name
from .registry import all_readers, formats_by_suffix, shared_suffixes
from .text_encodings import encoding_of_mark

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from .declare import Reader

SAMPLE = 1 << 16  # bytes that are looked at
_UNREADABLE = {
    b"PK\x03\x04": ("this is a ZIP archive, or a document of an office program", "give the files or the text in it"),
    b"%PDF-": ("this is a PDF", "give the text in it"),
}
"""First bytes of formats that are not read, with what they are and what to do."""


def suffix(path: PurePath) -> str:
    """Return the suffix of a name that tells its format, without that of a packing."""
    return unpacked_name(path).suffix.lower()


def detect_format(start: bytes, where: str) -> str:
    """Return the format of an input by its first bytes.

    Raises `InputError` for a database, which needs a URL, and for a known format that is not read.
    """
    readers = list(all_readers())
    for reader in readers:
        if start.startswith(reader.magic):
            return reader.name
    _refuse_unreadable(start, where)
    return max(readers, key=_likelihoods(start, readers).__getitem__).name


def choose_format(start: bytes, name: str, where: str) -> str:
    """Return the format of a file by its name, and by its first bytes if the name leaves it open."""
    owner = formats_by_suffix().get(name)
    if owner is None:
        return detect_format(start, where)
    _refuse_unreadable(start, where)
    sharing = [reader for reader in all_readers() if name in reader.shared_suffixes]
    likely = _likelihoods(start, sharing)
    best = max(sharing, key=likely.__getitem__, default=None)
    return best.name if best is not None and likely[best] > 0 else owner


def is_told_by_name(name: str) -> bool:
    """Return whether a suffix alone tells the format."""
    return name in formats_by_suffix() and name not in shared_suffixes()


def _likelihoods(start: bytes, readers: Iterable[Reader]) -> dict[Reader, float]:
    """Return how likely the first bytes are of each format."""
    if marked := encoding_of_mark(start):
        start = start.decode(marked, "ignore").encode("utf-8", "ignore")
    start = start.removeprefix(codecs.BOM_UTF8)
    return {reader: reader.sniff(start) if reader.sniff else 0 for reader in readers}


def _refuse_unreadable(start: bytes, where: str) -> None:
    for scheme, is_database in (
        ("sqlite", start.startswith(b"SQLite format 3\0")),
        ("duckdb", start[8:12] == b"DUCK"),
    ):
        if is_database:
            raise InputError("this is a database", where=where, hint=f"name a table of it: {scheme}:///{where}::TABLE")
    for magic, (what, hint) in _UNREADABLE.items():
        if start.startswith(magic):
            raise InputError(what, where=where, hint=hint)

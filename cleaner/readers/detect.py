"""Formats of input, told by the suffix of a name and by the first bytes."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from ...schemas.errors import UnsupportedInputError
from .compression import unpacked_name
from .declare import LIKELY_TEXT
from .file_kinds import describe_binary, describe_database, describe_markup, describe_unreadable, is_zip
from .registry import all_magic, all_readers, find_reader, formats_by_suffix, shared_suffixes
from .text_encodings import encoding_of_mark

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from .declare import Reader
    from .file_kinds import Kind

SAMPLE = 1 << 16  # bytes that are looked at
SIGNATURE = 512
"""Bytes that tell a binary file."""
_JSON_OBJECT = re.compile(rb'\s*\{\s*"[^"\n]{1,80}"\s*:\s*["\[{\dtfn-]')
_SURE = 0.5  # how likely a format must be so that a ZIP archive is taken for it


def suffix(path: PurePath) -> str:
    """Return the suffix of a name that tells its format, without that of a packing."""
    return unpacked_name(path).suffix.lower()


def detect_format(start: bytes, where: str) -> str:
    """Return the format of an input by its first bytes.

    Raises `UnsupportedInputError` for a database, which needs a URL, and for a kind of file that is not read.
    """
    if name := _find_by_magic(start):
        return name
    text = _in_utf8(start)
    best, likelihood = _find_most_likely(text, all_readers())
    _refuse_binary(start, where, likelihood)
    if likelihood <= LIKELY_TEXT:
        _refuse(describe_unreadable(start, text), where)
    return best.name


def choose_format(start: bytes, name: str, where: str) -> str:
    """Return the format of a file by its name, and by its first bytes if the name leaves it open.

    Raises `UnsupportedInputError` for a kind of file that is not read, whatever its name.
    """
    owner = formats_by_suffix().get(name)
    if owner is None:
        return detect_format(start, where)
    if found := _find_by_magic(start):
        return found
    sharing = (reader for reader in all_readers() if name in reader.shared_suffixes or reader.name == owner)
    text = _in_utf8(start)
    best, likelihood = _find_most_likely(text, sharing)
    _refuse_binary(start, where, likelihood)
    if likelihood <= LIKELY_TEXT:
        _refuse(describe_markup(text), where)
    chosen = best.name if likelihood > 0 else owner
    _refuse_json(text, chosen, where)
    return chosen


def _find_by_magic(start: bytes) -> str:
    """Return the format whose first bytes are those of a file, empty if there is none."""
    if not start.startswith(all_magic()):
        return ""
    return next((reader.name for reader in all_readers() if start.startswith(reader.magic)), "")


def is_told_by_name(name: str) -> bool:
    """Return whether a suffix alone tells the format."""
    return name in formats_by_suffix() and name not in shared_suffixes()


def refuse_by_signature(start: bytes, kind: str, where: str) -> None:
    """Raise `UnsupportedInputError` for a binary file whose name is that of another format."""
    reader = find_reader(kind)[0]
    if not start.startswith(reader.magic):
        if other := _find_by_magic(start):
            raise UnsupportedInputError(f"this is {other}, not {kind}", where=where, hint=f"add --input-format {other}")
        _refuse_json(_in_utf8(start), kind, where)
        _refuse_binary(start, where, _find_most_likely(start, [reader])[1])


def _refuse_json(text: bytes, kind: str, where: str) -> None:
    """Raise `UnsupportedInputError` for an object of JSON in a file whose name is that of a text or a table."""
    if kind in ("text", "csv") and _JSON_OBJECT.match(text):
        hint = "name it .json or .jsonl, or add --input-format jsonl"
        raise UnsupportedInputError(f"this is JSON, not {kind}", where=where, hint=hint)


def _in_utf8(start: bytes) -> bytes:
    """Return the first bytes in UTF-8, without a byte order mark, if they have one."""
    if marked := encoding_of_mark(start):
        start = start.decode(marked, "ignore").encode("utf-8", "ignore")
    return start.removeprefix(codecs.BOM_UTF8)


def _find_most_likely(text: bytes, readers: Iterable[Reader]) -> tuple[Reader, float]:
    """Return the reader of the format that the first bytes are most likely of, and how likely that is."""
    return max(((reader, reader.sniff(text) if reader.sniff else 0.0) for reader in readers), key=lambda pair: pair[1])


def _refuse_binary(start: bytes, where: str, likelihood: float) -> None:
    """Raise `UnsupportedInputError` for a database and other binary files, unless they look like a known format."""
    if scheme := describe_database(start):
        raise UnsupportedInputError(
            "this is a database", where=where, hint=f"name a table of it: {scheme}:///{where}::TABLE"
        )
    if likelihood < _SURE or not is_zip(start):
        _refuse(describe_binary(start), where)


def _refuse(kind: Kind | None, where: str) -> None:
    if kind is not None:
        raise UnsupportedInputError(kind.what, where=where, hint=kind.hint)

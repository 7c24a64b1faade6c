"""Kinds of files that nobody reads, told by their first bytes, so that none is taken for a text."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from .compression import packing_of
from .markup_kinds import describe_unknown_markup
from .text_encodings import encoding_of_mark

_TEXT_HINT = "give the text in it"
_FILES_HINT = "unpack it, and give the files in it"
_MARKUP_HINT = "convert it to JSON Lines, one article in each line"
_CONTROL_SHARE = 0.1
"""Share of NULs and control characters from which bytes are no text. A damaged text has fewer."""
_SMALLEST = 32  # bytes; fewer tell nothing
_CONTROLS = np.zeros(256, np.bool_)
_CONTROLS[[code for code in range(32) if code not in b"\t\n\v\f\r\x1b"]] = True


class Kind(NamedTuple):
    """What a file is, and what the user can do."""

    what: str
    hint: str


_MAGIC = (
    (0, rb"%PDF-", Kind("this is a PDF", _TEXT_HINT)),
    (0, rb"\x1f\x9d", Kind("this is a file packed with compress (.Z)", _FILES_HINT)),
    (257, rb"ustar[\x00 ]", Kind("this is a tar archive", _FILES_HINT)),
    (0, rb"7z\xbc\xaf\x27\x1c", Kind("this is a 7-Zip archive", _FILES_HINT)),
    (0, rb"Rar!\x1a\x07", Kind("this is a RAR archive", _FILES_HINT)),
    (0, rb"!<arch>\n", Kind("this is an ar archive, or a Debian package", _FILES_HINT)),
    (0, rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind("this is a document of an old office program", _TEXT_HINT)),
    (0, rb"\{\\rtf", Kind("this is an RTF document", _TEXT_HINT)),
    (0, rb"%!PS", Kind("this is PostScript", _TEXT_HINT)),
    (0, rb"\x89PNG\r\n", Kind("this is a PNG image", _TEXT_HINT)),
    (0, rb"\xff\xd8\xff", Kind("this is a JPEG image", _TEXT_HINT)),
    (0, rb"GIF8[79]a", Kind("this is a GIF image", _TEXT_HINT)),
    (0, rb"RIFF[\s\S]{4}WEBP", Kind("this is a WebP image", _TEXT_HINT)),
    (0, rb"(?:II\*\x00|MM\x00\*)", Kind("this is a TIFF image", _TEXT_HINT)),
    (0, rb"BM[\s\S]{4}\x00\x00\x00\x00", Kind("this is a BMP image", _TEXT_HINT)),
    (0, rb"\x00\x00[\s\S]{2}ftyp(?:avif|heic|mif1)", Kind("this is an AVIF or HEIC image", _TEXT_HINT)),
    (0, rb"\x00\x00[\s\S]{2}ftyp", Kind("this is a video", _TEXT_HINT)),
    (0, rb"\x1a\x45\xdf\xa3", Kind("this is a video", _TEXT_HINT)),
    (0, rb"(?:ID3[\x02-\x04]\x00|OggS\x00|fLaC|RIFF[\s\S]{4}WAVE)", Kind("this is a sound file", _TEXT_HINT)),
    (0, rb"\x7fELF", Kind("this is an executable (ELF)", _TEXT_HINT)),
    (0, rb"MZ[\s\S]{58}[\s\S]{2}\x00\x00", Kind("this is an executable (Windows)", _TEXT_HINT)),
    (0, rb"(?:\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe)", Kind("this is an executable (Mach-O, or Java)", _TEXT_HINT)),
    (0, rb"\x00asm\x01", Kind("this is an executable (WebAssembly)", _TEXT_HINT)),
    (0, rb"\x80[\x02-\x05][\s\S]", Kind("this is a pickle, which may run code", "write it as JSON Lines or Parquet")),
    (0, rb"\x93NUMPY", Kind("this is a NumPy array", "write it as JSON Lines or Parquet")),
    (0, rb"\x89HDF\r\n", Kind("this is an HDF5 file", "write it as JSON Lines or Parquet")),
    (0, rb"Obj\x01", Kind("this is an Avro file", "write it as JSON Lines or Parquet")),
    (0, rb"(?:wOF[F2](?:\x00\x01\x00\x00|OTTO)|\x00\x01\x00\x00\x00)", Kind("this is a font", _TEXT_HINT)),
    (0, rb"bplist00", Kind("this is a property list", _TEXT_HINT)),
)
_PATTERNS = tuple((at, re.compile(pattern), kind) for at, pattern, kind in _MAGIC)
_ANY_OF_THEM = re.compile(b"|".join(rb"[\s\S]{%d}%b" % (at, pattern) if at else pattern for at, pattern, _ in _MAGIC))
_ZIP = re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)")
_ZIPPED = (
    (rb"mimetypeapplication/epub", Kind("this is an e-book (EPUB)", _TEXT_HINT)),
    (rb"mimetypeapplication/vnd\.oasis\.opendocument", Kind("this is an OpenDocument file", _TEXT_HINT)),
    (rb"word/", Kind("this is a Word document (DOCX)", _TEXT_HINT)),
    (rb"ppt/", Kind("this is a PowerPoint document (PPTX)", _TEXT_HINT)),
    (rb"xl/", Kind("this is an Excel workbook (XLSX)", "save it as CSV")),
    (rb"META-INF/", Kind("this is a Java archive", _FILES_HINT)),
    (rb"archive/data\.pkl|/data\.pkl", Kind("this is a PyTorch file, which may run code", _TEXT_HINT)),
    (rb"\.npyPK|\.npy", Kind("this is a ZIP archive of NumPy arrays", "write it as JSON Lines or Parquet")),
)
_OFFICE = re.compile(rb"\[Content_Types\]\.xml|_rels/\.rels|docProps/")


def describe_database(start: bytes) -> str:
    """Return the scheme of the URL that names the tables of a database file, empty for other files."""
    if start.startswith(b"SQLite format 3\0"):
        return "sqlite"
    return "duckdb" if start[8:12] == b"DUCK" else ""


def describe_unreadable(start: bytes, text: bytes) -> Kind | None:
    """Return what a file is that no reader knows, by its first bytes; None if it may be a text.

    `text` are the same bytes in UTF-8, without a byte order mark.
    """
    if not encoding_of_mark(start) and not _has_utf16(start):
        if packing := packing_of(start):
            return Kind(f"this is packed twice ({packing} is inside)", "unpack it once")
        if _is_binary(start):
            return Kind("this is binary data of an unknown kind", _TEXT_HINT)
    return describe_markup(text)


def describe_markup(text: bytes) -> Kind | None:
    """Return what a document of XML is that no reader knows; None for HTML and for a text that begins with `<`."""
    what = describe_unknown_markup(text)
    return Kind(what, _MARKUP_HINT) if what else None


def is_zip(start: bytes) -> bool:
    """Return whether a file is a ZIP archive. Many formats are one."""
    return bool(_ZIP.match(start))


def describe_binary(start: bytes) -> Kind | None:
    """Return what a binary file is, by its signature alone; None if it has none of those that are known."""
    if _ZIP.match(start):
        return _describe_zip(start)
    if not _ANY_OF_THEM.match(start):
        return None
    return next((kind for at, pattern, kind in _PATTERNS if pattern.match(start, at)), None)


def _describe_zip(start: bytes) -> Kind:
    """Return what a ZIP archive holds, by the names of its first files."""
    for pattern, kind in _ZIPPED:
        if re.search(pattern, start):
            return kind
    if _OFFICE.search(start[:4096]):
        return Kind("this is a document of an office program", _TEXT_HINT)
    return Kind("this is a ZIP archive", _FILES_HINT)


def _is_binary(start: bytes) -> bool:
    codes = np.frombuffer(start, np.uint8)
    return len(codes) >= _SMALLEST and bool(_CONTROLS[codes].mean() > _CONTROL_SHARE)


def _has_utf16(start: bytes) -> bool:
    """Return whether every second byte is mostly NUL: a text in UTF-16 without a mark, for `--encoding`."""
    codes = np.frombuffer(start[: len(start) // 2 * 2], np.uint8).reshape(-1, 2)
    if not len(codes):
        return False
    shares = (codes == 0).mean(axis=0)
    return bool(shares.max() > 0.7 and shares.min() < 0.05)

"""The encoding of a page: by the user, its byte order mark, or its markup."""

from __future__ import annotations

import codecs
import re

from .text_encodings import encoding_of_mark

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_LOOKED_AT = 4096  # bytes of a page
# What browsers read for a name: the encoding that is a superset of it, and that pages of that name are really in.
_MEANT = {
    "ascii": ("utf-8", "cp1252"),
    "iso8859-1": ("cp1252", "iso8859-1"),
    "iso8859-9": ("cp1254", "iso8859-9"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "shift_jis": ("cp932", "shift_jis"),
    "euc_kr": ("cp949",),
    "big5": ("big5hkscs",),
    "utf-16": ("utf-8",),  # a page whose declaration can be read is in no such encoding
    "utf-16-le": ("utf-8",),
    "utf-16-be": ("utf-8",),
}


def find_encodings(content: bytes, named: str | None = None) -> list[str]:
    """Return the encodings that a page may be in, the likeliest first. `named` is what the user or a server says."""
    if marked := encoding_of_mark(content):
        return [marked]
    if content.startswith(codecs.BOM_UTF8):
        return ["utf-8"]
    declared = _DECLARED.search(content[:_LOOKED_AT])
    names = [named, declared[1].decode("latin-1") if declared else None, "utf-8"]
    found = [one for name in names if name for one in _codecs_of(name)]
    return list(dict.fromkeys(found))


def _codecs_of(name: str) -> tuple[str, ...]:
    try:
        codec = codecs.lookup(name).name
        if not getattr(codecs.lookup(name), "_is_text_encoding", True):
            return ()
    except (LookupError, ValueError):
        return ()
    return _MEANT.get(codec, (codec,))


def decode(content: bytes, encoding: str) -> str | None:
    """Return a text that encodes to the same bytes again, None if there is none in this encoding."""
    try:
        text = content.decode(encoding)
        text.encode()
        return text if text.encode(encoding) == content else None
    except (UnicodeError, LookupError):
        return None


def decode_leniently(content: bytes, named: str | None) -> tuple[str, str]:
    """Return the text of a page and its encoding. Bytes that are in none of the likely ones become U+FFFD."""
    encodings = find_encodings(content, named)
    for encoding in encodings:
        if (text := decode(content, encoding)) is not None:
            return text, encoding
    best = encodings[0] if encodings else "utf-8"
    return content.decode(best, "replace").encode("utf-8", "replace").decode(), f"{best}, with damage"

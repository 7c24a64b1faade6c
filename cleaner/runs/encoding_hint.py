"""The hint that an input may be in another encoding: the guess of charset-normalizer about its first bad record."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from ...schemas.messages import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

CHECK = "input/encoding"
_LOOKED_AT = 1 << 16  # bytes
# What articles are in, beside UTF-8. Another guess, such as cp1006, most often means damaged UTF-8.
_COMMON = frozenset(
    "big5 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp932 cp949 euc_jp euc_kr gb18030 gb2312 gbk iso8859_2 iso8859_5 "
    "iso8859_7 iso8859_9 koi8_r koi8_u shift_jis utf_16 utf_16_be utf_16_le".split()
)
_log = logging.getLogger("copydesk")


def guess_encoding(entries: Iterable[bytes]) -> str:
    """Return the encoding that the first record with a wrong byte may have, empty if there is none or no guess.

    `entries` are lines of a quarantine.
    """
    from ..readers.formats.quarantine import QuarantineEntry

    for line in entries:
        if CHECK.encode() in line:
            entry = msgspec.json.decode(line, type=QuarantineEntry)
            if entry.reasons[0]["check"] == CHECK:
                return guess_of_bytes(entry.content[:_LOOKED_AT])
    return ""


def guess_of_bytes(content: bytes) -> str:
    """Return the guess about some bytes, by the name that `--encoding` takes; empty without one.

    >>> guess_of_bytes("Über die Fähre von Skarnes gibt es nichts Neues, sagte der Hafenmeister.".encode("cp1252"))
    'cp1252'
    """
    from charset_normalizer import from_bytes

    best = from_bytes(content).best()
    name = best.encoding if best is not None else ""
    # texts of these are texts of windows-1252, too, which is by far the most frequent of them
    name = "cp1252" if name in ("cp1250", "cp1252", "latin_1", "cp1257", "iso8859_15", "mac_roman") else name
    return name if name in _COMMON else ""


def warn_of_encoding(guess: str, count: int) -> None:
    """Warn that records are in another encoding."""
    if guess:
        records = counted(count, "record")
        _log.warning("%s cannot be decoded; they may be in %s: try --encoding %s", records, guess, guess)

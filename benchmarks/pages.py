"""The benchmark's pages: files, hosts, tokens as its scorer counts them, and lines packed into one buffer."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import regex
import zstandard

from copydesk.schemas.byte_arrays import Ints

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1000-\u109f"
TOKEN = regex.compile(rf"[{CJK}]|[^\W{CJK}]+")
WHITE = "".join(c for c in map(chr, range(0x10000)) if c.isspace()) + "\u200b\u200e\u200f\u2060\ufeff"


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read a packed JSON Lines file, record by record."""
    with path.open("rb") as file:
        unpacked = zstandard.ZstdDecompressor(max_window_size=1 << 31).stream_reader(file, read_across_frames=True)
        yield from (json.loads(line) for line in io.BufferedReader(unpacked, 1 << 20) if line.strip())


def fold_of(host: str | None) -> int:
    """Return the fifth of the hosts that a host belongs to; pages without one count as those of one host."""
    return hashlib.sha256((host or "").encode()).digest()[0] % 5


def plain_host(host: str | None) -> str:
    """Return a host without the prefix that says which version of the site it is."""
    name = host or ""
    for prefix in ("www.", "m.", "amp."):
        name = name.removeprefix(prefix)
    return name


def split_lines(text: str) -> tuple[list[str], list[int]]:
    """Return the stripped lines of a text that are not blank, and their numbers."""
    stripped = [line.strip(WHITE) for line in text.split("\n")]
    numbers = [number for number, line in enumerate(stripped) if line]
    return [stripped[number] for number in numbers], numbers


def tokens(text: str) -> list[str]:
    """Return the tokens of a text as the benchmark counts them."""
    return [token.lower() for token in TOKEN.findall(text)]


class Numbering:
    """Numbers for tokens, given in the order in which they are first seen."""

    def __init__(self) -> None:
        """Begin with none."""
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> npt.NDArray[np.int32]:
        """Return the numbers of a text's tokens."""
        numbers = self._numbers
        return np.fromiter((numbers.setdefault(token, len(numbers)) for token in tokens(text)), np.int32)


@dataclass
class Buffer:
    """Lines of many texts in one buffer of bytes; `row` says which text a line is of."""

    data: npt.NDArray[np.uint8]
    start: Ints
    end: Ints
    row: Ints


def pack(texts: Iterable[list[str]]) -> Buffer:
    """Put lines into one buffer."""
    lines = list(texts)
    encoded = [line.encode() for text in lines for line in text]
    size = np.fromiter(map(len, encoded), np.int64, len(encoded))
    end = np.cumsum(size + 1) - 1
    data = np.frombuffer(b"\n".join(encoded) + b"\n", np.uint8)
    return Buffer(data, end - size, end, np.repeat(np.arange(len(lines)), [len(text) for text in lines]))

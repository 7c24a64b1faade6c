"""TOML: the parser of the Python at hand, and files of this package kept parsed, as there are many of them."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from .store import cache_directory, load_or_make

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Table", "parse_own", "tomllib"]

Table = dict[str, Any]


def parse_own(files: Sequence[bytes]) -> list[Table]:
    """Give what files of this package hold: texts, numbers, lists and tables, from the user's cache if they are there.

    Dates would come back as texts; none of those files has any.
    """
    digest = hashlib.sha256(b"".join(hashlib.sha256(file).digest() for file in files)).hexdigest()

    def parse() -> list[Table]:
        return [tomllib.loads(file.decode()) for file in files]

    return load_or_make(cache_directory() / f"{digest}.tables", _decode, parse, msgspec.msgpack.encode)


def _decode(body: bytes) -> list[Table] | None:
    try:
        return msgspec.msgpack.decode(body, type=list[Table])
    except msgspec.DecodeError:
        return None

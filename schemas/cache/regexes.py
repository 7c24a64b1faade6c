"""Regular expressions kept compiled between runs: `regex` takes milliseconds for a long one, and most are long."""

from __future__ import annotations

import hashlib
import io
import pickle
from typing import TYPE_CHECKING, Any

import msgspec
import regex

from .store import load_or_make

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Patterns:
    """Regular expressions, of which each is made ready when it is first asked for: most of them never are."""

    def __init__(self, expressions: Sequence[str], kept: Sequence[bytes] = ()) -> None:
        """Take the expressions, and what was kept of them when they were compiled before."""
        self._expressions = expressions
        self._kept = kept
        self._ready: dict[int, Any] = {}

    def __getitem__(self, number: int) -> Any:
        """Give one as `regex` compiles it."""
        found = self._ready.get(number)
        if found is None:
            thaw = self._kept and _Thaw(io.BytesIO(self._kept[number])).load
            found = self._ready[number] = thaw() if thaw else regex.compile(self._expressions[number])
        return found


class _Thaw(pickle.Unpickler):
    """Reads compiled expressions and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Give the function that makes an expression of its code."""
        if (module, name) != ("regex._regex", "compile"):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a regular expression")
        return super().find_class(module, name)


def load_patterns(expressions: Sequence[str], cache: Path | None) -> Patterns:
    """Give expressions from a directory of the cache, where they are compiled if they are not there yet."""
    if cache is None or not expressions:
        return Patterns(expressions)
    digest = hashlib.sha256(repr((regex.__version__, *expressions)).encode()).hexdigest()
    kept = load_or_make(cache / f"{digest}.regex", _decode, lambda: _compile(expressions), msgspec.msgpack.encode)
    return Patterns(expressions, kept)


def _compile(expressions: Sequence[str]) -> list[bytes]:
    return [pickle.dumps(regex.compile(expression)) for expression in expressions]


def _decode(body: bytes) -> list[bytes] | None:
    try:
        return msgspec.msgpack.decode(body, type=list[bytes])
    except msgspec.DecodeError:
        return None

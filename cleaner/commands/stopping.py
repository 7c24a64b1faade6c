"""Ctrl-C and SIGTERM during a run: it is stopped between two pieces, by a second signal wherever it is.

An exception that is raised anywhere may meet a destructor, and is lost there.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..starting import end_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STOPPING = b"copydesk: stopping after the piece under way; once more, and it stops at once\n"


@contextmanager
def raising() -> Iterator[None]:
    """Let both signals raise `KeyboardInterrupt`."""
    with _handled_by(signal.default_int_handler):
        yield


@contextmanager
def between_pieces(advance: Callable[[int], None]) -> Iterator[Callable[[int], None]]:
    """Give what is to be called after each piece, like `advance`: it raises `KeyboardInterrupt` once a signal came.

    A second signal raises it at once.
    """
    stopping = False

    def ask(_number: int, _frame: Any) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True
        if sys.stderr.isatty():
            os.write(2, _STOPPING)

    def advance_or_stop(amount: int) -> None:
        advance(amount)
        if stopping:
            raise KeyboardInterrupt

    with _handled_by(ask):
        yield advance_or_stop


@contextmanager
def _handled_by(handler: Callable[[int, Any], None]) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, handler) for number in numbers]
    try:
        yield
    finally:
        for number, earlier in zip(numbers, before, strict=True):
            # what is left of the process is to say what it has done
            signal.signal(number, signal.SIG_IGN if earlier is end_at_once else earlier)

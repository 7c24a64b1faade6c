"""Ctrl-C and SIGTERM. An exception would be lost where it meets a destructor, as imports and garbage have them.

So, before there is work, Ctrl-C ends the process of `clean` itself; a run is stopped between two pieces, and only
the second signal raises an exception wherever the run is.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTHING_WRITTEN = "interrupted: nothing was written"
INTERRUPTED = 130  # the exit code
_STOPPING = b"copydesk: stopping after the piece under way; once more, and it stops at once\n"


def end_at_once() -> None:
    """Let Ctrl-C end the process, which has nothing to put in order yet, until a run begins."""
    signal.signal(signal.SIGINT, _end)


def _end(_number: int, _frame: Any) -> None:
    os.write(2, f"{NOTHING_WRITTEN}\n".encode())
    os._exit(INTERRUPTED)


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
            # after a run, something may have been written
            signal.signal(number, signal.default_int_handler if earlier is _end else earlier)

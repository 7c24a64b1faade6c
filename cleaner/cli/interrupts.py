"""Ctrl-C and SIGTERM during a run: the first stops it between two pieces, the second at once.

An exception that a signal handler raises is lost if it is raised inside a destructor. So the first signal sets a flag.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from .entry import end_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NUMBERS = (signal.SIGINT, signal.SIGTERM)
_MANY = 1 << 16  # more bytes than signals can have come, at one byte each
_STOPPING = b"copydesk: stopping after the current piece; press Ctrl-C again to stop at once\n"


@contextmanager
def raising() -> Iterator[None]:
    """Raise `KeyboardInterrupt` for both signals, even if they lead to another exception first.

    Java ends at Ctrl-C as well, and PySpark handles Ctrl-C in its own way. So the numbers of the signals that came are
    read from a wakeup socket.
    """
    import socket

    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    earlier = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        with _handled_by(signal.default_int_handler):
            yield
    except Exception:
        numbers = b""
        with suppress(BlockingIOError):  # no signal came
            numbers = reader.recv(_MANY)
        if not set(_NUMBERS).isdisjoint(numbers):
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.set_wakeup_fd(earlier)
        reader.close()
        writer.close()


@contextmanager
def between_pieces(advance: Callable[[int], None]) -> Iterator[Callable[[int], None]]:
    """Return a function to call after each piece: it calls `advance`, and raises `KeyboardInterrupt` after a signal.

    A second signal raises it at once.
    """
    stopping = False

    def handle(_number: int, _frame: Any) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True
        if sys.stderr.isatty():
            with suppress(OSError):
                os.write(2, _STOPPING)

    def advance_or_stop(amount: int) -> None:
        advance(amount)
        if stopping:
            raise KeyboardInterrupt

    with _handled_by(handle):
        yield advance_or_stop


@contextmanager
def _handled_by(handler: Callable[[int, Any], None]) -> Iterator[None]:
    earlier = [signal.signal(number, handler) for number in _NUMBERS]
    try:
        yield
    finally:
        for number, previous in zip(_NUMBERS, earlier, strict=True):
            # from here on the process only reports the outcome: a signal must not cut that off
            signal.signal(number, signal.SIG_IGN if previous is end_at_once else previous)

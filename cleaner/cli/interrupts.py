"""Ctrl-C and SIGTERM during a run: it is stopped between two pieces, by a second signal wherever it is.

An exception that is raised anywhere may meet a destructor, and is lost there.
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
_MANY = 1 << 16  # signals that may have come
_STOPPING = b"copydesk: stopping after the piece under way; once more, and it stops at once\n"


@contextmanager
def raising() -> Iterator[None]:
    """Let both signals raise `KeyboardInterrupt`, whatever else is raised because of them.

    Java ends at Ctrl-C as well, and PySpark handles it in its own way: so it is asked which signals came at all.
    """
    import socket

    asked, told = socket.socketpair()
    asked.setblocking(False)
    told.setblocking(False)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        with _handled_by(signal.default_int_handler):
            yield
    except Exception:
        came = b""
        with suppress(BlockingIOError):  # none
            came = asked.recv(_MANY)
        if not set(_NUMBERS).isdisjoint(came):
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.set_wakeup_fd(before)
        asked.close()
        told.close()


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
    before = [signal.signal(number, handler) for number in _NUMBERS]
    try:
        yield
    finally:
        for number, earlier in zip(_NUMBERS, before, strict=True):
            # what is left of the process is to say what it has done
            signal.signal(number, signal.SIG_IGN if earlier is end_at_once else earlier)

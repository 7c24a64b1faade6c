"""Time boxes: foreign code that is stopped when its time is up.

In the main thread of a process, which is where the command and its workers run rules, the clock is a signal: it ends
endless loops, and expressions of `re` that explode. Elsewhere, as in a thread of a server or on a system without such
signals, another thread raises the exception, which ends loops of Python alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
AGAIN = 0.1  # seconds after which code that went on is stopped once more
PATIENCE = 5.0  # seconds of that after which the whole process is ended, as nothing else is left
_UNSTOPPABLE = 2  # its exit code then


class _TimeUp(BaseException):
    """Says that the time is up: no `Exception`, so that foreign code that catches all of those does not catch it."""


class TimeIsUpError(TimeoutError):
    """Say that code took too long, and was stopped."""


class TimeBox(Protocol):
    """Runs code for a limited time."""

    def run(self, work: Callable[[], T], what: str) -> T:
        """Give what `work` gives. Raises `TimeIsUpError` if it takes too long.

        `what` names it, for a message if it cannot be stopped.
        """


@contextmanager
def time_box(seconds: float) -> Iterator[TimeBox]:
    """Make a box of so many seconds of wall-clock time, to run one thing after the other in."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        with _alarm_clock(seconds) as clock:
            yield clock
    else:
        yield _Watchdog(seconds)


@contextmanager
def _alarm_clock(seconds: float) -> Iterator[_AlarmClock]:
    """Take over the timer of the process, and give it back with what is left of its time."""
    clock = _AlarmClock(seconds)
    handler = signal.signal(signal.SIGALRM, clock.ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, 0)
    began = time.monotonic()
    try:
        yield clock
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), interval)


class _AlarmClock:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._what = ""
        self._armed = False
        self._rings = 0

    def run(self, work: Callable[[], T], what: str) -> T:
        self._what, self._rings = what, 0
        try:
            try:
                self._armed = True
                signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN)
                return work()
            finally:
                self._stop()
        except _TimeUp:
            self._stop()  # it may have rung within the first attempt
            raise _too_long(self._seconds) from None

    def _stop(self) -> None:
        self._armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    def ring(self, *_: Any) -> None:
        if not self._armed:
            return
        self._rings += 1
        if self._rings * AGAIN > PATIENCE:
            _end(self._what)
        raise _TimeUp


class _Watchdog:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def run(self, work: Callable[[], T], what: str) -> T:
        done, lock, thread = threading.Event(), threading.Lock(), threading.get_ident()

        def watch() -> None:
            wait, rings = self._seconds, 0
            while not done.wait(wait):
                rings += 1
                if rings * AGAIN > PATIENCE:
                    _end(what)
                with lock:
                    if not done.is_set():
                        _raise_in(thread, _TimeUp)
                wait = AGAIN

        def stop() -> None:
            # what was raised and has not arrived does so within the loop: to take it back would leave Python 3.11
            # looking for it for ever
            while True:
                try:
                    with lock:
                        done.set()
                    for _ in range(2):
                        pass
                except _TimeUp:
                    continue
                return

        threading.Thread(target=watch, daemon=True).start()
        try:
            try:
                return work()
            finally:
                stop()
        except _TimeUp:
            stop()
            raise _too_long(self._seconds) from None


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _too_long(seconds: float) -> TimeIsUpError:
    return TimeIsUpError(f"it took longer than {seconds:g} s")


def _end(what: str) -> None:
    """End the process at once: code that catches everything and goes on leaves nothing else."""
    sys.stderr.write(f"copydesk: {what} cannot be stopped, so the process is ended: uninstall it\n")
    sys.stderr.flush()
    os._exit(_UNSTOPPABLE)

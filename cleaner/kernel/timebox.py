"""Time boxes: stop foreign code when its time is up.

In the main thread of a process, the clock is a signal. It ends endless loops, and also expressions of `re` that
explode. The command and its workers run rules there. In other threads, and on a system without such signals, a second
thread raises the exception. That ends only loops of Python code.
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
AGAIN = 0.1  # seconds after which code that goes on is stopped once more
PATIENCE = 5.0  # seconds of that after which the whole process is ended
_UNSTOPPABLE = 2  # the exit code of that


class _TimeUp(BaseException):
    """The time is up. This is not an `Exception`: foreign code that catches every `Exception` does not catch it."""


class TimeIsUpError(TimeoutError):
    """Code took too long and was stopped."""


class TimeBox(Protocol):
    """Runs code for a limited time."""

    def run(self, work: Callable[[], T], what: str) -> T:
        """Return what `work` returns. Raise `TimeIsUpError` if it takes too long.

        `what` names the code in the message that ends the process if it cannot be stopped.
        """


@contextmanager
def time_box(seconds: float) -> Iterator[TimeBox]:
    """Make a box that runs one piece of code after the other, each for some seconds by the wall clock."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        with _alarm_clock(seconds) as clock:
            yield clock
    else:
        yield _Watchdog(seconds)


@contextmanager
def _alarm_clock(seconds: float) -> Iterator[_AlarmClock]:
    """Take over the timer of the process. At the end, return it with the rest of its time."""
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
            self._stop()  # the alarm may have rung while the first call was under way
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
            # An exception that was raised and has not arrived arrives within the loop. If it were taken back, Python
            # 3.11 would look for it for ever.
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
    """End the process at once: nothing else stops code that catches every exception and goes on."""
    sys.stderr.write(f"copydesk: {what} cannot be stopped, so the process is ended: uninstall it\n")
    sys.stderr.flush()
    os._exit(_UNSTOPPABLE)

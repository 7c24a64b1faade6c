"""Code that is stopped when its time is up."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from copydesk.cleaner.kernel.timebox import TimeIsUpError, time_box

SECONDS = 0.2


def loop():
    while True:
        pass


def run(work):
    with time_box(SECONDS) as box:
        return box.run(work, "a test")


def in_thread(work):
    """Run work in a time box of another thread; return its result, or raise its error."""
    outcome = []

    def target():
        try:
            outcome.append(run(work))
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join(30)
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


both = pytest.mark.parametrize("start", [run, in_thread])


@both
def test_quick_code_returns_its_result(start):
    assert start(lambda: 7) == 7


@both
def test_errors_of_the_code_come_through(start):
    with pytest.raises(ZeroDivisionError):
        start(lambda: 1 // 0)


@both
def test_a_loop_is_stopped(start):
    started = time.monotonic()
    with pytest.raises(TimeIsUpError, match=r"longer than 0\.2 s"):
        start(loop)
    assert time.monotonic() - started < 10


@both
def test_code_that_catches_every_exception_is_stopped(start):
    def stubborn():
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    with pytest.raises(TimeIsUpError):
        start(stubborn)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such signal here")
def test_an_expression_that_explodes_is_stopped_in_the_main_thread():
    with pytest.raises(TimeIsUpError):
        run(lambda: re.fullmatch("(a|a)+b", "a" * 60))


def test_a_box_runs_one_thing_after_the_other():
    with time_box(SECONDS) as box:
        with pytest.raises(TimeIsUpError):
            box.run(loop, "a test")
        assert box.run(lambda: "quick", "a test") == "quick"
        time.sleep(2 * SECONDS)  # nothing runs: nothing is stopped


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such signal here")
def test_the_timer_of_the_process_goes_on():
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 60)
        run(lambda: 1)
        assert 50 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60
        assert not rang
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_code_that_cannot_be_stopped_ends_the_process():
    code = """
        from copydesk.cleaner.kernel import timebox
        timebox.PATIENCE = 0.5
        def stubborn():
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    continue
        with timebox.time_box(0.1) as box:
            box.run(stubborn, "the rule mysite/loop")
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2
    assert ran.stderr == ("copydesk: the rule mysite/loop cannot be stopped, so the process is ended: uninstall it\n")

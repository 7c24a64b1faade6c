"""The first lines of the command's process: settings that must precede all other imports."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any

from .exit_codes import INTERRUPTED, NOTHING_WRITTEN

# Commands that do not need pandas. Great Expectations does, and so do the commands that call it.
_WITHOUT_PANDAS = frozenset(("clean", "check", "baseline", "explain", "restore", "quarantine", "profile"))


def start() -> None:
    """Run the command; this is the entry point of the script `copydesk`."""
    open_closed_streams()
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name == "clean":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end_at_once)
    if name in _WITHOUT_PANDAS:
        from ..process import start_lean

        start_lean()
    from .main import main

    main()


def open_closed_streams() -> None:
    """Let standard streams that are closed lead to nowhere.

    Otherwise the next file that is opened gets the number 1 or 2, and whatever is printed is written into that file.
    Standard input stays closed for Python, so that reading from it is an error.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)  # the copy has no flag to close it in other processes
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False))


def end_at_once(_number: int, _frame: Any) -> None:
    """Handle Ctrl-C or SIGTERM before the run begins, when there is nothing to clean up.

    An exception would be lost inside a destructor, and imports run many of them.
    """
    with suppress(OSError):
        os.write(2, f"{NOTHING_WRITTEN}\n".encode())
    os._exit(INTERRUPTED)

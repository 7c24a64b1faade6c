"""The first lines of the command's process: settings that must precede all other imports."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any

from ..process import open_closed_streams, start_lean
from .exit_codes import INTERRUPTED, NOTHING_WRITTEN

# Commands that do not need pandas. Great Expectations does, and so do the commands that call it.
_WITHOUT_PANDAS = frozenset(("clean", "check", "baseline", "explain", "restore", "quarantine", "describe", "doctor"))


def start() -> None:
    """Run the command; this is the entry point of the script `copydesk`."""
    open_closed_streams()
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name == "clean":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end_at_once)
    if name in _WITHOUT_PANDAS:
        start_lean()
    from .main import main

    main()


def end_at_once(_number: int, _frame: Any) -> None:
    """Handle Ctrl-C or SIGTERM before the run begins, when there is nothing to clean up.

    An exception would be lost inside a destructor, and imports run many of them.
    """
    with suppress(OSError):
        os.write(2, f"{NOTHING_WRITTEN}\n".encode())
    os._exit(INTERRUPTED)

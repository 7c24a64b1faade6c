"""The process of the command, from its first line on: what must be settled before anything else is imported."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from .exit_codes import INTERRUPTED, NOTHING_WRITTEN

# Commands that work on records and need no frames of pandas, as those of Great Expectations are.
_WITHOUT_FRAMES = frozenset(("clean", "check", "baseline", "explain", "restore", "quarantine", "profile"))


def start() -> None:
    """Be the process of the command."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name == "clean":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end_at_once)
    if name in _WITHOUT_FRAMES:
        from ..process import start_lean

        start_lean()
    from .main import main

    main()


def end_at_once(_number: int, _frame: Any) -> None:
    """Handle Ctrl-C, or SIGTERM, in a process that has nothing to put in order yet.

    An exception would be lost where it meets a destructor, and imports have many.
    """
    os.write(2, f"{NOTHING_WRITTEN}\n".encode())
    os._exit(INTERRUPTED)

"""Exit codes of the command, and the message of a run that was stopped before it wrote anything."""

from __future__ import annotations

NOTHING_WRITTEN = "interrupted: nothing was written"


INTERRUPTED = 130  # the exit code

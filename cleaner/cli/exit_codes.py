"""The exit code and the message of an interrupted command."""

from __future__ import annotations

NOTHING_WRITTEN = "interrupted: nothing was written"
INTERRUPTED = 130  # the exit code

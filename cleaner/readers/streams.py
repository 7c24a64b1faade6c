"""Inputs that can be read only once: standard input, named pipes, and open files of the shell as in `<(command)`."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError
from .file_names import readable_name, unreadable
from .source import Source

if TYPE_CHECKING:
    from pathlib import Path

_BUFFER = 1 << 20  # bytes; a pipe hands out less at a time, and the first bytes must suffice to tell the format
# Paths of the files that this process has open. It reads them by their numbers: if you open the path, a file starts at
# its beginning again, and a socket fails.
_DESCRIPTOR = re.compile(r"/dev/stdin|/(?:dev|proc/self)/fd/(\d+)")
_SPECIAL = (
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def find_stream(path: Path, mode: int, kind: str) -> Source | None:
    """Return a path as a stream, None if it is a regular file. `mode` is the one that `stat` returns.

    Raises `InputError` for sockets and devices.
    """
    match = _DESCRIPTOR.fullmatch(str(path))
    if match:
        return Source(None, f"fd-{match[1]}" if match[1] else "stdin", kind, stream=path)
    if stat.S_ISFIFO(mode) or str(path) == os.devnull:
        return Source(None, readable_name(path.name), kind, stream=path)
    if what := describe_special(mode):
        hint = "name a file, or pipe the data in and name -"
        raise InputError(f"this is {what}, not a file", where=readable_name(str(path)), hint=hint)
    return None


def describe_special(mode: int) -> str:
    """Return what a socket or device is, empty for anything else."""
    return next((what for is_kind, what in _SPECIAL if is_kind(mode)), "")


def open_stream(source: Source) -> Any:
    """Open standard input or a pipe for bytes. Waits until another process opens the pipe to write to it."""
    if source.remote is not None:
        return source.remote.open()
    if source.stream is None:
        if sys.stdin is None:
            raise InputError("it is closed", where=source.label, hint="pipe something in, or name a file")
        return sys.stdin.buffer
    match = _DESCRIPTOR.fullmatch(str(source.stream))
    try:
        raw = io.FileIO(os.dup(int(match[1] or 0)) if match else str(source.stream))
    except OSError as error:
        raise unreadable(error, source.label) from None
    return io.BufferedReader(raw, _BUFFER)

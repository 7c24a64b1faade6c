"""The standard streams of the command: open, safe for terminals and CI services, and put back at the end."""

from __future__ import annotations

import contextlib
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from ...schemas.errors import OutputError
from ..reports.safe_stream import SafeStream, reads_commands

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def safe_streams() -> Iterator[None]:
    """Filter what the command writes to standard output and standard error: see `SafeStream`.

    A standard error that cannot be written changes no result.
    """
    before = sys.stdout, sys.stderr
    out, err = (_or_null(stream) for stream in before)
    sys.stdout = cast("TextIO", SafeStream(out, "standard output"))
    sys.stderr = cast("TextIO", SafeStream(err, "standard error", must_work=False))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        if before[1] is not None:
            _drop_unwritten(before[1])


def _or_null(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # an encoding such as ASCII cannot write every text
    return stream


def write_data(data: bytes) -> None:
    """Write data to standard output: as they are, but escaped to a terminal or the log of a CI service.

    Raises `OutputError` if that fails.
    """
    stream = sys.stdout
    if stream.isatty() or reads_commands() or not hasattr(stream, "buffer"):
        stream.write(data.decode("utf-8", "replace"))
        return
    try:
        stream.flush()
        stream.buffer.write(data)
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "free some space, or write elsewhere"
        raise OutputError(f"cannot be written ({error.strerror})", where="standard output", hint=hint) from None


def drop_output() -> None:
    """Drop the unwritten rest of standard output, or the interpreter tries to write it again at its end."""
    _lead_to_nowhere(sys.stdout)


def _drop_unwritten(stream: TextIO) -> None:
    """Drop what cannot be written. Otherwise the interpreter tries again at its end, fails, and exits with 120."""
    try:
        stream.flush()
    except (OSError, ValueError):
        _lead_to_nowhere(stream)


def _lead_to_nowhere(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):  # it may have no file descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""Every error of the command as one line on standard error, with an exit code."""

from __future__ import annotations

import errno
import os
import sys

import click

from .streams import drop_output

# Errors of a full disk, a used-up quota, or a file at its maximum size.
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_SHOWN = 200  # characters of an unexpected message


def explain_error(error: Exception) -> int:
    """Print an error in one line and return the exit code."""
    from ...schemas.errors import CopydeskError, InternalError
    from ...schemas.messages import printable

    _drop_broken_output()
    if isinstance(error, CopydeskError) and not (isinstance(error, InternalError) and error.trace):
        _print(printable(str(error)))
        return error.exit_code
    if isinstance(error, MemoryError):
        _print("not enough memory: use smaller files, fewer workers, or a machine with more memory")
        return 2
    if line := _explain_system_error(error):
        _print(printable(line))
        return 2
    _report(error)
    return 3


def _print(line: str) -> None:
    click.echo(f"copydesk: {line}", err=True)


def _drop_broken_output() -> None:
    """Drop the rest of standard output if it cannot be written."""
    try:
        sys.stdout.flush()
    except Exception:
        drop_output()


def _explain_system_error(error: Exception) -> str:
    """Return a line for an error of the file system, else an empty string."""
    if not isinstance(error, OSError):
        return ""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return f"cannot write ({reason}); free some space, or write elsewhere"
    if error.filename is None:
        return ""
    name = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else str(error.filename)
    return f"{name}: cannot be read or written ({reason}); name another file"


def _report(error: Exception) -> None:
    """Print a line about an unexpected error, and write a report for the developers."""
    from ...schemas.errors import InternalError
    from ...schemas.messages import printable
    from ..readers.error_places import find_error_place
    from .fault_report import write_report

    message = error.what if isinstance(error, InternalError) else f"{type(error).__name__}: {error}"
    place = error.where if isinstance(error, InternalError) else find_error_place(error)
    path = write_report(error, sys.argv[1:])
    before = f"{place}: " if place else ""
    after = f"; please report it with {path}" if path else "; please report it"
    _print(printable(f"{before}an error in copydesk itself ({message[:_SHOWN]}){after}"))

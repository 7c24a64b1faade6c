"""A report of an error in copydesk itself, for its developers: where it happened, with which versions, without data."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
import tempfile
import traceback
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ..._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_LIBRARIES = ("great_expectations", "hyperscan", "msgspec", "numpy", "pandas", "pyarrow", "pydantic", "pyspark")
_PACKAGE = Path(__file__).parent.parent.parent
_OPTION = re.compile(r"-[a-z]|--[a-z][a-z-]*")
# A line of a call stack in Python or Java, without the message of the error.
_STACK_LINE = re.compile(r'  File "|\s+at \S+\(')
_NOTE = "Values, texts and file names are left out. Please send this file with a report of the error."


def write_report(error: BaseException, arguments: list[str]) -> Path | None:
    """Write the report to the cache directory, else the temporary directory. Return None if neither can be written.

    Only the owner can read the file. It has the call stack, versions, and the options of the command without their
    values. The message of the error is left out, because it may quote data.
    """
    content = "\n".join(_lines(error, arguments))
    for folder in _folders():
        with contextlib.suppress(OSError, ValueError):
            handle, name = tempfile.mkstemp(prefix="copydesk-report-", suffix=".txt", dir=folder)
            with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(content)
            return Path(name)
    return None


def _folders() -> Iterator[Path]:
    """Yield the folders for reports, those first that no other user can write to."""
    from ...schemas.cache.private_directory import make_private
    from ...schemas.cache.store import cache_directory

    with contextlib.suppress(OSError, ValueError):
        reports = cache_directory() / "reports"
        make_private(reports)
        yield reports
    yield Path(tempfile.gettempdir())


def _lines(error: BaseException, arguments: list[str]) -> Iterator[str]:
    yield f"copydesk {__version__}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    yield _NOTE
    yield ""
    yield f"command: {describe_command(arguments)}"
    yield f"python: {platform.python_version()} ({sys.platform}, {platform.machine()})"
    yield f"libraries: {', '.join(_versions())}"
    yield ""
    yield from _stack(error)
    if trace := getattr(error, "trace", ""):
        yield "in another process:"
        yield from filter(_STACK_LINE.match, trace.splitlines())
    yield ""


def describe_command(arguments: list[str]) -> str:
    """Return a command with the names of its options, and with … for every value and input.

    >>> describe_command(["clean", "secret.jsonl", "--map=body=text", "-q", "--out", "/home/me"])
    'copydesk clean … --map=… -q --out …'
    """
    words = ["copydesk"]
    for number, word in enumerate(arguments):
        name, equals, _ = word.partition("=")
        if _OPTION.fullmatch(name):
            words.append(f"{name}=…" if equals else name)
        else:
            words.append(word if number == 0 and word.isascii() and word.isalpha() else "…")
    return " ".join(words)


def _versions() -> Iterator[str]:
    from importlib import metadata

    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"


def _stack(error: BaseException) -> Iterator[str]:
    """Yield the frames of an error and of the errors that caused it, the cause first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _stack(cause)
        yield ""
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"  {_short_path(frame)}:{line} in {frame.f_code.co_name}"


def _short_path(frame: FrameType) -> str:
    """Return the path of a frame's file below this package, or below the folder of installed packages."""
    path = frame.f_code.co_filename
    for folder in (str(_PACKAGE), *sorted(sys.path, key=len, reverse=True)):
        if folder and path.startswith(folder + os.sep):
            return path[len(folder) + 1 :]
    return os.path.basename(path)

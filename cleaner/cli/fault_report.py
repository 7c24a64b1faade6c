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
from typing import TYPE_CHECKING, Any

from ..._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_LIBRARIES = ("great_expectations", "hyperscan", "msgspec", "numpy", "pandas", "pyarrow", "pydantic", "pyspark")
_SOURCES = ("Source", "WatchedSource")
_PACKAGE = Path(__file__).parent.parent.parent
_OPTION = re.compile(r"-[a-z]|--[a-z][a-z-]*")
_NOTE = "Values, texts and file names are left out. Please send this file with a report of the error."


def write_report(error: BaseException, arguments: list[str]) -> Path | None:
    """Write the report to the cache directory, else the temporary directory. Return None if neither can be written.

    Only the owner can read the file. It has the call stack, versions, and the options of the command without their
    values. The message of the error is left out, because it may quote data.
    """
    from ...schemas.cache.private_directory import make_private
    from ...schemas.cache.store import cache_directory

    text = "\n".join(_lines(error, arguments))
    for folder in (cache_directory() / "reports", Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError, ValueError):
            make_private(folder)
            handle, name = tempfile.mkstemp(prefix="copydesk-report-", suffix=".txt", dir=folder)
            with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return Path(name)
    return None


def find_place(error: BaseException) -> str:
    """Return the input that was being read when an error was raised, as `file` or `file:line`, else an empty string.

    The innermost frame counts in which a variable holds a source, a batch or a record that could not be read.
    """
    values = [value for frame, _ in traceback.walk_tb(error.__traceback__) for value in frame.f_locals.values()]
    place = next(filter(None, map(_place_in, reversed(values))), "")
    listed = [source for value in values if isinstance(value, list) for source in value if _kind_of(source) in _SOURCES]
    labels: dict[str, str] = {source.name: source.label for source in listed}
    return labels.get(place, place)


def _place_in(value: Any) -> str:
    """Return the place that a value of one of our classes names, else an empty string."""
    name = _kind_of(value)
    if name in _SOURCES:
        return str(value.label)
    if name == "Unreadable":
        return f"{value.file}:{value.line}" if value.line else str(value.file)
    if name in ("Batch", "UnparsedBatch"):
        place = getattr(value, "place", None)
        file = getattr(place, "file", None) if place else getattr(value, "file", None)
        return file if isinstance(file, str) else ""
    return ""


def _kind_of(value: Any) -> str:
    """Return the name of a class of ours, else an empty string. Classes of inputs are known without an import."""
    return type(value).__name__ if type(value).__module__.startswith("copydesk.") else ""


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
        yield from (line for line in trace.splitlines() if line.startswith("  File "))
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

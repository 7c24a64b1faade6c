"""The file of decisions, written so that people can read it and a diff shows what changed."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...schemas.errors import OutputError
from ..atomic_files import lock_file, whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...schemas.decisions import Accept, Decisions, Keep

_WAIT = 10.0  # seconds for another process that decides
_PAUSE = 0.1

_HEAD = """\
# Cuts that were taken back. `clean`, `check` and `explain` leave these lines alone: on all records, or only on those of
# the host or with the id. Remove an entry to let its rule cut again.
"""
_ACCEPTED = """
# Cuts that were looked at and found right. They change nothing but what `copydesk review` shows as new.
"""


def write_decisions(decisions: Decisions, path: Path) -> None:
    """Write all decisions. The file is complete, or as it was before."""
    with whole_file(path) as file:
        file.write(_HEAD)
        for keep in decisions.entries:
            file.write(_as_table("keep", keep))
        if decisions.accepted:
            file.write(_ACCEPTED)
        for accept in decisions.accepted:
            file.write(_as_table("accept", accept))


def _as_table(name: str, entry: Keep | Accept) -> str:
    values = entry.model_dump(exclude_none=True)
    return f"\n[[{name}]]\n" + "".join(f"{key} = {_quote(value)}\n" for key, value in values.items())


@contextmanager
def deciding(path: Path) -> Iterator[None]:
    """Let no other process change a file of decisions until the block ends.

    Raises `OutputError` if another one does not end within some seconds.
    """
    place = path.parent if path.parent.is_dir() else path.parent.parent
    try:
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:  # as on Windows, where folders cannot be opened
        yield
        return
    try:
        end = time.monotonic() + _WAIT
        while not lock_file(handle):
            if time.monotonic() > end:
                hint = "wait until its undo or review ends"
                raise OutputError("another process is writing decisions", where=str(path), hint=hint)
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(handle)


def _quote(text: str) -> str:
    """Return a text as a string of TOML, with escapes for all that is not plain."""
    quoted = json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
    return "".join(char if char.isprintable() else "".join(f"\\U{ord(char):08x}") for char in quoted)

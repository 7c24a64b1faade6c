"""The files of a suite: light to import, for the cache keys of `check`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..cache.toml_files import read_toml

if TYPE_CHECKING:
    from pathlib import Path

MAX_SUITES = 100  # that one suite can extend, directly and through others


def find_suite_files(path: Path) -> list[Path]:
    """Return the file of a suite and the files that it extends; nothing for a built-in suite.

    A suite with more files than can be loaded gets some of them. The code that loads suites reports all errors.
    """
    files: dict[Path, None] = {}
    pending = [path]
    while pending and len(files) <= MAX_SUITES:
        path = pending.pop()
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            path = path.resolve()
            if path in files or not path.is_file():
                continue
            files[path] = None
            parents = read_toml(path)[1].get("extends", [])
            names = [parents] if isinstance(parents, str) else parents if isinstance(parents, list) else []
            pending += [path.parent / name for name in names[:MAX_SUITES] if isinstance(name, str)]
    return list(files)

"""Paths that a file of data names. Settings and suites may only name files in their own folder."""

from __future__ import annotations

import os
from pathlib import Path


def lies_inside(folder: Path, path: Path) -> bool:
    """Return whether a path lies inside a folder, after all links are followed. A text that is no path does not.

    >>> lies_inside(Path("project"), Path("project/rules/house.toml"))
    True
    >>> lies_inside(Path("project"), Path("project/../other.toml")), lies_inside(Path("project"), Path("/etc/passwd"))
    (False, False)
    """
    try:
        root, target = os.path.realpath(folder), os.path.realpath(path)
    except (OSError, ValueError):  # too long, or a null character
        return False
    return Path(target).is_relative_to(root)

"""Files that the user leaves out, told by globs of their paths and names."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from ...schemas.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath


class Exclusions:
    """Globs of files to leave out, compared with the whole path, the path below a folder, and each name in it.

    >>> from pathlib import Path
    >>> excludes = Exclusions(["*.stats.json", "drafts", "old/*.csv"]).excludes
    >>> [excludes(Path(name), name) for name in ("a.json", "a.stats.json", "drafts/a.txt", "old/a.csv", "a.csv")]
    [False, True, True, True, False]
    """

    def __init__(self, globs: Iterable[str] = ()) -> None:
        whole = [glob.strip().rstrip("/") for glob in globs]
        if "" in whole:
            raise SettingError("exclude: an empty glob", hint="write, for example, --exclude '*.stats.json'")
        self._pattern = re.compile("|".join(map(translate, whole))) if whole else None

    def excludes(self, path: PurePath, name: str) -> bool:
        """Return whether a file is left out. `name` is its path below the folder that the user named."""
        if self._pattern is None:
            return False
        texts = (path.as_posix(), name, *name.split("/"))
        return any(map(self._pattern.match, texts))


NOTHING = Exclusions()

"""The form of the texts of each source, as the user named it."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.config import FORMS
from ...schemas.errors import SettingError, nearest
from .loader import hosts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .loader import Records

_AUTO = "auto"


class SourceForms:
    """The form that the user named for all texts, and those for the texts of some hosts or files, by globs."""

    def __init__(self, form: str, globs: Mapping[str, str], root: Path = Path()) -> None:
        """Globs match hosts, and paths below `root`. Raises `SettingError` for a form that there is not."""
        for name in (form, *globs.values()):
            if name not in FORMS:
                hint = f"use one of: {', '.join(FORMS)}"
                raise SettingError(f"unknown form {name!r}{nearest(name, FORMS)}", hint=hint)
        self.form, self.globs, self._root = form, tuple(globs.items()), root
        self._seen: dict[tuple[str | None, str | None], str | None] = {}

    @property
    def settings(self) -> dict[str, str]:
        """What the user named, as text."""
        form = {} if self.form == _AUTO else {"form": self.form}
        globs = ", ".join(f"{glob}={name}" for glob, name in self.globs)
        return {**form, "per-source-forms": globs} if globs else form

    def of(self, records: Records, paths: Mapping[str, str]) -> list[str | None] | None:
        """Return the form that the user named for each record, None for auto. `paths` are the paths of files by name.

        Return None if the user named none.
        """
        if not self.globs:
            return None if self.form == _AUTO else [self.form] * records.count
        hosts, file = hosts_of(records), records.place.file
        names = file if isinstance(file, list) else [file] * records.count
        files = [paths.get(name, name) if name is not None else None for name in names]
        pairs = zip(hosts.to_pylist() if hosts is not None else [None] * records.count, files, strict=True)
        return [self._seen[pair] if pair in self._seen else self._find(*pair) for pair in pairs]

    def _find(self, host: str | None, file: str | None) -> str | None:
        names = [host.lower().removeprefix("www.")] if host else []
        if file:
            names += [file, Path(os.path.relpath(file, self._root)).as_posix()]
        matching = (form for glob, form in self.globs if any(fnmatchcase(name, glob) for name in names))
        form = next(matching, self.form)
        self._seen[host, file] = None if form == _AUTO else form
        return self._seen[host, file]

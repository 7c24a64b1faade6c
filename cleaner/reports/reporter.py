"""Reporters: the formats that `check` gives its findings in.

A reporter is a class with the methods of `Reporter`. Those of other distributions are found by the entry-point group
`copydesk.reporters`, under the name that `--format` knows them by.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

import msgspec

from ...schemas.errors import SettingError, nearest
from ...schemas.plugins import LoadedPlugin, Plugin, find_added, load_plugins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...schemas.findings import CheckSummary, Described, Finding

GROUP = "copydesk.reporters"
# Where services say which folder they have checked a repository out into.
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
# Name of the format: module and class, imported when it is asked for.
_BUILT_IN = {
    "text": "text:Text",
    "concise": "concise:Concise",
    "json": "json_document:JsonDocument",
    "jsonl": "json_lines:JsonLines",
    "github": "github:GitHub",
    "gitlab": "gitlab:GitLab",
    "sarif": "sarif:Sarif",
    "junit": "junit:JUnit",
    "markdown": "markdown:Markdown",
    "html": "html:Html",
}


@dataclass
class Reporter:
    """A format: findings come one by one, and at the end what they came to. Override `add` and `close`."""

    out: TextIO
    rules: Mapping[str, Described]
    """What every rule and check that may be in a finding says of itself, by id."""

    def add(self, finding: Finding) -> None:
        """Take a finding."""

    def close(self, outcome: CheckSummary) -> None:
        """Write what is still to be written."""


def find_reporter(name: str) -> type[Reporter]:
    """Give the reporter of a format.

    Raises `SettingError` for a name that none has, `PluginError` for one of a plugin that cannot be used.
    """
    if name in _BUILT_IN:
        module, _, attribute = _BUILT_IN[name].partition(":")
        built_in: type[Reporter] = getattr(import_module(f".formats.{module}", __package__), attribute)
        return built_in
    plugins = load_reporter_plugins()
    added = find_added(plugins, name)
    if added is not None:
        return added
    known = [*_BUILT_IN, *(format_name for loaded in plugins for format_name in loaded.adds)]
    raise SettingError(f"--format {name}: no such format{nearest(name, known)}", hint=f"use one of: {', '.join(known)}")


def load_reporter_plugins() -> tuple[LoadedPlugin[type[Reporter]], ...]:
    """Give the plugins that add formats: each names a class, and its own name is that of the format."""
    return load_plugins(GROUP, _classify, tuple(_BUILT_IN), warn=False)  # who asks for one is told what is wrong


def _classify(found: Any, plugin: Plugin) -> dict[str, type[Reporter]]:
    if not (isinstance(found, type) and issubclass(found, Reporter)):
        raise SettingError("it is no Reporter")
    return {plugin.name: found}


def as_dict(finding: Finding) -> dict[str, Any]:
    """Give a finding as the JSON formats have it: with its key, and with a snippet for the text."""
    fields = msgspec.structs.asdict(finding)
    del fields["text"]
    return {**fields, "snippet": finding.snippet, "key": finding.key}


def repository_path(file: str) -> str:
    """Give a path as services name it, with slashes: from the root of its repository, wherever the command runs.

    The repository is that of git around the working directory, else around the file, else the folder that the service
    names; where there is none it is the working directory. What lies elsewhere, or is no file, stays as it is.
    """
    path, here = Path(os.path.abspath(file)), Path.cwd()
    if not path.exists():
        return file
    named = [Path(os.environ[name]) for name in _WORKSPACES if os.environ.get(name)]
    for root in (_top_level(here), _top_level(path.parent), *named, here):
        if root is not None and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return Path(file).as_posix()


@lru_cache(maxsize=256)
def _top_level(folder: Path) -> Path | None:
    """Give the folder of the repository around a folder; a work tree and a submodule have a file `.git`."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def repository_uri(file: str) -> str:
    """Give `repository_path` as a reference of a URI."""
    path = repository_path(file)
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path)

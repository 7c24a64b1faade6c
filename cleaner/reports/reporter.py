"""Reporters: the formats in which `check` reports its findings.

A reporter is a subclass of `Reporter`. Other distributions add reporters by the entry-point group `copydesk.reporters`;
the name of the entry point is the name for `--format`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TextIO
from urllib.parse import quote

import msgspec

from ...schemas.errors import SettingError, nearest
from ...schemas.plugins import LoadedPlugin, Plugin, find_added, load_plugins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...schemas.findings import CheckSummary, Described, Finding

GROUP = "copydesk.reporters"
# Variables in which CI services name the folder of the checkout.
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
# Name of the format: module and class, imported on first use.
_BUILT_IN = {
    "text": "text:Text",
    "concise": "concise:Concise",
    "statistics": "statistics:Statistics",
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
    """A report format. It gets the findings one by one, then the summary. Override `add` and `close`."""

    writes_commands: ClassVar[bool] = False
    """Whether the report consists of commands for a CI service. Other reports cannot contain such commands."""

    out: TextIO
    rules: Mapping[str, Described]
    """The descriptions of all rules and checks that may have findings, by id."""

    def add(self, finding: Finding) -> None:
        """Add a finding."""

    def close(self, summary: CheckSummary) -> None:
        """Write the rest of the report."""


def find_reporter(name: str) -> type[Reporter]:
    """Return the reporter of a format.

    Raises `SettingError` for an unknown name, `PluginError` for the name of a broken plugin.
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
    raise SettingError(f"--format {name}: unknown format{nearest(name, known)}", hint=f"use one of: {', '.join(known)}")


def load_reporter_plugins() -> tuple[LoadedPlugin[type[Reporter]], ...]:
    """Return the plugins that add formats. An entry point names a class; its own name is that of the format."""
    return load_plugins(GROUP, _classify, tuple(_BUILT_IN), warn=False)  # `find_reporter` raises the error


def _classify(loaded: Any, plugin: Plugin) -> dict[str, type[Reporter]]:
    if not (isinstance(loaded, type) and issubclass(loaded, Reporter)):
        raise SettingError("it is not a subclass of Reporter")
    return {plugin.name: loaded}


def as_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding for the JSON formats: with its key, and with a snippet instead of the text."""
    fields = msgspec.structs.asdict(finding)
    del fields["text"]
    return {**fields, "snippet": finding.snippet, "key": finding.key}


def repository_path(file: str) -> str:
    """Return a path with slashes, relative to the root of its repository, as CI services name it.

    The root is that of the git repository around the working directory or around the file, else the checkout folder of
    the service, else the working directory. A path elsewhere, or one that does not exist, stays as it is.
    """
    path, here = Path(os.path.abspath(file)), Path.cwd()
    if not path.exists():
        return file
    workspaces = [Path(os.environ[name]) for name in _WORKSPACES if os.environ.get(name)]
    for root in (_top_level(here), _top_level(path.parent), *workspaces, here):
        if root is not None and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return Path(file).as_posix()


@lru_cache(maxsize=256)
def _top_level(folder: Path) -> Path | None:
    """Return the root of the repository around a folder. Work trees and submodules have a file `.git`."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def repository_uri(file: str) -> str:
    """Return `repository_path` as a URI reference."""
    path = repository_path(file)
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path)

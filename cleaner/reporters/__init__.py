"""Reporters: the formats that `check` gives its findings in.

A reporter is a class with the methods of `Reporter`. Those of other distributions are found by the entry-point group
`copydesk.reporters`, under the name that `--format` knows them by.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

import msgspec

from ...schemas.errors import SettingError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

    from ...schemas.findings import Described, Finding, Outcome

GROUP = "copydesk.reporters"
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

    def close(self, outcome: Outcome) -> None:
        """Write what is still to be written."""


def find_reporter(name: str) -> type[Reporter]:
    """Give the reporter of a format. Raises `SettingError` for a name that none has."""
    if name in _BUILT_IN:
        module, _, attribute = _BUILT_IN[name].partition(":")
        built_in: type[Reporter] = getattr(import_module(f".{module}", __name__), attribute)
        return built_in
    installed = {point.name: point for point in entry_points(group=GROUP)}
    if name in installed:
        return _load(installed[name])
    known = [*_BUILT_IN, *sorted(installed)]
    raise SettingError(f"--format {name}: no such format{nearest(name, known)}", do=f"use one of: {', '.join(known)}")


def _load(point: EntryPoint) -> type[Reporter]:
    """Load a reporter of another distribution. Raises `SettingError`, naming it, if that does not work."""
    try:
        plugin = point.load()
    except Exception as error:
        cause = f"cannot be loaded ({type(error).__name__}: {error})"
    else:
        if isinstance(plugin, type) and issubclass(plugin, Reporter):
            return plugin
        cause = "is no Reporter"
    owner = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
    raise SettingError(f"--format {point.name}: {point.value}{owner} {cause}", do="ask its authors")


def as_dict(finding: Finding) -> dict[str, Any]:
    """Give a finding as the JSON formats have it: with its key, and with a snippet for the text."""
    fields = msgspec.structs.asdict(finding)
    del fields["text"]
    return {**fields, "snippet": finding.snippet, "key": finding.key}


def repository_path(file: str) -> str:
    """Give a path as services name it: from the working directory, with slashes; one that lies elsewhere as it is."""
    path = Path(os.path.abspath(file))
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else Path(file).as_posix()


def repository_uri(file: str) -> str:
    """Give `repository_path` as a reference of a URI."""
    path = repository_path(file)
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path)

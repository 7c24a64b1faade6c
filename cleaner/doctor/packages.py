"""The packages that copydesk needs, and its extras: what is there, in which version, and what is missing."""

from __future__ import annotations

import os
import shutil
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from .diagnosis import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What each extra gives.
EXTRAS = {
    "duckdb": "reads tables of DuckDB",
    "postgres": "reads tables of PostgreSQL",
    "excel": "reads workbooks of Excel and LibreOffice",
    "html": "leaves web pages to trafilatura",
    "warc": "reads web archives (WARC)",
    "remote": "reads files by address, such as https:// or s3://",
    "spark": "cleans on a Spark cluster",
    "review": "shows a run in the browser, to accept and undo cuts",
}


def read_requirements() -> list[Requirement]:
    """Return the requirements of copydesk, with the markers of extras; none if it is not installed."""
    try:
        lines = metadata.requires("copydesk") or []
    except metadata.PackageNotFoundError:
        return []
    return [requirement for line in lines if (requirement := _parse(line)) is not None]


def _parse(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def examine_packages(requirements: Iterable[Requirement]) -> Iterator[Diagnosis]:
    """Yield a diagnosis of each package that copydesk always needs."""
    for requirement in requirements:
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            version, fault = _look_up(requirement)
            remedy = f'pip install "{requirement.name}{requirement.specifier}"' if fault else ""
            yield Diagnosis("packages", requirement.name, "broken" if fault else "ok", fault or version, remedy)


def examine_extras(requirements: Iterable[Requirement]) -> Iterator[Diagnosis]:
    """Yield a diagnosis of each extra: its packages, or how to install it."""
    requirements = list(requirements)
    for extra in _names_of_extras(requirements):
        needs = [need for need in requirements if need.marker and _belongs(need, extra)]
        looked = {need.name: _look_up(need) for need in needs}
        use = EXTRAS.get(extra, "")
        install = f'pip install "copydesk[{extra}]"'
        versions = ", ".join(f"{name} {version}" for name, (version, _) in looked.items() if version)
        if not versions:
            yield Diagnosis("extras", extra, "note", f"not installed: {use}", install)
        elif faults := [f"{name}: {fault}" for name, (_, fault) in looked.items() if fault]:
            yield Diagnosis("extras", extra, "warning", f"{'; '.join(faults)}: {use}", install)
        elif extra == "spark" and not (os.environ.get("JAVA_HOME") or shutil.which("java")):
            remedy = "install Java 17 or 21, or name it in JAVA_HOME"
            yield Diagnosis("extras", extra, "warning", f"{versions}, but no Java was found", remedy)
        else:
            yield Diagnosis("extras", extra, "ok", f"{versions}: {use}")


def _names_of_extras(requirements: list[Requirement]) -> list[str]:
    return [extra for extra in EXTRAS if any(need.marker and _belongs(need, extra) for need in requirements)]


def _belongs(requirement: Requirement, extra: str) -> bool:
    """Return whether a requirement is there because of an extra."""
    marker = requirement.marker
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})


def _look_up(requirement: Requirement) -> tuple[str, str]:
    """Return the installed version of a package, and what is wrong with it; both can be empty."""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return "", "not installed"
    if not requirement.specifier.contains(version, prereleases=True):
        return version, f"version {version} is installed, {requirement.specifier} is needed"
    return version, ""

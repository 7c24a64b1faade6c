"""Digests of all that the findings of a file depend on, beside the time and what stood before it in the run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import time
import unicodedata
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schemas.cache.toml_files import tomllib
from ..readers.detect import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..readers.source import Source
    from ..settings import Settings

_PACKAGE = Path(__file__).parent.parent.parent
_ROOMS = ("cleaner", "rules", "schemas")
_BLOCK = 1 << 20  # bytes that are read at once: a plugin may hold large files
_CODE = frozenset((".py", ".toml", ".npz"))
_GROUPS = ("copydesk.checks", "copydesk.readers", "copydesk.rules")
# Settings that make no difference to what is found.
_IRRELEVANT = ("suppressions", "required-version")


def digest_settings(settings: Settings, encoding: str | None) -> bytes:
    """Give a digest of all that findings depend on beside the files and the time."""
    config = settings.config.model_dump(mode="json", by_alias=True)
    parts: list[Any] = [
        sys.version_info[:3],
        unicodedata.unidata_version,
        (time.tzname, time.timezone, time.altzone),  # names of zones in dates are understood by them
        encoding,
        {key: value for key, value in config.items() if key not in _IRRELEVANT},
        [_digest_files(_below(path, ("*",))) for path in settings.rule_files],
        _digest_files(_suite_files(Path(settings.suite))),
        _digest_files(path for room in _ROOMS for path in _below(_PACKAGE / room, _CODE)),
        sorted(_versions("copydesk")),
        sorted(_plugins()),
    ]
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogateescape"), digest_size=32).digest()


def digest_source(source: Source, settings: bytes, ignored: Iterable[str], content: bytes) -> bytes:
    """Give the key of a file: `settings` is the digest of what else matters, `ignored` what is not to run on it."""
    # the reader of a plugin sees the path, that of tables the name; others at most how it ends
    name = "".join(Path(source.name).suffixes)
    if source.kind == "csv":
        name = source.name
    elif source.kind not in FORMATS:
        name = os.path.abspath(source.label)
    parts = repr((source.kind, name, source.partition, sorted(ignored))).encode("utf-8", "surrogateescape")
    digest = hashlib.blake2b(settings + hashlib.blake2b(parts).digest(), digest_size=32)
    digest.update(content)
    return digest.digest()


def _digest_files(paths: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=32)
    for path in paths:
        content = hashlib.blake2b(digest_size=32)
        with contextlib.suppress(OSError), path.open("rb") as file:  # whoever needs it says what is wrong
            while block := file.read(_BLOCK):
                content.update(block)
        digest.update(path.name.encode("utf-8", "surrogateescape") + b"\0" + content.digest())
    return digest.hexdigest()


def _below(path: Path, suffixes: Iterable[str]) -> list[Path]:
    """Give a file, or the files of some suffixes (all: `*`) below a folder, sorted."""
    if not path.is_dir():
        return [path]
    found = []
    for root, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [Path(root, name) for name in names if "*" in suffixes or os.path.splitext(name)[1] in suffixes]
    return sorted(found)


def _suite_files(path: Path) -> list[Path]:
    """Give a suite's file and those that it extends; a suite of this package has none of its own."""
    found: list[Path] = []
    left = [path]
    while left:
        path = left.pop()
        if path in found or not path.is_file():
            continue
        found.append(path)
        try:
            parents = tomllib.loads(path.read_text("utf-8")).get("extends", [])
        except (OSError, ValueError):  # whoever loads it says what is wrong
            continue
        left += [path.parent / str(name) for name in ([parents] if isinstance(parents, str) else parents)]
    return found


def _versions(distribution: str) -> Iterator[str]:
    """Give the packages that a distribution needs, with their versions."""
    try:
        needed = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return
    for name in {re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0] for requirement in needed}:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue


def _plugins() -> Iterator[str]:
    """Give the plugins that rules, checks and readers come from, with what they need and the digests of their files."""
    for group in _GROUPS:
        for point in metadata.entry_points(group=group):
            owner = [point.dist.name, point.dist.version, *sorted(_versions(point.dist.name))] if point.dist else []
            top = point.value.partition(":")[0].partition(".")[0]
            spec = util.find_spec(top)
            places = list(spec.submodule_search_locations or [spec.origin or ""]) if spec else []
            digests = [_digest_files(_below(Path(place), ("*",))) for place in places]
            yield f"{group} {point.name} {point.value} {owner} {digests}"

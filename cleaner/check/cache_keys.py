"""Cache keys: digests of everything that decides the findings of a file, except the time and the earlier files."""

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

from ...schemas.cache.toml_files import MAX_BYTES
from ...schemas.checks.suite_files import find_suite_files
from ..readers.registry import own_readers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..readers.source import Source
    from ..settings import Settings

_PACKAGE = Path(__file__).parent.parent.parent
_ROOMS = ("cleaner", "rules", "schemas")
_BLOCK = 1 << 20  # bytes per read: a plugin may have large files
_CODE = frozenset((".py", ".toml", ".npz"))
_GROUPS = ("copydesk.checks", "copydesk.readers", "copydesk.rules")
# Settings that do not change the findings.
_IRRELEVANT = ("suppressions", "required-version")


def digest_settings(settings: Settings, encoding: str | None) -> bytes:
    """Return a digest of everything that decides findings, except the files and the time."""
    config = settings.config.model_dump(mode="json", by_alias=True)
    parts: list[Any] = [
        sys.version_info[:3],
        unicodedata.unidata_version,
        (time.tzname, time.timezone, time.altzone),  # they decide what the name of a time zone in a date means
        encoding,
        settings.decisions.digest,
        {key: value for key, value in config.items() if key not in _IRRELEVANT},
        [_digest_files(_below(path, ("*",)), MAX_BYTES + 1) for path in settings.rule_files],
        [_digest_files(_below(path, ("*",)), MAX_BYTES + 1) for path in settings.check_files],
        _digest_files(find_suite_files(Path(settings.suite)), MAX_BYTES + 1),
        _digest_files(path for room in _ROOMS for path in _below(_PACKAGE / room, _CODE)),
        sorted(_versions("copydesk")),
        sorted(_plugins()),
    ]
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogateescape"), digest_size=32).digest()


def digest_source(source: Source, settings: bytes, ignored: Iterable[str], content: bytes) -> bytes:
    """Return the cache key of a file.

    `settings` is the digest from `digest_settings`; `ignored` are the rules and checks that do not run on the file.
    """
    # most readers depend on the suffixes alone; the CSV reader sees the name, the reader of a plugin the whole path
    name = "".join(Path(source.name).suffixes)
    if source.kind == "csv":
        name = source.name
    elif source.kind not in own_readers():
        name = os.path.abspath(source.label)
    parts = repr((source.kind, name, source.partition, sorted(ignored))).encode("utf-8", "surrogateescape")
    digest = hashlib.blake2b(settings + hashlib.blake2b(parts).digest(), digest_size=32)
    digest.update(content)
    return digest.digest()


def _digest_files(paths: Iterable[Path], most: int = sys.maxsize) -> str:
    """Return a digest of the names and the content of files, of at most some bytes of each.

    A pipe can be read only once, by the code that needs it: it gets another digest each time.
    """
    digest = hashlib.blake2b(digest_size=32)
    for path in paths:
        content = hashlib.blake2b(digest_size=32)
        with contextlib.suppress(OSError):  # the code that loads the file reports the error
            if path.is_file():
                _update(content, path, most)
            elif path.exists():
                content.update(os.urandom(32))
        digest.update(path.name.encode("utf-8", "surrogateescape") + b"\0" + content.digest())
    return digest.hexdigest()


def _update(digest: hashlib.blake2b, path: Path, most: int) -> None:
    with path.open("rb") as file:
        while block := file.read(min(_BLOCK, most)):
            digest.update(block)
            most -= len(block)


def _below(path: Path, suffixes: Iterable[str]) -> list[Path]:
    """Return a file, or the files below a folder with some suffixes (`*`: all files), sorted."""
    if not path.is_dir():
        return [path]
    files = []
    for root, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name != "__pycache__"]
        files += [Path(root, name) for name in names if "*" in suffixes or os.path.splitext(name)[1] in suffixes]
    return sorted(files)


def _versions(distribution: str) -> Iterator[str]:
    """Yield the packages that a distribution needs, with their versions."""
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
    """Yield the plugins of rules, checks and readers, with their requirements and the digests of their files."""
    for group in _GROUPS:
        for point in metadata.entry_points(group=group):
            owner = [point.dist.name, point.dist.version, *sorted(_versions(point.dist.name))] if point.dist else []
            top = point.value.partition(":")[0].partition(".")[0]
            spec = util.find_spec(top)
            places = list(spec.submodule_search_locations or [spec.origin or ""]) if spec else []
            digests = [_digest_files(_below(Path(place), ("*",))) for place in places]
            yield f"{group} {point.name} {point.value} {owner} {digests}"

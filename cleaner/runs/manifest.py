"""The manifest of a run: its settings and inputs, by which a later run knows whether it can continue it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from ...schemas.errors import InputError, OutputError, SettingError
from .run_files import MANIFEST
from .watched_sources import WatchedSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..readers.source import Source
    from .work_directory import Directory

_FORMAT = "copydesk-run-5"
ENDS = 1 << 20  # bytes at each end of an input that are compared


class Input(msgspec.Struct, frozen=True):
    """A file as it was when the run began."""

    name: str
    kind: str
    size: int
    modified: int
    """The time of its last change in nanoseconds."""
    ends: str
    """The SHA-256 of its first and last MiB."""


class Manifest(msgspec.Struct):
    """The settings and inputs of a run; the settings by the names that a user knows."""

    settings: dict[str, str]
    inputs: list[Input]
    now: str
    """The time that checks compare dates with."""
    format: str = _FORMAT

    def require_same(self, other: Manifest, begun: int) -> None:
        """Raise `SettingError` or `InputError` for the first difference between this run and a later one.

        Only the first `begun` inputs were read. The others may have changed, but not in kind: the kind decides which
        files are read together.
        """
        for name, value in self.settings.items():
            now = other.settings.get(name)
            if now != value:
                raise SettingError(
                    f"--resume: {name} has changed since the run was interrupted: {value} then, {now} now",
                    hint="use the earlier value, or leave out --resume to start again",
                )
        earlier, later = ({source.name: source for source in one.inputs} for one in (self, other))
        unread = {(source.name, source.kind) for source in self.inputs[begun:]}
        for name in [*earlier, *later]:
            if earlier.get(name) == later.get(name) or (name in later and (name, later[name].kind) in unread):
                continue
            what = "is new" if name not in earlier else "is missing" if name not in later else "has changed"
            raise changed_input(name, what)
        if list(earlier) != list(later):
            raise InputError("--resume: the inputs are in another order", hint="name them in the earlier order")


def changed_input(name: str, what: str) -> InputError:
    """Return the error of an input that differs from that of the interrupted run."""
    compared = "size, time of change and content are compared; " if what == "has changed" else ""
    hint = f"{compared}leave out --resume to start again"
    return InputError(f"--resume: this input {what} since the run was interrupted", where=name, hint=hint)


def describe_inputs(sources: Iterable[Source]) -> list[Input]:
    """Describe files so that nearly every change is noticed, without reading all of them."""
    return [Input(s.name, s.kind, s.size, s.modified, _digest_ends(s)) for s in sources]


def _digest_ends(source: Source) -> str:
    digest = hashlib.sha256()
    if source.path is not None and isinstance(source, WatchedSource):
        try:
            with source.path.open("rb") as file:
                digest.update(file.read(ENDS))
                if source.size > ENDS:
                    file.seek(max(source.size - ENDS, ENDS))
                    digest.update(file.read(ENDS))
        except OSError:
            raise source.changed() from None
    return digest.hexdigest()


def write_manifest(work: Directory, manifest: Manifest) -> None:
    """Write the manifest of a run, with its checksum."""
    values = msgspec.to_builtins(manifest)
    work.write(MANIFEST, msgspec.json.format(msgspec.json.encode({**values, "checksum": _checksum(values)})) + b"\n")


def read_manifest(work: Directory) -> Manifest:
    """Read the manifest of an interrupted run. Raises `OutputError` if it cannot be used."""
    try:
        values = msgspec.json.decode(work.read(MANIFEST) or b"", type=dict[str, Any])
        if values.get("format") != _FORMAT:
            raise _unusable(work, f"its format is {values.get('format')!r}, not {_FORMAT!r}")
        if values.pop("checksum", None) != _checksum(values):
            raise _unusable(work, "it is damaged")
        return msgspec.convert(values, Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError, RecursionError):
        raise _unusable(work, "it is damaged") from None


def _checksum(values: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()


def _unusable(work: Directory, why: str) -> OutputError:
    where, hint = str(work.path / MANIFEST), "leave out --resume to start again"
    return OutputError(f"the manifest of the interrupted run cannot be used ({why})", where=where, hint=hint)

"""The manifest of a run: its settings and inputs, by which a later run knows whether it can continue it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import msgspec

from ...schemas.errors import InputError, OutputError, SettingError
from .output_directory import MANIFEST, no_interrupted_run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..readers.source import Source

_FORMAT = "copydesk-run-4"
_ENDS = 1 << 20  # bytes at each end of an input that are compared


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
            compared = "size, time of change and both ends are compared; " if what == "has changed" else ""
            raise InputError(
                f"--resume: this input {what} since the run was interrupted",
                where=name,
                hint=f"{compared}leave out --resume to start again",
            )
        if list(earlier) != list(later):
            raise InputError("--resume: the inputs are in another order", hint="name them in the earlier order")


def describe_inputs(sources: Iterable[Source]) -> list[Input]:
    """Describe files so that nearly every change is noticed, without reading all of them."""
    return [Input(s.name, s.kind, s.size, s.modified, _digest_ends(s)) for s in sources]


def _digest_ends(source: Source) -> str:
    digest = hashlib.sha256()
    if source.path is not None:
        with source.path.open("rb") as file:
            digest.update(file.read(_ENDS))
            if source.size > _ENDS:
                file.seek(max(source.size - _ENDS, _ENDS))
                digest.update(file.read(_ENDS))
    return digest.hexdigest()


def write_manifest(work: Path, manifest: Manifest) -> None:
    """Write the manifest of a run."""
    temporary = work / f"{MANIFEST}.writing"
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    os.replace(temporary, work / MANIFEST)


def read_manifest(work: Path, out: Path) -> Manifest:
    """Read the manifest of an interrupted run. Raises `OutputError` if there is none, or if it cannot be used."""
    try:
        manifest = msgspec.json.decode((work / MANIFEST).read_bytes(), type=Manifest)
    except OSError:
        raise no_interrupted_run(out) from None
    except msgspec.DecodeError as error:
        raise _unusable(work, str(error)) from None
    if manifest.format != _FORMAT:
        raise _unusable(work, f"its format is {manifest.format!r}")
    return manifest


def _unusable(work: Path, why: str) -> OutputError:
    where, hint = str(work / MANIFEST), "leave out --resume to start again"
    return OutputError(f"the manifest of the interrupted run cannot be used ({why})", where=where, hint=hint)

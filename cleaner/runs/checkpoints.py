"""Checkpoints: the files of a run while it is under way, so that one that was stopped can go on where it was.

Each piece of the input adds to the end of each file, and then a line to the journal that says how much, with
checksums, and where the input goes on. A run that was killed leaves files that are longer than the journal says: they
are cut back to its last line that holds. The manifest says what was to be done, with what, and to which input.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, Any

import msgspec

from ...schemas.errors import InputError, OutputError, SettingError
from ...schemas.messages import counted
from .output_directory import MANIFEST, REPAIR, no_interrupted_run
from .pieces import Position  # msgspec needs it at run time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..readers.source import Source

JOURNAL = "journal"
_FORMAT = "copydesk-run-3"
_ENDS = 1 << 20  # bytes at each end of an input that are compared


class Interrupted(KeyboardInterrupt):
    """Say that a run was interrupted, and that what is done is kept."""

    def __init__(self, records: int) -> None:
        super().__init__(f"interrupted: {counted(records, 'record')} done; go on from there with --resume")


class Input(msgspec.Struct, frozen=True):
    """A file as it was when the run began: its size, time of change in nanoseconds, SHA-256 of its two ends."""

    name: str
    kind: str
    size: int
    modified: int
    ends: str


class Manifest(msgspec.Struct):
    """What is done in a run; `settings` by the names that a user knows."""

    settings: dict[str, str]
    inputs: list[Input]
    now: str
    """The time that checks compare dates with."""
    format: str = _FORMAT

    def require_same(self, other: Manifest, begun: int) -> None:
        """Raise `SettingError` or `InputError` with the first thing in which another run differs.

        Only the first `begun` inputs were read: the others may have changed, but for their kinds, by which files are
        read together.
        """
        for name, value in self.settings.items():
            found = other.settings.get(name)
            if found != value:
                raise SettingError(
                    f"--resume: {name} is not that of the interrupted run: {value} then, {found} now",
                    hint="give the same, or leave out --resume to start afresh",
                )
        mine, others = ({source.name: source for source in one.inputs} for one in (self, other))
        unread = {(source.name, source.kind) for source in self.inputs[begun:]}
        for name in [*mine, *others]:
            if mine.get(name) != others.get(name) and not (name in others and (name, others[name].kind) in unread):
                what = "is new" if name not in mine else "is missing" if name not in others else "has changed"
                compared = "size, time of change and both ends are compared; " if what == "has changed" else ""
                raise InputError(
                    f"--resume: this input {what} since the run was interrupted",
                    where=name,
                    hint=f"{compared}leave out --resume to start afresh",
                )
        if list(mine) != list(others):
            raise InputError("--resume: the inputs are in another order", hint="name them as before")


class JournalEntry(msgspec.Struct):
    """A line of the journal: what a piece added to each file in bytes, with CRC-32s; where the input goes on."""

    end: Position
    sizes: dict[str, int]
    sums: dict[str, int]
    totals: dict[str, Any]
    unseen: list[str] = []


def describe_inputs(sources: Iterable[Source]) -> list[Input]:
    """Describe files so that a change of any is most likely noticed, without reading all of them."""
    return [Input(s.name, s.kind, s.size, s.modified, _ends(s)) for s in sources]


def _ends(source: Source) -> str:
    digest = hashlib.sha256()
    if source.path is not None:
        with source.path.open("rb") as file:
            digest.update(file.read(_ENDS))
            if source.size > _ENDS:
                file.seek(max(source.size - _ENDS, _ENDS))
                digest.update(file.read(_ENDS))
    return digest.hexdigest()


def write_manifest(work: Path, manifest: Manifest) -> None:
    """Write the manifest of a new run."""
    temporary = work / f"{MANIFEST}.writing"
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    os.replace(temporary, work / MANIFEST)


def read_manifest(work: Path, out: Path) -> Manifest:
    """Read the manifest of an interrupted run. Raises `OutputError` if there is none, or it is none of ours."""
    try:
        found = msgspec.json.decode((work / MANIFEST).read_bytes(), type=Manifest)
    except OSError:
        raise no_interrupted_run(out) from None
    except msgspec.DecodeError as error:
        raise _foreign(work, str(error)) from None
    if found.format != _FORMAT:
        raise _foreign(work, f"its format is {found.format!r}")
    return found


def _foreign(work: Path, why: str) -> OutputError:
    where = str(work / MANIFEST)
    return OutputError(f"this is no manifest that can be gone on with ({why})", where=where, hint="leave out --resume")


class Checkpoints:
    """The files of a run, by name, each with the bytes that it begins with."""

    def __init__(self, work: Path, files: dict[str, bytes]) -> None:
        self._work = work
        self._starts = files
        self._files: dict[str, IO[bytes]] = {}
        self.count = 0
        """Pieces that are safe."""

    def begin(self) -> None:
        """Start afresh."""
        for name, start in {**self._starts, JOURNAL: b""}.items():
            self._open(name)
            self._append(name, [start])

    def entries(self) -> Iterator[JournalEntry]:
        """Give the lines of the journal."""
        for line in (self._work / JOURNAL).read_bytes().split(b"\n")[:-1]:
            yield msgspec.json.decode(line, type=JournalEntry)

    def resume(self) -> Iterator[tuple[JournalEntry, dict[str, bytes]]]:
        """Give each piece that is safe, with what it added to each file; then make ready to go on after them."""
        ends = {name: len(start) for name, start in self._starts.items()}
        journal = 0
        with ExitStack() as stack:
            reading = {name: stack.enter_context((self._work / name).open("rb")) for name in self._starts}
            for name, end in ends.items():
                reading[name].seek(end)
            for entry in self.entries():
                added = {name: file.read(entry.sizes[name]) for name, file in reading.items()}
                if {name: len(data) for name, data in added.items()} != entry.sizes or _sums(added) != entry.sums:
                    break
                yield entry, added
                self.count += 1
                journal += len(_line(entry))
                ends = {name: end + entry.sizes[name] for name, end in ends.items()}
        for name, end in {**ends, JOURNAL: journal}.items():
            self._open(name).truncate(end)

    def add(self, added: dict[str, list[bytes]], end: Position, totals: dict[str, Any], unseen: Iterable[str]) -> None:
        """Add a piece to the files, and to the journal once it is in all of them."""
        joined = {name: b"".join(added.get(name, [])) for name in self._starts}
        for name, data in joined.items():
            self._append(name, [data])
        sizes = {name: len(data) for name, data in joined.items()}
        self._append(JOURNAL, [_line(JournalEntry(end, sizes, _sums(joined), totals, sorted(unseen)))])
        if not (self._work / JOURNAL).exists():
            raise OutputError("it was removed while the run wrote to it", where=str(self._work), hint="start again")
        self.count += 1

    def _open(self, name: str) -> IO[bytes]:
        with writing(self._work / name):
            self._files[name] = (self._work / name).open("ab", buffering=0)
        return self._files[name]

    def _append(self, name: str, parts: Iterable[bytes]) -> None:
        with writing(self._work / name):
            for part in parts:
                rest = memoryview(part)
                while rest:
                    rest = rest[self._files[name].write(rest) :]

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def _line(entry: JournalEntry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _sums(added: dict[str, bytes]) -> dict[str, int]:
    return {name: zlib.crc32(data) for name, data in added.items()}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Give errors of writing a file as `OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(path), hint=REPAIR) from None

"""Checkpoints: the files of a run while it is under way, and the journal by which an interrupted run continues.

Each piece of the input is appended to the files. Then a line in the journal records how many bytes it added to each
file, their checksums, and where the input continues. A killed run leaves files that are longer than the journal
records: they are cut back to the last sound line.
"""

from __future__ import annotations

import zlib
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, Any

import msgspec

from ...schemas.errors import OutputError
from ...schemas.messages import counted
from .output_directory import REPAIR
from .pieces import Position  # msgspec needs it at run time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

JOURNAL = "journal"


class Interrupted(KeyboardInterrupt):
    """Report that a run was interrupted, and that its work so far is kept."""

    def __init__(self, records: int) -> None:
        super().__init__(f"interrupted: {counted(records, 'record')} done; --resume continues from there")


class JournalEntry(msgspec.Struct):
    """A line of the journal: what a piece added to each file, its counts, and where the input continues."""

    end: Position
    sizes: dict[str, int]
    """Bytes, by file."""
    sums: dict[str, int]
    """CRC-32 of the bytes, by file."""
    totals: dict[str, Any]
    unused: list[str] = []
    """The names in `--map` that no record has had so far."""


class Checkpoints:
    """The files of a run, by name, each with the bytes that it begins with."""

    def __init__(self, work: Path, files: dict[str, bytes]) -> None:
        self._work = work
        self._starts = files
        self._files: dict[str, IO[bytes]] = {}
        self.count = 0
        """The number of pieces that are kept."""

    def begin(self) -> None:
        """Create the files."""
        for name, start in {**self._starts, JOURNAL: b""}.items():
            self._open(name)
            self._append(name, [start])

    def entries(self) -> Iterator[JournalEntry]:
        """Yield the lines of the journal."""
        for line in (self._work / JOURNAL).read_bytes().split(b"\n")[:-1]:
            yield msgspec.json.decode(line, type=JournalEntry)

    def resume(self) -> Iterator[tuple[JournalEntry, dict[str, bytes]]]:
        """Yield each sound piece with the bytes that it added to each file; then open the files to continue."""
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
                journal += len(_encode(entry))
                ends = {name: end + entry.sizes[name] for name, end in ends.items()}
        for name, end in {**ends, JOURNAL: journal}.items():
            self._open(name).truncate(end)

    def add(self, added: dict[str, list[bytes]], end: Position, totals: dict[str, Any], unused: Iterable[str]) -> None:
        """Append a piece to the files, and then to the journal."""
        joined = {name: b"".join(added.get(name, [])) for name in self._starts}
        for name, data in joined.items():
            self._append(name, [data])
        sizes = {name: len(data) for name, data in joined.items()}
        self._append(JOURNAL, [_encode(JournalEntry(end, sizes, _sums(joined), totals, sorted(unused)))])
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


def _encode(entry: JournalEntry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _sums(added: dict[str, bytes]) -> dict[str, int]:
    return {name: zlib.crc32(data) for name, data in added.items()}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise `OutputError` for an `OSError` that is raised while a file is written."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(path), hint=REPAIR) from None

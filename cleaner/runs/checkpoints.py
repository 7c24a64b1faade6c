"""Checkpoints: the files of a run while it is under way, and the journal by which an interrupted run continues.

Each piece of the input is appended to the files. Then a line in the journal records how many bytes it added to each
file, the checksums of the files, and where the input continues. Each line has a checksum over itself and all lines
before it. An interrupted run continues from its last sound piece: what is behind it in the files is cut off.
"""

from __future__ import annotations

import logging
import zlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import msgspec

from ...schemas.errors import OutputError
from ...schemas.messages import counted
from .pieces import Position  # msgspec needs it at run time
from .run_files import COMPLETE, JOURNAL
from .watched_sources import Progress  # msgspec needs it at run time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .work_directory import Directory, WorkFile

_SUM = 8  # hexadecimal digits of the checksum before each line
_log = logging.getLogger("copydesk")


class Interrupted(KeyboardInterrupt):
    """Report that a run was interrupted, and that its work so far is kept."""

    def __init__(self, records: int) -> None:
        super().__init__(f"interrupted: {counted(records, 'record')} done; --resume continues from there")


class JournalEntry(msgspec.Struct):
    """A line of the journal: what a piece added to each file, its counts, and where the input continues."""

    end: Position
    totals: dict[str, Any]
    unused: list[str]
    """The names in `--map` that no record has had so far."""
    read: dict[str, Progress]
    """How far large inputs that end in it, or go on behind it, were read."""
    sizes: dict[str, int] = {}
    """The bytes that it added, by file."""
    sums: dict[str, int] = {}
    """The CRC-32 of each file up to its end."""


class FileEnd(msgspec.Struct):
    """The size of a file in bytes, and its CRC-32."""

    size: int
    sum: int


class CompleteRun(msgspec.Struct):
    """The ends of the files of a run that only have to be moved to their place, and the counts of the run."""

    ends: dict[str, FileEnd]
    totals: dict[str, Any]


class Checkpoints:
    """The files of a run, by name, each with the bytes that it begins with.

    `seed` is a text of the run alone: the journal of another run does not fit it.
    """

    def __init__(self, work: Directory, files: dict[str, bytes], seed: str) -> None:
        self._work = work
        self._starts = files
        self._seed = zlib.crc32(seed.encode())
        self._line_sum = self._seed
        self._ends = {name: FileEnd(len(start), zlib.crc32(start)) for name, start in files.items()}
        self._files: dict[str, WorkFile] = {}
        self.count = 0
        """The number of pieces that are kept."""

    def begin(self) -> None:
        """Create the files."""
        for name, start in {**self._starts, JOURNAL: b""}.items():
            self._files[name] = self._work.create(name)
            self._files[name].write(start)

    def entries(self) -> list[JournalEntry]:
        """Return the entries of the journal up to the first one that is damaged."""
        return [entry for entry, _, _ in self._sound_lines()]

    def _sound_lines(self) -> Iterator[tuple[JournalEntry, int, int]]:
        """Yield the sound lines of the journal, each with its checksum and the size of the journal up to its end."""
        chain, size = self._seed, 0
        for line in self._lines():
            data = line[_SUM + 1 :]
            chain, size = zlib.crc32(data, chain), size + len(line) + 1
            if line[: _SUM + 1] != b"%08x " % chain:
                return
            yield msgspec.json.decode(data, type=JournalEntry), chain, size

    def _lines(self) -> list[bytes]:
        return (self._work.read(JOURNAL) or b"").split(b"\n")[:-1]

    def resume(self) -> Iterator[tuple[JournalEntry, dict[str, bytes]]]:
        """Yield each sound piece with the bytes that it added to each file; then open the files to continue."""
        journal = 0
        with ExitStack() as stack:
            files = {name: stack.enter_context(self._work.open(name)) for name in self._starts}
            if all(files[name].read(len(start)) == start for name, start in self._starts.items()):
                for entry, chain, size in self._sound_lines():
                    added = {name: file.read(entry.sizes.get(name, 0)) for name, file in files.items()}
                    ends = {name: self._end_after(name, data) for name, data in added.items()}
                    if {name: end.sum for name, end in ends.items()} != entry.sums or _sizes(added) != entry.sizes:
                        break
                    yield entry, added
                    self.count += 1
                    self._ends, self._line_sum = ends, chain
                    journal = size
        if damaged := len(self._lines()) - self.count:
            _log.warning("%s: damaged; %s kept, %d done again", self._work.path, counted(self.count, "piece"), damaged)
        for name, start in self._starts.items():
            self._files[name] = self._work.open(name)
            self._files[name].truncate(self._ends[name].size if self.count else 0)
            if not self.count:
                self._files[name].write(start)
        self._files[JOURNAL] = self._work.open(JOURNAL)
        self._files[JOURNAL].truncate(journal)

    def add(self, added: dict[str, list[bytes]], entry: JournalEntry) -> None:
        """Append a piece to the files, and then its entry, whose sizes and sums are filled in, to the journal."""
        joined = {name: b"".join(added.get(name, [])) for name in self._starts}
        for name, data in joined.items():
            self._files[name].write(data)
        self._ends = {name: self._end_after(name, data) for name, data in joined.items()}
        entry.sizes, entry.sums = _sizes(joined), {name: end.sum for name, end in self._ends.items()}
        line = _encode(entry, self._line_sum)
        self._line_sum = int(line[:_SUM], 16)
        self._files[JOURNAL].write(line)
        if not self._work.kind(JOURNAL):
            where = str(self._work.path)
            raise OutputError("it was removed while the run wrote to it", where=where, hint="start again")
        self.count += 1

    def append(self, name: str, data: bytes) -> None:
        """Append the end of a file, after all pieces."""
        self._files[name].write(data)
        self._ends[name] = self._end_after(name, data)

    def complete(self, name: str, data: bytes, totals: dict[str, Any]) -> None:
        """Write one more file, and all files to the disk; then mark the run as complete."""
        self._work.write(name, data)
        self._ends[name] = FileEnd(len(data), zlib.crc32(data))
        for file in self._files.values():
            file.sync()
        self._work.write(COMPLETE, _encode(CompleteRun(self._ends, totals), 0))
        self._work.sync()

    def find_complete(self) -> CompleteRun | None:
        """Return the mark of a complete run; None if there is no mark, or it is damaged."""
        data = self._work.read(COMPLETE) or b""
        if data[: _SUM + 1] != b"%08x " % zlib.crc32(data[_SUM + 1 : -1]):
            return None
        return msgspec.json.decode(data[_SUM + 1 :], type=CompleteRun)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def _end_after(self, name: str, data: bytes) -> FileEnd:
        end = self._ends[name]
        return FileEnd(end.size + len(data), zlib.crc32(data, end.sum))


def matches(file: WorkFile, end: FileEnd) -> bool:
    """Return whether a file has the size and the checksum of a complete one."""
    size = checksum = 0
    while data := file.read(1 << 20):
        size, checksum = size + len(data), zlib.crc32(data, checksum)
    return FileEnd(size, checksum) == end


def _encode(entry: JournalEntry | CompleteRun, chain: int) -> bytes:
    """Return a line, with the checksum of all lines up to it; `chain` is that of the lines before it."""
    data = msgspec.json.encode(entry)
    return b"%08x %b\n" % (zlib.crc32(data, chain), data)


def _sizes(added: dict[str, bytes]) -> dict[str, int]:
    return {name: len(data) for name, data in added.items()}

r"""Readers of plugins: a function from an open file to its records.

    from copydesk.plugins import Bad, reader

    @reader(suffixes=(".logbook",))
    def read_logbook(file):
        for number, line in enumerate(file, 1):
            date, tab, text = line.decode().partition("\t")
            yield {"date": date, "text": text} if tab else Bad(line, "no tab in it", line=number)

The entry point's own name is that of the format. The file is open for bytes, and unpacked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from ...schemas.errors import InputError, SettingError
from ...schemas.plugins import LoadedPlugin, Plugin, load_plugins
from ..records.loader import Place
from .batches import BATCH_BYTES, Batch, Unreadable
from .detect import FORMATS, SUFFIXES
from .source import Source, opened

if TYPE_CHECKING:
    import io

GROUP = "copydesk.readers"
CHECK = "input/bad-record"


@dataclass(frozen=True)
class Bad:
    """A record that cannot be read: its bytes as they are, and what is wrong with it.

    Lines count from 1; the offset is in bytes, of the unpacked file.
    """

    raw: bytes
    message: str
    line: int | None = None
    byte_offset: int | None = None


ReadRecords = Callable[[BinaryIO], Iterator[Mapping[str, Any] | Bad]]


@dataclass(frozen=True)
class Reader:
    """A function that reads records, and the endings of the names of files that it is for, in lower case."""

    read: ReadRecords
    suffixes: tuple[str, ...]

    def __call__(self, file: BinaryIO) -> Iterator[Mapping[str, Any] | Bad]:
        """Read the records of a file."""
        return self.read(file)


def reader(*, suffixes: Sequence[str]) -> Callable[[ReadRecords], Reader]:
    """Declare a function as a reader of files with names that end so. Raises `SettingError` for what is no ending."""
    for suffix in suffixes:
        if not (suffix.startswith(".") and suffix == suffix.lower() and suffix.count(".") == 1 and len(suffix) > 1):
            raise SettingError(f"{suffix!r} is no ending of a name", hint="write it as in '.logbook'")

    def declare(function: ReadRecords) -> Reader:
        return Reader(function, tuple(suffixes))

    return declare


def load_reader_plugins() -> tuple[LoadedPlugin[Reader], ...]:
    """Give the plugins that add readers, each by the name of its format and by its endings."""
    return load_plugins(GROUP, _classify, (*FORMATS, *SUFFIXES))


def added_formats() -> list[str]:
    """Give the names of the formats that plugins read."""
    return [loaded.plugin.name for loaded in load_reader_plugins() if loaded.adds]


def added_suffixes() -> dict[str, str]:
    """Give the format of each ending of a name that a plugin reads."""
    return {
        name: loaded.plugin.name for loaded in load_reader_plugins() for name in loaded.adds if name.startswith(".")
    }


def _classify(found: Any, plugin: Plugin) -> dict[str, Reader]:
    if not isinstance(found, Reader):
        raise SettingError("it is no reader: `copydesk.plugins.reader` makes one of a function")
    return dict.fromkeys((plugin.name, *found.suffixes), found)


def read_records(source: Source, stream: io.BufferedReader | None = None) -> Iterator[Batch]:
    """Read a source by the reader of a plugin. Raises `InputError`, naming it, if that fails."""
    plugin, read = next((o.plugin, o.adds[source.kind]) for o in load_reader_plugins() if source.kind in o.adds)
    with opened(source, stream) as (file, at):
        done = 0
        for items in _groups(_guarded(read, file, plugin, source)):
            batch = _batch(source, plugin, items)
            batch.consumed, done = at() - done, at()
            yield batch


def _guarded(read: Reader, file: BinaryIO, plugin: Plugin, source: Source) -> Iterator[dict[str, Any] | Bad]:
    try:
        item: Any  # whatever a plugin gives
        for number, item in enumerate(read(file), 1):
            if isinstance(item, Mapping):
                yield {str(name): value for name, value in item.items()}
            elif isinstance(item, Bad):
                yield item
            else:
                yield Bad(repr(item).encode(), f"record {number} is {type(item).__name__}, not a mapping")
    except (EOFError, OSError):
        raise  # of the file, not of the plugin
    except (Exception, SystemExit) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(
            f"cannot be read by {plugin} ({reason})", where=source.label, hint="tell its authors"
        ) from error


def _groups(items: Iterator[dict[str, Any] | Bad]) -> Iterator[list[dict[str, Any] | Bad]]:
    """Give the items in groups of about `BATCH_BYTES`, by the lengths of what is in them."""
    group: list[dict[str, Any] | Bad] = []
    size = 0
    for item in items:
        group.append(item)
        values = (item.raw,) if isinstance(item, Bad) else item.values()
        size += 64 + sum(len(value) for value in values if isinstance(value, (str, bytes)))
        if size >= BATCH_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _batch(source: Source, plugin: Plugin, items: list[dict[str, Any] | Bad]) -> Batch:
    rows: list[dict[str, Any]] = []
    unreadable: list[Unreadable] = []
    for item in items:
        if isinstance(item, Bad):
            place = (source.name, item.line, item.byte_offset)
            unreadable.append(Unreadable(len(rows), *place, item.raw, CHECK, item.message))
        else:
            rows.append(item)
    return Batch(Place(source.name, reader=plugin.name), rows=rows, unreadable=unreadable)

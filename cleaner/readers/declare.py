r"""The reader API: how a format is declared, by copydesk itself and by plugins.

A reader is a function from an open file to its records::

    from copydesk.plugins import Bad, reader

    @reader(suffixes=[".logbook"])
    def read_logbook(file):
        for number, line in enumerate(file, 1):
            date, tab, text = line.decode().partition("\t")
            yield {"date": date, "text": text} if tab else Bad(line, "no tab in it", line=number)

The file is open for bytes, and unpacked; it knows its `source` and the `encoding` that the user asked for. A function
may yield mappings, `Record`s (a mapping with its place), `Bad` records, and, where speed matters, whole batches.

The readers of copydesk are the modules in `formats/`. Nothing else names them: names, file name endings, detection and
messages come from what each module declares. They import their libraries inside the function, so that declarations
stay cheap; if `extra` is given, a missing library becomes the message that names the extra to install.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...schemas.errors import SettingError
from .batches import Batch, UnparsedBatch
from .source import InputFile

BAD_RECORD = "input/bad-record"
LIKELY_TEXT = 0.1
"""How likely anything is a text. Every format with a form of its own is more likely."""


@dataclass(frozen=True)
class Bad:
    """A record that cannot be read: its bytes as they are, and what is wrong with it.

    Lines count from 1; the offset is in bytes of the unpacked file. `file` is set if the record came from another file.
    """

    raw: bytes
    message: str
    line: int | None = None
    byte_offset: int | None = None
    check: str = BAD_RECORD
    file: str | None = None


@dataclass(frozen=True)
class Record:
    """A record with its place: as in `Bad`. `raw` are its bytes as they are, which a quarantine keeps.

    `encoding` is that of a file that holds one text, `warc_record_id` that of the record of an archive.
    """

    fields: Mapping[str, Any]
    line: int | None = None
    byte_offset: int | None = None
    raw: bytes | None = None
    file: str | None = None
    encoding: str = "utf-8"
    warc_record_id: str | None = None


Item = Mapping[str, Any] | Record | Bad | Batch | UnparsedBatch
ReadItems = Callable[[InputFile], Iterable[Item]]


@dataclass(frozen=True)
class Reader:
    """A format of input: how it is recognised, and the function that reads it."""

    read: ReadItems
    suffixes: tuple[str, ...] = ()
    """File name endings of the format, in lower case."""
    name: str = ""
    """The name of the format; a plugin's is that of its entry point."""
    shared_suffixes: tuple[str, ...] = ()
    """Endings of other formats; a file of such a name is of this one only if `sniff` says so."""
    magic: tuple[bytes, ...] = ()
    """First bytes that only files of this format have."""
    sniff: Callable[[bytes], float] | None = None
    """Returns how likely the first bytes (at most 64 KiB, never UTF-16) are of this format, from 0 to 1."""
    extra: str = ""
    """The extra of copydesk that installs the libraries of the reader."""
    one_record_a_file: bool = False
    """Whether a file holds a single record; several small files then make a batch."""
    whole_pages: bool = False
    """Whether the texts are whole pages. They are cleaned as by the profile `page`, unless it is `rules`."""
    form: str | None = None
    """The form of all texts, html or markdown, if the format tells it."""

    def __call__(self, file: InputFile) -> Iterable[Item]:
        """Read the records of a file."""
        return self.read(file)


def reader(
    *,
    suffixes: Sequence[str] = (),
    name: str = "",
    shared_suffixes: Sequence[str] = (),
    magic: Sequence[bytes] = (),
    sniff: Callable[[bytes], float] | None = None,
    extra: str = "",
    one_record_a_file: bool = False,
    whole_pages: bool = False,
    form: str | None = None,
) -> Callable[[ReadItems], Reader]:
    """Declare a function as the reader of a format; the parameters are the attributes of `Reader`.

    Raises `SettingError` for a suffix that is not the ending of a file name.
    """
    for suffix in (*suffixes, *shared_suffixes):
        if not (suffix.startswith(".") and suffix == suffix.lower() and suffix.count(".") == 1 and len(suffix) > 1):
            raise SettingError(f"{suffix!r} is not the ending of a file name", hint="write it as in '.logbook'")

    def declare(function: ReadItems) -> Reader:
        return Reader(
            function,
            tuple(suffixes),
            name,
            tuple(shared_suffixes),
            tuple(magic),
            sniff,
            extra,
            one_record_a_file,
            whole_pages,
            form,
        )

    return declare

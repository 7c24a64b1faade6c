"""Sources: their names in messages, changes while they are read, and files as readers get them."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pytest

from copydesk.cleaner.readers.databases.urls import parse_database
from copydesk.cleaner.readers.file_names import readable_name
from copydesk.cleaner.readers.source import Source, opened, reason_of
from copydesk.schemas.errors import InputChangedError, InputError


@pytest.fixture
def source(tmp_path):
    """Write a file and describe it."""

    def write(content: bytes, name: str = "dump.txt") -> Source:
        path = tmp_path / name
        path.write_bytes(content)
        status = path.stat()
        return Source(path, name, "text", status.st_size, status.st_mtime_ns)

    return write


def test_labels():
    assert Source(None, "stdin", "auto").label == "standard input"
    assert Source(Path("in/a.txt"), "a.txt", "text").label == "in/a.txt"
    assert Source(Path("caf\udce9.txt"), "x", "text").label == "caf\\xe9.txt"
    assert Source(None, "fd-63", "auto", stream=Path("/dev/fd/63")).label == "/dev/fd/63"
    database = parse_database("postgresql://editor:hush@host/news::articles")
    assert Source(None, "x", "postgresql", database=database).label == "postgresql://editor@host/news::articles"


@pytest.mark.parametrize(
    ("name", "expected"), [("a.txt", "a.txt"), ("né.txt", "né.txt"), ("caf\udce9", "caf\\xe9"), ("x\ud800", "x\\ud800")]
)
def test_readable_names(name, expected):
    assert readable_name(name) == expected


def test_a_file_as_it_was_is_unchanged(source):
    source(b"It rained.").require_unchanged()
    Source(None, "stdin", "auto").require_unchanged()


def test_a_changed_file_is_noticed(source):
    found = source(b"It rained.")
    assert found.path is not None
    os.utime(found.path, ns=(0, found.modified + 1))
    with pytest.raises(InputChangedError):
        found.require_unchanged()
    found.path.unlink()
    with pytest.raises(InputChangedError):
        found.require_unchanged()
    with pytest.raises(InputChangedError), opened(found):
        pass


def test_a_plain_file(source):
    with opened(source(b"It rained."), "latin-1") as file:
        assert (file.is_plain, file.encoding, file.consumed()) == (True, "latin-1", 0)
        assert (file.read(), file.consumed()) == (b"It rained.", 10)


def test_a_packed_file_counts_the_bytes_on_disk(source):
    packed = gzip.compress(os.urandom(100_000))
    with opened(source(packed, "dump.gz")) as file:
        assert not file.is_plain
        assert len(file.read()) == 100_000
        assert file.consumed() == len(packed)


def test_a_stream_has_no_bytes_on_disk():
    with opened(Source(None, "stdin", "auto"), stream=io.BytesIO(gzip.compress(b"It rained."))) as file:
        assert (file.read(), file.consumed(), file.is_plain) == (b"It rained.", 0, False)


@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        ("Ünrest\n".encode("utf-16"), None, ("Ünrest\n".encode(), None)),
        ("Ünrest\n".encode("utf-16-be"), "utf-16-be", ("Ünrest\n".encode(), None)),
        ("Ünrest\n".encode("utf-32"), "utf-32", ("Ünrest\n".encode(), None)),
        ("Ünrest\n".encode("latin-1"), "latin-1", ("Ünrest\n".encode("latin-1"), "latin-1")),
        ("Ünrest\n".encode(), None, ("Ünrest\n".encode(), None)),
    ],
)
def test_line_feeds_become_one_byte(content, encoding, expected, source):
    with opened(source(content), encoding) as file:
        narrow, known = file.narrowed()
        assert (narrow.read(), known) == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.gz", gzip.compress(b"It rained." * 9000)[:-9], "cannot be read to its end .* after .* bytes?, unpacked"),
        ("a.gz", b"no gzip", "cannot be read to its end"),
        ("a.zst", b"no zstandard", "compressed data is damaged"),
        ("a.xz", b"", "the file is empty"),
    ],
)
def test_damaged_files_are_one_error(name, content, message, source):
    with pytest.raises(InputError, match=message), opened(source(content, name)) as file:
        file.read()


def test_bytes_that_cannot_be_decoded_are_one_error(source):
    with pytest.raises(InputError, match="name its encoding"), opened(source(b"\xff\xfea")) as file:
        file.narrowed()[0].read()


def test_a_folder_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"), opened(Source(tmp_path, "x", "text")):
        pass


def test_reasons_are_short_and_without_passwords():
    database = parse_database("postgresql://editor:hush@host/news::articles")
    error = OSError("no\n  way: hush " + "x" * 500)
    reason = reason_of(error, Source(None, "x", "postgresql", database=database))
    assert reason.startswith("no way: *** xxx")
    assert len(reason) == 200

"""Compressed files as streams: all frames, exact ends, bounded reads."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path

import pytest
import zstandard

from copydesk.cleaner.readers.compression import (
    PACKINGS,
    damage_errors,
    find_packing,
    is_named_packed,
    open_packed,
    opened_to_pack,
    packing_of,
    unpacked_name,
)

PACK = {
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
TEXT = b"".join(b"It rained for %d days.\n" % n for n in range(20_000))
packings = pytest.mark.parametrize("packing", PACK)


def unpack(packing: str, data: bytes) -> bytes:
    raw = open_packed(io.BytesIO(data), packing)
    return io.BufferedReader(raw).read()


def test_every_packing_is_tested():
    assert set(PACK) == set(PACKINGS)


@packings
def test_content(packing):
    assert unpack(packing, PACK[packing](TEXT)) == TEXT


@packings
def test_frames_one_after_the_other_with_zeros_between(packing):
    pack = PACK[packing]
    assert (
        unpack(packing, pack(b"It ") + pack(b"") + pack(b"rained") + b"\0" * 8 + pack(b".") + b"\0" * 70_000)
        == b"It rained."
    )


@packings
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_an_early_end_is_an_error(packing, share):
    packed = PACK[packing](TEXT)
    with pytest.raises(EOFError):
        unpack(packing, packed[: int(len(packed) * share)])


@packings
def test_what_comes_before_an_early_end_is_read(packing):
    raw = open_packed(io.BytesIO(PACK[packing](TEXT * 40)[:-20]), packing, up_to_damage=True)
    content = io.BufferedReader(raw).read()
    assert TEXT[: len(content)] == content[: len(TEXT)]
    assert raw.tell() == len(content)
    assert isinstance(raw.damage, EOFError)


@packings
def test_damage_is_an_error(packing):
    packed = bytearray(PACK[packing](TEXT))
    packed[len(packed) // 2 : len(packed) // 2 + 20] = b"\xff" * 20
    with pytest.raises((*damage_errors(), EOFError, OSError)):
        unpack(packing, bytes(packed))


@packings
def test_other_bytes_after_the_end_are_an_error(packing):
    with pytest.raises((*damage_errors(), EOFError, OSError)):
        unpack(packing, PACK[packing](TEXT) + b"It rained.")


@packings
def test_a_read_fills_the_buffer_and_position_counts(packing):
    raw = open_packed(io.BytesIO(PACK[packing](TEXT)), packing)
    buffer = bytearray(100_000)
    assert raw.readinto(buffer) == 100_000
    assert (bytes(buffer), raw.tell()) == (TEXT[:100_000], 100_000)


@pytest.mark.parametrize("packing", [".zst", ".bz2", ".xz"])
def test_what_is_unpacked_at_once_is_bounded(packing):
    zeros = b"\0" * (1 << 28)
    data = PACK[packing](zeros)
    assert len(data) < 1 << 16
    raw = open_packed(io.BytesIO(data), packing)
    largest = 0
    buffer = bytearray(1 << 20)
    while raw.readinto(buffer):
        largest = max(largest, len(raw._read_some.__self__._ready))
    assert raw.tell() == len(zeros)
    assert largest <= 1 << 26


def test_windows_of_zstandard_and_memory_of_xz_are_bounded():
    parameters = zstandard.ZstdCompressionParameters(window_log=28, enable_ldm=True)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compressobj().compress(TEXT)
    packed = zstandard.ZstdCompressor(compression_params=parameters).stream_reader(io.BytesIO(TEXT)).read()
    with pytest.raises(zstandard.ZstdError, match="memory"):
        unpack(".zst", packed)
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    with pytest.raises(lzma.LZMAError, match="Memory"):
        unpack(".xz", lzma.compress(b"It rained.", filters=filters))


@packings
def test_packing_by_first_bytes(packing):
    packed = PACK[packing](b"It rained.")
    assert packing_of(packed[:10]) == packing
    assert find_packing(io.BufferedReader(io.BytesIO(packed)), "dump.txt") == packing


@pytest.mark.parametrize("start", [b"", b"BZh", b"BZhello world", b"\x1f", b"It rained."])
def test_what_is_not_packed(start):
    assert packing_of(start) == ""
    assert find_packing(io.BufferedReader(io.BytesIO(start)), "dump.txt") == ""


@packings
def test_a_name_must_keep_its_word(packing):
    name = f"dump.jsonl{packing.upper()}"
    assert find_packing(io.BufferedReader(io.BytesIO(b"It rained.")), name) == packing
    with pytest.raises((*damage_errors(), EOFError, OSError)):
        unpack(packing, b"It rained.")
    with pytest.raises(EOFError, match="empty"):
        find_packing(io.BufferedReader(io.BytesIO(b"")), name)


def test_names():
    assert is_named_packed("a.jsonl.GZ")
    assert not is_named_packed("a.jsonl")
    assert unpacked_name(Path("in/a.jsonl.zst")) == Path("in/a.jsonl")
    assert unpacked_name(Path("in/a.jsonl")) == Path("in/a.jsonl")


@pytest.mark.parametrize("packing", ["", *PACK])
def test_what_is_written_packed_can_be_read(packing, tmp_path):
    with opened_to_pack(tmp_path / "a", packing) as file:
        file.write(TEXT)
    data = (tmp_path / "a").read_bytes()
    assert (unpack(packing, data) if packing else data) == TEXT

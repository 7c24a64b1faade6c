"""Flattened lines: the same as `alphabet.flatten`, one line at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.lines.fold import _encode, _flat_characters, flatten_lines
from copydesk.cleaner.kernel.lines.split import split
from copydesk.rules.patterns.alphabet import DECORATION, flatten
from copydesk.rules.patterns.prefilter import KEY_BYTES


def flat(texts):
    lines = split(pa.array(texts, pa.large_string()))
    flattened = flatten_lines(lines, np.arange(len(lines)))
    pairs = zip(flattened.starts, flattened.ends, strict=True)
    return lines, flattened, [flattened.data[start : end - 1].tobytes().decode() for start, end in pairs]


def test_lines_lie_in_one_buffer_between_line_feeds():
    _, flattened, contents = flat(["Don’t\u2003 MISS…", "É"])
    assert contents == ["don't miss", "é"]  # what decorates the core of a line is left out
    pad = b"\n" * KEY_BYTES
    assert flattened.data.tobytes() == pad + "don't miss\né\n".encode() + pad
    assert flattened.starts.tolist() == [KEY_BYTES, KEY_BYTES + 11]
    assert flattened.ends.tolist() == [KEY_BYTES + 11, KEY_BYTES + 14]


def test_no_lines():
    _, flattened, contents = flat([])
    assert contents == []
    assert flattened.data.tobytes() == b"\n" * 2 * KEY_BYTES


@given(st.lists(st.text(st.sampled_from("aBé…’“–\u00a0\u2003\u3000\u200b \tςİȺ😀\ud7ff\n"), max_size=16), max_size=4))
def test_flattening_agrees_with_the_function(texts):
    lines, _, contents = flat(texts)
    assert contents == [flatten(lines.text(line).strip(DECORATION)) for line in range(len(lines))]


def test_no_character_grows():
    codes = np.arange(0x20000, dtype=np.uint32)
    tables = _flat_characters(), _encode(codes)
    flat, own = ((packed.view(np.uint8).reshape(-1, 4) != 0xFF).sum(1) for packed in tables)
    assert (flat <= own).all()


@given(st.lists(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_encoding_agrees_with_python(characters):
    packed = _encode(np.array([ord(character) for character in characters], np.uint32))
    assert [int(code).to_bytes(4, "little") for code in packed] == [
        character.encode().ljust(4, b"\xff") for character in characters
    ]

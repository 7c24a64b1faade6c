"""Texts as lines: hand-made texts, and a loop over lines that must agree."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.lines.split import (
    ends_in,
    find_line_ends,
    gather,
    join,
    looks_like_prose,
    split,
    take_spans,
)
from copydesk.rules.patterns.alphabet import DECORATION, NO_HEADLINE_END, QUOTES, WHITE, initial, is_prose

LINE_END = re.compile("\r\n|\n|\r|\u2028|\u2029")
ALPHABET = "aB. »“é😀\u00a0\u200b\u3000-*\n\r\u2028\u2029\x85"
batches = st.lists(st.one_of(st.none(), st.text(st.sampled_from(ALPHABET), max_size=24)), max_size=4)


def lines_of(texts):
    return split(pa.array(texts, pa.large_string()))


def cut(lines, start, end):
    return [lines.data[a:b].tobytes().decode() for a, b in zip(start, end, strict=True)]


def test_offsets_of_a_small_batch():
    lines = lines_of(["» One.\r\n\r\n two \u2028", None, "three"])
    assert cut(lines, lines.begin, lines.stop) == ["» One.", " two ", "three"]
    assert cut(lines, lines.start, lines.end) == ["» One.", "two", "three"]
    assert cut(lines, lines.core_start, lines.core_end) == ["One", "two", "three"]
    assert lines.row.tolist() == [0, 0, 2]
    # lines 1, 3 and 4 are blank: the empty one, the end of the first text, and the text without a value
    assert lines.number.tolist() == [0, 2, 5]
    assert lines.first.tolist() == [0, 2, 2, 3]
    assert [lines.text(line) for line in range(3)] == ["» One.", "two", "three"]


def test_texts_in_one_buffer():
    joined = join(pa.array(["é", None, "ab"], pa.large_string()))
    assert joined.data.tobytes() == "é\n\nab\n".encode()
    assert joined.text_start.tolist() == [0, 3, 4]
    assert joined.text_stop.tolist() == [2, 3, 6]
    assert join(pa.array([], pa.large_string())).rows == 0


def test_a_slice_of_an_array_is_split_like_any_other():
    whole = pa.array(["first", "sec\nond", "third"], pa.large_string())
    lines = split(whole.slice(1, 1))
    assert [lines.text(line) for line in range(len(lines))] == ["sec", "ond"]


@given(batches)
def test_splitting_agrees_with_a_loop(texts):
    lines = lines_of(texts)
    expected = []
    for row, text in enumerate(texts):
        filled = [(number, line) for number, line in enumerate(LINE_END.split(text or "")) if line.strip(WHITE)]
        for number, line in filled:
            expected.append((row, number - filled[0][0], line, line.strip(WHITE), line.strip(DECORATION)))
    columns = (
        lines.row.tolist(),
        (lines.number - lines.number[lines.first[lines.row]]).tolist(),
        cut(lines, lines.begin, lines.stop),
        cut(lines, lines.start, lines.end),
        cut(lines, lines.core_start, lines.core_end),
    )
    assert [*zip(*columns, strict=True)] == expected
    stripped = [lines.text(line) for line in range(len(lines))]
    assert lines.initials.tolist() == [initial(line) for line in stripped]
    assert lines.quoted.tolist() == [line[0] in QUOTES for line in stripped]
    assert looks_like_prose(lines).tolist() == [is_prose(line) for line in stripped]


def test_many_characters_are_stripped():
    many = " »" * 40
    lines = lines_of([f"{many}a{many}", "-" * 99])
    assert cut(lines, lines.core_start, lines.core_end) == ["a", ""]


def test_strip_takes_whole_characters():
    # » is C2 BB and “ is E2 80 9C: other characters share their first or last byte
    lines = lines_of(["»“a¢€“»b€»", "\U0010ffffa😀"])
    assert cut(lines, lines.core_start, lines.core_end) == ["a¢€“»b€", "\U0010ffffa"]


def test_more_line_ends_than_there_is_room_for_at_first():
    stop, after = find_line_ends(np.frombuffer(b"\r\n" * 300 + b"\n\r\r\n\n", np.uint8))
    assert stop.tolist() == [*range(0, 600, 2), 600, 601, 602, 604]
    assert after.tolist() == [*range(2, 602, 2), 601, 602, 604, 605]


def test_ends_of_lines():
    lines = lines_of(["Home:\nWhat now…”)\nMenu\n”)"])
    assert ends_in(lines, np.arange(4), NO_HEADLINE_END).tolist() == [True, True, False, False]


def test_prose_is_long_or_ends_like_a_sentence():
    lines = lines_of(["x" * 160, "x" * 59 + ".", "x" * 60, "Short."])
    assert looks_like_prose(lines).tolist() == [True, True, False, False]


def test_hashes_tell_long_lines_apart():
    long = "The ferry from Skarnes left the quay an hour late on Monday, they say."
    lines = lines_of([f"{long}\n{long}\n{long[:-1]}!\nShort."])
    same, again, other, short = lines.hashes.tolist()
    assert same == again != other
    assert short == 0


def test_spans_of_a_buffer():
    data = np.frombuffer(b"one, two, three", np.uint8)
    start, end = np.array([0, 5, 8]), np.array([3, 8, 8])
    assert take_spans(data, start, end).to_pylist() == [b"one", b"two", b""]
    copied, ends = gather(data, start, end)
    assert copied.tobytes() == b"one\ntwo\n\n"
    assert ends.tolist() == [4, 8, 9]
    nothing = np.empty(0, np.int64)
    assert take_spans(data, nothing, nothing).to_pylist() == []
    assert gather(data, nothing, nothing)[0].tobytes() == b""

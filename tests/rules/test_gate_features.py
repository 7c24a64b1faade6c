"""What the gate sees of lines: words, hashes, lanes, each on input of a few bytes."""

from __future__ import annotations

import numpy as np
import pytest

from copydesk.rules.gate.decision import looks_like_pages
from copydesk.rules.gate.features import (
    HEAD,
    TAIL,
    hash_words,
    line_shape,
    padded,
    place,
    span_sums,
    token_shape,
    tokenize,
)
from copydesk.rules.gate.network import FAR, Table

ON = 64


def read(*lines):
    """Return the padded buffer of some lines, and where each begins and ends in it."""
    data = [line.encode() for line in lines]
    ends = np.cumsum([len(line) + 1 for line in data]) - 1 + 16
    starts = ends - [len(line) for line in data]
    return padded(np.frombuffer(b"\n".join(data), np.uint8)), starts, ends


def words(*lines):
    data, start, end = read(*lines)
    tokens = tokenize(data, start, end)
    found = [data[a:b].tobytes().decode() for a, b in zip(tokens.start, tokens.end, strict=True)]
    return [found[lo:hi] for lo, hi in zip(tokens.lo, tokens.hi, strict=True)], tokens.count.tolist()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Share this: it's free!", ["Share", "this", "it", "s", "free"]),
        ("4,711 été", ["4", "711", "été"]),
        ("“Ferry” – late", ["Ferry", "late"]),
        ("***", []),
        ("東京 2024年", ["東", "京", "2024", "年"]),
        ("かな。", ["か", "な"]),
    ],
)
def test_words_of_a_line(line, expected):
    assert words(line) == ([expected], [len(expected)])


def test_only_the_first_and_last_words_of_a_long_line_count():
    many = [f"w{number}" for number in range(30)]
    found, counts = words("a b", " ".join(many), "c")
    assert found == [["a", "b"], [*many[:HEAD], *many[-TAIL:]], ["c"]]
    assert counts == [2, 30, 1]
    exactly = many[: HEAD + TAIL]
    assert words(" ".join(exactly))[0] == [exactly]


def test_words_between_the_lines_belong_to_none():
    data = padded(np.frombuffer(b"one two\nskipped\nthree", np.uint8))
    tokens = tokenize(data, np.array([16, 32]), np.array([23, 37]))
    assert tokens.hi.tolist() == [2, 3]
    assert data[tokens.start[2] : tokens.end[2]].tobytes() == b"three"


def hashes(*lines):
    data, start, end = read(*lines)
    tokens = tokenize(data, start, end)
    word, pair, line = hash_words(data, tokens)
    return word.tolist(), pair.tolist(), line.tolist()


def test_words_are_hashed_without_regard_to_case():
    word, _, line = hashes("Share This", "share this", "this share")
    assert word[:2] == word[2:4] == word[4:][::-1]
    assert line[0] == line[1] != line[2]


def test_long_words_are_told_apart_by_their_ends():
    word, _, _ = hashes("subscription subscriptions subscribing subscription")
    assert word[0] == word[3]
    assert len(set(word)) == 3


def test_numbers_are_hashed_by_length_and_whether_they_are_years():
    word, _, _ = hashes("1987 2024 4711 8888 12 99")
    assert word[0] == word[1]
    assert word[2] == word[3]
    assert word[4] == word[5]
    assert len({word[0], word[2], word[4]}) == 3


def test_a_pair_is_a_word_with_the_one_before_in_its_line():
    _, pair, _ = hashes("read more", "more", "read more")
    assert pair[1] == pair[4]
    assert pair[1] != pair[2], "the first word of a line has no word before it"


def test_a_line_does_not_depend_on_the_lines_around_it():
    alone = hashes("Read more: 12 comments")
    among = hashes("Share", "Read more: 12 comments", "東京")
    assert among[2][1] == alone[2][0]
    assert among[1][1:5] == alone[1]


def test_sums_of_spans():
    values = np.array([3, 4, 5], np.uint64)
    lo, hi = np.array([0, 1, 2, 3]), np.array([3, 3, 2, 3])
    assert span_sums(values, lo, hi).tolist() == [12, 9, 0, 0]
    lanes = np.array([0x0201, 0x0101], np.uint64)
    assert span_sums(lanes, np.array([0]), np.array([2])).tolist() == [0x0302]


def test_lanes_of_the_words_of_a_line():
    data, start, end = read("Ferry 12 été", "a")
    lanes = token_shape(data, tokenize(data, start, end)).tolist()
    third = (1024 // 3) >> 4
    # the shares of words that begin with a capital, a digit, a letter beyond ASCII
    assert lanes[0][:3] == [third, third, third]
    assert lanes[1][:3] == [0, 0, 0]


def test_lanes_of_a_line():
    data, start, end = read("Share this:", '"Late!"', "x" * 250)
    shape = line_shape(data, start, end, np.array([2, 1, 1])).tolist()
    length, count, first, last = (slice(at, at + 8) for at in (0, 8, 16, 24))
    assert shape[0][length][1:3] == [11, 3]
    assert shape[2][length][3:] == [ON, ON, ON, ON, 0]  # at least 30, 60, 120, 200, not 400 bytes
    assert shape[0][count][2:6] == [0, 0, ON, 0]  # two words
    assert shape[0][first][:2] == [ON, 0]  # a capital
    assert shape[0][last][:2] == [0, ON]  # a colon
    assert shape[1][last][0] == ON, "a mark before the closing quotation mark ends the sentence"


def test_lanes_of_the_place_of_a_line():
    lanes = place(np.array([0, 9, 0]), np.array([10, 10, 1])).tolist()
    first, from_end = (slice(3, 8), slice(11, 16))
    assert lanes[0][first] == [ON] * 5
    assert lanes[0][from_end] == [0, 0, 0, 0, ON]
    assert lanes[1][from_end] == [ON] * 5
    assert lanes[1][16] == 9 * 127 // 10
    assert lanes[2][first] == lanes[2][from_end] == [ON] * 5


def test_vectors_are_summed_by_packed_lanes():
    vectors = np.array([[0] * 8, [1, -2, 3, -4, 5, -6, 7, -8], [100] * 8, [-127] * 8], np.int8)
    known = np.packbits(np.array([0, 1, 1, 0, 0, 1, 0, 0], np.bool_))
    table = Table(known, vectors)
    assert table.rank.tolist() == [0, 1, 2, 0, 0, 3, 0, 0]
    rows = np.array([1, 2, 3, 3, 0])
    sums = table.sums(rows, np.array([0, 2, 4]), np.array([2, 4, 5])).tolist()
    assert sums == [[101, 98, 103, 96, 105, 94, 107, 92], [-254] * 8, [0] * 8]
    assert table.vectors(np.array([1])).tolist() == [[1, -2, 3, -4, 5, -6, 7, -8]]


def test_pages_are_texts_of_many_short_lines():
    row = np.repeat([0, 1, 2], [FAR + 4, 19, 20])
    short = np.ones(len(row), np.bool_)
    short[-7:] = False
    assert looks_like_pages(row, short, 4).tolist() == [True, False, False, False]

"""Look-ups of prefix and suffix literals."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.kernel.lines.fold import FlatLines
from copydesk.cleaner.kernel.match.byte_index import (
    PrefixIndex,
    SuffixIndex,
    build_prefixes,
    build_suffixes,
    skip_numbers,
)
from copydesk.rules.patterns.prefilter import KEY_BYTES

literals = st.lists(st.tuples(st.text("ab\n", min_size=1, max_size=3), st.integers(0, 5)), max_size=8)
contents = st.lists(st.text("abc", max_size=5), max_size=5)


def flat(texts):
    pad = "\n" * KEY_BYTES
    data = np.frombuffer((pad + "".join(f"{text}\n" for text in texts) + pad).encode(), np.uint8)
    return FlatLines(data, KEY_BYTES + np.cumsum([len(text.encode()) + 1 for text in texts], dtype=np.int64))


def test_tables_have_one_length_each():
    short, long = build_prefixes([(b"ab", 3), (b"b", 1), (b"ab", 2), (b"b", 1)])
    assert (short.length, short.keys.tolist(), short.bounds.tolist(), short.choices.tolist()) == (1, [98], [0, 1], [1])
    assert (long.length, long.bounds.tolist(), long.choices.tolist()) == (2, [0, 2], [2, 3])
    assert long.keys.tolist() == [ord("a") + 256 * ord("b")]


def test_lines_that_begin_like_a_choice():
    lines = flat(["share this", "read", "sh"])
    index = PrefixIndex(build_prefixes([(b"share", 0), (b"sh\n", 1), (b"rea", 2), (b"share th", 3), (b"x", 4)]))
    pairs = zip(*(column.tolist() for column in index.candidates(lines.data, lines.starts)), strict=True)
    assert sorted(pairs) == [(0, 0), (0, 3), (1, 2), (2, 1)]


def test_lines_that_end_like_a_choice():
    lines = flat(["share this", "read"])
    index = SuffixIndex(build_suffixes([(b"this\n", 0), (b"ead\n", 2), (b"\nread\n", 3)]))
    # every line with every choice; choices 1 and 9 have no suffix
    line, choice = np.repeat([0, 1], 5), np.tile([0, 1, 2, 3, 9], 2)
    fits = index.fits(lines, line, choice).tolist()
    assert fits[:5] == [True, True, False, False, True]
    assert fits[5:] == [False, True, True, True, True]


def test_an_empty_index_has_no_candidates():
    lines = flat(["share"])
    line, choice = PrefixIndex([]).candidates(lines.data, lines.starts)
    assert len(line) == len(choice) == 0
    assert SuffixIndex(build_suffixes([])).fits(lines, np.array([0]), np.array([7])).tolist() == [True]


@given(contents, literals)
def test_prefixes_agree_with_a_loop(texts, pairs):
    lines = flat(texts)
    index = PrefixIndex(build_prefixes((literal.encode(), choice) for literal, choice in pairs))
    found = zip(*(column.tolist() for column in index.candidates(lines.data, lines.starts)), strict=True)
    data = lines.data.tobytes().decode()
    expected = {
        (line, choice)
        for line, start in enumerate(lines.starts.tolist())
        for literal, choice in pairs
        if data.startswith(literal, start)
    }
    assert set(found) == expected


@given(contents, literals)
def test_suffixes_never_rule_out_too_much(texts, pairs):
    lines = flat(texts)
    index = SuffixIndex(build_suffixes([(literal.encode(), choice) for literal, choice in pairs]))
    line, choice = np.repeat(np.arange(len(texts)), 7), np.tile(np.arange(7), len(texts))
    fits = index.fits(lines, line, choice).tolist()
    for at, of_choice, fit in zip(line.tolist(), choice.tolist(), fits, strict=True):
        suffixes = tuple(literal for literal, other in pairs if other == of_choice)
        end = int(lines.ends[at])
        assert fit or suffixes
        if lines.data[:end].tobytes().decode().endswith(suffixes) or not suffixes:
            assert fit


def test_numbers_are_skipped():
    data = np.frombuffer(b"1,024.5 likes\nlikes\n12\n", np.uint8)
    assert skip_numbers(data, np.array([0, 14, 20])).tolist() == [7, 14, 22]

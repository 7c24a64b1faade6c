"""What the checks measure texts with, each on arrays small enough to check by hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import regex

from copydesk.schemas.byte_arrays import encoded
from copydesk.schemas.checks import text
from copydesk.schemas.checks.text.minhash import RUN, dump_sketch, load_sketch, sketch
from copydesk.schemas.checks.text.page_patterns import list_scanned, loosen_pattern, read_patterns
from copydesk.schemas.checks.text.page_phrases import _measure_lines
from copydesk.schemas.checks.text.sentences import QUOTE, count_prose, find_repeated_endings, find_spans

WORDS = regex.compile("page|error")


def texts_of(*texts: str) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


def test_spans_cover_every_byte_and_name_their_text():
    data = np.frombuffer(b"Hi. Yo\nOk.\n", np.uint8)
    spans = find_spans(data, np.array([0, 7, 11]))
    assert spans.ends.tolist() == [3, 7, 10, 11]
    assert spans.row.tolist() == [0, 0, 1, 1]
    assert not spans.whole.any()


@pytest.mark.parametrize(
    ("sentence", "is_whole"),
    [
        ("The ferry left the quay an hour late on Monday again.", True),
        ("“The ferry left the quay an hour late on Monday.”", True),
        ("The ferry left the quay an hour late on Monday again", False),
        ("Theferryleftthequayanhourlateonmondayagainandagain.", False),
        ("The ferry left the quay late.", False),
    ],
)
def test_a_whole_sentence_is_long_has_words_and_ends(sentence, is_whole):
    data = f"{sentence}\n".encode()
    spans = find_spans(np.frombuffer(data, np.uint8), np.array([0, len(data)]))
    assert bool(spans.whole.any()) is is_whole


def test_prose_is_what_reports_or_has_no_word_of_a_page():
    sentence = "The ferry left the quay an hour late again."
    assert count_prose(sentence, WORDS) == len(sentence)
    assert count_prose("The page that you want is not here any more.", WORDS) == 0
    reported = "The page that you want is gone, said the mayor."
    assert count_prose(reported, WORDS) == len(reported)
    assert count_prose(f"The page answered {QUOTE} to all who asked it for the times.", WORDS) > 0


def test_repeated_endings_are_counted_in_each_text_alone():
    repeated = "We left the quay an hour late. " * 3
    data, offsets = encoded(texts_of("Once is not enough for anybody here.", repeated, "x", repeated[:62]))
    assert find_repeated_endings(data, offsets, 3) == [1]
    assert find_repeated_endings(data, offsets, 2) == [1, 3]
    assert find_repeated_endings(*encoded(texts_of("", "x")), 2) == []


def test_lines_are_measured_in_code_points():
    long = "ä" * 118
    feeds, paragraphs = _measure_lines(texts_of("ab\nc.", f"a{long}.", f"a{long[1:]}.", f"x\na{long}.\n", ""))
    assert feeds.tolist() == [1, 0, 0, 2, 0]
    assert paragraphs.tolist() == [False, True, False, True, False]


def test_a_loosened_pattern_matches_at_least_as_much():
    assert loosen_pattern(r"error [\w.]{1,30}\b") == r"error [\w\x{80}-\x{10ffff}.]+"
    assert loosen_pattern(r"(?:our|the|one)[^.]{0,40}is down") == "is down"
    assert loosen_pattern("κλειστό\\b") == "κλειστό"
    assert loosen_pattern(r"closed\b") == r"closed\b"


def test_weak_patterns_are_scanned_as_one():
    for kind in read_patterns():
        for quoting in (False, True):
            assert sum(each.kind == kind and each.key == "weak" for each in list_scanned(quoting=quoting)) <= 1


def test_patterns_are_short_enough_to_read():
    lines = (Path(text.__file__).parent / "pages.toml").read_text("utf-8").splitlines()
    assert max(map(len, lines)) <= 120
    assert all(regex.compile(entry) for keys in read_patterns().values() for list_ in keys.values() for entry in list_)
    parts = [line for line in lines if re.match(r" {4}'", line)]
    assert len(parts) > 50, "long patterns are lists of parts"


def test_sketches_survive_being_written():
    body = " ".join(f"word{number}" for number in range(40))
    first, short = sketch(texts_of(body, " ".join(["word"] * (RUN - 1))))
    assert short is None
    assert dump_sketch(load_sketch(dump_sketch(first))) == dump_sketch(first)
    assert load_sketch(dump_sketch(first)).jaccard(sketch(texts_of(f"{body} end"))[0]) > 0.8

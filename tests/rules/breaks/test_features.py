"""Candidates for line breaks: where they are, and that a text is seen alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from copydesk.rules.breaks.features import PADDING, find_gaps, find_words, pad
from copydesk.rules.breaks.model import load_break_model


def padded(text: str) -> np.ndarray:
    return pad(np.frombuffer(text.encode(), np.uint8))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Leave a Comment", ["Leave", "a", "Comment"]),
        ("storyBy Jane", ["story", "By", "Jane"]),
        ("школаЕщё два", ["школа", "Ещё", "два"]),
        ("5 March", ["5", "March"]),
        ("天気 晴れ", ["天", "気", "晴", "れ"]),
        ("NATO troops", ["NATO", "troops"]),
    ],
)
def test_words(text, words):
    data = padded(text)
    found = find_words(data)
    assert [data[a:b].tobytes().decode() for a, b in zip(found.start, found.end, strict=True)] == words


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Home News", ["Home ", "News"]),
        ("closed.By Jane", ["closed.", "By ", "Jane"]),
        ("closedBy Jane", ["closed", "By ", "Jane"]),
        ("one | Two", ["one ", "| Two"]),
        ("well-known 3.5", ["well-known ", "3.5"]),
        ("雨です。晴れ", ["雨です。", "晴れ"]),
    ],
)
def test_a_line_may_have_ended_at_white_space_and_between_glued_words(text, pieces):
    data = padded(text)
    found = find_gaps(data, np.full(1, PADDING))
    bounds = [PADDING, *found.after.tolist(), len(data) - PADDING]
    assert [data[a:b].tobytes().decode() for a, b in itertools.pairwise(bounds)] == pieces


def test_less_than_two_words_have_no_gap():
    assert find_gaps(padded("Home"), np.full(1, PADDING)) is None


def test_a_text_is_scored_as_if_it_were_alone():
    texts = ["Home News Sport Share Tweet\n", "It rained. Read more Share\n", "a\n", "0Skip to content\n"]
    data = np.frombuffer("".join(texts).encode(), np.uint8)
    starts = np.cumsum([0, *(len(text) for text in texts[:-1])])
    together = load_break_model().score(data, starts)
    alone = [load_break_model().score(np.frombuffer(text.encode(), np.uint8), np.zeros(1, np.int64)) for text in texts]
    assert together.score.tolist() == np.concatenate([found.score for found in alone]).tolist()
    assert together.sentence.sum() == 1

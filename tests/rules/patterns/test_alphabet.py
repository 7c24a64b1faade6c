"""Characters that rules treat alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.rules.patterns.alphabet import (
    CLOSERS,
    DECORATION,
    PLAIN,
    QUOTES,
    SENTENCE_END,
    WHITE,
    flatten,
    flatten_with_offsets,
    fold,
    initial,
    is_prose,
)


def test_fold_keeps_offsets():
    assert fold("ÀB Straße") == "àb straße"
    assert fold("İstanbul Ⱥ Ⱦ X") == "İstanbul Ⱥ Ⱦ x"  # their lower case is longer: they stay
    assert fold("ΛΟΓΟΣ λόγος") == "λογοσ λόγοσ"  # one small sigma, wherever it is in a word


@given(st.text())
def test_fold_maps_one_character_to_one(text):
    assert len(fold(text)) == len(text)
    assert all(
        len(after.encode()) <= len(before.encode())
        for before, after in zip(text, fold(text), strict=True)
        if not "\ud800" <= before <= "\udfff"
    )


def test_flatten_uses_plain_characters():
    assert flatten("“Don’t”  Miss\u00a0\u2003– it…") == '"don\'t" miss - it...'
    assert flatten("a\tb") == "a b"
    assert flatten("a\nb") == "a\nb"  # a line end is no space


def test_offsets_lead_back_to_the_text():
    flat, offsets = flatten_with_offsets("A…  B")
    assert flat == "a... b"
    assert offsets == [0, 1, 1, 1, 2, 4, 5]


@given(st.text(st.sampled_from("aB …–’\u00a0\u200bσΣİ"), max_size=20))
def test_both_forms_of_flatten_agree(text):
    flat, offsets = flatten_with_offsets(text)
    assert flat == flatten(text)
    assert len(offsets) == len(flat) + 1
    assert offsets == sorted(offsets)
    assert all(flat[i] in PLAIN.get(fold(text[at]), fold(text[at])) for i, at in enumerate(offsets[:-1]))


@pytest.mark.parametrize(
    ("line", "expected"),
    [("Share", ord("s")), ("  » [Share]", ord("s")), ("1 like", ord("1")), ("été", 128), ("***", 0), ("", 0)],
)
def test_initial(line, expected):
    assert initial(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x" * 160, True),
        ("é" * 80, True),  # bytes count, not characters
        ("x" * 159, False),
        ("x" * 59 + ".", True),
        ("x" * 58 + ".", False),
        ("x" * 59 + ".”)", True),  # what closes may follow the full stop
        ("x" * 57 + "。", True),
    ],
)
def test_is_prose(line, expected):
    assert is_prose(line) is expected


def test_sets_of_characters_do_not_contradict_each_other():
    assert set(WHITE) < set(DECORATION)
    assert not any(c.isalpha() for c in DECORATION)
    assert not set(SENTENCE_END) & set(CLOSERS)
    assert '"' in QUOTES
    assert "-" not in QUOTES

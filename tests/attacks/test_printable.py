"""Text from data reaches a terminal or a log only as visible characters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.messages import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\x7f\x00", r"a\x7f\x00"),
        ("safe\u202eexe.txt\u2066", r"safe\u202eexe.txt\u2066"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("one\u2028two\u2029", r"one\u2028two\u2029"),
        ("name-\udcff", r"name-\udcff"),
        ("a\tb\r\nc", r"a\tb\r\nc"),
    ],
)
def test_unsafe_characters_become_visible_escapes(text, shown):
    assert printable(text) == shown


def test_ordinary_text_and_kept_characters_stay():
    text = "Größe 10 € · 日本語 नमस्ते 👍 C:\\new\ttab\nline"
    assert printable(text, keep="\t\n") == text


@given(st.text(st.characters(categories=("Cc", "Cs", "Zl", "Zp", "Lu", "Cf"))))
def test_no_control_surrogate_or_separator_is_left(text):
    shown = printable(text)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}
    shown.encode()

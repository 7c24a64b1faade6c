"""Encodings of texts: those that are none are refused, the others are read line by line."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.readers.text_encodings import Recoded, check_encoding, encoding_of_mark, has_byte_lines
from copydesk.schemas.errors import SettingError


@pytest.mark.parametrize(
    "name",
    ["hex", "rot13", "rot_13", "zlib", "bz2", "base64", "uu", "quopri", "idna", "punycode", "undefined", "charmap",
     "unicode_escape", "raw_unicode_escape", "utf-9", "", "nul\0", "é", "x" * 100_000, "os", "../etc", "\udce9",
     "encodings.utf_8"],
    ids=lambda name: name[:12].encode("ascii", "backslashreplace").decode(),
)  # fmt: skip
def test_what_is_not_an_encoding_of_texts_is_refused(name):
    with pytest.raises(SettingError) as error:
        check_encoding(name)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("name", ["hex", "idna", "undefined", "utf-9"])
@pytest.mark.parametrize("command", ["clean", "check", "explain", "describe", "validate"])
def test_every_command_refuses_it_in_one_line(name, command, copydesk_command, tmp_path):
    (tmp_path / "a.txt").write_text("It rained.")
    options = ["--out", tmp_path / "out"] if command in ("clean", "validate") else []
    ran = copydesk_command(command, tmp_path / "a.txt", "--encoding", name, *options)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert repr(name) in ran.err


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UTF8", "utf-8"),
        ("latin-1", "iso8859-1"),
        ("windows-1252", "cp1252"),
        ("cp037", "cp037"),
        ("hz", "hz"),
        (None, None),
    ],
)
def test_encodings_of_texts(name, expected):
    assert check_encoding(name) == expected


def test_marks_and_lines():
    assert [encoding_of_mark(f"\ufeff{x}".encode(x)) for x in ("utf-16-le", "utf-32-le", "utf-32-be")] == [
        "utf-16-le", "utf-32-le", "utf-32-be"
    ]  # fmt: skip
    assert [x for x in ("utf-8", "cp1252", "gb18030", "utf-16", "utf-7", "hz", "cp037") if has_byte_lines(x)] == [
        "utf-8", "cp1252", "gb18030"
    ]  # fmt: skip


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.integers(1, 9),
    st.sampled_from(["utf-16", "utf-7"]),
)
def test_recoded_texts_are_the_same_in_pieces_of_any_size(text, size, encoding):
    text = text.removeprefix("\ufeff")
    file = Recoded(io.BytesIO(text.encode(encoding)), encoding)
    parts = []
    while part := file.read(size):
        assert len(part) <= size
        parts.append(part)
    assert b"".join(parts).decode() == text
    assert Recoded(io.BytesIO(text.encode(encoding)), encoding).read() == text.encode()


@pytest.mark.parametrize("content", [b"\xff\xfea", b"\xff\xfea\0\x00\xd8", b"\xff\xfe\x00\xdc"])
def test_half_a_character_is_an_error(content):
    with pytest.raises(UnicodeError):
        Recoded(io.BytesIO(content), "utf-16").read()


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "txt"])
@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-32", "utf-32-be", "utf-7", "cp037", "hz", "iso2022_jp", "gb18030", "cp1252"]
)
def test_every_form_in_every_kind_of_encoding(encoding, form, copydesk_command, tmp_path):
    texts = ["It rained; {all} ~day.", "It snowed - all night."]
    lines = {
        "jsonl": [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(texts)],
        "json": ["[" + ",\n".join(json.dumps({"id": str(n), "text": text}) for n, text in enumerate(texts)) + "]"],
        "csv": ["id,text", *(f'{n},"{text}"' for n, text in enumerate(texts))],
        "txt": texts[:1],
    }[form]
    (tmp_path / f"dump.{form}").write_bytes("\n".join(lines).encode(encoding))
    out = tmp_path / "out"
    options = ["--encoding", encoding] if encoding != "utf-16" else []
    ran = copydesk_command("clean", tmp_path / f"dump.{form}", "--out", out, "-q", "--suite", "none", *options)
    assert ran.code == 0, ran.err
    assert pq.read_table(out / "articles.parquet")["body"].to_pylist() == (texts if form != "txt" else texts[:1])


def test_a_text_with_half_of_a_surrogate_pair_is_set_aside(copydesk_command, quarantine, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"It rained +2AA- all day.")
    ran = copydesk_command("clean", tmp_path / "a.txt", "--out", tmp_path / "out", "-q", "--encoding", "utf-7")
    assert ran.code == 1, ran.err
    [entry] = quarantine(tmp_path / "out")
    assert entry["reasons"][0]["check"] in ("input/lone-surrogate", "input/encoding")

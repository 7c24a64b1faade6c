"""Checks that tell pages from articles, on two labelled sets of invented texts.

The patterns were written with `pages-shape` at hand; `pages-test` was kept apart. No article of either, most of them
about such pages and quoting them, may be turned away.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.records.loader import Place
from copydesk.cleaner.validate.validator import Validator
from copydesk.schemas.checks.text.page_patterns import list_scanned
from copydesk.schemas.checks.text.page_phrases import scan_texts
from copydesk.schemas.checks.text.sentences import _sentences, find_spans, is_bare

LABELLED = Path(__file__).parent.parent / "data" / "labelled"
CHECK_OF = {"error-page": "page/error"}
HALVES = ("shape", "test")


@pytest.fixture(scope="module")
def judged():
    validator = Validator("article")
    found = {}
    for half in HALVES:
        records = [json.loads(line) for line in (LABELLED / f"pages-{half}.jsonl").read_text("utf-8").splitlines()]
        rows = [{"text": record["text"], "id": record["id"]} for record in records]
        found[half] = (records, validator.judge(validator.loader.from_rows(rows, Place())))
    return found


def test_the_sets_hold_what_they_should(judged):
    for records, _ in judged.values():
        kinds = [record["kind"] for record in records]
        assert kinds.count("article") == 300
        assert all(kinds.count(kind) >= 29 for kind in set(kinds))
        assert len(set(kinds)) == 12
    texts = [{record["text"] for record in records} for records, _ in judged.values()]
    assert not texts[0] & texts[1]


def test_no_article_that_was_kept_apart_is_turned_away(judged):
    records, found = judged["test"]
    for record, accepted in zip(records, found.accepted, strict=True):
        if record["kind"] == "article":
            assert accepted, record["text"]


@pytest.mark.parametrize("half", HALVES)
def test_each_check_finds_pages_of_its_kind_and_hardly_an_article(judged, half):
    records, found = judged[half]
    for kind in {record["kind"] for record in records} - {"article"}:
        flags = found.flags[CHECK_OF.get(kind, f"page/{kind}")]
        right = sum(bool(flag) and record["kind"] == kind for record, flag in zip(records, flags, strict=True))
        wrong = sum(bool(flag) and record["kind"] == "article" for record, flag in zip(records, flags, strict=True))
        assert right >= (24 if half == "shape" else 10), kind
        assert wrong <= 2, kind


def test_the_scan_finds_all_that_the_patterns_find(judged):
    texts = [record["text"].replace("'", "’") for records, _ in judged.values() for record in records]
    found = scan_texts(pa.array(texts, pa.large_string()), pa.array(texts, pa.large_string()))
    for kind, key, pattern in [*list_scanned(quoting=False), *list_scanned(quoting=True)]:
        expression = regex.compile(f"(?im){pattern}")
        may = found.get((kind, key), {})
        others = [text for at, text in enumerate(texts) if pattern not in may.get(at, ())]
        if key == "weak":  # counts in bare texts that have two of them
            others = [text for text in others if len(set(expression.findall(text.lower()))) >= 2]
            assert not any(is_bare(text, expression) for text in others)
        else:
            assert not any(map(expression.search, others))


PIECES = [
    *("The ferry left the quay an hour late again", "on Monday, she said", " ", "  ", "\n", "\r\n", "\u00a0", "\u2003"),
    *(
        ".",
        "...",
        "…",
        "!",
        "?",
        ":",
        "“",
        "”",
        "»",
        "’",
        '"',
        ")",
        "。",
        "错误",
        "é",
        "α",
        "🙂",
        "\u3000",
        "\x1c",
        "\x1a",
    ),
]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), min_size=1, max_size=5))
def test_what_is_whole_is_a_sentence(texts):
    data = "".join(f"{text}\n" for text in texts).encode()
    sizes = [len(text.encode()) + 1 for text in texts]
    spans = find_spans(np.frombuffer(data, np.uint8), np.cumsum([0, *sizes]))
    assert spans.ends[-1] == len(data)
    starts = [0, *spans.ends[:-1]]
    for row, text in enumerate(texts):
        mine = np.flatnonzero((spans.row == row) & spans.whole)
        whole = [data[starts[at] : spans.ends[at]].decode().strip() for at in mine]
        ended = [sentence for sentence in _sentences(text) if sentence.ends]
        assert set(whole) <= {sentence.text for sentence in ended}
        if text.isascii() and not {"\x1c", "\x1a"} & set(text) and "   " not in text:
            assert whole == [sentence.text for sentence in ended]

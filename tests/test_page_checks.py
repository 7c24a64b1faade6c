"""Checks that tell pages from articles, on two labelled sets of invented texts.

The patterns were written with `pages-shape` at hand; `pages-test` was kept apart. No article of either, most of them
about such pages and quoting them, may be turned away.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import regex

from copydesk.cleaner.records import Place
from copydesk.cleaner.validating import Validator
from copydesk.schemas.checks.looking import scan, sought

LABELLED = Path(__file__).parent / "labelled"
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
    found = scan(texts, texts)
    for kind, key, pattern in [*sought(False), *sought(True)]:
        expression = regex.compile(f"(?im){pattern}")
        may = found.get((kind, key), {})
        missed = [text for at, text in enumerate(texts) if pattern not in may.get(at, ()) and expression.search(text)]
        assert missed == []

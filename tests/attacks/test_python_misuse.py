"""What Python can pass but no file can hold: a clear error, or a result that can be written; never a traceback."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pytest

import copydesk

HALF = "It rained \ud800 all day."
ARTICLE = "It rained all day, and the ferry from Skarnes stayed at the quay until the storm was over."


def cyclic() -> dict[str, object]:
    record: dict[str, object] = {"text": ARTICLE}
    record["more"] = record
    return record


def deep() -> list[object]:
    found: list[object] = []
    for _ in range(50_000):
        found = [found]
    return found


RECORDS = {
    "text": HALF,
    "text of a record": {"text": HALF},
    "headline": {"text": ARTICLE, "title": HALF},
    "id": {"text": ARTICLE, "id": HALF},
    "url": {"text": ARTICLE, "url": f"https://a.example/{HALF}"},
    "language": {"text": ARTICLE, "lang": "\udfff"},
    "date": {"text": ARTICLE, "date": HALF},
    "author": {"text": ARTICLE, "authors": [{"name": HALF, "url": HALF}]},
    "keywords": {"text": ARTICLE, "tags": ["rain", HALF]},
    "image": {"text": ARTICLE, "image": {"url": HALF, "caption": HALF}},
    "unknown field": {"text": ARTICLE, "more": [{"a": HALF}]},
    "name of a field": {"text": ARTICLE, HALF: "a"},
    "pair in two halves": {"text": f"{ARTICLE} \ud83d\ude42"},
    "cycle": cyclic(),
    "deep": {"text": ARTICLE, "more": deep()},
    "long number": {"text": ARTICLE, "more": 10**5_000, "id": 10**5_000},
    "not a number": {"text": ARTICLE, "more": float("nan"), "id": float("inf")},
    "other types": {"text": ARTICLE, "more": object(), "id": {1, 2}, "tags": {"a": b"\xff"}, 5: 6},
    "far date": {
        "text": ARTICLE,
        "date": datetime.max,
        "updated": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    },
    "bytes": {"text": b"It rained."},
    "null character": {"text": "\0" * 100, "title": "\0"},
}


def write(value: object) -> str:
    """Return a value as a report would write it."""
    return json.dumps(value, default=str, ensure_ascii=False).encode().decode()


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_is_cleaned_checked_and_validated(record):
    cleaned = copydesk.clean(record)
    assert write(cleaned.article.model_dump())
    assert write([edit.model_dump() for edit in cleaned.edits])
    reasons = copydesk.check(record)
    assert all(reason.message.encode() for reason in reasons)
    validation = copydesk.validate(record if isinstance(record, dict) else {"text": record})
    assert validation.records == 1
    assert str(validation).encode()
    again = copydesk.clean(record)
    assert (again.article.body, again.article.id) == (cleaned.article.body, cleaned.article.id)


@pytest.mark.parametrize("record", [None, 5, b"It rained.", [5], {}, {"a": 1}, {HALF: 1}, {5: 6}, [HALF]], ids=ascii)
def test_what_is_no_record_is_a_clear_error(record):
    for function in (copydesk.clean, copydesk.check, copydesk.validate):
        with pytest.raises(copydesk.CopydeskError) as raised:
            function(record)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("keyword", ["suite", "rules", "profile"])
@pytest.mark.parametrize("value", [HALF, "\0", "x" * 10_000, "no/such", ""], ids=ascii)
def test_names_that_nothing_has_are_clear_errors(keyword, value):
    with pytest.raises(copydesk.CopydeskError) as raised:
        copydesk.Cleaner(**{keyword: value})
    assert len(str(raised.value)) < 3_000


def test_arrow_texts_that_are_not_utf8_are_a_clear_error():
    texts = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\4\0\0\0"), pa.py_buffer(b"\xff\xfe\xed\xa0"))
    table = pa.table({"text": texts})
    for function in (copydesk.clean_table, copydesk.validate, lambda data: list(copydesk.clean_batches(data))):
        with pytest.raises(copydesk.CopydeskError, match=r"not sound Arrow data \(.*UTF8"):
            function(table)


RUNS = [">", "?", "-", ".", "#", "|", "/", "(", "“", "…", "a", "A", "é", "0", "<", "&", " ", "\u00a0", "a.", "0:", "?a"]


@pytest.mark.parametrize("character", RUNS)
def test_a_run_of_one_character_takes_linear_time(character, article):
    """Text of 4,000 and 32,000 such characters: quadratic time would be 64 times as much."""
    seconds = []
    for size in (4_000, 32_000):
        text = f"{character * (size // len(character))} x\n\n{article}\n{character * (size // len(character))}!"
        started = time.process_time()
        copydesk.clean(text)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 20 * seconds[0] + 0.5

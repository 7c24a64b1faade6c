"""Suites of Great Expectations on articles: conditions, computed flags, pieces, the verdict of plain use."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from copydesk.cleaner.gx_verdict import great_expectations, run_suite_on
from copydesk.cleaner.runs.judge import judge_files
from copydesk.cleaner.validate import gx_suites
from copydesk.cleaner.validate.gx_allowed import ALLOWED
from copydesk.cleaner.validate.gx_conditions import parse_condition
from copydesk.cleaner.validate.gx_suites import validate_with_foreign_suite
from copydesk.cleaner.validate.validator import Validator
from copydesk.schemas.errors import SettingError

DAY = datetime(2024, 5, 4, tzinfo=timezone.utc)
TABLE = pa.table(
    {
        "headline": pa.array(["Ferry", None, "Key", "Chain"], pa.large_string()),
        "word_count": [10, 20, 30, 40],
        "free_access": [True, None, False, True],
        "date_published": pa.array([DAY, None, DAY.replace(day=5), DAY.replace(hour=12)], pa.timestamp("us", tz="UTC")),
        "keywords": [["a"], [], None, ["b"]],
    }
)
MEANINGS = {
    'headline == "Ferry"': [0],
    "headline != 'Ferry'": [1, 2, 3],  # null differs from every value, as in pandas
    'headline in ["Ferry", "Key"]': [0, 2],
    'headline not in ("Ferry", "Key")': [1, 3],
    "headline is null": [1],
    "headline is not None": [0, 2, 3],
    "headline.isna()": [1],
    'col("headline").notNull()': [0, 2, 3],
    "word_count >= 20 and word_count < 40": [1, 2],
    "(word_count == 10) | (word_count == 40)": [0, 3],
    "(word_count > 10) & ~(word_count == 30)": [1, 3],
    "not word_count > 10 or headline == 'Key'": [0, 2],
    "20 < word_count": [2, 3],
    "word_count in {10, 40.0}": [0, 3],
    "word_count > -1": [0, 1, 2, 3],
    "free_access == True": [0, 3],
    "free_access == false": [2],
    "date_published == '2024-05-04'": [0],
    "date_published > '2024-05-04T10:00:00'": [2, 3],
    "date_published <= '2024-05-04T14:00:00+02:00'": [0, 3],
    "keywords is null": [2],
}


@pytest.mark.parametrize(("text", "rows"), MEANINGS.items())
def test_a_condition_selects_records(text, rows):
    for parser in ("pandas", "great_expectations", None):
        assert np.flatnonzero(parse_condition(text, parser).evaluate(TABLE)).tolist() == rows


def test_a_condition_object_means_the_same_as_its_text():
    conditions = pytest.importorskip("great_expectations.expectations.row_conditions")  # not in older versions
    words, headline = conditions.Column("word_count"), conditions.Column("headline")
    written = (words > 10) & (headline.is_not_null() | headline.is_in(["Key"]))
    found = parse_condition(json.loads(json.dumps(written.dict(), default=str)))
    assert np.flatnonzero(found.evaluate(TABLE)).tolist() == [2, 3]


@pytest.mark.parametrize("value", ["2024-13-01", "0001-01-01T00:00:00+14:00", "x", "9999-12-31T23:00:00-10:00"])
def test_a_time_that_cannot_be_is_refused(value):
    with pytest.raises(SettingError, match="write a date as"):
        parse_condition(f"date_published > '{value}'")


@pytest.fixture
def dump(jsonl):
    records = [
        {
            "id": str(number),
            "text": "The ferry left the quay an hour late again. " * (number % 5 + 1),
            "title": None if number % 7 == 0 else f"Ferry {number % 3}",
            "language": ["en", "de", None][number % 3],
            "date": f"2024-05-{number % 28 + 1:02}",
            "section": json.dumps({"a": number}) if number % 4 else f"2024-05-0{number % 9 + 1}",
        }
        for number in range(40)
    ]
    return jsonl(*records)


@pytest.fixture
def run(dump, tmp_path):
    def run(*items):
        (tmp_path / "own.json").write_text(json.dumps({"name": "own", "expectations": items}), "utf-8")
        return validate_with_foreign_suite([str(dump)], tmp_path / "own.json")

    return run


SAME = [
    ("expect_column_values_to_not_be_null", {"column": "headline", "mostly": 0.8}),
    ("expect_column_values_to_be_in_set", {"column": "language", "value_set": ["en"]}),
    ("expect_column_values_to_match_regex", {"column": "headline", "regex": "^Ferry [01]$", "mostly": 0.5}),
    ("expect_column_values_to_match_regex", {"column": "word_count", "regex": "0$"}),
    ("expect_column_values_to_not_match_regex", {"column": "headline", "regex": "2"}),
    ("expect_column_values_to_match_regex_list", {"column": "headline", "regex_list": ["F", "2"], "match_on": "all"}),
    ("expect_column_values_to_match_regex_list", {"column": "headline", "regex_list": ["1", "2"]}),
    ("expect_column_values_to_not_match_regex_list", {"column": "headline", "regex_list": ["1", "2"]}),
    ("expect_column_values_to_match_strftime_format", {"column": "section", "strftime_format": "%Y-%m-%d"}),
    ("expect_column_values_to_be_json_parseable", {"column": "section"}),
    ("expect_column_values_to_be_dateutil_parseable", {"column": "section"}),
    ("expect_column_values_to_be_unique", {"column": "headline"}),
    ("expect_column_values_to_be_of_type", {"column": "word_count", "type_": "int64"}),
    ("expect_column_value_lengths_to_be_between", {"column": "body", "min_value": 60}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["headline", "language"]}),
    ("expect_column_mean_to_be_between", {"column": "word_count", "min_value": 5, "max_value": 10}),
    ("expect_column_distinct_values_to_contain_set", {"column": "language", "value_set": ["en"]}),
    ("expect_table_row_count_to_equal", {"value": 40}),
    ("expect_table_columns_to_match_set", {"column_set": ["body", "headline"], "exact_match": False}),
    ("expect_column_to_exist", {"column": "nowhere"}),
]


@pytest.mark.parametrize(("kind", "arguments"), SAME, ids=[kind for kind, _ in SAME])
def test_the_verdict_is_that_of_plain_great_expectations(kind, arguments, run, dump):
    conditions = [None, 'language == "en"', "word_count > 20 and headline.notnull()"]
    for condition in conditions if ALLOWED[kind].conditional else [None]:
        row = {"row_condition": condition, "condition_parser": "pandas"} if condition else {}
        item = {"type": kind, "kwargs": {**arguments, **row}}
        (ours,) = run(item).results
        with great_expectations() as gx:
            _, results = judge_files([str(dump)], Validator("none"))
            frame = pa.concat_tables([result.checked.articles for result in results]).to_pandas()
            (theirs,) = run_suite_on(gx, gx.ExpectationSuite(name="own", expectations=[item]), [], frame).results
        assert ours.success == theirs.success
        if "element_count" in theirs.result:
            elements = theirs.result["element_count"] - theirs.result.get("missing_count", 0)
            assert (ours.elements, ours.unexpected) == (elements, theirs.result["unexpected_count"])


def test_every_accepted_type_is_one_of_great_expectations():
    with great_expectations():
        from great_expectations.expectations import registry

        known = set(registry.list_registered_expectation_implementations()) & set(ALLOWED)
        assert len(known) >= 45
        for kind in known:  # older versions lack a few
            allowed, fields = ALLOWED[kind], registry.get_expectation_impl(kind).__fields__
            assert set(allowed.arguments) <= set(fields), kind
            assert ("row_condition" in fields) == allowed.conditional, kind
            assert set(allowed.required) <= set(allowed.arguments)


@pytest.fixture
def in_pieces(monkeypatch):
    """Let a suite run on batches and pieces of seven records."""
    prepare = gx_suites._prepare_batches

    def prepare_small(*arguments):
        for table in prepare(*arguments):
            yield from (table.slice(start, 7) for start in range(0, table.num_rows, 7))

    def apply():
        monkeypatch.setattr(gx_suites, "PIECE_ROWS", 7)
        monkeypatch.setattr(gx_suites, "_prepare_batches", prepare_small)

    return apply


def test_pieces_come_to_one_verdict(run, in_pieces):
    null = "expect_column_values_to_not_be_null"
    items = [
        {"type": null, "kwargs": {"column": "headline", "row_condition": "word_count > 20"}},
        {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "headline", "regex": "1$", "mostly": 0.3}},
        {"type": null, "kwargs": {"column": "language", "row_condition": "word_count < 0"}},
    ]
    whole = run(*items)
    in_pieces()
    assert run(*items).results == whole.results
    assert [(result.elements, result.unexpected) for result in whole.results] == [(24, 3), (34, 23), (0, 0)]
    assert [result.success for result in whole.results] == [False, True, True]


def test_values_are_compared_over_all_pieces(run, in_pieces):
    in_pieces()
    item = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "language"}}
    assert run(item).results[0].unexpected == 27


def test_equal_expectations_have_results_of_their_own(run):
    item = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "headline"}}
    assert [result.severity for result in run(item, {**item, "severity": "info"}, item).results] == [
        "error",
        "info",
        "error",
    ]


def test_bounds_of_dates_need_no_zone(run):
    kwargs = {"column": "date_published", "min_value": "2024-05-02", "max_value": "2024-05-27T12:00:00Z"}
    (found,) = run({"type": "expect_column_values_to_be_between", "kwargs": kwargs}).results
    assert (found.elements, found.unexpected) == (40, 3)


def test_an_expectation_that_does_not_fit_its_column_is_one_clear_line(run):
    item = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "headline", "min_value": 1}}
    with pytest.raises(SettingError, match=r"own.json: expectations\[0\] \(expect_column_mean_to_be_between\): Great"):
        run(item)
    with pytest.raises(SettingError, match=r"does not accept this: .*at least two"):
        run({"type": "expect_multicolumn_sum_to_equal", "kwargs": {"column_list": ["word_count"], "sum_total": 1}})


def test_an_exported_suite_has_a_name_without_a_path(copydesk_command, tmp_path):
    (tmp_path / "mine.toml").write_text('extends = "minimal"\n', "utf-8")
    assert copydesk_command("suite", "export", tmp_path / "mine.toml", "--to", "gx", tmp_path / "out.json").code == 0
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["name"] == "mine"


def test_every_accepted_type_is_documented():
    page = Path(__file__).parent.parent.parent / "docs" / "gx-suites.md"
    if not page.exists():
        pytest.skip("no docs beside the tests")
    assert set(re.findall(r"`(expect_\w+)`", page.read_text("utf-8"))) == set(ALLOWED)

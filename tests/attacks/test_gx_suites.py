"""A suite of Great Expectations from a stranger cannot run code, hang, connect, or write outside of its folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time

import pytest

NOT_NULL = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "headline"}}
SLOW_TEXT = "a" * 4000 + "!"


@pytest.fixture
def dump(jsonl, article):
    records = [{"id": str(n), "title": f"Ferry {n}", "text": f"{article} Day {n}."} for n in range(3)]
    return jsonl(*records, {"id": "slow", "title": SLOW_TEXT, "text": article, "extra": "{}"})


@pytest.fixture
def alarms(monkeypatch):
    """Record every command that would be run and every connection that would be made."""
    # it binds `Popen` when it is imported: that must not be the alarm
    pytest.importorskip("pyspark.java_gateway", reason="Spark is an extra")
    calls = []

    def alarm(name):
        def called(*arguments, **_):
            calls.append((name, arguments))
            raise AssertionError(f"{name} was called")

        return called

    for place, name in ((os, "system"), (os, "popen"), (subprocess, "Popen"), (socket, "getaddrinfo")):
        monkeypatch.setattr(place, name, alarm(name))
    monkeypatch.setattr(socket.socket, "connect", alarm("connect"))
    return calls


@pytest.fixture
def validate(copydesk_command, dump, tmp_path):
    """Run `validate` with a suite: a list of expectations, a whole suite, or the text of its file."""

    def run(suite, *options, at=None):
        suite = {"name": "stranger", "expectations": suite} if isinstance(suite, list) else suite
        path = at or tmp_path / "suite.json"
        if isinstance(suite, bytes):
            path.write_bytes(suite)
        else:
            path.write_text(json.dumps(suite), "utf-8")
        return copydesk_command("validate", dump, "--gx-suite", path, *options)

    return run


@pytest.fixture
def refused(validate, alarms):
    """Check that a suite is refused in one line, with exit code 2, and that it did nothing. Return the line."""

    def check(suite, *parts):
        ran = validate(suite)
        assert (ran.code, ran.out) == (2, ""), ran
        (line,) = ran.err.splitlines()
        assert "suite.json: " in line
        assert "; " in line, "it says what to do"
        assert "Traceback" not in line
        for part in parts:
            assert part in line
        assert not alarms
        return line

    return check


def condition(value, parser="pandas", **more):
    kwargs = {"column": "headline", "row_condition": value, "condition_parser": parser, **more}
    return [NOT_NULL, {"type": "expect_column_values_to_not_be_null", "kwargs": kwargs}]


CODE = [
    '@pd.io.common.os.system("touch canary") == 0',
    '@__builtins__["exec"]("1") == 0',
    "language == @language",
    '__import__("os").system("touch canary") == 0',
    'headline == __import__("os").getcwd()',
    '`headline`.str.contains("a")',
    '`headline` == "a"',
    'headline.str.contains("a+")',
    "headline.map(print)",
    "headline.isnull(1)",
    "headline.isnull.__class__ == 1",
    'headline.query("1 == 1")',
    "(lambda: 1)() == 1",
    "[c for c in (1, 2)] == 1",
    'headline == f"{open(1)}"',
    'headline == "a" * 1000000000',
    "word_count == 9 ** 9 ** 9",
    "word_count == ~1",
    "word_count == 1 == 1",
    "(word_count := 1)",
    'headline == "a" if word_count else headline',
    "headline; import os",
    "word_count == yield",
    'col(headline) == "a"',
    'col("headline", 1) == "a"',
    'col("headline").__class__ == "a"',
    "1 == 1",
    '"a" == headline.lower()',
    "headline",
    "True",
    "",
    "headline == 'a\x00'",
    "headline == b'a'",
    "word_count == 1j",
    "headline is True",
    "SELECT 1",
    "headline == 'a' or 1 == 1",
]


@pytest.mark.parametrize("text", CODE)
@pytest.mark.parametrize("parser", ["pandas", "great_expectations"])
def test_a_condition_runs_nothing(refused, text, parser):
    refused(condition(text, parser), "expectations[1] (expect_column_values_to_not_be_null)", "row_condition")


OBJECTS = [
    {"type": "pass_through", "pass_through_filter": '@pd.io.common.os.system("touch canary") == 0'},
    {"type": "and", "conditions": [{"type": "pass_through", "pass_through_filter": "@x"}]},
    {"type": "and", "conditions": []},
    {"type": "or", "conditions": ["headline == 'a'"]},
    {"type": "comparison", "column": {"name": "headline"}, "operator": "query", "parameter": "a"},
    {"type": "comparison", "column": {"name": "headline"}, "operator": ["=="], "parameter": "a"},
    {"type": "comparison", "column": {"name": "headline"}, "operator": "==", "parameter": {"$PARAMETER": "a"}},
    {"type": "comparison", "column": {"name": "`headline` + @x"}, "operator": "==", "parameter": "a"},
    {"type": "comparison", "column": {"name": "headline", "class": "os"}, "operator": "==", "parameter": "a"},
    {"type": "comparison", "column": {"name": "headline"}, "operator": "==", "parameter": "a", "module_name": "os"},
    {"type": "nullity", "column": {"name": "headline"}, "is_null": "@x"},
    {"type": ["and"]},
    {},
]


@pytest.mark.parametrize("value", OBJECTS, ids=range(len(OBJECTS)))
def test_a_condition_object_is_one_of_great_expectations(refused, value):
    refused(condition(value, None), "expectations[1]")


@pytest.mark.parametrize("value", [5, ["headline == 'a'"], True])
def test_a_condition_is_a_text_or_an_object(refused, value):
    refused(condition(value), "row_condition must be a text or a condition object")


@pytest.mark.parametrize("parser", ["spark", "PANDAS", "numexpr", ["pandas"], {"a": 1}])
def test_other_parsers_are_refused(refused, parser):
    refused(condition("headline == 'a'", parser), "condition_parser")
    refused(condition('F.col("headline").isNull()', parser), "condition_parser")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "headline == 'a'" + ")" * 500,
        "not " * 400 + "headline == 'a'",
        "~" * 1900 + "headline",
        " or ".join(["headline == 'a'"] * 500),
        "headline in [" + "[" * 80 + "]" * 80 + "]",
        "a" * 100_000,
    ],
)
def test_a_condition_of_any_depth_is_refused_in_one_line(refused, text):
    refused(condition(text), "expectations[1]")


def test_an_object_of_any_depth_is_refused_in_one_line(refused):
    value = {"type": "nullity", "column": {"name": "headline"}, "is_null": True}
    for _ in range(30):
        value = {"type": "and", "conditions": [value]}
    refused(condition(value, None), "row_condition is nested more than 20 deep")


def test_a_condition_says_which_values_fit(refused):
    refused(condition("word_count == 'a'"), "compare it with a whole number")
    refused(condition("word_count > 1e400"), "compare it with a whole number")
    refused(condition(f"word_count > {10**30}"), "compare it with a whole number")
    refused(condition("headline == 5"), "compare it with a text")
    refused(condition("date_published > 'yesterday'"), "write a date as 2024-05-04")
    refused(condition("authors == 'a'"), "use authors is null")
    refused(condition("headlin == 'a'"), "did you mean 'headline'?")


SLOW_PATTERNS = ["(a+)+$", "(a|aa)+$", "^(.*a){20}b", "^(a|b|ab|a)*$", "(?:a|a?)+$", "(x+x+)*(a+a+)+y"]


@pytest.mark.parametrize("pattern", SLOW_PATTERNS)
def test_a_pattern_that_explodes_ends_in_a_clear_error(refused, pattern):
    start = time.monotonic()
    suite = [{"type": "expect_column_values_to_match_regex", "kwargs": {"column": "headline", "regex": pattern}}]
    refused(suite, "expectations[0] (expect_column_values_to_match_regex)", "takes too long", "does not backtrack")
    assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("expect_column_values_to_not_match_regex", {"regex": "(a+)+$"}),
        ("expect_column_values_to_match_regex_list", {"regex_list": ["^x", "(a+)+$"], "match_on": "any"}),
        ("expect_column_values_to_not_match_regex_list", {"regex_list": ["(a+)+$"]}),
    ],
)
def test_every_type_with_patterns_has_a_time_limit(refused, kind, arguments):
    refused([{"type": kind, "kwargs": {"column": "headline", **arguments}}], kind, "takes too long")


def test_patterns_that_are_slow_on_every_record_use_up_their_time(monkeypatch):
    from copydesk.cleaner.validate import gx_patterns

    monkeypatch.setattr(gx_patterns, "BASE_SECONDS", 0.01)
    monkeypatch.setattr(gx_patterns, "MEAN_SECONDS", 0.0)
    patterns = gx_patterns.Patterns()
    patterns.add("(.*a){3}b")
    searches = (patterns.search("(.*a){3}b", "a" * 200) for _ in range(10_000))
    with pytest.raises(gx_patterns.SlowPatternError, match="takes too long"):
        list(searches)


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(",
            "[",
            "*",
            "(?P<a>",
            "a**",
            r"\p{Lu}",
            "(?R)",
            "(?1)(a)",
            r"\L<names>",
            "(a{e<=9})",
            "a{s}",
            "[[a]--[b]]",
        ),
        *("(" * 900 + ")" * 900, "a" * 3000, 5, None, {"$PARAMETER": "a"}),
    ],
)
def test_a_pattern_that_does_not_compile_is_refused(refused, pattern):
    suite = [{"type": "expect_column_values_to_match_regex", "kwargs": {"column": "headline", "regex": pattern}}]
    refused(suite, "expectations[0]")


def test_patterns_of_a_suite_are_limited_in_all(refused):
    kwargs = {"column": "headline", "regex_list": [f"{number:>1900}" for number in range(100)]}
    refused([{"type": "expect_column_values_to_match_regex_list", "kwargs": kwargs}], "too long")


def schema(value):
    return [{"type": "expect_column_values_to_match_json_schema", "kwargs": {"column": "extra", "json_schema": value}}]


REFERENCES = [
    "http://127.0.0.1:9/schema.json",
    "https://schemas.example/a",
    "file:///etc/passwd",
    "other.json",
    "other.json#/a",
    "//host/share",
    "../suite.json",
    "urn:example:a",
    "#name",
    "#/missing",
    "#/$defs/9",
    "#/default",
    "#/enum/0",
    "",
    5,
    ["#"],
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_out_of_the_schema_is_refused(refused, reference):
    outside = {"$ref": "http://127.0.0.1:9/x"}
    value = {"properties": {"a": {"$ref": reference}}, "default": outside, "enum": [outside]}
    refused(schema(value), "expectations[0] (expect_column_values_to_match_json_schema)", "refers to")


KEYWORDS = [
    {"$dynamicRef": "http://127.0.0.1:9/x"},
    {"$recursiveRef": "#"},
    {"$schema": {"$ref": "http://127.0.0.1:9"}},
    {"properties": {"a": {"$id": "http://127.0.0.1:9/x", "$ref": "#"}}},
    {"id": "http://127.0.0.1:9/x"},
    {"extends": "http://127.0.0.1:9/x"},
    {"patternProperties": {"(a+)+$": {}}},
    {"unevaluatedProperties": False},
    {"$vocabulary": {"http://127.0.0.1:9/x": True}},
    {"allOf": [{"$anchor": "a"}]},
    {"properties": {"a": "http://127.0.0.1:9/x"}},
    {"items": 5},
    {"pattern": "("},
    {"type": "nothing"},
    {"minLength": "a"},
]


@pytest.mark.parametrize("value", KEYWORDS, ids=range(len(KEYWORDS)))
def test_only_known_keywords_are_accepted(refused, value):
    refused(schema(value), "expectations[0]")


def test_a_schema_of_any_kind_ends(validate, jsonl, article, tmp_path, copydesk_command, alarms):
    endless = {"allOf": [{"$ref": "#"}]}
    doubling = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]} for n in range(40)}
    exploding = {"$defs": {**doubling, "a40": False}, "$ref": "#/$defs/a0"}
    for value in (endless, exploding):
        start = time.monotonic()
        ran = validate(schema(value))
        assert (ran.code, "takes too long" in ran.err, len(ran.err.splitlines())) == (2, True, 1), ran
        assert time.monotonic() - start < 60
    slow = {"properties": {"note": {"pattern": "(a+)+$"}}}
    path = jsonl({"id": "a", "text": article, "note": SLOW_TEXT}, name="slow.jsonl")
    suite = tmp_path / "suite.json"
    suite.write_text(json.dumps({"expectations": schema(slow)}), "utf-8")
    ran = copydesk_command("validate", path, "--gx-suite", suite)
    assert (ran.code, "takes too long" in ran.err) == (2, True), ran
    assert not alarms


def test_references_inside_of_the_schema_work(validate, alarms):
    value = {"$schema": "http://json-schema.org/draft-07/schema#", "$id": "http://127.0.0.1:9/x",
             "definitions": {"a": {"type": "object"}}, "$ref": "#/definitions/a"}  # fmt: skip
    ran = validate(schema(value))
    assert (ran.code, alarms) == (0, []), ran
    assert validate(schema({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}})).code == 1


UNKNOWN = [
    ({"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "DROP TABLE a"}}, "runs SQL"),
    ({"type": "expect_query_results_to_match_comparison", "kwargs": {"base_query": "SELECT 1"}}, "runs SQL"),
    ({"type": "expect_table_row_count_to_equal_other_table", "kwargs": {"other_table_name": "a"}}, "another table"),
    ({"type": "expect_column_values_to_match_like_pattern", "kwargs": {"column": "body"}}, "match_regex"),
    ({"type": "expect_my_own_thing", "kwargs": {}}, "there is no expectation"),
    ({"type": "os.system", "kwargs": {"command": "touch canary"}}, "there is no expectation"),
    ({"type": "../plugins/expectation", "kwargs": {}}, "there is no expectation"),
    ({"type": "__class__", "kwargs": {}}, "there is no expectation"),
    ({"type": ["expect_column_to_exist"], "kwargs": {}}, "needs a type"),
    ({"type": None, "kwargs": {}}, "needs a type"),
    ({"kwargs": {}}, "needs a type"),
    ({**NOT_NULL, "class_name": "System", "module_name": "os"}, "the key 'class_name'"),
    ({**NOT_NULL, "windows": [{"parameter_name": "a"}]}, "the key 'windows'"),
    ({**NOT_NULL, "severity": "fatal"}, "unknown severity"),
    ({**NOT_NULL, "severity": ["critical"]}, "unknown severity"),
    ({**NOT_NULL, "kwargs": ["column"]}, "kwargs must be an object"),
    ({**NOT_NULL, "kwargs": {"column": "headline", "auto": True}}, "the argument 'auto'"),
    ({**NOT_NULL, "kwargs": {"column": "headline", "profiler_config": {"class_name": "a"}}}, "'profiler_config'"),
    ({**NOT_NULL, "kwargs": {"column": {"$PARAMETER": "a"}}}, "suite parameter"),
    ({**NOT_NULL, "kwargs": {"column": ["headline"]}}, "column must be a text"),
    ({**NOT_NULL, "kwargs": {"column": "headline", "mostly": {"$PARAMETER": "urn:great_expectations:a"}}}, "parameter"),
    ({**NOT_NULL, "kwargs": {"column": "headline", "mostly": 2}}, "a share from 0 to 1"),
    ({**NOT_NULL, "kwargs": {"column": "headline", "mostly": True}}, "a share from 0 to 1"),
    ({**NOT_NULL, "kwargs": {}}, "column is missing"),
    ({**NOT_NULL, "kwargs": {"column": "body/empty"}}, "is for flags.parquet"),
    ({**NOT_NULL, "kwargs": {"column": "nowhere"}}, "articles have no column"),
    ("expect_column_to_exist", "must be an object"),
    (None, "must be an object"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "message"), UNKNOWN, ids=range(len(UNKNOWN)))
def test_what_is_not_known_is_refused_with_its_place(refused, item, message):
    refused([NOT_NULL, item], "expectations[1]", message)


ARGUMENTS = [
    ("expect_column_values_to_be_in_set", {"value_set": [["headline"]]}),
    ("expect_column_values_to_be_in_set", {"value_set": {"$PARAMETER": "a"}}),
    ("expect_column_values_to_be_in_set", {"value_set": [10**20]}),
    ("expect_column_values_to_be_between", {"min_value": "@x"}),
    ("expect_column_values_to_be_between", {"min_value": {"$PARAMETER": "now() - 1"}}),
    ("expect_column_values_to_be_between", {"max_value": 10**16}),
    ("expect_column_values_to_be_between", {"max_value": "2024-05-04"}),
    ("expect_column_values_to_be_of_type", {"type_": "__import__('os')"}),
    ("expect_column_values_to_be_in_type_list", {"type_list": ["int64", "a.b"]}),
    ("expect_column_values_to_match_strftime_format", {"strftime_format": "%d" * 20}),
    ("expect_column_values_to_match_strftime_format", {"strftime_format": "%"}),
    ("expect_column_values_to_match_strftime_format", {"strftime_format": "%Y" + " " * 5000}),
    (
        "expect_column_quantile_values_to_be_between",
        {"quantile_ranges": {"quantiles": ["a"], "value_ranges": [[1, 2]]}},
    ),
    ("expect_column_value_z_scores_to_be_less_than", {"threshold": "a", "double_sided": True}),
    ("expect_column_value_lengths_to_equal", {"value": -1}),
]


@pytest.mark.parametrize(("kind", "arguments"), ARGUMENTS, ids=range(len(ARGUMENTS)))
def test_an_argument_must_fit(refused, kind, arguments):
    refused([{"type": kind, "kwargs": {"column": "headline", **arguments}}], "expectations[0]", kind)


def test_settings_of_the_result_are_ignored(validate, alarms):
    ignored = {
        "result_format": {
            "result_format": "COMPLETE",
            "partial_unexpected_count": 10**15,
            "unexpected_index_query": "@",
        },
        "catch_exceptions": True,
        "include_config": True,
        "batch_id": "../../x",
    }
    meta = {"class_name": "System", "module_name": "os", "notes": {"format": "markdown", "content": "<script>"}}
    item = {**NOT_NULL, "kwargs": {**NOT_NULL["kwargs"], **ignored}, "meta": meta, "notes": "<b>", "id": "../x"}
    suite = {"name": "own", "expectations": [item], "meta": meta, "suite_parameters": {"a": "@x"}, "id": "../../x"}
    ran = validate(suite)
    assert (ran.code, alarms) == (0, []), ran
    assert "COMPLETE" not in ran.out


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "/tmp/x", "C:x", "a\\b", "..", "a\x00b", "a\nb", "x" * 300, ["a"], {"a": 1}, 5, "<b>"]
)
def test_a_name_of_a_suite_is_not_a_path(refused, name):
    refused({"name": name, "expectations": [NOT_NULL]}, "the name")


def test_data_docs_stay_in_their_folder(validate, tmp_path, alarms):
    folder = tmp_path / "pages" / "$HOME docs"
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    ran = validate({"name": "Own suite 1.0", "expectations": [NOT_NULL]}, "--data-docs", folder)
    assert (ran.code, alarms) == (0, []), ran
    written = {path for path in tmp_path.rglob("*") if path.is_file()} - before - {tmp_path / "suite.json"}
    assert written
    assert all(folder in path.parents for path in written)


def test_data_docs_show_no_text_of_the_data_as_html(copydesk_command, jsonl, tmp_path, article):
    path = jsonl({"id": "1", "title": "<script>alert(1)</script>", "text": article, "language": "en"}, name="d.jsonl")
    suite, pages = tmp_path / "suite.json", tmp_path / "pages"

    def run(*items):
        suite.write_text(json.dumps({"expectations": items}), "utf-8")
        return copydesk_command("validate", path, "--gx-suite", suite, "--data-docs", pages)

    common = "expect_column_most_common_value_to_be_in_set"
    ran = run(NOT_NULL, {"type": common, "kwargs": {"column": "headline", "value_set": ["a"]}})
    assert (ran.code, f"expectations[1] ({common}): Data Docs would show texts" in ran.err) == (2, True), ran
    ran = run({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "headline", "min_value": 1}})
    assert (ran.code, "Great Expectations cannot check this" in ran.err) == (2, True), ran
    for kind, name in (("expect_column_to_exist", "column"), ("expect_table_columns_to_match_set", "column_set")):
        markup = "<img src=x onerror=alert(1)>"
        ran = run({"type": kind, "kwargs": {name: markup if name == "column" else [markup]}})
        assert (ran.code, "of a column" in ran.err or "of columns" in ran.err) == (2, True), ran
    assert not pages.exists()
    values = {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "headline", "value_set": ["<script>"]}}
    pattern = {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "headline", "regex": "<script>"}}
    ran = run(values, pattern)
    assert (ran.code, ran.err) == (1, ""), ran
    written = "".join(page.read_text("utf-8") for page in pages.rglob("*.html"))
    assert "alert(1)" not in written
    assert "&lt;script&gt;" in written


def test_data_docs_are_not_written_through_a_link(validate, copydesk_command, dump, tmp_path):
    victim, folder = tmp_path / "victim.txt", tmp_path / "pages"
    victim.write_text("before", "utf-8")
    folder.mkdir()
    (folder / "index.html").symlink_to(victim)
    for ran in (
        validate([NOT_NULL], "--data-docs", folder),
        copydesk_command("validate", dump, "--suite", "minimal", "--data-docs", folder),
    ):
        assert (ran.code, "index.html: a link in the folder for Data Docs" in ran.err) == (2, True), ran
    assert victim.read_text("utf-8") == "before"


FILES = {
    b"": "not a suite",
    b"[]": "not a suite",
    b"5": "not a suite",
    b'{"expectations": {}}': "not a suite",
    b'{"expectations": []}': "no expectation",
    b'{"expectations": [1], "class_name": "os"}': "the unknown key 'class_name'",
    b"\xff\xfe{}": "not a suite",
    b'{"expectations": [NaN]}': "NaN is not a number of JSON",
    b'{"expectations": [-Infinity]}': "Infinity",
    b'{"expectations": [' + b"9" * 5000 + b"]}": "more than 30 digits",
    b'{"expectations": [' + b"[" * 200_000 + b"]" * 200_000 + b"]}": "nested",
    b'{"expectations": ' + b'[{"a":' * 60 + b"1" + b"}]" * 60 + b"}": "nested more than 100 deep",
    b'{"expectations": [' + b",".join([b"1"] * 1001) + b"]}": "more than 1,000",
    b" " * 10_000_001: "more than 10,000,000 bytes",
}


@pytest.mark.parametrize("number", range(len(FILES)))
def test_a_file_that_is_not_a_suite_is_one_clear_line(refused, number):
    content, message = list(FILES.items())[number]
    refused(content, message)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_file_that_is_not_regular_is_refused(copydesk_command, dump, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    for name in ("pipe.json", "folder.json"):
        ran = copydesk_command("validate", dump, "--gx-suite", tmp_path / name)
        assert (ran.code, "is not a regular file" in ran.err) == (2, True), ran
    assert copydesk_command("validate", dump, "--gx-suite", tmp_path / "missing.json").code == 2


def test_settings_of_the_folder_cannot_do_more(copydesk_command, dump, tmp_path, monkeypatch, alarms):
    (tmp_path / "copydesk.toml").write_text('suite = "suite.json"\n', "utf-8")
    suite = {"name": "own", "expectations": condition('@pd.io.common.os.system("touch canary") == 0')}
    (tmp_path / "suite.json").write_text(json.dumps(suite), "utf-8")
    monkeypatch.chdir(tmp_path)
    ran = copydesk_command("validate", dump)
    assert (ran.code, alarms) == (2, [])
    assert "expectations[1] (expect_column_values_to_not_be_null): the row_condition" in ran.err
    assert not (tmp_path / "canary").exists()

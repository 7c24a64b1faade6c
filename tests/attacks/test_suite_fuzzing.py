"""Whatever a suite, a condition, a schema or a profile holds, loading it raises one of our errors or nothing."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.cleaner.validate.gx_allowed import ALLOWED
from copydesk.cleaner.validate.gx_conditions import parse_condition
from copydesk.cleaner.validate.gx_json_schema import KEYWORDS, SlowSchemaError, compile_json_schema
from copydesk.cleaner.validate.gx_patterns import Patterns, SlowPatternError
from copydesk.cleaner.validate.gx_suite_file import load_foreign_suite
from copydesk.schemas.arrow import ARTICLE
from copydesk.schemas.checks.profile import Profile, load_profile
from copydesk.schemas.errors import InputError, SettingError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({name for allowed in ALLOWED.values() for name in allowed.arguments} | {"row_condition", "meta", "x"})
COLUMNS = st.sampled_from([*ARTICLE.names, "nowhere", ""])
KWARGS = st.dictionaries(st.sampled_from(NAMES), VALUES | COLUMNS, max_size=5)
ITEMS = st.fixed_dictionaries(
    {"type": st.sampled_from([*ALLOWED, "expect_nothing"]) | SCALARS, "kwargs": KWARGS | VALUES},
    optional={"severity": SCALARS, "meta": VALUES, "expectation_type": SCALARS},
)
SUITES = st.fixed_dictionaries({"expectations": st.lists(ITEMS, max_size=3) | VALUES}, optional={"name": VALUES})
WORDS = [
    *("language", "word_count", "free_access", "date_published", "authors", "nowhere", "col", "(", ")", "[", "]"),
    *("==", "!=", "<", ">=", "in", "not", "and", "or", "is", "null", "&", "|", "~", "-", "@", "`", ":=", "lambda"),
    *("'en'", '"2024-05-04"', "5", "1e999", "0x1F", "True", "b'a'", "f'{x}'", "isnull()", "*", "**", ":"),
    *("\n", "#", ",", ".", "if"),
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "suite.json"


@given(SUITES | VALUES)
def test_any_suite_loads_or_is_refused(path, suite):
    path.write_text(json.dumps(suite), "utf-8")
    with contextlib.suppress(SettingError):
        load_foreign_suite(path)


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,expctaions01eE-+. \\', max_size=60).map(str.encode))
def test_any_bytes_are_a_suite_or_refused(path, data):
    path.write_bytes(data)
    with contextlib.suppress(SettingError):
        load_foreign_suite(path)
    with contextlib.suppress(InputError):
        load_profile(path)


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=40) | VALUES)
def test_any_condition_is_evaluated_or_refused(value):
    with contextlib.suppress(SettingError):
        selected = parse_condition(value).evaluate(ARTICLE.empty_table())
        assert (selected.dtype, len(selected)) == (np.bool_, 0)


SCHEMAS = st.recursive(
    st.booleans() | VALUES,
    lambda inner: (
        st.dictionaries(st.sampled_from([*KEYWORDS, "$dynamicRef", "a"]), inner | VALUES, max_size=4)
        | st.lists(inner, max_size=3)
        | st.sampled_from(["#", "#/$defs/a", "#/properties/a", "http://127.0.0.1:9/x"])
    ),
    max_leaves=10,
)


@given(SCHEMAS, VALUES)
def test_any_schema_judges_or_is_refused(schema, value):
    with contextlib.suppress(SettingError, SlowSchemaError, SlowPatternError):
        assert compile_json_schema(schema, Patterns())(value) in (True, False)


FIELDS = st.sampled_from([*Profile.model_fields, "x"])


@given(st.dictionaries(FIELDS, VALUES | st.dictionaries(st.text(max_size=5), st.integers(), max_size=4), max_size=6))
def test_any_profile_loads_or_is_refused(path, fields):
    path.write_text(json.dumps({"format": "copydesk-profile", **fields}), "utf-8")
    with contextlib.suppress(InputError):
        assert load_profile(path).quantiles is not None

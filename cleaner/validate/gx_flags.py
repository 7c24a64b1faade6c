"""Expectations about texts that copydesk computes itself: Great Expectations gets only a flag for each value.

Great Expectations would run a pattern without a limit of time, fetch the references of a schema, and crash on a value
that is nested too deep.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...schemas.errors import SettingError
from .gx_json_schema import compile_json_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .gx_patterns import Patterns

MAX_FORMAT = 100  # characters of a format of dates
MAX_DATE = 200  # characters: no date is longer


def make_matcher(kind: str, arguments: Mapping[str, Any], patterns: Patterns) -> Callable[[str], bool]:
    """Return the function that computes the flag of a value. Raises `SettingError` for a bad argument."""
    if kind in _PATTERN_TYPES:
        return _match_patterns(kind, arguments, patterns)
    if kind == "expect_column_values_to_match_json_schema":
        return _match_json_schema(arguments["json_schema"], patterns)
    if kind == "expect_column_values_to_match_strftime_format":
        return _match_date_format(arguments["strftime_format"])
    return {
        "expect_column_values_to_be_json_parseable": _is_json,
        "expect_column_values_to_be_dateutil_parseable": _is_date,
    }[kind]


_PATTERN_TYPES = frozenset(
    f"expect_column_values_to_{negation}match_regex{ending}" for negation in ("", "not_") for ending in ("", "_list")
)
COMPUTED = _PATTERN_TYPES | {
    "expect_column_values_to_match_json_schema",
    "expect_column_values_to_match_strftime_format",
    "expect_column_values_to_be_json_parseable",
    "expect_column_values_to_be_dateutil_parseable",
}
"""The types of expectations that are computed here."""


def _match_patterns(kind: str, arguments: Mapping[str, Any], patterns: Patterns) -> Callable[[str], bool]:
    expressions = [arguments["regex"]] if "regex" in arguments else arguments["regex_list"]
    for expression in expressions:
        patterns.add(expression)
    is_negative = "_not_" in kind
    needs_all = arguments.get("match_on") == "all"

    def matches(text: str) -> bool:
        found = (patterns.search(expression, text) for expression in expressions)
        return not any(found) if is_negative else all(found) if needs_all else any(found)

    return matches


def _match_json_schema(schema: Any, patterns: Patterns) -> Callable[[str], bool]:
    is_valid = compile_json_schema(schema, patterns)

    def matches(text: str) -> bool:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return False
        return is_valid(value)

    return matches


def _match_date_format(date_format: str) -> Callable[[str], bool]:
    hint = "write one that Python's strptime can read, such as %Y-%m-%d"
    try:
        if len(date_format) > MAX_FORMAT:
            raise ValueError(f"it has more than {MAX_FORMAT} characters")
        datetime.strptime(datetime(2024, 5, 4).strftime(date_format), date_format)
    except (ValueError, OverflowError, re.error) as error:
        raise SettingError(f"the format {date_format!r:.60} cannot be used: {error!s:.100}", hint=hint) from None

    def matches(text: str) -> bool:
        try:
            datetime.strptime(text, date_format)
        except (ValueError, OverflowError):
            return False
        return True

    return matches


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_date(text: str) -> bool:
    from dateutil import parser

    if len(text) > MAX_DATE:
        return False
    try:
        parser.parse(text)
    except (ValueError, OverflowError, TypeError, RecursionError):
        return False
    return True


def compute_flags(matcher: Callable[[str], bool], values: list[Any]) -> list[bool | None]:
    """Return the flag of each value, None for null. Values that are not texts are written as Python writes them.

    Raises `SlowPatternError` and `SlowSchemaError`.
    """
    return [None if value is None else matcher(value if isinstance(value, str) else str(value)) for value in values]

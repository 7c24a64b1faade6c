"""The expectations of Great Expectations that a suite may contain, with their arguments.

This is an allow-list: no other type and no other argument reaches Great Expectations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

MAX_NUMBER = 10**15
MAX_ITEMS = 100_000  # of a list
Require = Callable[[Any], str]
"""Returns what an argument must be, or an empty text if it is that."""
Scope = Literal["values", "whole", "columns"]
"""What must be in memory at once: any part of the records, all records, or only the names of the columns."""


@dataclass(frozen=True)
class AllowedExpectation:
    """A type of expectations: its arguments, which of them it needs, and its scope."""

    arguments: Mapping[str, Require]
    required: tuple[str, ...]
    scope: Scope
    conditional: bool = True
    """Whether it takes a `row_condition`."""


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) <= MAX_NUMBER
    )


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool)) or _is_number(value)


def _number(value: Any) -> str:
    return "" if _is_number(value) else "a number"


def _bound(value: Any) -> str:
    if value is None or _is_number(value):
        return ""
    if isinstance(value, str):
        for read in (date.fromisoformat, datetime.fromisoformat):
            try:
                read(value.replace("Z", "+00:00"))
            except ValueError:
                continue
            return ""
    return "a number, a date such as 2024-05-04, or null"


def _share(value: Any) -> str:
    return "" if _is_number(value) and 0 <= value <= 1 else "a share from 0 to 1"


def _count(value: Any) -> str:
    return "" if isinstance(value, int) and _is_number(value) and value >= 0 else "a whole number of 0 or more"


def _maybe_count(value: Any) -> str:
    return "" if value is None else _count(value)


def _switch(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "a text"


def _texts(value: Any) -> str:
    fits = isinstance(value, list) and 0 < len(value) <= MAX_ITEMS and all(isinstance(each, str) for each in value)
    return "" if fits else "a list of texts"


def _column_name(value: Any) -> str:
    fits = isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable() and not set(value) & set("<>&'\"")
    return "" if fits else "the name of a column"  # Data Docs would show it without escapes


def _column_names(value: Any) -> str:
    fits = isinstance(value, list) and 0 < len(value) <= 1000 and not any(map(_column_name, value))
    return "" if fits else "a list of names of columns"


def _scalars(value: Any) -> str:
    fits = isinstance(value, list) and len(value) <= MAX_ITEMS and all(map(_is_scalar, value))
    return "" if fits else "a list of texts, numbers, true, false or null"


def _pairs(value: Any) -> str:
    fits = (
        isinstance(value, list)
        and len(value) <= MAX_ITEMS
        and all(isinstance(pair, list) and len(pair) == 2 and all(map(_is_scalar, pair)) for pair in value)
    )
    return "" if fits else "a list of pairs of texts or numbers"


def _quantiles(value: Any) -> str:
    expected = 'an object such as {"quantiles": [0.5], "value_ranges": [[100, 2000]]}'
    if not isinstance(value, dict) or set(value) != {"quantiles", "value_ranges"}:
        return expected
    shares, ranges = value["quantiles"], value["value_ranges"]
    if not (isinstance(shares, list) and isinstance(ranges, list) and 0 < len(shares) == len(ranges) <= 100):
        return expected
    bounds = all(isinstance(each, list) and len(each) == 2 and not any(map(_bound, each)) for each in ranges)
    return "" if bounds and not any(map(_share, shares)) else expected


def _type_name(value: Any) -> str:
    fits = isinstance(value, str) and value.isascii() and value.isidentifier() and len(value) <= 40
    return "" if fits else "the name of a type, such as str or int64"


def _type_names(value: Any) -> str:
    fits = isinstance(value, list) and 0 < len(value) <= 100 and not any(map(_type_name, value))
    return "" if fits else "a list of names of types, such as str or int64"


def _anything(value: Any) -> str:
    return ""  # checked where it is used


def one_of(*choices: str) -> Require:
    """Return the requirement of one of some texts."""
    return lambda value: "" if value in choices else f"one of: {', '.join(choices)}"


_BOUNDS: dict[str, Require] = {
    "min_value": _bound,
    "max_value": _bound,
    "strict_min": _switch,
    "strict_max": _switch,
}
_MATCH_ON = one_of("any", "all")
_PAIR_IGNORES = one_of("both_values_are_missing", "either_value_is_missing", "neither")
_ROW_IGNORES = one_of("all_values_are_missing", "any_value_is_missing", "never")


def _of_values(*required: str, **arguments: Require) -> AllowedExpectation:
    """Return an expectation about each value of a column."""
    return AllowedExpectation({"column": _text, "mostly": _share, **arguments}, ("column", *required), "values")


def _of_all_values(*required: str, **arguments: Require) -> AllowedExpectation:
    """Return an expectation about each value of a column, compared with the other values."""
    return replace(_of_values(*required, **arguments), scope="whole")


def _of_column(*required: str, **arguments: Require) -> AllowedExpectation:
    """Return an expectation about one figure of a whole column."""
    return AllowedExpectation({"column": _text, **arguments}, ("column", *required), "whole")


def _of_pairs(*required: str, **arguments: Require) -> AllowedExpectation:
    """Return an expectation about two columns of each record."""
    columns = {"column_A": _text, "column_B": _text, "mostly": _share, "ignore_row_if": _PAIR_IGNORES}
    return AllowedExpectation({**columns, **arguments}, ("column_A", "column_B", *required), "values")


def _of_rows(*required: str, **arguments: Require) -> AllowedExpectation:
    """Return an expectation about several columns of each record."""
    columns = {"column_list": _texts, "mostly": _share, "ignore_row_if": _ROW_IGNORES}
    return AllowedExpectation({**columns, **arguments}, ("column_list", *required), "values")


def _of_table(*required: str, **arguments: Require) -> AllowedExpectation:
    """Return an expectation about the number of records."""
    return AllowedExpectation(arguments, required, "whole")


def _of_names(*required: str, **arguments: Require) -> AllowedExpectation:
    """Return an expectation about the names of the columns."""
    return AllowedExpectation(arguments, required, "columns", conditional=False)


ALLOWED: dict[str, AllowedExpectation] = {
    "expect_column_values_to_be_null": _of_values(),
    "expect_column_values_to_not_be_null": _of_values(),
    "expect_column_values_to_be_in_set": _of_values("value_set", value_set=_scalars),
    "expect_column_values_to_not_be_in_set": _of_values("value_set", value_set=_scalars),
    "expect_column_values_to_be_between": _of_values(**_BOUNDS),
    "expect_column_value_lengths_to_be_between": _of_values(
        min_value=_maybe_count, max_value=_maybe_count, strict_min=_switch, strict_max=_switch
    ),
    "expect_column_value_lengths_to_equal": _of_values("value", value=_count),
    "expect_column_values_to_match_regex": _of_values("regex", regex=_text),
    "expect_column_values_to_not_match_regex": _of_values("regex", regex=_text),
    "expect_column_values_to_match_regex_list": _of_values("regex_list", regex_list=_texts, match_on=_MATCH_ON),
    "expect_column_values_to_not_match_regex_list": _of_values("regex_list", regex_list=_texts),
    "expect_column_values_to_match_strftime_format": _of_values("strftime_format", strftime_format=_text),
    "expect_column_values_to_match_json_schema": _of_values("json_schema", json_schema=_anything),
    "expect_column_values_to_be_json_parseable": _of_values(),
    "expect_column_values_to_be_dateutil_parseable": _of_values(),
    "expect_column_values_to_be_unique": _of_all_values(),
    "expect_column_values_to_be_increasing": _of_all_values(strictly=_switch),
    "expect_column_values_to_be_decreasing": _of_all_values(strictly=_switch),
    "expect_column_values_to_be_of_type": _of_all_values("type_", type_=_type_name),
    "expect_column_values_to_be_in_type_list": _of_all_values("type_list", type_list=_type_names),
    "expect_column_value_z_scores_to_be_less_than": _of_all_values(
        "threshold", "double_sided", threshold=_number, double_sided=_switch
    ),
    "expect_column_pair_values_to_be_equal": _of_pairs(),
    "expect_column_pair_values_a_to_be_greater_than_b": _of_pairs(or_equal=_switch),
    "expect_column_pair_values_to_be_in_set": _of_pairs("value_pairs_set", value_pairs_set=_pairs),
    "expect_multicolumn_sum_to_equal": _of_rows("sum_total", sum_total=_number),
    "expect_multicolumn_values_to_be_equal": _of_rows(),
    "expect_select_column_values_to_be_unique_within_record": _of_rows(),
    "expect_compound_columns_to_be_unique": replace(_of_rows(), scope="whole"),
    "expect_column_min_to_be_between": _of_column(**_BOUNDS),
    "expect_column_max_to_be_between": _of_column(**_BOUNDS),
    "expect_column_mean_to_be_between": _of_column(**_BOUNDS),
    "expect_column_median_to_be_between": _of_column(**_BOUNDS),
    "expect_column_stdev_to_be_between": _of_column(**_BOUNDS),
    "expect_column_sum_to_be_between": _of_column(**_BOUNDS),
    "expect_column_quantile_values_to_be_between": _of_column(
        "quantile_ranges", quantile_ranges=_quantiles, allow_relative_error=_switch
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": _of_column(**_BOUNDS),
    "expect_column_proportion_of_unique_values_to_be_between": _of_column(**_BOUNDS),
    "expect_column_unique_value_count_to_be_between": _of_column(**_BOUNDS),
    "expect_column_distinct_values_to_be_in_set": _of_column("value_set", value_set=_scalars),
    "expect_column_distinct_values_to_contain_set": _of_column("value_set", value_set=_scalars),
    "expect_column_distinct_values_to_equal_set": _of_column("value_set", value_set=_scalars),
    "expect_column_most_common_value_to_be_in_set": _of_column("value_set", value_set=_scalars, ties_okay=_switch),
    "expect_table_row_count_to_be_between": _of_table(**_BOUNDS),
    "expect_table_row_count_to_equal": _of_table("value", value=_count),
    "expect_table_column_count_to_be_between": _of_names(min_value=_maybe_count, max_value=_maybe_count),
    "expect_table_column_count_to_equal": _of_names("value", value=_count),
    "expect_table_columns_to_match_ordered_list": _of_names("column_list", column_list=_column_names),
    "expect_table_columns_to_match_set": _of_names("column_set", column_set=_column_names, exact_match=_switch),
    "expect_column_to_exist": _of_names("column", column=_column_name, column_index=_maybe_count),
}
SHOWS_VALUES = frozenset(
    (
        *("expect_column_min_to_be_between", "expect_column_max_to_be_between"),
        *(f"expect_column_distinct_values_to_{ending}_set" for ending in ("be_in", "contain", "equal")),
        "expect_column_most_common_value_to_be_in_set",
    )
)
"""Types whose result is a value of the data: Data Docs would show a text without escapes."""
INSTEAD = {
    "unexpected_rows_expectation": "it runs SQL; write a row_condition on expect_table_row_count_to_equal instead",
    "expect_query_results_to_match_comparison": "it runs SQL; use the expectations about columns instead",
    "expect_table_row_count_to_equal_other_table": "it reads another table; use expect_table_row_count_to_equal",
    "expect_column_kl_divergence_to_be_less_than": "use `validate --against` with a profile instead",
    **{
        f"expect_column_values_to_{negation}match_like_pattern{ending}": "use "
        f"expect_column_values_to_{negation}match_regex{ending} instead"
        for negation in ("", "not_")
        for ending in ("", "_list")
    },
}
"""What to write in place of an expectation that is not accepted."""

"""Read a suite of Great Expectations from JSON. Nothing of it reaches Great Expectations that is not on the allow-list.

A suite can come from a stranger: Great Expectations would run the code of its conditions, patterns without a time
limit, and references to other files and hosts. So a suite is refused as a whole if it contains anything unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ...schemas.arrow import ARTICLE
from ...schemas.checks.registry import load_checks
from ...schemas.errors import SettingError, nearest
from ...schemas.json_files import read_json
from .gx_allowed import ALLOWED, INSTEAD
from .gx_conditions import parse_condition, parse_moment
from .gx_flags import COMPUTED, make_matcher
from .gx_patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...schemas.reasons import Severity
    from .gx_allowed import Scope
    from .gx_conditions import Condition

DOCS = "see docs/gx-suites.md for what a suite may contain"
MAX_EXPECTATIONS = 1000
MAX_NAME = 100
_SUITE_KEYS = {
    *("name", "expectation_suite_name", "expectations", "id", "ge_cloud_id", "meta", "notes", "data_asset_type"),
    *("suite_parameters", "evaluation_parameters"),
}
_ITEM_KEYS = {
    *("type", "expectation_type", "kwargs", "severity", "id", "ge_cloud_id", "meta", "notes", "description"),
    *("rendered_content", "expectation_context", "success_on_last_run"),
}
_IGNORED = frozenset(("result_format", "catch_exceptions", "include_config", "batch_id"))
_SEVERITIES: dict[Any, Severity] = {"critical": "error", "warning": "warning", "info": "info", None: "error"}


@dataclass(frozen=True)
class ForeignExpectation:
    """One expectation of a suite, checked and ready to run."""

    index: int
    """Its place in the list of the suite, from 0."""
    kind: str
    """Its type, such as `expect_column_values_to_not_be_null`."""
    arguments: dict[str, Any]
    severity: Severity
    scope: Scope
    condition: Condition | None = None
    """Which records it is about; None for all."""
    matcher: Callable[[str], bool] | None = None
    """Computes the flag of a value, for the types in `COMPUTED`."""

    @property
    def place(self) -> str:
        """Where it is in the suite, for messages."""
        return _place(self.index, self.kind)

    def columns(self) -> list[str]:
        """Return the columns of articles that it is about."""
        names = [self.arguments[key] for key in ("column", "column_A", "column_B") if key in self.arguments]
        return names + list(self.arguments.get("column_list", ()))


@dataclass(frozen=True)
class ForeignSuite:
    """A suite of Great Expectations, read from JSON."""

    name: str
    expectations: tuple[ForeignExpectation, ...]


def load_foreign_suite(path: Path) -> ForeignSuite:
    """Read a suite of Great Expectations, in the form of version 1 or of the versions before.

    Raises `SettingError` if it is not a suite, or contains anything that is not accepted.
    """
    data = _read_json(path)
    items = data.get("expectations") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise SettingError("not a suite of Great Expectations", where=str(path),
                           hint="save one with ExpectationSuite.to_json_dict()")  # fmt: skip
    if unknown := sorted(set(data) - _SUITE_KEYS):
        raise SettingError(f"the suite has the unknown key {unknown[0]!r:.60}", where=str(path), hint=DOCS)
    if not items:
        hint = "add one to the suite before you save it"
        raise SettingError("the suite contains no expectation", where=str(path), hint=hint)
    if len(items) > MAX_EXPECTATIONS:
        message = f"the suite has {len(items):,} expectations, more than {MAX_EXPECTATIONS:,}"
        raise SettingError(message, where=str(path), hint="split it into several suites")
    patterns = Patterns()
    expectations = []
    for index, item in enumerate(items):
        try:
            expectations.append(_read_expectation(index, item, patterns))
        except SettingError as error:
            kind = _kind_of(item) if isinstance(item, dict) else None
            raise SettingError(error.what, where=f"{path}: {_place(index, kind)}", hint=error.hint) from None
    return ForeignSuite(_read_name(data, path), tuple(expectations))


def _place(index: int, kind: Any) -> str:
    return f"expectations[{index}] ({kind:.80})" if isinstance(kind, str) else f"expectations[{index}]"


def _kind_of(item: dict[str, Any]) -> Any:
    return item.get("type") or item.get("expectation_type")


def _read_json(path: Path) -> Any:
    hint = "save a suite with ExpectationSuite.to_json_dict()"
    try:
        return read_json(path)
    except OSError as error:
        raise SettingError(f"the suite cannot be read ({error.strerror})", where=str(path), hint=hint) from None
    except ValueError as error:
        raise SettingError(f"not a suite of Great Expectations: {error!s:.100}", where=str(path), hint=hint) from None


def _read_name(data: dict[str, Any], path: Path) -> str:
    """Return the name of the suite. It is used in the names of files, so it must not be a path."""
    name = data.get("name") or data.get("expectation_suite_name") or path.stem
    if not isinstance(name, str):
        raise SettingError("the name of the suite is not a text", where=str(path), hint='write "name": "articles"')
    if len(name) > MAX_NAME or ".." in name or not name.isprintable() or set(name) & set('/\\:*?"<>|'):
        hint = f"use letters, digits, blanks, dots and hyphens, at most {MAX_NAME} characters"
        raise SettingError(f"the suite has the name {name!r:.120}, which is not accepted", where=str(path), hint=hint)
    return name


def _read_expectation(index: int, item: Any, patterns: Patterns) -> ForeignExpectation:
    if not isinstance(item, dict):
        raise SettingError("an expectation must be an object", hint='write {"type": "expect_…", "kwargs": {…}}')
    if unknown := sorted(set(item) - _ITEM_KEYS):
        raise SettingError(f"the key {unknown[0]!r:.60} is not accepted", hint=f"remove it; {DOCS}")
    kind, given = _kind_of(item), item.get("kwargs", {})
    allowed = ALLOWED.get(kind) if isinstance(kind, str) else None
    if allowed is None:
        raise _unknown_type(kind)
    if not isinstance(given, dict):
        raise SettingError("kwargs must be an object", hint='write it as {"column": "body", …}')
    severity = item.get("severity")
    if not isinstance(severity, (str, type(None))) or severity not in _SEVERITIES:
        raise SettingError(f"unknown severity {severity!r:.40}", hint="use one of: critical, warning, info")
    arguments = {name: value for name, value in given.items() if name not in _IGNORED}
    plain = {name: value for name, value in arguments.items() if name not in ("row_condition", "condition_parser")}
    condition = None
    if arguments.get("row_condition") is not None:
        if not allowed.conditional:
            raise SettingError("this type takes no row_condition", hint="remove it")
        condition = parse_condition(arguments["row_condition"], arguments.get("condition_parser"))
    _require_arguments(kind, plain)
    matcher = make_matcher(kind, plain, patterns) if kind in COMPUTED else None
    expectation = ForeignExpectation(index, kind, plain, _SEVERITIES[severity], allowed.scope, condition, matcher)
    if allowed.scope == "columns":
        return expectation
    _require_columns(expectation.columns(), single=matcher is not None)
    return replace(expectation, arguments=_complete_times(plain))


def _unknown_type(kind: Any) -> SettingError:
    if isinstance(kind, str) and kind in INSTEAD:
        return SettingError("this expectation is not accepted", hint=INSTEAD[kind])
    if not isinstance(kind, str):
        return SettingError("an expectation needs a type", hint='write "type": "expect_column_values_to_not_be_null"')
    return SettingError(f"there is no expectation {kind!r:.80}{nearest(kind[:200], ALLOWED)}", hint=DOCS)


def _require_arguments(kind: str, arguments: dict[str, Any]) -> None:
    """Raise `SettingError` for an argument that is unknown, missing, or not what it must be."""
    allowed = ALLOWED[kind]
    for name, value in arguments.items():
        if name not in allowed.arguments:
            choices = ", ".join(allowed.arguments)
            raise SettingError(f"the argument {name!r:.60} is not accepted{nearest(name[:100], allowed.arguments)}",
                               hint=f"use only: {choices}" if choices else "remove it")  # fmt: skip
        if isinstance(value, dict) and "$PARAMETER" in value:
            raise SettingError(f"{name} is a suite parameter, which is not accepted", hint="write the value itself")
        if expected := allowed.arguments[name](value):
            raise SettingError(f"{name} must be {expected}", hint=f"it is {value!r:.60}")
    for name in allowed.required:
        if name not in arguments:
            raise SettingError(f"the argument {name} is missing", hint=f"add it to kwargs; {DOCS}")


def _complete_times(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments in which the dates of bounds have a time and a zone, as the columns of dates have."""
    completed = dict(arguments)
    for key in ("min_value", "max_value"):
        value, name = arguments.get(key), arguments.get("column")
        if isinstance(value, str) and name is not None:
            if not pa.types.is_timestamp(ARTICLE.field(name).type):
                raise SettingError(f"{key} is a date, but {name} does not hold dates", hint="write a number")
            completed[key] = parse_moment(name, value).isoformat()
    return completed


def _require_columns(names: list[str], *, single: bool) -> None:
    """Raise `SettingError` for a column that articles do not have, or if `single`, for a column of lists."""
    for name in names:
        if name not in ARTICLE.names:
            hint = "see `copydesk schema`"
            if name in load_checks():  # what `suite export` wrote
                hint = (
                    "this suite is for flags.parquet in plain Great Expectations; here, use its TOML file or its name"
                )
            raise SettingError(f"articles have no column {name!r:.60}{nearest(name[:100], ARTICLE.names)}", hint=hint)
        if single and pa.types.is_nested(ARTICLE.field(name).type):
            hint = "use a column of texts, numbers or dates"
            raise SettingError(f"{name} holds lists or objects, which this expectation cannot check", hint=hint)

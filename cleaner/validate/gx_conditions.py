"""Row conditions of Great Expectations, parsed and evaluated without pandas.

Great Expectations hands a condition to pandas' `query`, which evaluates it as code. Here a condition is parsed into a
small tree of comparisons, and only what the tree can hold is accepted::

    language == "en" and word_count >= 100
    col("headline").notNull() or not status in ("draft", "withdrawn")
    {"type": "comparison", "column": {"name": "language"}, "operator": "==", "parameter": "en"}
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE
from ...schemas.checks.frame import mask
from ...schemas.errors import SettingError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...schemas.byte_arrays import Mask

MAX_LENGTH = 2000  # characters of a condition
MAX_DEPTH = 20
HINT = 'write it as, for example, language == "en" and word_count >= 100, or headline is not null'
PARSERS = (None, "pandas", "python", "great_expectations", "great_expectations__experimental__")
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "IN",
    ast.NotIn: "NOT_IN",
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NULL_METHODS = {"isnull": True, "isna": True, "is_null": True, "notnull": False, "notna": False, "is_not_null": False}


@dataclass(frozen=True)
class Comparison:
    """A column compared with a value, or with a tuple of values for `IN` and `NOT_IN`."""

    column: str
    operator: str
    value: Any

    def evaluate(self, articles: pa.Table) -> Mask:
        """Return the articles that meet the condition. As in pandas, null differs from every value."""
        column = articles.column(self.column)
        negative = self.operator in ("!=", "NOT_IN")
        if self.operator in _COMPARE:
            compared = _COMPARE[self.operator](column, pa.scalar(self.value, column.type))
        else:
            members = pc.is_in(column, pa.array(self.value, column.type))
            compared = pc.invert(members) if negative else members
        return mask(pc.fill_null(compared, negative))


@dataclass(frozen=True)
class Nullity:
    """Whether a column is null, or not null."""

    column: str
    is_null: bool

    def evaluate(self, articles: pa.Table) -> Mask:
        """Return the articles that meet the condition."""
        column = articles.column(self.column)
        return mask(pc.is_null(column) if self.is_null else pc.is_valid(column))


@dataclass(frozen=True)
class Negation:
    """A condition that must not be met."""

    condition: Condition

    def evaluate(self, articles: pa.Table) -> Mask:
        """Return the articles that meet the condition."""
        return ~self.condition.evaluate(articles)


@dataclass(frozen=True)
class Group:
    """Conditions of which all, or at least one, must be met."""

    conditions: tuple[Condition, ...]
    needs_all: bool

    def evaluate(self, articles: pa.Table) -> Mask:
        """Return the articles that meet the condition."""
        masks = [condition.evaluate(articles) for condition in self.conditions]
        met: Mask = np.logical_and.reduce(masks) if self.needs_all else np.logical_or.reduce(masks)
        return met


Condition = Comparison | Nullity | Negation | Group


def parse_condition(value: Any, parser: Any = None) -> Condition:
    """Parse the `row_condition` of an expectation, with its `condition_parser`.

    Raises `SettingError` for everything that is not in the grammar.
    """
    if parser not in PARSERS:
        raise SettingError(f"condition_parser {parser!r} is not accepted", hint='write "pandas", or leave it out')
    if isinstance(value, dict):
        return _parse_object(value, MAX_DEPTH)
    if not isinstance(value, str):
        raise SettingError("row_condition must be a text or a condition object", hint=HINT)
    if len(value) > MAX_LENGTH:
        raise SettingError(f"row_condition has more than {MAX_LENGTH:,} characters", hint="write a shorter one")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(value.strip(), mode="eval")  # reads the text and runs nothing
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refusal(value) from None
    return _Parser(value).parse(tree.body, MAX_DEPTH)


def _refusal(text: str) -> SettingError:
    shown = text if len(text) <= 80 else f"{text[:79]}…"
    return SettingError(f"the row_condition {shown!r} is not accepted", hint=HINT)


class _Parser:
    """Turns a syntax tree into a condition. `text` is shown in errors."""

    def __init__(self, text: str) -> None:
        self._text = text

    def parse(self, node: ast.expr, depth: int) -> Condition:
        """Return the condition of a node. Raises `SettingError` for a node that is not in the grammar."""
        if not depth:
            raise SettingError(f"row_condition is nested more than {MAX_DEPTH} deep", hint="write a simpler one")
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.parse(part, depth - 1) for part in node.values)
            return Group(parts, isinstance(node.op, ast.And))
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            both = (self.parse(node.left, depth - 1), self.parse(node.right, depth - 1))
            return Group(both, isinstance(node.op, ast.BitAnd))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
            return Negation(self.parse(node.operand, depth - 1))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._parse_comparison(node.left, node.ops[0], node.comparators[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not (node.args or node.keywords):
            method = node.func.attr.lower()
            if method in _NULL_METHODS:
                return _nullity(self._column(node.func.value), is_null=_NULL_METHODS[method])
        raise _refusal(self._text)

    def _parse_comparison(self, left: ast.expr, kind: ast.cmpop, right: ast.expr) -> Condition:
        if isinstance(kind, (ast.Is, ast.IsNot)):
            is_name = isinstance(right, ast.Name) and right.id.lower() in ("null", "none")
            if is_name or (isinstance(right, ast.Constant) and right.value is None):
                return _nullity(self._column(left), is_null=isinstance(kind, ast.Is))
            raise _refusal(self._text)
        symbol = _OPERATORS[type(kind)]
        if isinstance(left, (ast.Constant, ast.UnaryOp)) and symbol in _MIRRORED:  # 100 <= word_count
            left, symbol, right = right, _MIRRORED[symbol], left
        return _compare(self._column(left), symbol, self._literal(right))

    def _column(self, node: ast.expr) -> str:
        """Return the name of `name`, `col("name")` or `column("name")`."""
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("col", "column"):
            arguments = node.args
            if len(arguments) == 1 and not node.keywords and isinstance(arguments[0], ast.Constant):
                return str(arguments[0].value)
        raise _refusal(self._text)

    def _literal(self, node: ast.expr) -> Any:
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [self._literal(each) for each in node.elts]
        if isinstance(node, ast.Name) and node.id in ("true", "false"):
            return node.id == "true"
        sign = 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            node, sign = node.operand, -1
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float)):
            return node.value if sign == 1 or isinstance(node.value, (str, bool)) else -node.value
        raise _refusal(self._text)


def _parse_object(value: dict[str, Any], depth: int) -> Condition:
    """Parse a condition object, as `great_expectations.expectations.row_conditions` writes it to JSON."""
    if not depth:
        raise SettingError(f"row_condition is nested more than {MAX_DEPTH} deep", hint="write a simpler one")
    kind = value.get("type")
    if kind in ("and", "or"):
        parts = value.get("conditions")
        if set(value) != {"type", "conditions"} or not isinstance(parts, list) or not parts:
            raise _refusal(str(value))
        if not all(isinstance(part, dict) for part in parts):
            raise _refusal(str(value))
        return Group(tuple(_parse_object(part, depth - 1) for part in parts), kind == "and")
    column = value.get("column")
    name = column.get("name") if isinstance(column, dict) and set(column) == {"name"} else column
    if not isinstance(name, str):
        raise _refusal(str(value))
    if kind == "nullity" and set(value) == {"type", "column", "is_null"} and isinstance(value["is_null"], bool):
        return _nullity(name, is_null=value["is_null"])
    if kind == "comparison" and set(value) == {"type", "column", "operator", "parameter"}:
        return _compare(name, value["operator"], value["parameter"])
    raise _refusal(str(value))


def _nullity(name: str, *, is_null: bool) -> Nullity:
    _field_type(name)
    return Nullity(name, is_null)


def _compare(name: str, symbol: Any, value: Any) -> Comparison:
    """Return a comparison whose value has the type of the column. Raises `SettingError` if that cannot be."""
    kind = _field_type(name)
    if symbol in ("IN", "NOT_IN"):
        if not isinstance(value, list):
            raise SettingError(f"{name} {symbol} needs a list of values", hint=f'write it as {name} in ["a", "b"]')
        return Comparison(name, symbol, tuple(_convert(name, kind, each) for each in value))
    if not isinstance(symbol, str) or symbol not in _COMPARE:
        raise SettingError(
            f"row_condition has the unknown operator {symbol!r:.40}", hint=f"use one of: {' '.join(_COMPARE)}"
        )
    return Comparison(name, symbol, _convert(name, kind, value))


def _field_type(name: str) -> pa.DataType:
    if name not in ARTICLE.names:
        raise SettingError(
            f"articles have no column {name!r:.60}{nearest(name[:100], ARTICLE.names)}", hint="see `copydesk schema`"
        )
    return ARTICLE.field(name).type


def _convert(name: str, kind: pa.DataType, value: Any) -> Any:
    """Return a value of a condition as a value of the column's type."""
    if pa.types.is_large_string(kind) and isinstance(value, str):
        return value
    if pa.types.is_boolean(kind) and isinstance(value, bool):
        return value
    if pa.types.is_integer(kind) and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _whole(name, value)
    if pa.types.is_timestamp(kind) and isinstance(value, str):
        return parse_moment(name, value)
    expected = {"large_string": "a text", "bool": "true or false", "int64": "a whole number"}
    what = "a date" if pa.types.is_timestamp(kind) else expected.get(str(kind))
    if what is None:
        raise SettingError(f"{name} has no single value to compare", hint=f"use {name} is null, or {name} is not null")
    raise SettingError(f"{name} cannot be compared with {value!r:.60}", hint=f"compare it with {what}")


def _whole(name: str, value: float) -> int:
    if not math.isfinite(value) or value != int(value) or not -(2**63) <= value < 2**63:
        raise SettingError(f"{name} cannot be compared with {value!r:.60}", hint="compare it with a whole number")
    return operator.index(int(value))


def parse_moment(name: str, value: str) -> datetime:
    """Return the time of an ISO 8601 text for a column. Without a zone, it is in UTC. Raises `SettingError`."""
    try:
        if len(value) == len("2024-05-04"):
            day = date.fromisoformat(value)
            return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        hint = "write a date as 2024-05-04 or 2024-05-04T10:30:00Z"
        raise SettingError(f"{name} cannot be compared with {value!r:.60}", hint=hint) from None

"""A subset of JSON Schema that cannot fetch, hang or run anything, for `expect_column_values_to_match_json_schema`.

The keywords are an allow-list. References point into the same schema. Patterns run under a time limit.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ...schemas.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .gx_patterns import Patterns

MAX_DEPTH = 50
MAX_SECONDS = 5.0  # for one value
_MAPS = frozenset(("properties", "$defs", "definitions"))
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SCHEMAS = frozenset(
    ("additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "additionalItems", "items")
)
_VALUES = frozenset(
    (
        *("type", "enum", "const", "required", "minProperties", "maxProperties", "dependentRequired"),
        *("minItems", "maxItems", "uniqueItems", "minContains", "maxContains"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("title", "description", "default", "examples", "$comment", "format", "deprecated", "readOnly", "writeOnly"),
    )
)
KEYWORDS = sorted({*_MAPS, *_LISTS, *_SCHEMAS, *_VALUES, "$ref", "pattern"})


class SlowSchemaError(Exception):
    """Checking one value took longer than `MAX_SECONDS`."""


def compile_json_schema(schema: Any, patterns: Patterns) -> Callable[[Any], bool]:
    """Return a function that checks a parsed value. Raises `SettingError` for a schema outside of the subset.

    The function raises `SlowSchemaError` and `SlowPatternError`.
    """
    import jsonschema
    from jsonschema import validators

    if not isinstance(schema, dict) or not isinstance(schema.get("$schema", ""), str):
        raise SettingError("json_schema must be an object", hint='write it as {"type": "object", …}')
    root = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
    _Walk(root, patterns).require_subset()
    dialect = {"$schema": schema["$schema"]} if "$schema" in schema else True
    draft: Any = validators.validator_for(dialect, default=validators.Draft202012Validator)
    try:
        draft.check_schema(root)
    except jsonschema.SchemaError as error:
        raise SettingError(f"json_schema is not valid: {error.message:.200}", hint="correct it") from None
    clock = _Clock()

    def check_reference(validator: Any, reference: str, instance: Any, _: Any) -> Iterator[Any]:
        clock.check()
        yield from validator.descend(instance, _resolve(root, reference))

    def check_pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[Any]:
        if validator.is_type(instance, "string") and not patterns.search(pattern, instance):
            yield jsonschema.ValidationError("the text does not match the pattern")

    bounded = validators.extend(draft, {"$ref": check_reference, "pattern": check_pattern})(root)

    def is_valid(value: Any) -> bool:
        clock.start()
        try:
            return bool(bounded.is_valid(value))
        except RecursionError:
            raise SlowSchemaError from None

    return is_valid


class _Clock:
    """The time that one value may take. Only references can make a small schema slow, so they check it."""

    def __init__(self) -> None:
        self._end = 0.0

    def start(self) -> None:
        self._end = time.monotonic() + MAX_SECONDS

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise SlowSchemaError


class _Walk:
    """Visits every schema inside of a schema, so that nothing else is ever used as one."""

    def __init__(self, root: dict[str, Any], patterns: Patterns) -> None:
        self._root = root
        self._patterns = patterns
        self._visited: set[int] = set()  # the `id` of each schema
        self._references: list[str] = []

    def require_subset(self) -> None:
        """Raise `SettingError` for an unknown keyword, deep nesting, or a reference to anything but a schema in it."""
        self._visit(self._root, MAX_DEPTH)
        for reference in self._references:
            target = _resolve(self._root, reference)
            if not isinstance(target, bool) and id(target) not in self._visited:
                message = f"json_schema refers to {reference!r:.80}, which is not a schema"
                raise SettingError(message, hint='move the schema to "$defs" and write {"$ref": "#/$defs/name"}')

    def _visit(self, schema: Any, depth: int) -> None:
        if isinstance(schema, bool):
            return
        if not isinstance(schema, dict):
            hint = "write an object, true or false"
            raise SettingError(f"json_schema has {schema!r:.40} in place of a schema", hint=hint)
        if not depth:
            raise SettingError(f"json_schema is nested more than {MAX_DEPTH} deep", hint="write a simpler one")
        self._visited.add(id(schema))
        for key, value in schema.items():
            for inner in self._find_schemas(key, value):
                self._visit(inner, depth - 1)

    def _find_schemas(self, key: str, value: Any) -> Iterable[Any]:
        """Return the schemas in the value of a keyword."""
        if key == "$ref":
            _resolve(self._root, value)
            self._references.append(value)
            return ()
        if key == "pattern":
            self._patterns.add(value)
            return ()
        if key in _VALUES:
            return ()
        if key in _MAPS and isinstance(value, dict):
            return value.values()
        if (key in _LISTS or key == "items") and isinstance(value, list):
            return value
        if key in _SCHEMAS:
            return (value,)
        hint = f"use only: {', '.join(KEYWORDS)}"
        raise SettingError(f"json_schema has the keyword {key!r:.40}, which is not accepted here", hint=hint)


def _resolve(root: dict[str, Any], reference: Any) -> Any:
    """Return the part of a schema that a reference such as `#/$defs/name` points to. Raises `SettingError`."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        hint = 'copy that schema into "$defs" and write {"$ref": "#/$defs/name"}'
        raise SettingError(f"json_schema refers to {reference!r:.80}, which is outside of the suite", hint=hint)
    found: Any = root
    for step in reference[2:].split("/") if reference != "#" else ():
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise SettingError(f"json_schema refers to {reference!r:.80}, which it does not contain", hint="correct it")
    return found

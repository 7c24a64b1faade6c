"""A check as it stands in a TOML file."""

from __future__ import annotations

import re
from datetime import date, datetime  # pydantic needs them at run time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..arrow import ARTICLE
from ..errors import nearest
from ..safe_patterns import compile_safely
from ..severity import Severity  # pydantic needs it at run time
from .declare import Check
from .field_flags import FITTING, Bounds, Condition, FieldFlag, kind_of

_ID = re.compile(r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*")
_CONDITIONS: tuple[Condition, ...] = ("required", "must-match", "must-not-match", "allowed", "range", "length")
# Fields that copydesk makes itself, or that hold more than a check can compare.
_OTHERS = frozenset(("schema_version", "body_format", "sections", "raw", "provenance", "flags", "extra", "profile"))
FIELDS = tuple(name for name in ARTICLE.names if name not in _OTHERS)
_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."
_MOST = 1_000  # values of a list
Values = Annotated[list[Any], Field(min_length=1, max_length=_MOST)]
Text = Annotated[str, Field(max_length=1_000)]


class CountBounds(BaseModel):
    """The least and the most of a length."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least: Annotated[int, Field(ge=0, le=10**12, strict=True)] | None = None
    most: Annotated[int, Field(ge=0, le=10**12, strict=True)] | None = None


class ValueBounds(BaseModel):
    """The least and the most of a number or a date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least: int | datetime | date | None = None
    most: int | datetime | date | None = None


class DeclaredCheck(BaseModel):
    """A check that is declared as data: one field, one condition, what to do, and examples that are its tests."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"))

    id: Text = Field(description="Its id, family/name.")
    field: Text = Field(description="The field of articles that it looks at.")
    severity: Severity = Field("warning", description="info, warning, or error, which rejects the record.")
    message: Text = Field("", description="What is wrong with a record that it flags. By default, the condition.")
    remedy: Text = Field(min_length=3, description="What to do about such a record.")
    why: Text = Field("", description="Why you check this, for whoever reads the file.")
    languages: Annotated[list[Text], Field(max_length=_MOST)] = Field(
        [], description="Check only articles in these languages, as in ['de', 'fr']."
    )
    required: bool | None = Field(None, description="true: the field must have a value.")
    must_match: Text | None = Field(None, description="A pattern that must be found in each value.")
    must_not_match: Text | None = Field(None, description="A pattern that must not be found in any value.")
    allowed: Values | None = Field(None, description="All values that are allowed.")
    range: ValueBounds | None = Field(None, description="The least and the most: numbers, or dates.")
    length: CountBounds | None = Field(None, description="The least and the most characters, or entries of a list.")
    fails: Values = Field(description="Values of the field that it flags, or whole records.")
    passes: Values = Field(description="Values of the field that it does not flag, or whole records.")

    @field_validator("id")
    @classmethod
    def _has_family(cls, name: str) -> str:
        if not _ID.fullmatch(name):
            raise ValueError(f"{name!r} does not have the form family/name, in lower case with hyphens")
        return name

    @field_validator("field")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in FIELDS:
            raise ValueError(f"articles have no field {name!r}{nearest(name, FIELDS)}")
        return name

    @field_validator("languages")
    @classmethod
    def _are_tags(cls, tags: list[str]) -> list[str]:
        for tag in tags:
            if not re.fullmatch(r"[a-z]{2,3}", tag):
                raise ValueError(f"{tag!r} is not a language such as de or fil")
        return tags

    @field_validator("must_match", "must_not_match")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                compile_safely(pattern)
            except ValueError as error:
                shown = pattern if len(pattern) <= 60 else f"{pattern[:59]}…"
                raise ValueError(f"the pattern {shown!r} {error}") from None
        return pattern

    @model_validator(mode="after")
    def _has_one_condition(self) -> DeclaredCheck:
        conditions = [name for name, value in self._values.items() if value is not None]
        if len(conditions) != 1 or self.required is False:
            raise ValueError(f"it needs exactly one condition: {', '.join(_CONDITIONS[:-1])} or {_CONDITIONS[-1]}")
        fitting = FITTING[kind_of(self.field)]
        if conditions[0] not in fitting:
            raise ValueError(f"{conditions[0]} does not fit the field {self.field}: use {' or '.join(fitting)}")
        bounds = self.range or self.length
        if bounds is not None:
            _require_bounds(bounds, is_time=kind_of(self.field) == "time")
        if self.allowed is not None:
            _require_values(self.allowed, bool if kind_of(self.field) == "truth" else str)
        return self

    @property
    def _values(self) -> dict[Condition, Any]:
        return {name: getattr(self, name.replace("-", "_")) for name in _CONDITIONS}

    @property
    def condition(self) -> tuple[Condition, Any]:
        """The condition and its value."""
        return next((name, value) for name, value in self._values.items() if value is not None)

    def as_check(self) -> Check:
        """Return the check, as those that are declared in Python."""
        name, value = self.condition
        if isinstance(value, (CountBounds, ValueBounds)):
            value = Bounds(value.least, value.most)
        elif isinstance(value, list):
            value = tuple(value)
        message = self.message or _describe(self.field, name, value)
        return Check(
            self.id,
            self.severity,
            (self.field,),
            message.replace("{", "{{").replace("}", "}}"),
            self.remedy,
            self.record(self.fails[0]),
            self.record(self.passes[0]),
            FieldFlag(self.field, name, value, tuple(self.languages)),
            self.why,
            examples=(tuple(map(self.record, self.fails)), tuple(map(self.record, self.passes))),
        )

    def record(self, example: Any) -> dict[str, Any]:
        """Return the record of an example: a record as it is, or one with this value of the field."""
        if isinstance(example, dict):
            return example
        if self.field == "word_count":
            return {"body": example}
        language = {"language": self.languages[0]} if self.languages and self.field != "language" else {}
        value = example.isoformat() if isinstance(example, date) else example
        return {"body": _BODY, **language, self.field: value}


def _require_bounds(bounds: CountBounds | ValueBounds, *, is_time: bool) -> None:
    """Raise `ValueError` for bounds without one, in the wrong order, or of another kind than the field."""
    ends = [end for end in (bounds.least, bounds.most) if end is not None]
    if not ends:
        raise ValueError("it needs least, most, or both")
    if any(isinstance(end, date) != is_time for end in ends):
        raise ValueError("write dates as in 2024-05-01" if is_time else "write whole numbers")
    ordered = [end.isoformat() if isinstance(end, date) else end for end in ends]
    if ordered != sorted(ordered):
        raise ValueError("least is more than most")


def _require_values(values: list[Any], kind: type) -> None:
    """Raise `ValueError` for a value that the field cannot have."""
    for value in values:
        if type(value) is not kind:
            raise ValueError(f"{value!r:.60} is not {'true or false' if kind is bool else 'a text'}")


def _describe(field: str, condition: Condition, value: Any) -> str:
    """Return what is wrong with a record that breaks a condition."""
    if condition == "required":
        return f"the record has no {field}"
    if condition == "must-match":
        return f"{field} does not match {value!r:.80}"
    if condition == "must-not-match":
        return f"{field} matches {value!r:.80}"
    if condition == "allowed":
        return f"{field} is none of: {', '.join(map(str, value)):.120}"
    what = "the length of " if condition == "length" else ""
    if value.least is None:
        return f"{what}{field} is above {value.most}"
    if value.most is None:
        return f"{what}{field} is below {value.least}"
    return f"{what}{field} is not between {value.least} and {value.most}"

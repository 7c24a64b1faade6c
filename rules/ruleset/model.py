"""What a rule declares about itself: its id, what it removes, what it keeps, and the patterns of a phrase rule."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ...schemas.severity import Severity  # pydantic needs it at run time
from ..patterns.limits import require_small

_SHOWN = 100  # characters of a pattern in a message
_ID = re.compile(r"[a-z][a-z0-9_]*(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"\*|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # no registered language has more letters


def _require_id(name: str) -> str:
    if not _ID.fullmatch(name):
        raise ValueError(f"{name!r} is not FAMILY/NAME in small letters, digits and hyphens, as in mysite/promo")
    return name


def _require_language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"{tag!r} is not a language tag: write it as in en or pt-BR, or * for any")
    return tag


_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def _require_host(name: str) -> str:
    if not _HOST.fullmatch(name) or name.startswith("www."):
        raise ValueError(f"{name!r} is not a host: write it in small letters, without https:// and www.")
    return name


RuleId = Annotated[str, AfterValidator(_require_id)]
Language = Annotated[str, AfterValidator(_require_language)]
Host = Annotated[str, AfterValidator(_require_host)]
Zone = Literal["anywhere", "head", "tail", "margin", "below", "inline"]
End = Literal["any", "colon", "open"]
Filled = Literal[
    "headline", "authors", "date_published", "date_modified", "keywords", "images", "section", "source_name"
]


class Case(BaseModel):
    """A whole document before and after cleaning, as an example of a rule that needs more than a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: str
    after: str
    title: str | None = Field(None, description="The record's own headline field.")
    headline: str | None = Field(None, description="The headline that must come out, if it matters.")
    host_documents: list[str] = Field([], description="Documents of the same host, to learn site templates from.")

    @model_validator(mode="before")
    @classmethod
    def _accept_old_name(cls, keys: Any) -> Any:
        """Accept `corpus`, the name of `host_documents` in version 0.1."""
        if isinstance(keys, dict) and "corpus" in keys and "host_documents" not in keys:
            keys = dict(keys)
            keys["host_documents"] = keys.pop("corpus")
        return keys


Example = str | Case


class RuleInfo(BaseModel):
    """What every rule declares, whatever its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: RuleId
    summary: str = Field(min_length=8, description="What it removes, in one line.")
    why: str = Field("", description="Where the artifact comes from, and what the rule leaves alone.")
    languages: list[Language] = Field(["*"], min_length=1, description="BCP 47 tags of its phrases; * for any.")
    safety: Literal["safe", "unsafe"] = Field("safe", description="unsafe rules run only when asked for.")
    severity: Severity = Field("warning", description="What `check` makes of a hit.")
    removes: list[Example] = Field(min_length=1, description="Lines or documents that it must change.")
    keeps: list[Example] = Field(min_length=1, description="Lines or documents that must stay as they are.")
    since: str = Field(description="First version that has the rule.")
    seen: str = Field("", description="Software or sites that leave the artifact.")
    aliases: list[RuleId] = Field([], description="Ids that the rule had before.")
    fills: list[Filled] = Field([], description="Fields that a cut line fills if the record has no value of its own.")

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.id.split("/")[0]

    @model_validator(mode="after")
    def _enough_keeps(self) -> RuleInfo:
        if len(self.keeps) < len(self.removes):
            raise ValueError(f"{len(self.removes)} removes but only {len(self.keeps)} keeps: give at least as many")
        return self


TESTED = {"tested": True}
"""Validation context for rules whose patterns are known to be valid. It saves the time to translate them."""


class PhraseRule(RuleInfo):
    """A rule that is data: phrases, and where they count."""

    where: Zone = Field("anywhere", description="Part of the text in which a match counts.")
    match: list[str] = Field(min_length=1, description="Patterns in the phrase dialect, one of which must match.")
    unless: list[str] = Field([], description="Patterns that rule a match out again.")
    ends: End = Field(
        "any", description="colon: the line ends in one. open: it does not end like a sentence or clause."
    )
    hosts: list[Host] = Field([], description="Hosts whose records it cuts, with their subdomains; empty for all.")
    min_run: int = Field(1, ge=1, le=20, description="Lines of the family that must stand next to each other.")

    @field_validator("match", "unless")
    @classmethod
    def _patterns(cls, patterns: list[str], info: ValidationInfo) -> list[str]:
        for pattern in patterns if info.context is not TESTED else ():
            try:
                require_small(pattern)
            except ValueError as error:
                shown = pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}…"
                raise ValueError(f"{shown!r} is not a valid pattern: {error}") from None
        return patterns

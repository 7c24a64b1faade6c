"""What a rule says of itself, and what a code rule sees and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ...schemas.severity import Severity  # pydantic needs it at run time
from ..patterns.dialect import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ID = re.compile(r"[a-z][a-z0-9_]*(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"\*|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # no registered language has more letters


def _require_id(name: str) -> str:
    if not _ID.fullmatch(name):
        raise ValueError(f"{name!r} is not FAMILY/NAME in small letters, digits and hyphens, as in mysite/promo")
    return name


def _require_language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"{tag!r} is no tag of a language: write it as in en or pt-BR, or * for any")
    return tag


RuleId = Annotated[str, AfterValidator(_require_id)]
Language = Annotated[str, AfterValidator(_require_language)]
Zone = Literal["anywhere", "head", "tail", "margin", "below", "inline"]


class Case(BaseModel):
    """A whole document before and after, as an example of a rule that needs more than a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: str
    after: str
    title: str | None = Field(None, description="The record's own headline field.")
    headline: str | None = Field(None, description="The headline that must come out, if it matters.")
    corpus: list[str] = Field([], description="Documents of the host, from which a corpus rule has learned before.")


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
"""The context of validation for rules whose patterns are known to be some, which spares the time to translate them."""


class PhraseRule(RuleInfo):
    """A rule that is data: phrases, and where they count."""

    where: Zone = Field("anywhere", description="Part of the text in which a match counts.")
    match: list[str] = Field(min_length=1, description="Patterns in the phrase dialect, one of which must match.")
    unless: list[str] = Field([], description="Patterns that rule a match out again.")
    min_run: int = Field(1, ge=1, le=20, description="Lines of the family that must stand next to each other.")

    @field_validator("match", "unless")
    @classmethod
    def _patterns(cls, patterns: list[str], info: ValidationInfo) -> list[str]:
        for pattern in patterns if info.context is not TESTED else ():
            translate(pattern)
        return patterns


@dataclass(frozen=True)
class Page:
    """One record as a code rule sees it: its lines that are not blank, stripped, those already cut left out.

    `gaps[i]` counts the line ends between line i - 1 and line i; it is 1 for neighbours, 2 with a blank line
    between them. `prose[i]` says whether line i is prose by its length and end, and no phrase rule knows it;
    `sizes[i]` is its length in bytes of UTF-8 and `initials[i]` the first byte behind its decoration (`initial`), both
    known without decoding it. `cut` says of a line which rules cut what stood right before it;
    `recurring`, for rules that learn from a corpus, on how many documents of its host it stands, and how many those
    are, where that is often.
    """

    texts: Sequence[str]
    gaps: Sequence[int]
    prose: Sequence[bool]
    sizes: Sequence[int]
    initials: Sequence[int]
    head: int
    """Number of lines before the first prose; 0 when there is no prose at all."""
    title: str | None = None
    source_name: str | None = None
    source_domain: str | None = None
    cut: Mapping[int, Sequence[str]] = field(default_factory=dict)
    recurring: Sequence[tuple[int, int] | None] = ()


@dataclass(frozen=True)
class Cut:
    """A line of the page to cut, with the id of the rule, and why if there is more to say."""

    line: int
    rule: str
    detail: str | None = None


@dataclass(frozen=True)
class FieldCut:
    """A span of the record's own headline to cut, in code points."""

    start: int
    end: int
    rule: str


@dataclass
class RuleOutcome:
    """What a code rule answers: lines to cut, and what it learned for the record's fields."""

    cuts: list[Cut] = field(default_factory=list)
    title_cuts: list[FieldCut] = field(default_factory=list)
    headline: str | None = None
    alt_headlines: list[str] = field(default_factory=list)
    source_name: str | None = None


@dataclass(frozen=True)
class Replacement:
    """Code points of a text to write anew, with the id of the rule, and why if there is more to say."""

    start: int
    end: int
    after: str
    rule: str
    detail: str | None = None


@dataclass(frozen=True)
class RepairRule:
    """Rules that mend characters before anything is cut: one pure function from a text to its replacements.

    `signs` is an expression, in what Hyperscan and `re` have in common, that every text has a match of in which the
    function finds anything. What it finds in a line depends on that line alone, and makes no line end.
    """

    infos: tuple[RuleInfo, ...]
    find: Callable[[str], list[Replacement]]
    signs: str


@dataclass(frozen=True)
class CodeRule:
    """Rules that need logic: one pure function, and the declarations of the ids that its cuts carry.

    `max_head` says which records the function must see: all of them where it is None, else those with a headline of
    their own or with at least one and at most that many lines before the prose, of which one ends in no mark of
    `NO_HEADLINE_END`, a lone one set off by a blank line. `repeats` says that it must see those in which two lines of
    prose that follow each other come again; `follows` that it must see those in which a rule of these families cut
    something above a line that stands, and only then is it told what was `cut`. Others are not shown to it, so it
    must have nothing to say about them. A `corpus` rule runs only where something was learned of a corpus, on records
    of hosts of which that was.
    """

    infos: tuple[RuleInfo, ...]
    find: Callable[[Page], RuleOutcome]
    max_head: int | None = None
    repeats: bool = False
    follows: frozenset[str] = frozenset()
    corpus: bool = False

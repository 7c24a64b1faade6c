"""What a page rule sees and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...schemas.byte_arrays import Bytes


@dataclass(frozen=True)
class Page:
    """One record as a page rule sees it: its lines, stripped, without blank lines and lines that are already cut.

    All sequences have one entry for each line. Texts are decoded when they are first looked at, so look at `sizes`,
    `initials` and `prose` first where they are enough.
    """

    texts: Sequence[str]
    """The lines."""
    gaps: Sequence[int]
    """Line ends between a line and the one before: 1 for neighbours, 2 with a blank line between them."""
    prose: Sequence[bool]
    """Whether a line is prose: long enough, or a whole sentence, and not known to a phrase rule."""
    sizes: Sequence[int]
    """Lengths in bytes of UTF-8."""
    initials: Sequence[int]
    """The first byte behind the decoration of a line, in lower case; see `alphabet.initial`."""
    head: int
    """Number of lines before the first prose; 0 if there is no prose."""
    title: str | None = None
    """The record's own headline."""
    source_name: str | None = None
    source_domain: str | None = None
    cut: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Ids of the rules that cut something right before a line. Only for rules that declare `follows`."""
    structure: Bytes | None = None
    """What the markup said of each line, as lanes (`rules.markup.structure.LANE`). None for texts without markup."""
    recurring: Sequence[tuple[int, int] | None] = ()
    """(documents of the host with the line, documents of the host) for lines that recur; empty without templates."""


@dataclass(frozen=True)
class Cut:
    """A line of the page to cut. `rule` is the id of the rule; a page rule with one id may leave it out."""

    line: int
    rule: str = ""
    detail: str | None = None
    """Why, if there is more to say than the id."""


@dataclass(frozen=True)
class FieldCut:
    """A span of the record's own headline to cut, in code points."""

    start: int
    end: int
    rule: str


@dataclass
class RuleOutcome:
    """What a page rule answers: lines to cut, and what it learned for the fields of the record."""

    cuts: list[Cut] = field(default_factory=list)
    title_cuts: list[FieldCut] = field(default_factory=list)
    headline: str | None = None
    alt_headlines: list[str] = field(default_factory=list)
    source_name: str | None = None


@dataclass(frozen=True)
class Replacement:
    """Code points `[start, end)` of a text to rewrite, with the id of the rule, and why if there is more to say."""

    start: int
    end: int
    after: str
    rule: str
    detail: str | None = None


class Tag(Protocol):
    """A tag, or another piece of markup. Its element has no name if it is none."""

    @property
    def start(self) -> int:
        """Where it begins, in code points."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def name(self) -> str:
        """The name of its element."""

    @property
    def closes(self) -> bool:
        """Whether it ends the element."""


@dataclass(frozen=True)
class MarkedText:
    """What a text with markup consists of. Places are in code points."""

    replacements: list[Replacement]
    """What to replace, so that the visible text is left, a line for each block."""
    elements: list[tuple[int, int]] = field(default_factory=list)
    """Where each element begins and ends, tags or marks included. They nest."""
    code: list[tuple[int, int]] = field(default_factory=list)
    """Blocks in which each space counts: code and tables."""
    headings: list[str] = field(default_factory=list)
    """The visible text of each heading."""
    tags: Sequence[Tag] = ()
    """Where elements begin and end, in the order of the text."""

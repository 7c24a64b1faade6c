"""What the page of a run is made of: figures of all records, and samples of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Segment:
    """A part of a raw text: kept, left out of the page, or changed by a rule.

    `kind` is keep, gap, cut or repair. A gap has only its number of characters.
    """

    kind: str
    text: str = ""
    after: str = ""
    rule: str = ""
    detail: str = ""
    characters: int = 0


@dataclass(frozen=True)
class Sample:
    """A record before and after: its raw text in segments, which leave out the middle of long parts."""

    id: str
    place: str
    headline: str
    source: str
    language: str
    form: str
    before: int
    """Characters of the raw body."""
    after: int
    segments: tuple[Segment, ...]
    title: tuple[Segment, ...]
    """The raw headline in segments, empty if it was not changed."""
    rules: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of the raw body that was cut."""
        return max(self.before - self.after, 0) / max(self.before, 1)


@dataclass(frozen=True)
class RawText:
    """The raw body of a record."""

    id: str
    place: str
    raw: str


@dataclass
class RuleFigures:
    """What a rule did in a run."""

    cuts: int = 0
    records: int = 0
    characters: int = 0
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    """Place, id and text of some cuts."""


@dataclass
class ReasonFigures:
    """A reason for which records were turned away."""

    severity: str
    records: int = 0
    alone: int = 0
    """Records that have no other reason."""
    examples: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Place, id, message and the beginning of some records."""


@dataclass
class ReportData:
    """The figures and samples of a run."""

    summary: dict[str, Any]
    articles: int = 0
    """Articles that were found in the output folder."""
    turned_away: int = 0
    """Entries that were found in the quarantine."""
    changed: int = 0
    """Articles with at least one edit."""
    characters_before: int = 0
    """Characters of the raw bodies of the articles."""
    characters_after: int = 0
    lengths_before: Counter[int] = field(default_factory=Counter)
    """Articles by the length of their raw body, in bins of half an octave; -1 is empty."""
    lengths_after: Counter[int] = field(default_factory=Counter)
    shares: Counter[int] = field(default_factory=Counter)
    """Articles by the share of their raw body that was cut: 0 for none, else 1 to 10, each a tenth."""
    languages: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    text_fields: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    """Articles without a value, by field."""
    rules: dict[str, RuleFigures] = field(default_factory=dict)
    reasons: dict[str, ReasonFigures] = field(default_factory=dict)
    first_date: str = ""
    last_date: str = ""
    raw_texts: list[RawText] = field(default_factory=list)
    """A random choice of raw texts, to try rules on that the user switched off."""
    off_rules: dict[str, RuleFigures] = field(default_factory=dict)
    """What those rules would have cut in these texts."""
    gallery: list[Sample] = field(default_factory=list)
    lost_most: list[Sample] = field(default_factory=list)

    @property
    def removed(self) -> int:
        """Characters by which the bodies of the articles became shorter."""
        return self.characters_before - self.characters_after

"""The data that passes between the parts of the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from ...rules.ruleset.page import FieldCut, RuleOutcome
    from ...schemas.byte_arrays import Bytes, Ints, Mask
    from ...schemas.decisions import KeptLines
    from .lines.remaining import Cuts
    from .lines.split import Lines


@dataclass(frozen=True)
class RecordContext:
    """What is known about one record beside its text."""

    title: str | None = None
    source_name: str | None = None
    source_domain: str | None = None
    ignored: frozenset[str] = frozenset()
    """Rules that do not run on it."""
    host: str | None = None
    form: str | None = None
    """The form of its text, if the user has named it."""
    keep_markup: bool | None = None
    """Whether its text keeps its markup; None if the text itself decides."""
    whole_page: bool = False
    """Whether its text is a whole page, for the gate."""
    kept: KeptLines = field(default_factory=dict)
    """The lines that rules leave alone on it."""
    structure: Bytes | None = None
    """What its markup said of each line of its text, blank ones included; see `markup.structure`."""
    seen_as_page: bool = False
    """Whether an earlier round, which saw its menus and footers, has read it as a whole page."""


@dataclass
class Learned:
    """What page rules found out about the fields of one record."""

    title_cuts: list[FieldCut] = field(default_factory=list)
    headlines: list[str] = field(default_factory=list)
    source_name: str | None = None

    def add(self, outcome: RuleOutcome) -> None:
        """Add what one more round found out. What was found first comes first."""
        self.title_cuts = self.title_cuts or outcome.title_cuts
        new = [outcome.headline] if outcome.headline else []
        self.headlines += [h for h in (*new, *outcome.alt_headlines) if h not in self.headlines]
        self.source_name = self.source_name or outcome.source_name


@dataclass(frozen=True)
class Failure:
    """A rule that a record was cleaned without, and why."""

    rule: str
    cause: str
    slow: bool = False
    """Whether it took too long."""
    off: bool = False
    """Whether it was not asked, since it had taken too long on other records."""
    others: tuple[str, ...] = ()
    """The other rules of the same function, which are left out with it."""

    @property
    def ids(self) -> frozenset[str]:
        """All rules that the record was cleaned without because of it."""
        return frozenset((self.rule, *self.others))


Failures = dict[int, list[Failure]]
"""The rules that failed on each text of a batch, by row."""


def note_failure(failures: Failures, row: int, failure: Failure) -> None:
    """Add the failure of a rule on a text. Each rule is noted once a text."""
    of_row = failures.setdefault(row, [])
    if all(failure.rule != other.rule for other in of_row):
        of_row.append(failure)


@dataclass
class Decision:
    """What to cut in a batch, and what was learned, by row."""

    lines: Lines
    cuts: Cuts
    learned: dict[int, Learned]
    inline: list[tuple[int, int, int, int]]
    """Spans inside lines: line, start and end in code points of the stripped line, number of the rule."""
    known_but_kept: Ints
    """For each text, the lines that a phrase rule matches in a place where it does not cut."""
    page: Mask
    """Texts that were read as whole pages."""
    failures: Failures = field(default_factory=dict)
    """Page rules of plugins that failed. What they cut before they failed is still cut here."""
    flow: Mask | None = None
    """Texts that were split as one long line. None if no text was."""
    moving: Mask | None = None
    """Texts whose lines may be others once something is cut: flow and wrapped ones. None if no text is."""
    structure: Bytes | None = None
    """What the markup of the texts said of each line. None if no text had any."""

    @property
    def alive(self) -> Mask:
        """The lines that are not cut."""
        return self.cuts.rule < 0


@dataclass(frozen=True)
class CleanedTexts:
    """Clean texts, the edits that lead to them (`EDITS`, sorted by row, field and start), what was learned by row."""

    texts: pa.LargeStringArray
    edits: pa.Table
    learned: dict[int, Learned]
    known_but_kept: Ints
    """For each text, the lines that a rule matches in a place where it does not cut."""
    page: Mask
    """Texts that were read as whole pages."""
    failures: Failures = field(default_factory=dict)
    """Rules of plugins that failed on texts, which were therefore cleaned without them."""
    forms: dict[int, str] = field(default_factory=dict)
    """The form of each raw text that is not lines of text: html, markdown, or flow."""
    body_forms: dict[int, str] = field(default_factory=dict)
    """The form of each clean text that keeps its markup."""
    plain: dict[int, str] = field(default_factory=dict)
    """The clean text without its markup, of each text that keeps it."""
    headings: dict[int, list[str]] = field(default_factory=dict)
    """The headings of each raw text that had markup."""
    stripped: pa.LargeStringArray | None = None
    """The raw texts without markup."""

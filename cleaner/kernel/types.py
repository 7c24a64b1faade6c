"""The data that passes between the parts of the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from ...rules.ruleset.model import FieldCut, RuleOutcome
    from ...schemas.byte_arrays import Ints, Mask
    from .lines.remaining import Cuts
    from .lines.split import Lines


@dataclass
class Learned:
    """What code rules found out about one record."""

    title_cuts: list[FieldCut] = field(default_factory=list)
    headlines: list[str] = field(default_factory=list)
    source_name: str | None = None

    def take(self, outcome: RuleOutcome) -> None:
        """Add what one more round found out; what was known first stays first."""
        self.title_cuts = self.title_cuts or outcome.title_cuts
        new = [outcome.headline] if outcome.headline else []
        self.headlines += [h for h in (*new, *outcome.alt_headlines) if h not in self.headlines]
        self.source_name = self.source_name or outcome.source_name


@dataclass
class Decision:
    """What is to be cut of a batch, and what was learned, by row."""

    lines: Lines
    cuts: Cuts
    learned: dict[int, Learned]
    inline: list[tuple[int, int, int, int]]
    """Spans inside lines: line, start and end in code points of the stripped line, number of the rule."""
    known_but_kept: Ints
    """Lines of each text that a phrase rule knows but that stand where it does not cut."""
    page: Mask
    """Texts that were read as those of whole pages."""

    @property
    def alive(self) -> Mask:
        """The lines that stay."""
        return self.cuts.rule < 0


@dataclass(frozen=True)
class CleanedTexts:
    """Clean texts, the edits that lead to them (`EDITS`, sorted by row, field and start), what was learned by row."""

    texts: pa.LargeStringArray
    edits: pa.Table
    learned: dict[int, Learned]
    known_but_kept: Ints
    """Lines of each text that a rule knows but that stand where it does not cut."""
    page: Mask
    """Texts that were read as those of whole pages."""
    failures: Failures = field(default_factory=dict)
    """Functions of plugins that texts were cleaned without, because they fail on them."""


@dataclass(frozen=True)
class RecordContext:
    """What is known of one record beside its text."""

    title: str | None = None
    source_name: str | None = None
    source_domain: str | None = None
    ignored: frozenset[str] = frozenset()
    """Rules that are not to run on it."""
    host: str | None = None


@dataclass(frozen=True)
class Failure:
    """A rule that a record was cleaned without, and why: it was too slow, or was switched off before for that."""

    rule: str
    cause: str
    slow: bool = False
    off: bool = False


Failures = dict[int, list[Failure]]

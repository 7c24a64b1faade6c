"""The counts of a run."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from ...schemas.errors import InternalError
from ...schemas.input_problems import OF_FILES
from .run_files import sizes_of

if TYPE_CHECKING:
    import pyarrow as pa

    from ...schemas.reasons import Reasons
    from ..kernel.types import Failures
    from ..readers.batches import Batch, Unreadable
    from ..records.loader import Records


@dataclass
class Totals:
    """The counts of a run, or of a part of one."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    bytes_in: int = 0
    characters_in: int = 0
    characters_out: int = 0
    characters_removed: int = 0
    """The characters by which the accepted texts became shorter."""
    edits: Counter[str] = field(default_factory=Counter)
    """Edits of accepted articles, by rule."""
    characters_cut: Counter[str] = field(default_factory=Counter)
    """Characters that those edits took out, by rule."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Findings of any severity, by check."""
    rejections: Counter[str] = field(default_factory=Counter)
    """Findings of severity error, by check."""
    failures: Counter[str] = field(default_factory=Counter)
    """Records that were cleaned without a rule of a plugin because it failed, by rule."""
    switched_off: Counter[str] = field(default_factory=Counter)
    """Those among the failures for which the rule was already switched off, by rule."""
    misfits: list[dict[str, str]] = field(default_factory=list)
    """Files that were set aside, or could be read only up to some place: `file`, `check` and `message` of each."""
    seconds: float = 0.0
    bytes_before: int = 0
    """Those of the bytes that an earlier process has done, whose work was resumed."""

    @property
    def characters_quarantined(self) -> int:
        """Characters of the texts of the records that were turned away."""
        return self.characters_in - self.characters_out - self.characters_removed

    def add(self, other: Totals) -> None:
        """Add the counts of another part of the run."""
        for one in fields(self):
            own, others = getattr(self, one.name), getattr(other, one.name)
            if isinstance(own, Counter):
                own.update(others)
            else:
                setattr(self, one.name, own + others)

    def add_input(self, records: Records, batch: Batch) -> None:
        """Add the sizes of the records of a batch, in bytes and characters."""
        raw = records.body
        self.bytes_in += int(sizes_of(raw).sum()) + sum(len(item.raw) for item in batch.unreadable)
        self.characters_in += pc.sum(pc.utf8_length(raw)).as_py() or 0

    def add_misfits(self, unreadable: list[Unreadable]) -> None:
        """Add the files among what could not be read."""
        for item in unreadable:
            if item.check in OF_FILES:
                self.misfits.append({"file": item.file, "check": item.check, "message": item.message})

    def add_failures(self, failures: Failures) -> None:
        """Add the records that were cleaned without a rule of a plugin."""
        for failure in itertools.chain.from_iterable(failures.values()):
            self.failures[failure.rule] += 1
            self.switched_off[failure.rule] += failure.off

    def add_outcome(self, reasons: Reasons, unreadable: list[str], articles: pa.Table, edits: pa.Table) -> None:
        """Add the outcome of a batch.

        `articles` are the accepted ones, `edits` theirs. `unreadable` has the check of each record that could not be
        read; `reasons` are those of the others.
        """
        self.accepted += articles.num_rows
        self.quarantined += int((~reasons.accepted).sum()) + len(unreadable)
        self.characters_out += pc.sum(pc.utf8_length(articles.column("body"))).as_py() or 0
        self.add_edits(edits)
        self.reasons.update(reasons.counts())
        self.rejections.update(reasons.counts(errors=True))
        self.reasons.update(unreadable)
        self.rejections.update(unreadable)

    def add_edits(self, edits: pa.Table) -> None:
        """Add edits, by rule."""
        cut = pc.subtract(edits.column("end"), edits.column("start"))
        shorter = pc.subtract(cut, pc.cast(pc.utf8_length(edits.column("after")), "int64"))
        self.characters_removed += pc.sum(shorter.filter(pc.equal(edits.column("field"), "body"))).as_py() or 0
        rules = edits.column("rule").combine_chunks().dictionary_encode()  # Arrow 20 cannot combine none encoded
        codes = rules.indices.to_numpy()
        counts, sums = np.bincount(codes), np.bincount(codes, cut.to_numpy())
        for rule, count, characters in zip(rules.dictionary.to_pylist(), counts.tolist(), sums.tolist(), strict=True):
            self.edits[rule] += count
            self.characters_cut[rule] += int(characters)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON can hold them."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Totals:
        """Return the counts that `as_dict` returned."""
        totals = cls()
        for name, value in values.items():
            setattr(totals, name, Counter(value) if isinstance(value, dict) else value)
        return totals

    def check(self) -> None:
        """Raise `InternalError` unless each record that was read was either accepted or quarantined."""
        if self.read != self.accepted + self.quarantined:
            raise InternalError(
                f"{self.read} records were read, but {self.accepted} accepted and {self.quarantined} quarantined",
                hint="please report this: a record was lost or doubled",
            )


def rank_by_count(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return pairs of id and count, the largest count first. Equal counts are in the order of their ids.

    >>> rank_by_count(Counter(b=1, a=1, c=2))
    [('c', 2), ('a', 1), ('b', 1)]
    """
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

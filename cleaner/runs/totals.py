"""What a run counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from ...schemas.errors import InternalError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Totals:
    """What a run, or a part of one, counted."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    bytes_in: int = 0
    characters_in: int = 0
    characters_out: int = 0
    edits: Counter[str] = field(default_factory=Counter)
    characters_cut: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    rejections: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    """Records that were cleaned without a rule of a plugin, by rule."""
    switched_off: Counter[str] = field(default_factory=Counter)
    """Those among them that the rule was not asked about any more."""
    seconds: float = 0.0

    def add(self, other: Totals) -> None:
        """Add what another part of the run counted."""
        for one in fields(self):
            mine, others = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, Counter):
                mine.update(others)
            else:
                setattr(self, one.name, mine + others)

    def as_dict(self) -> dict[str, Any]:
        """Give what JSON can hold."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Totals:
        """Give it back from what `as_dict` gave."""
        totals = cls()
        for name, value in found.items():
            setattr(totals, name, Counter(value) if isinstance(value, dict) else value)
        return totals

    def check(self) -> None:
        """Raise `InternalError` unless every record that was read is accounted for."""
        if self.read != self.accepted + self.quarantined:
            raise InternalError(
                f"{self.read} records were read, but {self.accepted} accepted and {self.quarantined} quarantined",
                hint="please report this: a record was lost or doubled",
            )

    def count_edits(self, edits: pa.Table) -> None:
        """Add the edits of a batch."""
        cut = pc.subtract(edits.column("end"), edits.column("start"))
        rules = pc.dictionary_encode(edits.column("rule")).combine_chunks()
        codes = rules.indices.to_numpy()
        counts, sums = np.bincount(codes), np.bincount(codes, cut.to_numpy())
        for rule, count, characters in zip(rules.dictionary.to_pylist(), counts.tolist(), sums.tolist(), strict=True):
            self.edits[rule] += count
            self.characters_cut[rule] += int(characters)

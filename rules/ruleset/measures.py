"""What was measured of each rule on pages with labelled lines; benchmarks/rule_measures.py writes the figures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...schemas.messages import counted


@dataclass(frozen=True)
class Measured:
    """The lines that a rule cut, on how many hosts, and which part of them the gold text does not have.

    `aside` counts headlines and captions, which a gold text may leave out or not; `precision` is that of the others,
    None if there are none. `characters` counts code points.
    """

    lines: int
    hosts: int
    characters: int
    precision: float | None
    aside: int

    def __str__(self) -> str:
        right = "nothing to judge by" if self.precision is None else f"{100 * self.precision:.1f} % of them rightly"
        return f"{counted(self.lines, 'line')} on {counted(self.hosts, 'site')}, {right}"


@cache
def measures() -> dict[str, Measured]:
    """Give the figures of the rules that cut anything on those pages, by id."""
    content = json.loads(Path(__file__).with_name("measures.json").read_text("utf-8"))
    return {rule_id: Measured(**figures) for rule_id, figures in content.items()}

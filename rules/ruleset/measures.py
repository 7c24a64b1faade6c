"""How precise each rule was on pages with labelled lines. benchmarks/rule_measures.py writes the figures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...schemas.messages import counted


@dataclass(frozen=True)
class Measured:
    """The lines that a rule cut, the hosts that they are on, and the share of them that is not in the gold text.

    `aside` counts headlines and captions, which a gold text may have or not. `precision` is the share among the other
    lines, or None if there are none. `characters` counts code points.
    """

    lines: int
    hosts: int
    characters: int
    precision: float | None
    aside: int

    def __str__(self) -> str:
        right = "no lines to judge by" if self.precision is None else f"{100 * self.precision:.1f}% of them correctly"
        return f"{counted(self.lines, 'line')} on {counted(self.hosts, 'site')}, {right}"


@cache
def measures() -> dict[str, Measured]:
    """Return the figures of the rules that cut anything on those pages, by id."""
    content = json.loads(Path(__file__).with_name("measures.json").read_text("utf-8"))
    return {rule_id: Measured(**figures) for rule_id, figures in content.items()}

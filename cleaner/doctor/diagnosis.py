"""What the doctor reports of one thing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "note", "warning", "broken"]


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at: its state, and what to do if it is not in order."""

    area: str
    name: str
    state: State
    text: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the diagnosis for JSON."""
        return asdict(self)

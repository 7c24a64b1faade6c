"""What the gate declares about itself, as every rule does."""

from __future__ import annotations

from ..ruleset.example_prose import CLOSING, MIDDLE, OPENING
from ..ruleset.model import Case, RuleInfo

_PROSE = f"{OPENING}\n{MIDDLE}\n{CLOSING}"
_POEM = "\nThe rope is old\nthe knot is new\nand nobody asks\nwhat the tide will do\n"
_WITH_POEM = _PROSE.replace("\nIn the evening", f"{_POEM}In the evening")

GATE = RuleInfo(
    id="gate/line",
    summary="Line that a small trained network takes for boilerplate",
    why="Most boilerplate is not a fixed phrase: names of other sections, headlines of other articles, labels of one "
    "site. The network looks at the words and shape of a line, at its neighbours and its place, and the detail of each "
    "cut says how much each of these counted. It cuts nothing in languages that it has not learned. See docs/gate.md.",
    severity="info",
    languages=["*"],
    removes=[
        Case(
            before=f"{_PROSE}\nNews\nSport\nWeather\nVideo\nTram workers vote on strike\n"
            "How the old town lost its buses\nTen years of cycling in Marlow\nMarlow Gazette Ltd",
            after=_PROSE,
        )
    ],
    keeps=[Case(before=_WITH_POEM, after=_WITH_POEM)],
    since="0.1",
)

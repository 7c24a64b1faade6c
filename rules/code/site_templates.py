"""Remove site templates: lines that recur on the documents of a host, in words of its own.

Which lines recur must be learned from many documents first (`copydesk clean --templates`, `copydesk.learn_templates`).
Without that the rule does not run. Kept: lines between the prose, and texts that are nothing but such lines.
"""

from __future__ import annotations

from ..ruleset.declare import page_rule
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Cut, Page, RuleOutcome

_TEXTS = [
    f"{verb} at Ostwick harbour on {day}, and nobody who stood on the pier that day could say how it had come about, "
    "or who would have to pay for the nets."
    for verb, day in (
        ("A chain broke", "Monday"),
        ("Two boats met", "Tuesday"),
        ("A crane fell", "Friday"),
        ("The ice came", "Sunday"),
        ("A whale turned back", "Thursday"),
    )
]
_SITE = "Lowmoor Lantern, quay edition\n{}\nWritten by the lamp of the old pilot house"

RECURRING_LINE = RuleInfo(
    id="site-templates/recurring-line",
    aliases=["corpus/template"],
    summary="Line that recurs on the documents of one host, before the first or after the last prose",
    why="A site puts the same lines around each of its articles, in words of its own. Each cut says how many documents "
    "of the host have the line. Runs only with `--templates`, or with site templates that you have learned.",
    removes=[
        Case(
            before=_SITE.format(_TEXTS[0]),
            after=_TEXTS[0],
            host_documents=[_SITE.format(text) for text in _TEXTS],
        )
    ],
    keeps=[
        Case(
            before=f"The lamp of the old pilot house\n{_TEXTS[0]}",
            after=f"The lamp of the old pilot house\n{_TEXTS[0]}",
            host_documents=[_SITE.format(text) for text in _TEXTS],
        )
    ],
    since="0.1",
)


@page_rule(RECURRING_LINE, site_templates=True)
def find_recurring_lines(page: Page) -> RuleOutcome:
    """Find the lines around the prose that recur on the documents of the host."""
    recurring = page.recurring
    own_prose = [i for i, prose in enumerate(page.prose) if prose and recurring[i] is None]
    if not own_prose:
        return RuleOutcome()
    cuts = []
    for i in (*range(own_prose[0]), *range(own_prose[-1] + 1, len(page.texts))):
        counts = recurring[i]
        if counts is not None:
            cuts.append(Cut(i, RECURRING_LINE.id, f"on {counts[0]} of {counts[1]} documents of the host"))
    return RuleOutcome(cuts)

"""Templates of sites: lines that recur on the documents of a host, known only to who has seen many of them.

What recurs is learned from a corpus beforehand (`copydesk clean --templates`, `copydesk.learn_templates`); without
that the rule does not run. What is left alone: lines that stand between the prose, and texts that are nothing but
such lines.
"""

from __future__ import annotations

from ..ruleset.model import Case, CodeRule, Cut, Page, RuleInfo, RuleOutcome

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

TEMPLATE = RuleInfo(
    id="corpus/template",
    summary="Line that recurs on the documents of one host, before the first or after the last prose",
    why="A site sets the same lines around each of its articles, in words of its own. Each cut says on how many of the "
    "documents of the host the line stands. Runs only with `--templates`, or with a table that was learned.",
    removes=[
        Case(
            before=_SITE.format(_TEXTS[0]),
            after=_TEXTS[0],
            corpus=[_SITE.format(text) for text in _TEXTS],
        )
    ],
    keeps=[
        Case(
            before=f"The lamp of the old pilot house\n{_TEXTS[0]}",
            after=f"The lamp of the old pilot house\n{_TEXTS[0]}",
            corpus=[_SITE.format(text) for text in _TEXTS],
        )
    ],
    since="0.1",
)


def find_templates(page: Page) -> RuleOutcome:
    """Say which lines around the prose recur on the documents of the host."""
    recurring = page.recurring
    own = [i for i, prose in enumerate(page.prose) if prose and recurring[i] is None]
    if not own:
        return RuleOutcome()
    around = [*range(own[0]), *range(own[-1] + 1, len(page.texts))]
    found = [(i, recurring[i]) for i in around]
    return RuleOutcome([Cut(i, TEMPLATE.id, f"on {of[0]} of {of[1]} documents of the host") for i, of in found if of])


RULES = CodeRule(infos=(TEMPLATE,), find=find_templates, corpus=True)

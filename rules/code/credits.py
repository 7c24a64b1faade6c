"""Move bylines and dates above the first paragraph into their fields.

A page has the names of the authors and the date between the headline and the text. In the fields of the record they are
of use; in the text they are no part of it. A line is cut only if it holds nothing else, and the text keeps it if more
lines of its kind follow, as the dates of a diary or the entries of a log do.
"""

from __future__ import annotations

from ...schemas.lifted_values import LONGEST, read_byline, read_dates
from ..patterns.alphabet import NO_HEADLINE_END
from ..ruleset.declare import page_rule
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Cut, Page, RuleOutcome

MAX_HEAD = 12  # lines before the prose
_PROSE = (
    "The night bus between Lowmoor and the harbour will run for another year, the council decided on Tuesday evening, "
    "after a debate of four hours that ended in applause."
)


def _same(text: str) -> Case:
    return Case(before=text, after=text)


BYLINE = RuleInfo(
    id="byline/above",
    summary="Byline above the text, moved into the field of the authors",
    why="A word such as by, the names of people, perhaps their role and a date, and nothing else. If the record names "
    "its authors itself, the line goes, too, and the check `authors/other-in-text` reports a difference.",
    severity="info",
    removes=[
        Case(before=f"By Ina Brod and Tobias Renk, Staff Writers\n\n{_PROSE}", after=_PROSE),
        Case(before=f"Von Ina Brod\n\n{_PROSE}", after=_PROSE),
    ],
    keeps=[
        _same(f"By Popular Demand:\n\n{_PROSE}"),
        _same(f"By dawn nothing was left.\n\n{_PROSE}"),
        _same(f"{_PROSE}\nBy Ina Brod"),
    ],
    since="0.2",
    fills=["authors", "date_published", "date_modified"],
)
DATE = RuleInfo(
    id="metadata/date-above",
    summary="Date above the text, moved into the field of the date",
    why="A date with its year, perhaps with a label such as published or updated, and nothing else. The heading of a "
    "diary or a log stays: another date follows further down.",
    severity="info",
    removes=[
        Case(before=f"Wednesday, May 4, 2016\n\n{_PROSE}", after=_PROSE),
        Case(before=f"2016-05-04 10:15\n\n{_PROSE}", after=_PROSE),
        Case(before=f"4 maggio 2016 - Aggiornato alle 10:15\n\n{_PROSE}", after=_PROSE),
    ],
    keeps=[
        _same(f"May 4, 2016\n\n{_PROSE}\n\nMay 5, 2016\n\n{_PROSE}"),
        _same(f"May 4, 2016 was a Wednesday:\n\n{_PROSE}"),
        _same(f"4 maggio 2016 - Aggiornamento dal ponte:\n\n{_PROSE}"),
    ],
    since="0.2",
    fills=["date_published", "date_modified", "source_name"],
)


@page_rule(BYLINE, DATE, max_head=MAX_HEAD)
def find_credits(page: Page) -> RuleOutcome:
    """Find the bylines and dates before the first prose."""
    outcome = RuleOutcome()
    # the rule is not asked about other pages, so it must not cut there
    if not 1 <= page.head <= MAX_HEAD or (page.head == 1 and page.gaps[1] < 2):
        return outcome
    if all(page.texts[line].endswith(tuple(NO_HEADLINE_END)) for line in range(page.head)):
        return outcome
    for line in range(page.head):
        if page.sizes[line] > LONGEST:
            continue
        text = page.texts[line]
        if read_byline(text) is not None:
            outcome.cuts.append(Cut(line, BYLINE.id))
        elif any(map(str.isdigit, text)) and read_dates(text):
            outcome.cuts.append(Cut(line, DATE.id))
    if outcome.cuts and _has_more(page):
        return RuleOutcome()
    return outcome


def _has_more(page: Page) -> bool:
    """Return whether a date or a byline stands between or below the paragraphs, too."""
    below = [i for i in range(page.head, len(page.texts)) if not page.prose[i] and page.sizes[i] <= LONGEST]
    return any(read_dates(page.texts[i]) or read_byline(page.texts[i]) for i in below)

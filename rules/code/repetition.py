"""Remove text that a page has twice: the whole body, or a run of its paragraphs. The first copy is kept.

A page may have its text once for readers and once for search engines, printers or small screens, or an infinite scroll
began the article again. Kept: a single paragraph that is repeated within a text, which is often a pull quote, a refrain
or a correction, and short lines, which make up lists and verse.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from ...schemas.messages import counted
from ..ruleset.declare import page_rule
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Cut, Page, RuleOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BODY = (2, 400)  # least paragraphs of prose, and bytes in them, of a repeated body
WHOLE = 200  # least bytes of prose in a body of any number of paragraphs, if nothing else is left of the text
PARAGRAPHS = (4, 800)  # the same for a run of paragraphs
MOST_COPIES = 8  # earlier places of a paragraph that are compared

_ONE = (
    "The ferry from Ostwick left the quay an hour late on Monday, because the harbour master could not find the key to "
    "the chain that had been laid across the basin during the storm, and nobody dared to saw through it."
)
_TWO = (
    "By noon the fishermen had gathered on the pier, and Marta Lindqvist, who has mended nets there for thirty years, "
    "told them that her grandfather had once waited four days for the same key and the same man to come back."
)
_THREE = (
    "In the evening the chain lay on the stones, cut through after all, and the ferry crossed the sound with its lamps "
    "lit and two hundred passengers on deck who sang until the lights of the far shore came into view."
)
_FOUR = (
    "The council of Ostwick will look for a second key next week, its secretary wrote, and for a second harbour master "
    "too, since the first one has asked to be sent to a lighthouse where nothing has to be locked at all."
)
_LAST = "Nobody on the quay would say that evening what had become of the saw that the smith had lent to the two boys."

REPEATED_BODY = RuleInfo(
    id="repetition/body",
    summary="Second copy of the whole body",
    why="The page has the article twice, one copy after the other, with no prose before, between or after them.",
    removes=[
        Case(before="\n\n".join([_ONE, _TWO, _ONE, _TWO]), after=f"{_ONE}\n\n{_TWO}"),
        Case(before=f"{_ONE} {_LAST}\n\n{_ONE} {_LAST}", after=f"{_ONE} {_LAST}"),
        Case(before="\n\n".join(["Ferry is late", _ONE] * 2), after=f"Ferry is late\n\n{_ONE}"),
    ],
    keeps=[
        Case(before=f"{_ONE}\n\n{_TWO}\n\n{_ONE}", after=f"{_ONE}\n\n{_TWO}\n\n{_ONE}"),
        Case(before=f"{_ONE}\n\nRow, boys!\n\n{_ONE}\n\nRow on!", after=f"{_ONE}\n\nRow, boys!\n\n{_ONE}\n\nRow on!"),
        Case(
            before="\n".join([_ONE, "Row, boys, row,", "row her home.", _TWO, "Row, boys, row,", "row her home."]),
            after="\n".join([_ONE, "Row, boys, row,", "row her home.", _TWO, "Row, boys, row,", "row her home."]),
        ),
    ],
    since="0.1",
)
REPEATED_PARAGRAPHS = RuleInfo(
    id="repetition/paragraphs",
    summary="Second copy of a run of paragraphs",
    why="Part of the page is there twice. Only runs of at least four paragraphs of prose are cut: authors quote and "
    "resume shorter ones on purpose.",
    removes=[
        Case(
            before="\n\n".join([_LAST, _ONE, _TWO, _THREE, _FOUR, "Quay", _ONE, _TWO, _THREE, _FOUR, _LAST]),
            after="\n\n".join([_LAST, _ONE, _TWO, _THREE, _FOUR, "Quay", _LAST]),
        )
    ],
    keeps=[
        Case(
            before="\n\n".join([_LAST, _ONE, _TWO, _THREE, _FOUR, _ONE, _TWO, _THREE]),
            after="\n\n".join([_LAST, _ONE, _TWO, _THREE, _FOUR, _ONE, _TWO, _THREE]),
        )
    ],
    since="0.1",
)


@page_rule(REPEATED_BODY, REPEATED_PARAGRAPHS, repeats=True)
def find_repetition(page: Page) -> RuleOutcome:
    """Find the lines that repeat earlier lines in the same order."""
    outcome = RuleOutcome()
    half = _find_half(page)
    if half:
        outcome.cuts = [Cut(i, REPEATED_BODY.id, "all of the text stands twice") for i in range(half, 2 * half)]
        return outcome
    prose = [i for i in range(len(page.texts)) if page.prose[i]]
    for first, second, length in _runs(page.texts, prose):
        copied = _within(prose, second, second + length)
        amount = (len(copied), sum(page.sizes[i] for i in copied))
        is_body = prose[0] >= first and copied[-1] == prose[-1] and not _within(prose, first + length, second)
        if is_body and _reaches(amount, BODY):
            rule = REPEATED_BODY.id
        elif _reaches(amount, PARAGRAPHS):
            rule = REPEATED_PARAGRAPHS.id
        else:
            continue
        detail = f"{counted(len(copied), 'paragraph')} standing {counted(second - first, 'line')} above"
        outcome.cuts += [Cut(i, rule, detail) for i in range(second, second + length)]
    return outcome


def _find_half(page: Page) -> int:
    """Return where the second half of a text begins that is the first half once more, or 0."""
    half, odd = divmod(len(page.texts), 2)
    if odd or sum(page.sizes[i] for i in range(half) if page.prose[i]) < WHOLE:
        return 0
    # most texts need not be decoded
    if page.sizes[:half] != page.sizes[half:]:
        return 0
    return half if list(page.texts[:half]) == list(page.texts[half:]) else 0


def _within(prose: list[int], start: int, end: int) -> list[int]:
    return prose[bisect_left(prose, start) : bisect_left(prose, end)]


def _reaches(amount: tuple[int, int], least: tuple[int, int]) -> bool:
    return amount[0] >= least[0] and amount[1] >= least[1]


def _runs(texts: Sequence[str], prose: list[int]) -> Iterator[tuple[int, int, int]]:
    """Return (first copy, second copy, length), in lines, of the runs around prose that are repeated, disjoint."""
    seen: dict[str, list[int]] = {}
    end_of_last = 0
    for i in prose:
        if i < end_of_last:
            continue
        places = seen.setdefault(texts[i], [])
        first, second, length = max(
            (_stretch(texts, place, i, end_of_last) for place in places[:MOST_COPIES] if _goes_on(texts, place, i)),
            key=lambda run: run[2],
            default=(i, i, 0),
        )
        if len(_within(prose, second, second + length)) >= BODY[0]:
            yield first, second, length
            end_of_last = second + length
        else:
            places.append(i)


def _goes_on(texts: Sequence[str], first: int, second: int) -> bool:
    """Return whether the lines next to a pair of equal lines are equal too. A single repeated line is not cut."""
    below = texts[second + 1 : second + 2]
    return below == texts[first + 1 : first + 2] or (first > 0 and texts[first - 1] == texts[second - 1])


def _stretch(texts: Sequence[str], first: int, second: int, floor: int) -> tuple[int, int, int]:
    """Extend a pair of equal lines to the longest run of equal lines around it; the copies do not overlap.

    The second copy does not begin before the line `floor`.
    """
    last = second
    begin, length = second, 1
    while second + length < len(texts) and first + length < begin and texts[first + length] == texts[second + length]:
        length += 1
    while first > 0 and last > floor and last - 1 > first + length - 1 and texts[first - 1] == texts[last - 1]:
        first, last, length = first - 1, last - 1, length + 1
    return first, last, length

"""What stands below the article: lists of other articles, readers' comments, tags, the end of the page.

Once the prose is over, a line that a phrase rule knows opens the part of the page that is not the article, and what
follows it there is lists of links, names and dates that no phrase can know. So it goes with that line, whatever it
says, if hardly any prose is in it. What is left alone: everything after such a line that stands higher up, and texts
of little prose, whose short lines may be the article.
"""

from __future__ import annotations

import re
from itertools import accumulate

from ..ruleset.model import Case, CodeRule, Cut, Page, RuleInfo, RuleOutcome

LEAST_PROSE = 400  # bytes of prose that must stand above
MOST_BELOW = 20  # at most one part in so many of it may stand below

_PROSE = (
    "The ferry from Ostwick left the quay an hour late on Monday, because the harbour master could not find the key to "
    "the chain that had been laid across the basin during the storm.\n"
    "By noon the fishermen had gathered on the pier, and a woman who has mended nets there for thirty years told them "
    "that her grandfather had once waited four days for the same key.\n"
    "In the evening the chain lay on the stones, cut through after all, and the ferry crossed the sound with its lamps "
    "lit and two hundred passengers on deck who sang until the far shore came into view."
)
_HEADLINES = "Chain cut at Ostwick harbour\nWho holds the keys to the quays\nStorm leaves nets in the elms"
_TIMES = "Monday: 9.15\nTuesday: 9.30\nWednesday: no ferry"


def _same(text: str) -> Case:
    return Case(before=text, after=text)


RELATED = RuleInfo(
    id="related/below",
    summary="Lists of other articles below a heading that says so, and all that follows",
    why="After the last prose a heading as “You might also like” opens what is no longer the article.",
    removes=[Case(before=f"{_PROSE}\nYou might also like\n{_HEADLINES}", after=_PROSE)],
    keeps=[_same(f"{_PROSE}\n{_HEADLINES}"), _same(f"{_TIMES}\n{_PROSE}")],
    since="0.1",
)
COMMENTS = RuleInfo(
    id="comments/below",
    summary="Readers' comments below their heading, and all that follows",
    why="After the last prose a heading as “Join the discussion” opens names, dates and what readers say in short.",
    removes=[Case(before=f"{_PROSE}\nJoin the discussion\nnetmender\nAbout time\nOld Salt\nTold you so", after=_PROSE)],
    keeps=[_same(f"{_PROSE}\nAbout time\nTold you so")],
    since="0.1",
)
FOOTER = RuleInfo(
    id="footer/below",
    summary="What stands below a line with which pages end",
    why="After the last prose a line on tags, sharing, newsletters, cookies, rights or the like opens the end of the "
    "page: its links and names follow.",
    removes=[
        Case(before=f"{_PROSE}\nPopular tags\nHarbours\nKeys", after=_PROSE),
        Case(before=f"{_PROSE}\nShare this article\nOstwick Lantern\nQuay 3", after=_PROSE),
        Case(before=f"{_PROSE}\nShare\nOstwick Lantern\nQuay 3", after=_PROSE),
    ],
    keeps=[
        _same(f"{_PROSE}\n{_TIMES}"),
        _same(f"{_PROSE}\nHarbours\nKeys"),
        _same(f"{_PROSE}\nShare and share alike\nOstwick Lantern\nQuay 3"),
    ],
    since="0.1",
)
# Rules whose lines end an article, without the suffix of their language, and what is said of all that follows them.
# Not among them: what stands in articles, too (advertisements, prompts to install an app, player leftovers), and what
# stands inside of readers' comments, which may be the text.
_OPENERS = {
    f"{family}/{name}": rule.id
    for rule, family, names in (
        (RELATED, "related", "heading heading-end ranking more button-end"),
        (COMMENTS, "comments", "heading heading-end form closed notify account moderation"),
        (FOOTER, "consent", "script"),
        (FOOTER, "footer", "copyright links rights"),
        (FOOTER, "newsletter", "follow prompt prompt-end"),
        (FOOTER, "sharing", "bar button word follow-bar reactions"),
        (FOOTER, "tags", "label label-end list"),
    )
    for name in names.split()
}
_OWN = frozenset(rule.id for rule in (RELATED, COMMENTS, FOOTER))
_LANGUAGE = re.compile("-[a-z]{2}$")


def find_below(page: Page) -> RuleOutcome:
    """Say what stands below the first line that ends the article.

    Once something was cut so, nothing more is: else a text with a button after each paragraph would go bit by bit.
    """
    if any(rule in _OWN for rules in page.cut.values() for rule in rules):
        return RuleOutcome()
    above = list(accumulate((size * prose for size, prose in zip(page.sizes, page.prose, strict=True)), initial=0))
    for line, rules in sorted(page.cut.items()):
        opener = next((rule for rule in rules if _LANGUAGE.sub("", rule) in _OPENERS), None)
        below = above[-1] - above[line]
        if opener and above[line] >= LEAST_PROSE and below * MOST_BELOW <= above[line]:
            rule = _OPENERS[_LANGUAGE.sub("", opener)]
            return RuleOutcome([Cut(i, rule, f"below a line of {opener}") for i in range(line, len(page.texts))])
    return RuleOutcome()


RULES = CodeRule(
    infos=(RELATED, COMMENTS, FOOTER),
    find=find_below,
    follows=frozenset(opener.split("/")[0] for opener in _OPENERS),
)

"""Remove what follows the article: lists of other articles, readers' comments, tags, the end of the page.

After the last prose, a line that a phrase rule cuts opens the part of the page that is not the article. The lines below
it are links, names and dates, which no phrase can match. So they are cut with that line, whatever they say, if there is
hardly any prose among them. Kept: everything below such a line higher up in the text, and texts with little prose,
whose short lines may be the article.
"""

from __future__ import annotations

from itertools import accumulate

from ..ruleset.declare import page_rule, without_language
from ..ruleset.example_prose import CLOSING, MIDDLE, OPENING
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Cut, Page, RuleOutcome

LEAST_PROSE = 400  # bytes of prose that there must be above the line
MOST_BELOW = 20  # below the line there may be at most 1/20 of that

_PROSE = f"{OPENING}\n{MIDDLE}\n{CLOSING}"
_HEADLINES = "Chain cut at Ostwick harbour\nWho holds the keys to the quays\nStorm leaves nets in the elms"
_TIMES = "Monday: 9.15\nTuesday: 9.30\nWednesday: no ferry"


def _same(text: str) -> Case:
    return Case(before=text, after=text)


RELATED = RuleInfo(
    id="related/below",
    summary="List of other articles below its heading, and all that follows",
    why="After the last prose, a heading such as “You might also like” opens what is no longer the article.",
    removes=[Case(before=f"{_PROSE}\nYou might also like\n{_HEADLINES}", after=_PROSE)],
    keeps=[_same(f"{_PROSE}\n{_HEADLINES}"), _same(f"{_TIMES}\n{_PROSE}")],
    since="0.1",
)
COMMENTS = RuleInfo(
    id="comments/below",
    summary="Readers' comments below their heading, and all that follows",
    why="After the last prose, a heading such as “Join the discussion” opens names, dates and short comments.",
    removes=[Case(before=f"{_PROSE}\nJoin the discussion\nnetmender\nAbout time\nOld Salt\nTold you so", after=_PROSE)],
    keeps=[_same(f"{_PROSE}\nAbout time\nTold you so")],
    since="0.1",
)
FOOTER = RuleInfo(
    id="footer/below",
    summary="Lines below the end of the article",
    why="After the last prose, a line about tags, sharing, newsletters, cookies, rights or the like opens the end of "
    "the page. The links and names of the site follow.",
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
# The phrase rules whose lines end an article, by id without the two letters of their language, and the rule that then
# cuts what follows. So `comments/heading-de` is one of them without being named, and a new language needs nothing here.
# A new family whose lines end an article needs a row. Left out: what occurs in articles, too (advertisements, prompts
# to install an app, remains of players), and what occurs among readers' comments, which may be the text.
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
_OWN_IDS = frozenset(rule.id for rule in (RELATED, COMMENTS, FOOTER))


@page_rule(RELATED, COMMENTS, FOOTER, follows={*_OPENERS, *_OWN_IDS}, after_prose=(LEAST_PROSE, MOST_BELOW))
def find_trailing_lines(page: Page) -> RuleOutcome:
    """Find the lines below the first line that ends the article.

    This happens once for a text. Otherwise a text with a button after each paragraph would go bit by bit.
    """
    if any(rule in _OWN_IDS for rules in page.cut.values() for rule in rules):
        return RuleOutcome()
    above = list(accumulate((size * prose for size, prose in zip(page.sizes, page.prose, strict=True)), initial=0))
    for line, rules in sorted(page.cut.items()):
        opener = next((rule for rule in rules if _below_rule(rule)), None)
        below = above[-1] - above[line]
        if opener and above[line] >= LEAST_PROSE and below * MOST_BELOW <= above[line]:
            rule = _below_rule(opener) or ""
            return RuleOutcome([Cut(i, rule, f"below a line of {opener}") for i in range(line, len(page.texts))])
    return RuleOutcome()


def _below_rule(opener: str) -> str | None:
    """Return the id of the rule that cuts what follows a line of the rule `opener`, if that ends an article.

    >>> _below_rule("comments/heading-de"), _below_rule("comments/reply")
    ('comments/below', None)
    """
    return _OPENERS.get(without_language(opener))

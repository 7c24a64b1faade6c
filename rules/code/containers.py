"""Cut what HTML itself names as no part of the article: menus, footers, forms, share bars; lift the main heading.

Only texts whose markup was taken off are looked at. What a line stood in is known from its tags: `nav`, `footer`,
`form`, `aside`, and the class or id of the elements around it. Prose is never cut. A container that holds much of the
prose of the page is left alone, such as the form around all of an ASP.NET page, or a footer that is never closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..markup.structure import LANE
from ..ruleset.declare import page_rule
from ..ruleset.example_prose import MIDDLE, OPENING
from ..ruleset.model import Case, RuleInfo
from ..ruleset.page import Cut, Page, RuleOutcome
from .headline_lines import is_byline, word_count

if TYPE_CHECKING:
    from ...schemas.byte_arrays import Bytes, Mask

SHARE_OF_PROSE = 4  # a container with more than one n-th of the prose is no boilerplate
SHORT = 200  # bytes of a line that no container makes boilerplate if it is longer
HEADING = 250  # bytes of a heading that is the headline
MIN_WORDS = 2  # of a headline
_BODY = f"<p>{OPENING}</p><p>{MIDDLE}</p>"
_CLEAN = f"{OPENING}\n\n{MIDDLE}"


def _info(rule_id: str, summary: str, why: str, removes: str, keeps: str) -> RuleInfo:
    return RuleInfo(
        id=rule_id,
        summary=summary,
        why=why,
        removes=[Case(before=removes.replace("BODY", _BODY), after=_CLEAN)],
        keeps=[Case(before=keeps.replace("BODY", _BODY), after=_CLEAN)],
        since="0.2",
    )


NAVIGATION = _info(
    "markup/navigation",
    "Menus: what stands in `<nav>`",
    "The page itself says that it is navigation. Prose stays, and so does a menu that holds much of the prose.",
    '<nav><a href="/">Home</a> <a href="/mills">Mills and ferries</a></nav>BODY',
    "<nav>BODY</nav>",
)
FOOTER = _info(
    "markup/footer",
    "The footer of a page: what stands in `<footer>`",
    "The page itself says so. The footer of an article may name its author and sources, and stays.",
    "BODY<footer>© 2024 Lowmoor Times, printed at the quay</footer>",
    "<footer>BODY</footer>",
)
FORM = _info(
    "markup/form",
    "Forms: what stands in `<form>`",
    "Labels and buttons of a search or a newsletter. A form around all of a page stays.",
    "BODY<form>The harbour letter, each morning <button>Join in</button></form>",
    "<form>BODY</form>",
)
ASIDE = _info(
    "markup/aside",
    "Links beside the article, share bars and cookie notices, by the names of their elements",
    "The class or id says what they are. Only links and short lines go.",
    'BODY<aside class="related"><a href="/m">Why the mill stands still</a></aside>',
    '<aside class="related">BODY</aside>',
)
HEADING_RULE = RuleInfo(
    id="headlines/heading",
    summary="The only heading of the first level, where the record has no headline",
    why="HTML marks the headline of a page as `<h1>`. It is not deleted but becomes the record's headline.",
    removes=[
        Case(before=f"<h1>Ferry waits for a key</h1>{_BODY}", after=_CLEAN, headline="Ferry waits for a key"),
    ],
    keeps=[
        Case(before=f"<h1>Ferry</h1>{_BODY}<h1>Key</h1>{_BODY}", after=f"Ferry\n\n{_CLEAN}\n\nKey\n\n{_CLEAN}"),
    ],
    since="0.2",
)


@dataclass(frozen=True)
class _Kind:
    """A kind of container: its rule, the reason in words, its lanes, and lanes of lines that stay or that go."""

    info: RuleInfo
    reason: str
    inside: tuple[str, ...]
    stays: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()
    """Only lines with one of these lanes go, if there are any."""


_HEADINGS = ("in h1", "in h2", "in h3", "in h4")
_NO_NOTICE = ("in p", *_HEADINGS, "in li", "in td", "in blockquote", "named body, near", "article", "main")
_KINDS = (
    _Kind(NAVIGATION, "it stands in <nav>", ("nav",)),
    _Kind(FOOTER, "it stands in <footer>", ("footer",), ("article", "main")),
    _Kind(FORM, "it stands in <form>", ("form",), ("in p",)),
    _Kind(ASIDE, "it is a link in <aside>", ("aside",), ("figure",), ("all links",)),
    _Kind(ASIDE, "its element is named after sharing", ("named share, near",), ("in p",), ("all links", "button")),
    _Kind(ASIDE, "its element is named after other articles", ("named related, near",), ("in p",), ("all links",)),
    _Kind(ASIDE, "its element is named after a notice", ("named window, near",), _NO_NOTICE),
)


def _have(lanes: Bytes, names: tuple[str, ...]) -> Mask:
    """Return which lines have one of some lanes."""
    have: Mask = np.any(lanes[:, [LANE[name] for name in names]] > 0, axis=1)
    return have


@page_rule(NAVIGATION, FOOTER, FORM, ASIDE, HEADING_RULE, structured=True)
def find_containers(page: Page) -> RuleOutcome:
    """Find the lines of boilerplate containers, and the heading that is the headline."""
    outcome = RuleOutcome()
    lanes = page.structure
    if lanes is None:
        return outcome
    is_prose, sizes = np.array(page.prose, np.bool_), np.array(page.sizes, np.int64)
    is_paragraph = is_prose | _have(lanes, ("in p",))
    cut = np.zeros(len(sizes), np.bool_)
    for kind in _KINDS:
        inside = _have(lanes, kind.inside)
        if sizes[inside & is_prose].sum() * SHARE_OF_PROSE > sizes[is_prose].sum():
            continue
        chosen: Mask = inside & ~cut & ~is_prose & (sizes <= SHORT) & ~_have(lanes, kind.stays)
        if kind.goes:  # a page of links alone is a list, and all of it may be content
            chosen &= _have(lanes, kind.goes) & is_paragraph.any()
        outcome.cuts += [Cut(line, kind.info.id, kind.reason) for line in np.flatnonzero(chosen).tolist()]
        cut |= chosen
    heading = _find_heading(page, lanes, cut) if not (page.title and page.title.strip()) else None
    if heading is not None:
        outcome.headline = page.texts[heading]
        outcome.cuts.append(Cut(heading, HEADING_RULE.id))
    return outcome


def _find_heading(page: Page, lanes: Bytes, cut: Mask) -> int | None:
    """Return the only line that is a heading of the first level, if no paragraph stands above it, and prose below."""
    lines: list[int] = np.flatnonzero(_have(lanes, ("in h1",)) & ~cut).tolist()
    if len(lines) != 1:
        return None
    line = lines[0]
    has_text = any(page.prose[line + 1 :]) or _have(lanes[line + 1 :], ("in p",)).any()
    if page.prose[line] or page.sizes[line] > HEADING or not has_text:
        return None
    own, above = lanes[line : line + 1], (_have(lanes, ("in p",)) & ~cut)[:line]
    of_site = _have(own, ("header", "all links")).any() and not _have(own, ("article", "main")).any()
    if of_site or above.any() or any(page.prose[:line]):
        return None
    text = page.texts[line]
    return None if word_count(text) < MIN_WORDS or is_byline(text) else line

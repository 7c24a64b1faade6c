"""Take markup off a text: HTML, and what WordPress writes between the paragraphs of a post.

This happens before any other rule looks at the text. Each piece that goes is an edit with its rule, so the markup comes
back byte for byte. Only texts that are HTML are touched: see `markup.detect`.
"""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING

from ..markup.detect import looks_like_html
from ..markup.html import find_html_elements, read_html
from ..ruleset.declare import markup_rule
from ..ruleset.model import Case, RuleInfo

if TYPE_CHECKING:
    from ..ruleset.page import MarkedText

_OPENING = "The council of Ostwick voted on Tuesday to repair the old bridge before the winter begins."
_CLOSING = "Work starts in October, and the ferry runs twice as often until the bridge is open again."


def _same(text: str) -> Case:
    return Case(before=text, after=text)


_TUTORIAL = _same(f"{_OPENING}\n\nUse the <div> element for blocks, and close it with </div>.\n\n{_CLOSING}")
TAG = RuleInfo(
    id="markup/tag",
    summary="Tags of HTML, replaced by the line breaks or spaces that they stand for",
    why="Feeds and content systems store articles as HTML. A tag within a word leaves nothing, a cell leaves a bar, a "
    "line break a line end, and a block a blank line. Texts about HTML keep their tags.",
    severity="info",
    removes=[
        Case(before=f"<h2>Bridge</h2><p>{_OPENING}</p><p>{_CLOSING}</p>", after=f"Bridge\n\n{_OPENING}\n\n{_CLOSING}"),
        Case(before=f'{_OPENING}\n\n<a href="/works">{_CLOSING}</a>', after=f"{_OPENING}\n\n{_CLOSING}"),
    ],
    keeps=[_TUTORIAL, _same(f"{_OPENING}\n\n```html\n<p>Bridge</p>\n```\n\n{_CLOSING}")],
    since="0.2",
)
HIDDEN = RuleInfo(
    id="markup/hidden",
    summary="Scripts, style sheets, comments and other parts of HTML that no page shows",
    why="They stand between the paragraphs of raw pages. An element that is never closed keeps what it holds.",
    severity="info",
    removes=[
        Case(
            before=f"<p>{_OPENING}</p><script>track('<p>');</script><!-- ad --><p>{_CLOSING}</p>",
            after=f"{_OPENING}\n\n{_CLOSING}",
        )
    ],
    keeps=[_TUTORIAL],
    since="0.2",
)
REFERENCE = RuleInfo(
    id="markup/reference",
    summary="Character references in HTML, replaced by the characters that they stand for",
    why="HTML writes some characters as `&amp;` or `&#8217;`.",
    severity="info",
    removes=[Case(before=f"<p>{_OPENING} It isn&#8217;t far.</p>", after=f"{_OPENING} It isn’t far.")],
    keeps=[_same(f"{_OPENING}\n\nWrite `&nbsp;` where a line must not break.")],
    since="0.2",
)
SHORTCODE = RuleInfo(
    id="markup/shortcode",
    summary="Shortcodes of WordPress and its page builders, such as galleries and columns",
    why="A plugin replaces them when the page is shown. Remarks in brackets, such as [sic], are words of the text.",
    severity="info",
    removes=[
        Case(
            before=f'<p>{_OPENING}</p>\n[gallery ids="1,2"]\n<p>{_CLOSING}</p>',
            after=f"{_OPENING}\n\n{_CLOSING}",
        )
    ],
    keeps=[_same(f"{_OPENING}\n\n“We was [sic] there,” she said [laughs].\n\n{_CLOSING}")],
    since="0.2",
)
WHITE_SPACE = RuleInfo(
    id="markup/white-space",
    summary="Line ends and indentation of the source of HTML",
    why="In HTML they count as one space, except in preformatted text.",
    severity="info",
    removes=[Case(before=f"<p>\n  {_OPENING[:39]}\n {_OPENING[39:]}\n</p>", after=_OPENING)],
    keeps=[_same(f"{_OPENING}\nIt rained.\n  It snowed.")],
    since="0.2",
)


@markup_rule(
    WHITE_SPACE,
    REFERENCE,
    TAG,
    SHORTCODE,
    HIDDEN,
    form="html",
    detect=looks_like_html,
    signs=[(b"<", f"{ascii_letters}/!".encode())],
    find_elements=find_html_elements,
)
def read_markup(text: str) -> MarkedText:
    """Read a text of HTML."""
    return read_html(text)

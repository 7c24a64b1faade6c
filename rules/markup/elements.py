"""Elements of HTML by what their tags do to the text around them."""

from __future__ import annotations

PARAGRAPHS = frozenset(
    "address article aside blockquote body center details dialog dir div dl fieldset figcaption figure footer form "
    "frameset h1 h2 h3 h4 h5 h6 header hgroup hr html main menu nav ol p pre search section summary table ul "
    "caption colgroup tbody tfoot thead listing plaintext xmp".split()
)
"""A blank line parts them from what is before and behind."""
LINES = frozenset("br dd dt li legend option optgroup rp tr button input label select textarea".split())
"""They begin a line of their own."""
CELLS = frozenset(("td", "th"))
"""A bar parts them from the cell before."""
HIDDEN = frozenset(
    "script style template head title noscript noframes noembed svg math iframe object embed applet canvas audio video "
    "map datalist".split()
)
"""What they hold is no text of the page."""
RAW = frozenset("script style iframe noembed noframes noscript title textarea xmp".split())
"""What they hold is no markup: it ends at their end tag alone."""
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
"""They have no end tag."""
FORMATTING = frozenset(
    "abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark q rb rt ruby s samp small span strike "
    "strong sub sup time tt u var wbr".split()
)
"""They may begin and end inside of a word."""
KEEPS_SPACE = frozenset(("pre", "textarea", "listing", "xmp", "plaintext"))
"""White space in them is content."""
NAMES = PARAGRAPHS | LINES | CELLS | HIDDEN | RAW | VOID | FORMATTING | frozenset(("a", "nobr", "picture", "marquee"))
"""Names that a text must have for it to be HTML."""
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
HOLD_TEXT = frozenset("p li h1 h2 h3 h4 h5 h6 td th dd dt figcaption caption blockquote address summary".split())
"""They hold the words of a page, not other blocks alone."""
ENDED_BY = {
    "p": PARAGRAPHS,
    "li": frozenset(("li",)),
    "dt": frozenset(("dt", "dd")),
    "dd": frozenset(("dt", "dd")),
    "td": frozenset(("td", "th", "tr", "tbody", "tfoot")),
    "th": frozenset(("td", "th", "tr", "tbody", "tfoot")),
    "tr": frozenset(("tr", "tbody", "tfoot")),
    "option": frozenset(("option", "optgroup")),
}
"""Elements whose end tag may be missing, and what begins behind them then."""

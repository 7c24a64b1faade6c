"""What parts two pieces of visible text once the markup between them is gone."""

from __future__ import annotations

import re

NOTHING, SPACE, CELL, LINE, PARAGRAPH = range(5)
"""From weak to strong."""
SEPARATORS = ("", " ", " | ", "\n", "\n\n")
GLUED = re.compile(r"[\w.!?,;:”’)\]][A-ZÀ-ÖØ-ÞΑ-ΩА-Я“‘(]|[.!?”]\w")
"""Two characters that stand side by side only if words were glued: "seaA", "closed.By"."""
_AND = "and|or|und|oder|och|eller|og|ou|of"
_BEGINS_WITH_AND = re.compile(rf"(?:{_AND})(?!\w)")
_ENDS_WITH_AND = re.compile(rf"(?<!\w)(?:{_AND})\Z")


def are_glued(before: str, behind: str) -> bool:
    """Return whether a space is missing between two pieces of text of which one is a link, or has a tag of its kind.

    The pieces may be cut to ten characters. A small letter may belong to the word of the link: "boats".

    >>> are_glued("at sea", "A storm"), are_glued("Terms of Use", "and "), are_glued("boat", "s"), are_glued("a", " b")
    (True, True, False, False)
    """
    if GLUED.fullmatch(before[-1:] + behind[:1]):
        return True
    if not (before[-1:].isalnum() and behind[:1].isalnum()):
        return False
    return _BEGINS_WITH_AND.match(behind) is not None or _ENDS_WITH_AND.search(before) is not None

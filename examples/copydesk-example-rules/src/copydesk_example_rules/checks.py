"""A check for entries of the archive that do not mention the lamp."""

from __future__ import annotations

from copydesk.plugins import check


@check(
    "lantern/unlit",
    severity="info",
    fields=("body",),
    message="the entry does not mention the {word}",
    remedy="check whether it belongs in the archive",
    fails={"text": "It rained all day, and the ferry did not run."},
    passes={"text": "It rained all day, and the lamp was lit at noon."},
    word="lamp",
)
def flag_unlit(frame, word):
    """Flag bodies without the word."""
    return ~frame.matches(word, frame.length > 0)

"""The rules: the `.toml` files beside this module, and the functions in it."""

from __future__ import annotations

import re

from copydesk.plugins import Case, rule

# A line that ends in a stamp; a stamp in brackets at the end of a line of prose.
_STAMPED = re.compile(r"^Seen by [^\n.]{1,40} \(stamp \d{1,6}\)$", re.MULTILINE)
_STAMP = re.compile(r" \[stamp \d{1,6}\]$", re.MULTILINE)


@rule(
    "lantern/stamp",
    summary="Stamp of the archive: its own line, or in brackets at the end of a line",
    why="The archive stamps what it lends. An article about a stamp stays: its stamp has no brackets.",
    languages=["en"],
    seen="archive of The Lowmoor Lantern",
    removes=[
        "Seen by the keeper of the lamp (stamp 4711)",
        Case(
            before="The lamp was lit at nine, as it had been each night since the storm. [stamp 12]\nNobody saw it.",
            after="The lamp was lit at nine, as it had been each night since the storm.\nNobody saw it.",
        ),
    ],
    keeps=[
        "The keeper saw the stamp 4711 on the parcel, and put it back where it had lain.",
        "The rarest of them, the collectors say, is stamp 12, which shows the lamp without a flame.",
    ],
    since="1.0",
)
def find_stamps(text):
    """Return the half-open spans of stamps, in characters of the text."""
    return sorted(match.span() for pattern in (_STAMPED, _STAMP) for match in pattern.finditer(text))

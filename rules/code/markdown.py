"""Take the markup of Markdown off a text, before any other rule looks at it; see `markup.markdown`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..markup.markdown import read_markdown
from ..markup.markdown_signs import (
    BEGINNINGS,
    COUNTED,
    has_code_or_table,
    has_table,
    has_table_of_data,
    looks_like_markdown,
    may_be_markdown,
)
from ..markup.tables import read_tables
from ..ruleset.declare import markup_rule
from ..ruleset.model import Case, RuleInfo

if TYPE_CHECKING:
    from ..ruleset.page import MarkedText

_OPENING = "The council of Ostwick voted on Tuesday to repair the old bridge before the winter begins."
_CLOSING = "Work starts in October, and the ferry runs twice as often until the bridge is open again."


def _same(text: str) -> Case:
    return Case(before=text, after=text)


MARK = RuleInfo(
    id="markup/markdown",
    summary="Marks of Markdown: headings, emphasis, items, quotes, rules, escapes, cells",
    why="Crawlers and content systems write articles as Markdown. Numbers of items stay, since the text may speak of "
    "them. A text with fenced code or a table of data keeps its marks, and so does one that only has an asterisk.",
    severity="info",
    removes=[
        Case(before=f"## Bridge\n\n**{_OPENING}**\n\n- {_CLOSING}", after=f"Bridge\n\n{_OPENING}\n\n{_CLOSING}"),
        Case(before=f"> {_OPENING}\n\n[{_CLOSING}](/works)", after=f"{_OPENING}\n\n{_CLOSING}"),
    ],
    keeps=[
        _same(f"{_OPENING}\n\nIt *will* rain, 2 * 3 * 4 times. #bridge\n\n{_CLOSING}"),
        _same(f"## Bridge\n\n{_OPENING}\n\n```sh\nls *\n```\n\n{_CLOSING}"),
    ],
    since="0.2",
)
LINK = RuleInfo(
    id="markup/link",
    summary="Addresses of links and pictures in Markdown",
    why="The text of a link stays. A picture has no text that a reader sees, and goes as in HTML.",
    severity="info",
    removes=[
        Case(before=f"{_OPENING} [{_CLOSING}](https://ostwick.example/a)", after=f"{_OPENING} {_CLOSING}"),
        Case(
            before=f"![Bridge](/b.png)\n\n[{_OPENING}][1]\n\n{_CLOSING}\n\n[1]: /a", after=f"{_OPENING}\n\n{_CLOSING}"
        ),
    ],
    keeps=[
        _same(f"{_OPENING} He said [sic] so (again).\n\n{_CLOSING}"),
        _same(f"{_OPENING}\n\n[Update]: Delayed\n\n{_CLOSING}"),
    ],
    since="0.2",
)
FRONT_MATTER = RuleInfo(
    id="markup/front-matter",
    summary="Fields before a text of Markdown, between lines of --- or +++",
    why="Site generators keep title, date and tags there. The fields fill those that the record lacks.",
    severity="info",
    removes=[Case(before=f"---\ntitle: Bridge\ndate: 2024-03-01\n---\n\n{_OPENING}", after=_OPENING)],
    keeps=[_same(f"{_OPENING}\n\n---\n\n{_CLOSING}")],
    since="0.2",
)
TABLE = RuleInfo(
    id="markup/table",
    summary="Bars and rules of tables that lay out a page, in a text without other markup",
    why="Extractors write a picture with its caption as a table of one cell. A table of data stays as it is.",
    severity="info",
    removes=[
        Case(before=f"{_OPENING}\n| The bridge |\n|---|\n{_CLOSING}", after=f"{_OPENING}\nThe bridge\n{_CLOSING}")
    ],
    keeps=[_same(f"{_OPENING}\n| Year | Repairs |\n|---|---|\n| 1744 | 2 |\n{_CLOSING}")],
    since="0.3",
)


@markup_rule(
    MARK,
    LINK,
    FRONT_MATTER,
    form="markdown",
    detect=looks_like_markdown,
    signs=COUNTED,
    beginnings=BEGINNINGS,
    find_suspects=may_be_markdown,
    keep=has_code_or_table,
)
def read_markup(text: str) -> MarkedText:
    """Read a text of Markdown."""
    return read_markdown(text)


@markup_rule(
    TABLE,
    form="text",
    detect=has_table,
    signs=[(b"-:", b"|"), (b"-:", b" \t", b"|")],
    keep=has_table_of_data,
)
def read_layout(text: str) -> MarkedText:
    """Read a text with tables."""
    return read_tables(text)

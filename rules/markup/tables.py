r"""Tables of pipes, as Markdown has them, and as some extractors write them into plain text.

>>> text = "It rained.\n| Place | Rain |\n|---|---|\n| Ostwick | 4 mm |\nThen it stopped."
>>> [text[table.start : table.end] for table in find_tables(text)]
['| Place | Rain |\n|---|---|\n| Ostwick | 4 mm |']
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..ruleset.page import MarkedText, Replacement

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = "markup/table"
_LONGEST_CELL = 60  # characters of a cell of data, in the mean of a row
_SIGN = re.compile(r"-:?[ \t]*\|")
"""What the line below the head has."""
_BELOW_HEAD = re.compile(r"[ \t>]{0,20}\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?[ \t]*\r?")
_BAR = re.compile(r"(?<!\\)\|")
_OPENING = re.compile(r"(?<!\\)\|([ \t]*)")
_DASHES = re.compile(r"(?:^|(?<=\|))[ \t]*:?-+:?[ \t]*(?=\||$)")
_CELL = re.compile(r"[^\s|](?:[^|]*[^\s|])?")


class PipeTable(NamedTuple):
    """A table: where it begins and ends, and where the line below its head begins and ends, in code points."""

    start: int
    end: int
    below_head: int
    behind_head: int


def find_tables(text: str) -> Iterator[PipeTable]:
    """Yield the tables of a text. A row has a bar, and begins with one if the head does."""
    done = 0
    for sign in _SIGN.finditer(text) if "|" in text else ():
        if sign.start() < done:
            continue
        below = text.rfind("\n", done, sign.start()) + 1 or done
        behind = _line_end(text, sign.start())
        start = text.rfind("\n", done, max(below - 1, done)) + 1 or done
        head = text[start : max(below - 1, start)]
        done = behind
        if "|" not in head or not _BELOW_HEAD.fullmatch(text, below, behind):
            continue
        barred = head.lstrip(" \t>").startswith("|")
        while done < len(text):
            stop = _line_end(text, done + 1)
            row = text[done + 1 : stop]
            if "|" not in row or (barred and not row.lstrip(" \t>").startswith("|")):
                break
            done = stop
        yield PipeTable(start, done, below, behind)


def holds_data(text: str, table: PipeTable) -> bool:
    """Return whether a table has data. Tables that lay out a page have no head, links, or whole paragraphs."""
    head = text[table.start : table.below_head].strip().strip("|")
    cells = [cell.strip() for cell in head.split("|")]
    if len(cells) < 2 or not all(cells) or "](" in head:
        return False
    rows = text[table.behind_head + 1 : min(table.end, table.behind_head + 4_000)].splitlines()
    return bool(rows) and not any("](" in row or len(row) > _LONGEST_CELL * len(cells) for row in rows)


def split_overfull(text: str) -> str:
    r"""Return a text of the same length in which cells are lines, in tables with a row longer than their head.

    Markdown shows no cells beyond those of the head. But converters write tables within tables like that, and these
    lay out whole pages.

    >>> split_overfull("| a | b |\n|---|---|\n| c | d | It rained. |")
    ' \na  \nb \n\n   \n   \n\n\n \nc  \nd  \nIt rained. \n'
    >>> split_overfull("| a | b |\n|---|---|\n| c | d | |")
    '| a | b |\n|---|---|\n| c | d | |'
    """
    pieces, at = [], 0
    for table in find_tables(text):
        head, frame, *rows = text[table.start : table.end].split("\n")
        columns = len(_read_row(head)) - (not _read_row(head)[-1].strip())
        if any("".join(_read_row(row)[columns:]).strip() for row in rows) and not head.lstrip().startswith(">"):
            pieces += [text[at : table.start], "\n".join(map(_split_row, (head, frame, *rows)))]
            at = table.end
    return "".join([*pieces, text[at:]]) if pieces else text


def _read_row(row: str) -> list[str]:
    """Return the cells of a row, with an empty one at its end if it ends in a bar."""
    return _BAR.split(row.strip().removeprefix("|"))


def _split_row(row: str) -> str:
    """Return a row of the same length with a line feed before each cell, and nothing in cells of dashes."""
    row = _DASHES.sub(lambda cell: " " * len(cell[0]), row)
    return _OPENING.sub(lambda bar: f" {bar[1][:-1]}\n" if bar[1] else "\n", row)


def read_tables(text: str) -> MarkedText:
    r"""Read a text in which tables are the only markup. A table becomes a line for each row, a bar between two cells.

    >>> [(new.start, new.end) for new in read_tables("| The mill |\n|---|\nIt burned.").replacements]
    [(0, 2), (10, 18)]
    """
    found: list[Replacement] = []
    elements: list[tuple[int, int]] = []
    code: list[tuple[int, int]] = []
    for table in find_tables(text):
        elements.append((table.start, table.end))
        if holds_data(text, table):
            code.append((table.start, table.end))
        shown = table.start  # end of the last cell
        at = table.start
        while at < table.end:
            stop = _line_end(text, at)
            elements.append((at, stop))
            is_frame = _BELOW_HEAD.fullmatch(text, at, stop) is not None
            separator = "\n" if shown > table.start else ""
            for cell in () if is_frame else _CELL.finditer(text, at, stop):
                if text[shown : cell.start()] != separator:
                    found.append(Replacement(shown, cell.start(), separator, TABLE))
                shown, separator = cell.end(), " | "
            at = stop + 1
        end = table.end - text.endswith("\r", shown, table.end)
        if shown < end:
            found.append(Replacement(shown, end, "", TABLE))
    return MarkedText(found, elements, code)


def _line_end(text: str, at: int) -> int:
    """Return where the line ends that a place is in, without its line feed."""
    end = text.find("\n", at)
    return end if end >= 0 else len(text)

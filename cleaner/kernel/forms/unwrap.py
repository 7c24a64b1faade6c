r"""Join the wrapped lines of paragraphs: `--unwrap`.

Only prose is joined. A line end stays if it parts items, verse, cells, code or a heading from what follows, and if
nobody can tell what becomes of a hyphen before it.

>>> text = "The ferry from the western quay leaves ten\nminutes later than the timetable says.\n\n" * 4
>>> edits = find_unwraps(text, named=False)
>>> len(edits), edits[0]
(4, Unwrap(start=42, end=43, after=' '))
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from ....rules.ruleset.ruleset import WRAPS
from ....schemas.arrow import EDITS
from ..lines.split import find_line_ends, join
from .wrapped import find_long_wraps

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EXCEPTION_LINES, MOST_EXCEPTIONS = 5, 2  # lines of a paragraph of which some may end early, and how many
STOPS = '.!?:;…"”»“)'
HYPHENS = "-\u2010\u00ad"
_SOFT_HYPHEN = "\u00ad"
# "Ein- und Ausgang": the hyphen stands for the rest of a word
_LINKS = frozenset("und oder bzw and or to bis et ou y o e of en och og i".split())
_ITEM = re.compile(r"(?:[-*•·▪▸►‣◦–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_CELLS = re.compile(r"\||\t|\S {3,}\S")
_FENCE = re.compile(r"(?:```|~~~)")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*\Z")
_BLANK = re.compile(r"\n[ \t]*\r?\n")


class Unwrap(NamedTuple):
    """A line end of a text, in code points, and what takes its place."""

    start: int
    end: int
    after: str


class _Line(NamedTuple):
    start: int
    end: int
    text: str
    wraps: bool
    """Whether the first word of the next line would not have fitted behind it."""


def unwrap_texts(
    texts: pa.LargeStringArray, rows: Sequence[int], named: Collection[int]
) -> tuple[list[int], pa.LargeStringArray, pa.Table]:
    """Join the lines of some texts. Return the texts that change by row, the new texts, and the edits of these."""
    changed: list[int] = []
    new: list[str] = []
    records: list[dict[str, Any]] = []
    for row in rows:
        text = texts[row].as_py() or ""
        unwraps = find_unwraps(text, named=row in named)
        if not unwraps:
            continue
        pieces: list[str] = []
        at = 0
        for start, end, after in unwraps:
            pieces += [text[at:start], after]
            at = end
            edit = {"row": len(changed), "field": "body", "rule": WRAPS, "start": start, "end": end}
            records.append({**edit, "before": text[start:end], "after": after, "detail": None})
        changed.append(row)
        new.append("".join([*pieces, text[at:]]))
    return changed, pa.array(new, pa.large_string()), pa.Table.from_pylist(records, EDITS)


def find_unwraps(text: str, *, named: bool) -> list[Unwrap]:
    """Find the line ends of a text to join. The user says that a `named` one is wrapped."""
    lines = _read_lines(text, named=named)
    strict = bool(_BLANK.search(text))
    words: frozenset[str] | None = None
    found: list[Unwrap] = []
    for block in _blocks(lines):
        if not _is_paragraph(block, strict=strict):
            continue
        for line, following in itertools.pairwise(block):
            if not line.wraps and not (strict and _goes_on(line.text, following.text)):
                continue
            if line.text[-1] in HYPHENS and words is None:
                words = frozenset(word.lower() for word in _WORD.findall(text))
            replaced = _join(line.text, following.text, words or frozenset())
            if replaced is not None:
                hyphens, after = replaced
                found.append(Unwrap(line.end - hyphens, following.start, after))
    return found


def _read_lines(text: str, *, named: bool) -> list[_Line]:
    """Return the lines of a text without white space at their ends, with where they are; blank ones are empty."""
    joined = join(pa.array([text], pa.large_string()))
    stop, after = find_line_ends(joined.data)
    wraps = find_long_wraps(joined, stop, after, np.array([named]))
    if not wraps.any():
        return []
    lines, at = [], 0
    begins = [0, *after[:-1].tolist()]
    raw = joined.data.tobytes()
    for begin, end, wrap in zip(begins, stop.tolist(), wraps.tolist(), strict=True):
        content = raw[begin:end].decode()
        lines.append(_Line(at, at + len(content.rstrip()), content.rstrip(), wrap))
        at += len(content) + len(raw[end : begins[len(lines)]].decode() if len(lines) < len(begins) else "")
    return lines


def _blocks(lines: list[_Line]) -> list[list[_Line]]:
    """Return the runs of lines between blank lines; fenced code is none of them."""
    blocks: list[list[_Line]] = [[]]
    fenced = False
    for line in lines:
        if _FENCE.match(line.text.lstrip()):
            fenced = not fenced
            blocks.append([])
        elif not line.text or fenced:
            blocks.append([])
        else:
            blocks[-1].append(line)
    return [block for block in blocks if len(block) > 1]


def _is_paragraph(block: list[_Line], *, strict: bool) -> bool:
    """Return whether a block is prose: no items, cells or code, and hardly any line end that is no wrap.

    With `strict`, blank lines part the paragraphs of the text, so that each line end within one is a wrap. A line or
    two may end early, within a sentence, as where somebody has changed a word.
    """
    if any(_ITEM.match(line.text.lstrip()) or _CELLS.search(line.text) for line in block):
        return False
    if any(line.text[0].isspace() for line in block[1:]):  # code, verse, or a paragraph in a paragraph
        return False
    wraps = sum(line.wraps for line in block[:-1])
    if not strict:
        return wraps > 0
    exceptions = [pair for pair in itertools.pairwise(block) if not pair[0].wraps]
    few = len(exceptions) <= min(MOST_EXCEPTIONS, wraps) and len(block) >= EXCEPTION_LINES
    return not exceptions or (few and all(_goes_on(line.text, following.text) for line, following in exceptions))


def _goes_on(line: str, following: str) -> bool:
    """Return whether a sentence goes on behind a line end that is no wrap.

    >>> _goes_on("The ferry left", "an hour late."), _goes_on("The ferry left.", "an hour late"), _goes_on("To", "Ann")
    (True, False, False)
    """
    return line[-1] not in STOPS and following[0].islower()


def _join(line: str, following: str, words: Collection[str]) -> tuple[int, str] | None:
    """Return how many hyphens go with a line end, and what takes its place; None if it stays.

    The text itself tells whether a hyphen belongs to the word.

    >>> words = {"harbour", "well-known"}
    >>> _join("in the har-", "bour", words), _join("a well-", "known mill", words), _join("a re-", "sort", words)
    ((1, ''), (0, ''), None)
    """
    if line.isupper() and not following.isupper():  # a heading
        return None
    if line[-1] not in HYPHENS or line[-2:-1].isspace():
        return 0, " "
    if line[-1] == _SOFT_HYPHEN:
        return 1, ""
    before, behind = _LAST_WORD.search(line[:-1]), _WORD.match(following)
    if before is None or behind is None:
        return None
    if behind.group().lower() in _LINKS:
        return 0, " "
    halves = before.group().lower(), behind.group().lower()
    has_hyphen, has_none = (
        any(f"{halves[0]}{hyphen}{halves[1]}" in words for hyphen in "-\u2010"),
        "".join(halves) in words,
    )
    if has_hyphen == has_none:
        return None
    return (0, "") if has_hyphen else (1, "")

r"""Cut a text that keeps its markup: what is cut of its visible text goes with the elements that hold nothing else.

The rules have seen the visible text alone. Here their cuts move back to the raw text. An element goes if all of its
visible text is cut: a link with its address, an item with its mark, a paragraph with its tags. Of other elements only
the text goes, so tags that belong together stay or go together. Blocks of code are never cut.

>>> raw = "- [Rain](/r)\n- [Menu](/m)\n"
>>> marked = MarkedText(
...     [Replacement(0, 3, "", ""), Replacement(7, 16, "\n", ""), Replacement(20, 25, "", "")],
...     elements=[(0, 26), (0, 13), (2, 12), (13, 26), (15, 25)],
... )
>>> cut_marked(raw, marked, [{"rule": "menu", "start": 4, "end": 10, "before": "\nMenu\n", "after": ""}], [])[0]
{'rule': 'menu', 'start': 12, 'end': 26, 'before': '\n- [Menu](/m)\n', 'after': ''}
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ....rules.code.characters import ODD_SPACES
from ....rules.ruleset.page import MarkedText, Replacement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ....schemas.byte_arrays import Ints, Mask
    from ..edit_merge import Edit

_WORD = re.compile(r"\S+")
_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)*")
_REST_OF_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z)")


def strip(raw: str, replacements: Sequence[Replacement]) -> str:
    """Return the visible text."""
    pieces, at = [], 0
    for new in replacements:
        pieces += [raw[at : new.start], new.after]
        at = new.end
    return "".join([*pieces, raw[at:]])


def cut_marked(raw: str, marked: MarkedText, edits: Sequence[Edit], repairs: Collection[str]) -> list[Edit]:
    """Return edits of a raw text from those of its visible text, both sorted by start.

    `repairs` are the rules that rewrite characters. Spaces are not repaired: markup may need them.
    """
    if not edits:
        return []
    places = _map(raw, marked)
    cuts = [edit for edit in edits if edit["rule"] not in repairs and edit["before"].strip()]
    cut_visible = places.owners(cuts)
    owner = places.in_raw(cut_visible)
    for start, end in marked.code:
        owner[start:end] = -1
    spans = _join(_spans(raw, marked, places, owner >= 0, cut_visible >= 0))
    found = [edit for start, end in spans for edit in _edits_of(raw, start, end, cuts, owner)]
    found += _repaired(raw, marked, places, [edit for edit in edits if edit["rule"] in repairs], spans)
    return sorted(found, key=lambda edit: int(edit["start"]))


@dataclass(frozen=True)
class _Places:
    """Where the characters of the raw text are in the visible text, and the other way round."""

    visible: Mask
    """Characters of the raw text that are words of the visible text, or stand for one, without white space."""
    to_visible: Ints
    """For each character of the raw text its place in the visible text; -1 for markup."""
    to_raw: Ints
    """For each character of the visible text its place in the raw text; -1 for what takes the place of markup."""

    def owners(self, cuts: Sequence[Edit]) -> Ints:
        """Return for each character of the visible text the number of the cut that takes it, -1 if none does."""
        owner = np.full(len(self.to_raw) + 1, -1, np.int64)
        for number, cut in enumerate(cuts):
            owner[cut["start"] : cut["end"]] = number
        return owner

    def in_raw(self, owner: Ints) -> Ints:
        """Return the same for each character of the raw text that is a word of the visible text."""
        of_raw: Ints = np.where(self.visible, owner[self.to_visible], -1)
        return of_raw


def _map(raw: str, marked: MarkedText) -> _Places:
    to_visible = np.full(len(raw), -1, np.int64)
    to_raw: list[Ints] = []
    # one more where a word begins, one less where it ends: the running sum is one inside of words
    steps = np.zeros(len(raw) + 1, np.int8)
    begins, ends = np.array([match.span() for match in _WORD.finditer(raw)], np.int64).reshape(-1, 2).T
    steps[begins] += 1
    steps[ends] -= 1
    words = np.cumsum(steps[:-1], dtype=np.int8) > 0
    at = place = 0
    for new in (*marked.replacements, Replacement(len(raw), len(raw), "", "")):
        to_visible[at : new.start] = np.arange(place, place + new.start - at)
        to_raw += [np.arange(at, new.start), np.full(len(new.after), -1, np.int64)]
        place += new.start - at
        if new.after.strip(" |\n\t"):  # a character reference
            to_visible[new.start : new.end] = place
        at, place = new.end, place + len(new.after)
    return _Places(words & (to_visible >= 0), to_visible, np.concatenate(to_raw))


def _spans(raw: str, marked: MarkedText, places: _Places, cut: Mask, cut_visible: Mask) -> list[tuple[int, int]]:
    """Return the spans to cut: elements of which all visible text is cut, and cut text of other elements."""
    if not cut.any():
        return []
    elements = np.array(marked.elements, np.int64).reshape(-1, 2)
    first, behind = elements[:, 0], elements[:, 1]
    of_visible, of_cut = _counts(places.visible), _counts(cut)
    shown = of_visible[behind] - of_visible[first]
    whole = (shown > 0) & (shown == of_cut[behind] - of_cut[first])
    steps = np.zeros(len(raw) + 1, np.int64)
    np.add.at(steps, first[whole], 1)
    np.add.at(steps, behind[whole], -1)
    bounds = np.zeros(len(raw) + 1, np.int64)  # where elements that stay begin and end
    np.add.at(bounds, first[~whole], 1)
    np.add.at(bounds, behind[~whole], 1)
    gone = (np.cumsum(steps)[:-1] > 0) | cut
    _cut_between(gone, cut, cut_visible, places, _counts(bounds))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], gone, [False]]).astype(np.int8)))
    last = len(raw.rstrip())
    return [_widen(raw, a, b, last) for a, b in edges.reshape(-1, 2).tolist()]


def _counts(values: Mask | Ints) -> Ints:
    """Return how much of some values stands before each of them, and at the end of all."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])


def _cut_between(gone: Mask, cut: Mask, cut_visible: Mask, places: _Places, bounds: Ints) -> None:
    """Cut what stands between two words of which one is cut, if no element that stays begins or ends there.

    If the other one stays, what parts them must be cut, too: of "Rain<br>Share<br>Wind", a cut of "Share" and the line
    end behind it takes one of the breaks.
    """
    words = np.flatnonzero(places.visible)
    before, behind = words[:-1], words[1:]
    apart = (behind > before + 1) & (bounds[behind + 1] == bounds[before + 1])
    both, either = cut[before] & cut[behind], cut[before] | cut[behind]
    left = _counts(~cut_visible)
    first, last = places.to_visible[before] + 1, places.to_visible[behind]
    parted = (last > first) & (left[last] == left[np.minimum(first, last)])
    for pair in np.flatnonzero(apart & (both | (either & parted))).tolist():
        gone[before[pair] + 1 : behind[pair]] = True


def _widen(raw: str, start: int, end: int, last: int) -> tuple[int, int]:
    """Return a span with its line end if it takes whole lines, and with the blank lines that it leaves too many.

    `last` is where the last word of the text ends.
    """
    if end >= last:
        return _back(raw, start, " \t\r\n"), len(raw)
    line = _back(raw, start, " \t")
    rest = _REST_OF_LINE.match(raw, end)
    ends_line = raw[end - 1] == "\n"
    if (line and raw[line - 1] != "\n") or not (ends_line or rest):
        return start, end
    if not ends_line and rest:
        end = rest.end()
    before = _back(raw, line, " \t\r\n")
    if not before or raw.count("\n", before, line) > 1:
        blank = _BLANK_LINES.match(raw, end)
        end = blank.end() if blank else end
    return line, end


def _back(raw: str, at: int, white: str) -> int:
    """Return where the white space before a place begins."""
    while at and raw[at - 1] in white:
        at -= 1
    return at


def _join(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _edits_of(raw: str, start: int, end: int, cuts: Sequence[Edit], owner: Ints) -> Iterator[Edit]:
    """Yield the edits of a span: one for each cut that has words in it, from the line on in which it begins."""
    words = start + np.flatnonzero(owner[start:end] >= 0)
    if not len(words):
        return
    change = np.flatnonzero(np.diff(owner[words])) + 1
    bounds = [start]
    for before, behind in zip(words[change - 1].tolist(), words[change].tolist(), strict=True):
        line = raw.rfind("\n", before + 1, behind)
        bounds.append(line + 1 if line >= 0 else behind)
    numbers = owner[words[np.concatenate([[0], change]).astype(np.int64)]].tolist()
    for number, first, last in zip(numbers, bounds, [*bounds[1:], end], strict=True):
        glued = last == end and raw[start - 1 : start].isalnum() and raw[end : end + 1].isalnum()
        yield {**cuts[number], "start": first, "end": last, "before": raw[first:last], "after": " " if glued else ""}


def _repaired(
    raw: str, marked: MarkedText, places: _Places, edits: Sequence[Edit], spans: Sequence[tuple[int, int]]
) -> Iterator[Edit]:
    """Yield the repairs of characters that stand in the raw text as they do in the visible text."""
    closed = np.zeros(len(raw), np.bool_)
    for start, end in (*spans, *marked.code):
        closed[start:end] = True
    for edit in edits:
        at = places.to_raw[edit["start"] : edit["end"]]
        first = int(at[0])
        if edit["rule"] == ODD_SPACES.id or first < 0 or not np.array_equal(at, np.arange(first, first + len(at))):
            continue
        if not closed[first : first + len(at)].any():
            yield {**edit, "start": first, "end": first + len(at)}

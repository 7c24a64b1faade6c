"""Join two rounds of edits to one, with offsets in the raw text.

The first round turns the raw text into the text *between*, the second round turns that into the clean text. An edit of
the second round that reaches over a cut is divided there, so that each part of the raw text names the rule that cut it.
An edit that reaches over repaired characters stays whole, and has the raw characters as what it replaces.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import offsets_of, ranges
from .types import CleanedTexts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ...schemas.byte_arrays import Ints, Mask

Edit = dict[str, Any]

_OFFSET_BITS = 40  # for an offset in a text, beside the number of the text


def compose(first: CleanedTexts, second: CleanedTexts, rows: list[int], repairs: Collection[str]) -> CleanedTexts:
    """Return a batch in which a second round follows the first on the texts `rows`, which are ascending.

    `repairs` are the rules that rewrite characters.
    """
    again = np.zeros(len(first.texts), np.bool_)
    again[rows] = True
    learned = dict(first.learned)
    for position, later in second.learned.items():
        earlier = learned.get(rows[position])
        if earlier is None:
            learned[rows[position]] = later
        else:
            headlines = [*dict.fromkeys((*earlier.headlines, *later.headlines))]
            source_name = earlier.source_name or later.source_name
            learned[rows[position]] = replace(earlier, headlines=headlines, source_name=source_name)
    known_but_kept = first.known_but_kept.copy()
    known_but_kept[rows] = second.known_but_kept
    texts = pc.replace_with_mask(first.texts, pa.array(again), second.texts)
    page = first.page.copy()
    page[rows] |= second.page
    edits = join_edits(first.edits, with_rows(second.edits, rows), repairs)
    return CleanedTexts(texts, edits, learned, known_but_kept, page)


def with_rows(edits: pa.Table, rows: list[int] | Ints) -> pa.Table:
    """Return edits of a part of a batch with the rows that they have in the whole batch."""
    numbers = np.asarray(rows, np.int64)[edits.column("row").to_numpy()]
    return edits.set_column(0, "row", pa.array(numbers, pa.int64()))


def join_edits(first: pa.Table, second: pa.Table, repairs: Collection[str]) -> pa.Table:
    """Join the edits of two rounds on a batch. Both tables are sorted by row and start, and so is the result."""
    if not first.num_rows or not second.num_rows:
        return first if first.num_rows else second
    meeting = _meet(first, second)
    covers = _covers_repairs(first, meeting, repairs)
    first_row, second_row = first.column("row").to_numpy(), second.column("row").to_numpy()
    # Most edits of the second round meet none of the first, or cover repairs: they move column by column. Texts with an
    # edit that meets others in any other way are joined one by one.
    is_hard = np.zeros(int(max(first_row[-1], second_row[-1])) + 1, np.bool_)
    is_hard[second_row[(meeting.stop > meeting.start) & ~covers]] = True
    moved = _move(first, second, meeting, np.flatnonzero(covers & ~is_hard[second_row]))
    untouched = first.filter(pa.array(_is_untouched(first, meeting, covers) & ~is_hard[first_row]))
    parts = [untouched, moved.filter(pa.array(~is_hard[moved.column("row").to_numpy()]))]
    if is_hard.any():
        earlier, later = _by_row(first, is_hard[first_row]), _by_row(second, is_hard[second_row])
        joined = [edit for row in later for edit in join(earlier.get(row, []), later[row], repairs)]
        parts.append(pa.Table.from_pylist(joined, first.schema))
    return sort_edits(pa.concat_tables(parts))


def _by_row(edits: pa.Table, mask: Mask) -> dict[int, list[Edit]]:
    rows: dict[int, list[Edit]] = {}
    for edit in edits.filter(pa.array(mask)).to_pylist():
        rows.setdefault(edit["row"], []).append(edit)
    return rows


def sort_edits(edits: pa.Table) -> pa.Table:
    """Sort edits of one field by row and start."""
    keys = _keys(edits.column("row").to_numpy(), edits.column("start").to_numpy())
    return edits.combine_chunks().take(pa.array(np.argsort(keys, kind="stable")))


def _keys(row: Ints, offset: Ints) -> Ints:
    """Return places in the texts of a batch as numbers that sort by text and offset."""
    return row << _OFFSET_BITS | offset


@dataclass(frozen=True)
class _Meeting:
    """Which edits of the first round each edit of the second round meets, and how far its two ends move.

    Edit i of the second round spans `[begins[i], ends[i])` of the text between, and meets the edits `start[i]` to
    `stop[i]` of the first round, `stop[i]` excluded. Edit j of the first round has left what it wrote at
    `[left[j], right[j])`. These places are keys of a text and an offset.
    """

    left: Ints
    right: Ints
    begins: Ints
    ends: Ints
    start: Ints
    stop: Ints
    start_shift: Ints
    end_shift: Ints


def _meet(first: pa.Table, second: pa.Table) -> _Meeting:
    """Find out which edits of two rounds meet.

    The raw text "one &amp; two" became "one & two" by an edit of [4, 9) that wrote one character, at [4, 5) of the text
    between. An edit of [6, 9) there, "two", does not meet it. It moves by 4, to [10, 13).
    """
    row, start, end = (first.column(name).to_numpy() for name in ("row", "start", "end"))
    length = pc.utf8_length(first.column("after")).to_numpy()
    # how many code points shorter all edits before each one, of all texts, have made the batch
    shorter = offsets_of(end - start - length)
    in_text = shorter[:-1] - shorter[np.searchsorted(row, row)]  # those of its own text alone
    left = _keys(row, start - in_text)
    right = left + length
    second_row = second.column("row").to_numpy()
    begins, ends = (_keys(second_row, second.column(name).to_numpy()) for name in ("start", "end"))
    met = np.searchsorted(right, begins, side="right")  # an edit that ends where another begins does not meet it
    stop = np.maximum(np.searchsorted(left, ends, side="left"), met)
    before_text = shorter[np.searchsorted(row, second_row)]
    return _Meeting(left, right, begins, ends, met, stop, shorter[met] - before_text, shorter[stop] - before_text)


def _covers_repairs(first: pa.Table, meeting: _Meeting, repairs: Collection[str]) -> Mask:
    """Return for each edit of the second round whether it meets edits, all of them repairs, and covers each whole."""
    last = len(meeting.left) - 1
    begins_before = meeting.begins <= meeting.left[np.minimum(meeting.start, last)]
    ends_behind = meeting.right[meeting.stop - 1] <= meeting.ends
    is_repair = pc.is_in(first.column("rule"), pa.array(sorted(repairs), first.column("rule").type)).to_numpy()
    cuts = offsets_of((~is_repair).astype(np.int64))  # how many edits before each one are cuts
    meets_repairs = (meeting.stop > meeting.start) & (cuts[meeting.start] == cuts[meeting.stop])
    covers: Mask = meets_repairs & begins_before & ends_behind
    return covers


def _is_untouched(first: pa.Table, meeting: _Meeting, covers: Mask) -> Mask:
    """Return for each edit of the first round whether no edit of the second round covers it."""
    # +1 where a cover begins, -1 where it ends: the running sum counts the covers of each edit
    steps = np.zeros(first.num_rows + 1, np.int64)
    np.add.at(steps, meeting.start[covers], 1)
    np.add.at(steps, meeting.stop[covers], -1)
    untouched: Mask = np.cumsum(steps)[:-1] == 0
    return untouched


def _move(first: pa.Table, second: pa.Table, meeting: _Meeting, covering: Ints) -> pa.Table:
    """Move the edits of the second round to raw offsets. Those at `covering` get the raw text that repairs replaced."""
    moved = second
    for name, shift in (("start", meeting.start_shift), ("end", meeting.end_shift)):
        moved = _set_column(moved, name, pa.array(second.column(name).to_numpy() + shift))
    if not len(covering):
        return moved
    mask = np.zeros(second.num_rows, np.bool_)
    mask[covering] = True
    before = moved.column("before").combine_chunks()
    raw = pa.array(_raw_texts(first, second, meeting, covering), before.type)
    moved = _set_column(moved, "before", pc.replace_with_mask(before, pa.array(mask), raw))
    # a repair that another one took back is no edit
    return moved.filter(pc.not_equal(moved.column("before"), moved.column("after")))


def _raw_texts(first: pa.Table, second: pa.Table, meeting: _Meeting, covering: Ints) -> list[str]:
    """Return the raw text below each edit at `covering`: what it replaces, with the repairs in it taken back."""
    texts = second.column("before").take(pa.array(covering)).to_pylist()
    counts = meeting.stop[covering] - meeting.start[covering]
    covered = ranges(meeting.start[covering], counts)  # the repairs below each edit, one edit behind the other
    begins = np.repeat(meeting.begins[covering], counts)
    repairs = zip(
        (meeting.left[covered] - begins).tolist(),
        (meeting.right[covered] - begins).tolist(),
        first.column("before").take(pa.array(covered)).to_pylist(),
        strict=True,
    )
    return [_replace_spans(text, islice(repairs, count)) for text, count in zip(texts, counts.tolist(), strict=True)]


def _replace_spans(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Replace spans of a text, given with their replacements.

    >>> _replace_spans("A & B & C", [(2, 3, "&amp;"), (6, 7, "+")])
    'A &amp; B + C'
    """
    pieces, at = [], 0
    for start, end, replacement in spans:
        pieces += [text[at:start], replacement]
        at = end
    return "".join([*pieces, text[at:]])


def _set_column(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def join(first: list[Edit], second: list[Edit], repairs: Collection[str]) -> list[Edit]:
    """Join the edits of two rounds on one text. Both lists are sorted by start, and so is the result.

    >>> def edit(rule, start, before, after=""):
    ...     return {"rule": rule, "start": start, "end": start + len(before), "before": before, "after": after}
    >>> for joined in join([edit("repair", 3, "&amp;", "&")], [edit("tail", 1, "b & c")], {"repair"}):
    ...     print(joined["rule"], joined["start"], repr(joined["before"]))
    tail 1 'b &amp; c'
    >>> for joined in join([edit("cut", 3, "ad")], [edit("tail", 1, "bbcc")], {"repair"}):
    ...     print(joined["rule"], joined["start"], repr(joined["before"]))
    tail 1 'bb'
    cut 3 'ad'
    tail 5 'cc'
    """
    joiner = _Joiner(first, repairs)
    for edit in second:
        joiner.add(edit)
    return joiner.finish()


class _Joiner:
    """Joins the edits of two rounds on one text: takes those of the second round one by one."""

    def __init__(self, first: list[Edit], repairs: Collection[str]) -> None:
        self._joined: list[Edit] = []
        self._waiting = deque(first)  # those of the first round that come next
        self._repairs = repairs
        self._shift = 0  # raw offset less offset in the text between, before the edit that waits
        self._absorbed_to = -1  # where in the text between the writing ends that the last joined edit has absorbed

    def add(self, edit: Edit) -> None:
        """Add an edit of the second round."""
        while self._waiting and self._place_of_next()[1] <= edit["start"]:
            self._joined.append(self._waiting[0])
            self._drop_next()
        part, at = self._begin(edit)
        while self._waiting and self._place_of_next()[0] < edit["end"]:
            left, right = self._place_of_next()
            part["before"] += edit["before"][at - edit["start"] : max(left - edit["start"], 0)]
            if left == right and self._waiting[0]["rule"] not in self._repairs:
                part = self._divide(part)
            else:
                self._absorb(part, at, edit["end"])
            at = max(at, min(right, edit["end"]))
            self._drop_next()
        part["before"] += edit["before"][at - edit["start"] :]
        if part["before"]:
            self._joined.append(part)

    def finish(self) -> list[Edit]:
        """Return all edits at their raw offsets, without those that change nothing."""
        joined = [*self._joined, *self._waiting]
        for edit in joined:
            edit["end"] = edit["start"] + len(edit["before"])
        return [edit for edit in joined if edit["before"] != edit["after"]]

    def _place_of_next(self) -> tuple[int, int]:
        """Return where in the text between the edit that waits has left what it wrote."""
        left = self._waiting[0]["start"] - self._shift
        return left, left + len(self._waiting[0]["after"])

    def _drop_next(self) -> None:
        edit = self._waiting.popleft()
        self._shift += len(edit["before"]) - len(edit["after"])

    def _begin(self, edit: Edit) -> tuple[Edit, int]:
        """Return the joined edit to begin with, and up to where in the text between it explains the raw text."""
        start = edit["start"]
        if start >= self._absorbed_to:
            return {**edit, "start": start + self._shift, "before": ""}, start
        # it changes what the last joined edit has absorbed: both are one
        last = self._joined.pop()
        kept = len(last["after"]) - (self._absorbed_to - start)
        rest = last["after"][kept:][edit["end"] - start :]
        return {**last, "after": last["after"][:kept] + edit["after"] + rest}, min(self._absorbed_to, edit["end"])

    def _divide(self, part: Edit) -> Edit:
        """End a joined edit at the cut that waits, and return one that goes on behind the cut."""
        cut = self._waiting[0]
        if part["before"]:
            self._joined.append(part)
            part = {**part, "after": ""}
        self._joined.append(cut)
        return {**part, "start": cut["end"], "before": ""}

    def _absorb(self, part: Edit, at: int, end: int) -> None:
        """Let a joined edit, which reaches from `at` to `end` in the text between, take in the edit that waits."""
        earlier, (left, right) = self._waiting[0], self._place_of_next()
        if left < at and not part["before"]:  # it begins inside of what the other wrote
            part["start"] = earlier["start"]
            part["after"] = earlier["after"][: at - left] + part["after"]
        part["before"] += earlier["before"]
        part["after"] += earlier["after"][max(end - left, 0) :]
        self._absorbed_to = right

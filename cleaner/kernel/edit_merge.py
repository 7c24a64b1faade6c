"""Two rounds of edits made into one, with offsets in the raw text.

A later edit that reaches over an earlier cut is divided at it, so that each part of the raw text is explained by the
rule that cut it. Over characters that were written anew it goes in one, and what stood there in the raw text is told
as what it has cut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...schemas.byte_arrays import Ints, Mask
    from .types import CleanedTexts

Edit = dict[str, Any]

_ROW = 40  # bits for an offset in a text, beside the number of the text


def compose(first: CleanedTexts, second: CleanedTexts, rows: list[int], repairs: Collection[str]) -> CleanedTexts:
    """Put what the second round did to the texts `rows` (ascending) that `first` left behind what the first one did.

    `repairs` are the rules that write characters anew.
    """
    from .types import CleanedTexts

    again = np.zeros(len(first.texts), np.bool_)
    again[rows] = True
    learned = dict(first.learned)
    for position, found in second.learned.items():
        known = learned.get(rows[position])
        if known is None:
            learned[rows[position]] = found
        else:
            more = [headline for headline in found.headlines if headline not in known.headlines]
            source_name = known.source_name or found.source_name
            learned[rows[position]] = replace(known, headlines=[*known.headlines, *more], source_name=source_name)
    known_but_kept = first.known_but_kept.copy()
    known_but_kept[rows] = second.known_but_kept
    texts = pc.replace_with_mask(first.texts, pa.array(again), second.texts)
    page = first.page.copy()
    page[rows] |= second.page
    edits = join_edits(first.edits, with_rows(second.edits, rows), repairs)
    return CleanedTexts(texts, edits, learned, known_but_kept, page)


def with_rows(edits: pa.Table, rows: list[int] | Ints) -> pa.Table:
    """Give edits of a part of a batch with the rows that they have in the whole of it."""
    numbers = np.asarray(rows, np.int64)[edits.column("row").to_numpy()]
    return edits.set_column(0, "row", pa.array(numbers, pa.int64()))


def join_edits(first: pa.Table, second: pa.Table, repairs: Collection[str]) -> pa.Table:
    """Take the edits of a second round, made on what the first one left, to raw offsets; give those of both, sorted."""
    if not first.num_rows or not second.num_rows:
        return first if first.num_rows else second
    met = _meet(first, second)
    whole = _reaches_over(first, met, repairs)
    of, rows = first.column("row").to_numpy(), second.column("row").to_numpy()
    # texts in which an edit of the second round meets others in any other way are worked out one by one
    touched = np.zeros(int(max(of[-1], rows[-1])) + 1, np.bool_)
    touched[rows[(met.stop > met.start) & ~whole]] = True
    moved = _move(first, second, met, np.flatnonzero(whole & ~touched[rows]))
    alone = first.filter(pa.array(_left_alone(first, met, whole) & ~touched[of]))
    apart = [alone, moved.filter(pa.array(~touched[moved.column("row").to_numpy()]))]
    if touched.any():
        pending: dict[int, tuple[list[Edit], list[Edit]]] = {row: ([], []) for row in np.flatnonzero(touched).tolist()}
        for number, (table, row) in enumerate(((first, of), (second, rows))):
            for edit in table.filter(pa.array(touched[row])).to_pylist():
                pending[edit["row"]][number].append(edit)
        joined = [edit for row in pending for edit in join(*pending[row], repairs)]
        apart.append(pa.Table.from_pylist(joined, first.schema))
    return sort_edits(pa.concat_tables(apart))


def sort_edits(edits: pa.Table) -> pa.Table:
    """Sort edits of one field by row and start."""
    keys = edits.column("row").to_numpy() << _ROW | edits.column("start").to_numpy()
    return edits.combine_chunks().take(pa.array(np.argsort(keys, kind="stable")))


@dataclass(frozen=True)
class _Met:
    """Which edits of the first round each one of the second meets, `[start, stop)`, and how far its two ends move.

    `left` and `right` say of those of the first round where what they wrote stands in the text between, by row.
    """

    left: Ints
    right: Ints
    begins: Ints
    ends: Ints
    start: Ints
    stop: Ints
    start_shift: Ints
    end_shift: Ints


def _meet(first: pa.Table, second: pa.Table) -> _Met:
    row, start, end = (first.column(name).to_numpy() for name in ("row", "start", "end"))
    length = pc.utf8_length(first.column("after")).to_numpy()
    shorter = np.concatenate([np.zeros(1, np.int64), np.cumsum(end - start - length)])
    # how much shorter each text had become where one of its edits begins, and where it ends
    left = row << _ROW | start - (shorter[:-1] - shorter[np.searchsorted(row, row)])
    right = left + length
    of, begins, ends = (second.column(name).to_numpy() for name in ("row", "start", "end"))
    begins, ends = of << _ROW | begins, of << _ROW | ends
    before = np.searchsorted(right, begins, side="right")
    after = np.maximum(np.searchsorted(left, ends, side="left"), before)
    base = shorter[np.searchsorted(row, of)]
    return _Met(left, right, begins, ends, before, after, shorter[before] - base, shorter[after] - base)


def _reaches_over(first: pa.Table, met: _Met, repairs: Collection[str]) -> Mask:
    """Say of each edit of the second round whether it meets repairs, nothing but repairs, and all of each."""
    last = len(met.left) - 1
    within = (met.left[np.minimum(met.start, last)] >= met.begins) & (met.right[met.stop - 1] <= met.ends)
    repaired = pc.is_in(first.column("rule"), pa.array(sorted(repairs), first.column("rule").type)).to_numpy()
    others = np.concatenate([np.zeros(1, np.int64), np.cumsum(~repaired)])
    whole: Mask = (met.stop > met.start) & within & (others[met.start] == others[met.stop])
    return whole


def _left_alone(first: pa.Table, met: _Met, whole: Mask) -> Mask:
    """Say of each edit of the first round whether none of the second reaches over it."""
    bounds = np.zeros(first.num_rows + 1, np.int64)
    np.add.at(bounds, met.start[whole], 1)
    np.add.at(bounds, met.stop[whole], -1)
    alone: Mask = np.cumsum(bounds)[:-1] == 0
    return alone


def _move(first: pa.Table, second: pa.Table, met: _Met, whole: Ints) -> pa.Table:
    """Give the edits of the second round at raw offsets; those at `whole` with what had stood there before repairs."""
    moved = second
    for name, shift in (("start", met.start_shift), ("end", met.end_shift)):
        offsets = pa.array(second.column(name).to_numpy() + shift)
        moved = moved.set_column(moved.column_names.index(name), name, offsets)
    if not len(whole):
        return moved
    texts = second.column("before").take(pa.array(whole)).to_pylist()
    counts = met.stop[whole] - met.start[whole]
    inner = np.repeat(met.start[whole] - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
    begins = np.repeat(met.begins[whole], counts)
    repaired = zip(
        (met.left[inner] - begins).tolist(),
        (met.right[inner] - begins).tolist(),
        first.column("before").take(pa.array(inner)).to_pylist(),
        strict=True,
    )
    raw = []
    for text, count in zip(texts, counts.tolist(), strict=True):
        pieces, at = [], 0
        for left, right, before in islice(repaired, count):
            pieces += [text[at:left], before]
            at = right
        raw.append("".join([*pieces, text[at:]]))
    mask = np.zeros(second.num_rows, np.bool_)
    mask[whole] = True
    texts = moved.column("before").combine_chunks()
    texts = pc.replace_with_mask(texts, pa.array(mask), pa.array(raw, texts.type))
    moved = moved.set_column(moved.column_names.index("before"), "before", texts)
    # what a repair wrote, and another one took back, is no edit
    return moved.filter(pc.not_equal(moved.column("before"), moved.column("after")))


def join(first: list[Edit], second: list[Edit], repairs: Collection[str]) -> list[Edit]:
    """Take the edits of a second round to raw offsets and give those of both rounds; all of one text, sorted."""
    result: list[Edit] = []
    earlier = iter(first)
    cut = next(earlier, None)
    shorter = 0  # by how many code points the text had become shorter before the cut that comes next
    joined_to = -1  # where in the text between the last edit of the result ends, if it took in one of the first round
    for edit in second:
        while cut is not None and cut["start"] - shorter + len(cut["after"]) <= edit["start"]:
            result.append(cut)
            shorter += len(cut["before"]) - len(cut["after"])
            cut = next(earlier, None)
        at, part = edit["start"], {**edit, "start": edit["start"] + shorter, "before": ""}
        if at < joined_to:  # it changes what the last one left: both are one
            last = result.pop()
            kept = len(last["after"]) - (joined_to - at)
            tail = last["after"][kept:][edit["end"] - at :]
            part = {**last, "after": last["after"][:kept] + edit["after"] + tail}
            at = min(joined_to, edit["end"])
        while cut is not None and cut["start"] - shorter < edit["end"]:
            left = cut["start"] - shorter
            right = left + len(cut["after"])
            part["before"] += edit["before"][max(at, edit["start"]) - edit["start"] : max(left - edit["start"], 0)]
            if left == right and cut["rule"] not in repairs:
                if part["before"]:
                    result.append(part)
                    part = {**part, "after": ""}
                result.append(cut)
                part = {**part, "start": cut["end"], "before": ""}
            else:
                if left < at and not part["before"]:
                    part["start"] = cut["start"]
                    part["after"] = cut["after"][: at - left] + part["after"]
                part["before"] += cut["before"]
                part["after"] += cut["after"][max(edit["end"] - left, 0) :]
                joined_to = right
            at = max(at, min(right, edit["end"]))
            shorter += len(cut["before"]) - len(cut["after"])
            cut = next(earlier, None)
        part["before"] += edit["before"][at - edit["start"] :]
        if part["before"]:
            result.append(part)
    result += [cut, *earlier] if cut is not None else []
    for edit in result:
        edit["end"] = edit["start"] + len(edit["before"])
    return [edit for edit in result if edit["before"] != edit["after"]]

"""Two rounds of edits made into one, with offsets in the raw text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from .kernel import Cleaned

Edit = dict[str, Any]


def compose(first: Cleaned, second: Cleaned, rows: list[int]) -> Cleaned:
    """Put the edits of `second`, made on the texts `rows` (ascending) that `first` left, behind those of `first`.

    An edit of the second round that reaches over a cut of the first is divided at it, so that each part of the raw
    text is explained by the rule that cut it.
    """
    from .kernel import EDITS, Cleaned

    again = np.zeros(len(first.texts), np.bool_)
    again[rows] = True
    of_these = pa.array(again[first.edits.column("row").to_numpy()])
    pending: dict[int, list[Edit]] = {row: [] for row in rows}
    for edit in first.edits.filter(of_these).to_pylist():
        pending[edit["row"]].append(edit)
    more: dict[int, list[Edit]] = {row: [] for row in rows}
    for edit in second.edits.to_pylist():
        more[rows[edit["row"]]].append({**edit, "row": rows[edit["row"]]})
    joined = [edit for row in rows for edit in _join(pending[row], more[row])]
    edits = pa.concat_tables([first.edits.filter(pc.invert(of_these)), pa.Table.from_pylist(joined, EDITS)])
    edits = edits.combine_chunks().sort_by([("row", "ascending"), ("start", "ascending")])
    learned = dict(first.learned)
    for position, found in second.learned.items():
        known = learned.get(rows[position])
        if known is None:
            learned[rows[position]] = found
        else:
            known.headlines += [headline for headline in found.headlines if headline not in known.headlines]
            known.source_name = known.source_name or found.source_name
    left_over = first.left_over.copy()
    left_over[rows] = second.left_over
    texts = pc.replace_with_mask(first.texts, pa.array(again), second.texts)
    page = first.page.copy()
    page[rows] |= second.page
    return Cleaned(texts, edits, learned, left_over, page)


def _join(first: list[Edit], second: list[Edit]) -> list[Edit]:
    """Take the second round's edits back to raw offsets, past the first round's cuts."""
    result = list(first)
    for edit in second:
        for start, end, offset in _raw_spans(first, edit["start"], edit["end"]):
            before = edit["before"][offset : offset + end - start]
            result.append({**edit, "start": start, "end": end, "before": before})
    return sorted(result, key=lambda edit: (edit["start"], edit["end"]))


def _raw_spans(cuts: list[Edit], start: int, end: int) -> list[tuple[int, int, int]]:
    """Give the raw spans that `[start, end)` of the text after `cuts` stands for, each with its offset in it."""
    spans = []
    removed = 0  # code points cut so far
    at = start
    for cut in cuts:
        position = cut["start"] - removed  # where the cut lies in the text after it
        if position > at:
            stop = min(position, end)
            if at < stop:
                spans.append((at + removed, stop + removed, at - start))
            at = max(at, stop)
        if at >= end:
            break
        removed += cut["end"] - cut["start"]
    if at < end:
        spans.append((at + removed, end + removed, at - start))
    return spans

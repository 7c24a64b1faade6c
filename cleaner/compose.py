"""Two rounds of edits made into one, with offsets in the raw text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from .kernel import Cleaned

Edit = dict[str, Any]


def compose(first: Cleaned, second: Cleaned, rows: list[int]) -> Cleaned:
    """Put the edits of `second`, made on the texts `rows` that `first` left, behind those of `first`.

    An edit of the second round that reaches over a cut of the first is divided at it, so that each part of the raw
    text is explained by the rule that cut it.
    """
    from .kernel import EDITS, Cleaned

    again = set(rows)
    by_row: dict[int, list[Edit]] = {row: [] for row in rows}
    for edit in second.edits.to_pylist():
        by_row[rows[edit["row"]]].append({**edit, "row": rows[edit["row"]]})
    merged: list[Edit] = []
    pending: dict[int, list[Edit]] = {row: [] for row in rows}
    for edit in first.edits.to_pylist():
        (pending[edit["row"]] if edit["row"] in again else merged).append(edit)
    for row in rows:
        merged += _join(pending[row], by_row[row])
    merged.sort(key=lambda edit: (edit["row"], edit["field"], edit["start"], edit["end"]))
    texts = first.texts.to_pylist()
    for row, text in zip(rows, second.texts.to_pylist(), strict=True):
        texts[row] = text
    learned = dict(first.learned)
    for position, more in second.learned.items():
        known = learned.get(rows[position])
        if known is None:
            learned[rows[position]] = more
        else:
            known.headlines += [headline for headline in more.headlines if headline not in known.headlines]
            known.source_name = known.source_name or more.source_name
    left_over = first.left_over.copy()
    left_over[rows] = second.left_over
    return Cleaned(pa.array(texts, pa.large_string()), pa.Table.from_pylist(merged, EDITS), learned, left_over)


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

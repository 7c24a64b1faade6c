"""Chains of artifacts in flow: "Most Read Related Articles Privacy Policy", where no punctuation parts the phrases.

The break model splits most of them. What it leaves is a short line that no rule knows. Such a line is split further
where all of it, its beginning or its end is made of phrases that rules know.

>>> tile(3, {(0, 1), (1, 3)})
[1]
>>> tile(3, {(0, 1)}), tile(3, {(2, 3)}), tile(3, {(1, 2)})
([1], [2], [])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ..lines.split import looks_like_prose, split
from ..match.zones import MAX_BYTES, find_hits

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ....schemas.byte_arrays import Ints, Mask
    from ..lines.split import Lines
    from ..match.matcher import Phrases
    from ..match.zones import PhraseHits
    from .flow import Places

POSSIBLE = -3.0  # score of a place where a phrase may end
MOST = 6  # places of a line that are tried


def find_chain_breaks(
    lines: Lines, flow: Mask, hits: PhraseHits, places: Places, groups: Sequence[Phrases]
) -> tuple[Ints, Ints]:
    """Return further breaks within the lines of flow that no rule knows, as spans `[stop, after)` in bytes."""
    unknown = flow[lines.row] & (lines.end - lines.start <= MAX_BYTES) & ~looks_like_prose(lines)
    unknown[hits.line] = False
    possible = np.flatnonzero((places.score > POSSIBLE) & ~places.small)
    stop, after = places.stop[possible], places.after[possible]
    first, last = np.searchsorted(stop, lines.start, side="right"), np.searchsorted(stop, lines.end)
    pieces: list[str] = []
    spans: list[tuple[int, int, int]] = []  # the number of the line, and between which of its places a piece is
    tried: dict[int, Ints] = {}
    for line in np.flatnonzero(unknown & (last > first)).tolist():
        inner = _likeliest(np.arange(first[line], last[line]), places.score[possible])
        tried[line] = inner
        starts = [int(lines.start[line]), *after[inner].tolist()]
        stops = [*stop[inner].tolist(), int(lines.end[line])]
        for begin in range(len(starts)):
            for end in range(begin, len(stops)):
                if (begin, end) != (0, len(stops) - 1):
                    pieces.append(lines.data[starts[begin] : stops[end]].tobytes().decode())
                    spans.append((line, begin, end + 1))
    known: dict[int, set[tuple[int, int]]] = {}
    found = split(pa.array(pieces, pa.large_string()))
    for piece in np.unique(found.row[find_hits(found, groups).line]).tolist():
        line, begin, end = spans[piece]
        known.setdefault(line, set()).add((begin, end))
    chosen = [tried[line][place - 1] for line, tiles in known.items() for place in tile(len(tried[line]) + 1, tiles)]
    index = np.sort(np.array(chosen, np.int64))
    return stop[index], after[index]


def _likeliest(inner: Ints, score: np.ndarray) -> Ints:
    """Return the places with the highest scores, in their order."""
    if len(inner) <= MOST:
        return inner
    return np.sort(inner[np.argsort(-score[inner], kind="stable")[:MOST]])


def tile(count: int, tiles: Collection[tuple[int, int]]) -> list[int]:
    """Return where to split a line of `count` parts, so that known tiles `(begin, end)` cover all of it.

    If they do not, tiles at its beginning and at its end are split off. Fewer and longer tiles are better.
    """
    forward = _cover(0, count, tiles)
    if count in forward:
        return forward[count][1:]
    mirrored = {(count - end, count - begin) for begin, end in tiles}
    head = max(forward)
    tail = count - max(_cover(0, count - head, mirrored))
    splits = forward[head][1:] + [head] * (head > 0)
    back = [count - place for place in _cover(0, count - head, mirrored)[count - tail][1:]]
    return sorted({*splits, *back, *([tail] if tail < count else [])})


def _cover(begin: int, count: int, tiles: Collection[tuple[int, int]]) -> dict[int, list[int]]:
    """Return for each place that tiles reach from the first one the beginnings of the fewest tiles that do."""
    reached: dict[int, list[int]] = {begin: []}
    for place in range(begin, count):
        for end in range(place + 1, count + 1):
            if place in reached and (place, end) in tiles:
                path = [*reached[place], place]
                if end not in reached or len(path) < len(reached[end]):
                    reached[end] = path
    return reached

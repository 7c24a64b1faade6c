"""Chains of artifacts in flow: "Most Read Related Articles Privacy Policy", where no punctuation parts the phrases.

The break model splits most of them. What it leaves is tried against the phrases that rules know, part by part: all of
a short line that no rule knows, and the beginning and the end of a line of prose. A chain is followed from both ends
of a line, and most readily where the line next to it is a phrase, too.

>>> tile(3, {(0, 1), (1, 3)})
[1]
>>> tile(3, {(0, 1)}), tile(3, {(2, 3)}), tile(3, {(1, 2)})
([1], [2], [])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ..arrays import ranges, starts_run
from ..lines.split import looks_like_prose, split
from ..match.zones import MAX_BYTES, find_hits

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ....schemas.byte_arrays import Bytes, Ints, Mask
    from ..lines.split import Lines
    from ..match.matcher import Phrases
    from ..match.zones import PhraseHits
    from .flow import Places

POSSIBLE = -3.0  # score of a place where a phrase may end
ALONE = -1.0  # the same for a phrase of one word at the edge of prose, with no phrase next to it
LED = -6.5  # the same behind a label and its headline, where a sentence follows
LABEL_BYTES, SENTENCE_BYTES = 48, 40  # at most of a label, at least of the sentence behind it
FRAGMENT_BYTES = 24  # at most of the end of a sentence that no line begins with
MOST = 6  # places of a line that are tried
EDGE = 5  # places that are tried at one edge of prose
_LINE, _HEAD, _TAIL = range(3)  # which part of a line is tried: all of it, or an edge of prose


@dataclass(frozen=True)
class _Parts:
    """Parts of lines that are tried, as bounds: the beginning, places where it may be split, and the end.

    `kind` and `line` are those of each part, and bound k of part p is `place[first[p] + k]`: the index of a place, or
    one behind the last place for the beginning of the line, and two behind it for its end.
    """

    kind: Ints
    line: Ints
    first: Ints
    place: Ints
    anchored: Mask
    """Parts of lines next to a phrase, or to the end of the text."""


def find_chain_breaks(
    lines: Lines, flow: Mask, hits: PhraseHits, places: Places, groups: Sequence[Phrases]
) -> tuple[Ints, Ints]:
    """Return further breaks within the lines of flow that no rule knows, as spans `[stop, after)` in bytes."""
    parts = _find_parts(lines, flow, hits, places)
    part, begin, end = _pair_bounds(parts)
    # bounds as bytes; the last two are set for each line
    line = parts.line[part]
    count = len(places.stop)
    first, last = parts.place[parts.first[part] + begin], parts.place[parts.first[part] + end]
    begin_of = np.where(parts.kind == _HEAD, _find_openings(lines, hits)[parts.line], lines.start[parts.line])
    start = np.where(first < count, np.append(places.after, [0, 0])[first], begin_of[part])
    stop = np.where(last < count, np.append(places.stop, [0, 0])[last], lines.end[line])
    known = _find_known(lines.data, start, stop, groups)
    weakest = np.append(places.score, [np.inf, np.inf])
    one_word = ~_has_space(lines.data, start, stop)
    score = np.minimum(weakest[first], weakest[last])
    known &= np.where(score > POSSIBLE, parts.anchored[part] | ~one_word | (score > ALONE), begin == 0)
    # a label belongs to the headline behind it, and the last words of a headline to the others
    after_colon = lines.data[places.stop - 1] == ord(":")
    preferred = np.where(after_colon | _leaves_fragment(places), np.float32(LED - 1), places.score)
    chosen = _choose(parts, part[known], begin[known], end[known], preferred)
    return places.stop[chosen], places.after[chosen]


def _leaves_fragment(places: Places) -> Mask:
    """Return which places are within a sentence that ends a few bytes later, as in "opens in | June."."""
    ends = places.stop[places.sentence]
    if not len(ends):
        return np.zeros(len(places.stop), np.bool_)
    following = ends[np.minimum(np.searchsorted(ends, places.after), len(ends) - 1)]
    leaves: Mask = ~places.sentence & (following > places.after) & (following - places.after <= FRAGMENT_BYTES)
    return leaves


def _find_openings(lines: Lines, hits: PhraseHits) -> Ints:
    """Return where each line begins, together with a label such as "Read more:" in the line before."""
    label = np.zeros(len(lines), np.bool_)
    label[hits.line] = lines.data[lines.end[hits.line] - 1] == ord(":")
    opening: Ints = lines.start.copy()
    behind = np.flatnonzero(label[:-1] & (lines.row[1:] == lines.row[:-1])) + 1
    opening[behind] = lines.start[behind - 1]
    return opening


def _has_colon(lines: Lines) -> Mask:
    """Return which lines have a colon near their beginning."""
    colons = np.flatnonzero(lines.data == ord(":"))
    if not len(colons):
        return np.zeros(len(lines), np.bool_)
    found = colons[np.minimum(np.searchsorted(colons, lines.start), len(colons) - 1)]
    has: Mask = (found >= lines.start) & (found < np.minimum(lines.start + LABEL_BYTES, lines.end))
    return has


def _find_parts(lines: Lines, flow: Mask, hits: PhraseHits, places: Places) -> _Parts:
    """Return the parts of lines that are tried, with the places in them."""
    hit = np.zeros(len(lines), np.bool_)
    hit[hits.line] = True
    prose = looks_like_prose(lines)
    # what looks like prose may be a prompt and a sentence, and the pattern of the prompt fits both
    tried = flow[lines.row] & (~hit | prose)
    short = tried & ~prose & (lines.end - lines.start <= MAX_BYTES)
    possible = np.flatnonzero((places.score > LED) & ~places.small)
    line = np.searchsorted(lines.start, places.stop[possible], side="right") - 1
    inside = (line >= 0) & tried[line] & (places.stop[possible] > lines.start[line])
    inside &= places.after[possible] < lines.end[line]
    led = (_has_colon(lines) | (_find_openings(lines, hits) < lines.start)) & prose
    inside &= (places.score[possible] > POSSIBLE) | (
        led[line] & (lines.end[line] - places.after[possible] >= SENTENCE_BYTES)
    )
    place, line = possible[inside], line[inside]
    score = places.score[place]
    kept = [_keep_first(line, -score, short[line], MOST)]
    near = np.concatenate([[True], hit, [True]])
    begins = starts_run(lines.row)
    anchored = [np.ones(len(lines), np.bool_), near[:-2] | begins, near[2:] | np.append(begins[1:], True)]
    for long, distance in (
        (tried & prose, places.stop[place] - lines.start[line]),
        (tried & prose & ~hit & ~led, lines.end[line] - places.after[place]),
    ):
        kept.append(_keep_first(line, distance, long[line] & (distance <= MAX_BYTES), EDGE))
    count = len(places.stop)
    columns: list[tuple[Ints, Ints, Ints]] = []  # kind, line, place; the bounds of the line are added
    for kind, chosen in enumerate(kept):
        of_kind = line[chosen]
        unique = np.unique(of_kind)
        bounds = [(of_kind, place[chosen])]
        bounds += [(unique, np.full(len(unique), count))] if kind != _TAIL else []
        bounds += [(unique, np.full(len(unique), count + 1))] if kind != _HEAD else []
        at_line, at_place = (np.concatenate(column) for column in zip(*bounds, strict=True))
        order = np.lexsort((np.where(at_place == count, -1, at_place), at_line))
        columns.append((np.full(len(order), kind), at_line[order], at_place[order]))
    kind_of, line_of, place_of = (np.concatenate(column) for column in zip(*columns, strict=True))
    first = np.flatnonzero(starts_run(kind_of * len(lines) + line_of))
    return _Parts(kind_of[first], line_of[first], first, place_of, np.stack(anchored)[kind_of[first], line_of[first]])


def _keep_first(line: Ints, key: np.ndarray, fits: Mask, most: int) -> Ints:
    """Return the indices of the `most` elements of each line with the lowest keys, among those that fit, in order."""
    index = np.flatnonzero(fits)
    order = index[np.lexsort((key[index], line[index]))]
    begins = np.flatnonzero(starts_run(line[order]))
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    return np.sort(order[rank < most])


def _pair_bounds(parts: _Parts) -> tuple[Ints, Ints, Ints]:
    """Return the pairs of bounds of each part that may hold a phrase: part, begin, end. All of a line holds none."""
    sizes = np.diff(np.append(parts.first, len(parts.place)))
    columns: list[tuple[Ints, Ints, Ints]] = [(np.empty(0, np.int64),) * 3]
    for size in np.unique(sizes).tolist():
        part = np.flatnonzero(sizes == size)
        begin, end = np.triu_indices(size, 1)
        columns.append((np.repeat(part, len(begin)), np.tile(begin, len(part)), np.tile(end, len(part))))
    part, begin, end = (np.concatenate(column) for column in zip(*columns, strict=True))
    whole = (parts.kind[part] == _LINE) & (begin == 0) & (end == sizes[part] - 1)
    return part[~whole], begin[~whole], end[~whole]


def _find_known(data: Bytes, start: Ints, stop: Ints, groups: Sequence[Phrases]) -> Mask:
    """Return which spans of a buffer are phrases that rules know. Spans with the same text are looked up once."""
    size = stop - start
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    copied = data[ranges(start, size)]
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(copied)]
    texts = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(start), buffers).dictionary_encode()
    found = split(texts.dictionary.cast(pa.large_string()))
    known = np.zeros(len(texts.dictionary), np.bool_)
    known[found.row[find_hits(found, groups).line]] = True
    mask: Mask = known[texts.indices.to_numpy()]
    return mask


def _has_space(data: Bytes, start: Ints, stop: Ints) -> Mask:
    """Return which spans have a space inside them."""
    spaces = np.flatnonzero(data == 32)
    if not len(spaces):
        return np.zeros(len(start), np.bool_)
    index = np.minimum(np.searchsorted(spaces, start), len(spaces) - 1)
    has: Mask = (spaces[index] >= start) & (spaces[index] < stop)
    return has


def _choose(parts: _Parts, part: Ints, begin: Ints, end: Ints, score: np.ndarray) -> Ints:
    """Return the places at which parts are split, given the pairs of bounds that hold a phrase."""
    tiles: dict[int, set[tuple[int, int]]] = {}
    for number, *pair in zip(part.tolist(), begin.tolist(), end.tolist(), strict=True):
        tiles.setdefault(number, set()).add((pair[0], pair[1]))
    bounds = np.append(parts.first, len(parts.place))
    scores = np.append(score, [np.inf, np.inf])
    chosen: set[int] = set()
    for number, known in tiles.items():
        place = parts.place[bounds[number] : bounds[number + 1]]
        kind = int(parts.kind[number])
        of_place = scores[place].tolist()
        split_at = tile(len(place) - 1, known) if kind == _LINE else follow(known, of_place, from_end=kind == _TAIL)
        chosen.update(place[split_at].tolist())
    return np.array(sorted(chosen), np.int64)


def follow(tiles: Collection[tuple[int, int]], scores: Sequence[float], *, from_end: bool) -> list[int]:
    """Return at which bounds to split an edge of prose: tile after tile, each to the bound with the highest score.

    >>> follow({(0, 1), (0, 2), (2, 3)}, [9, -2, 1, 0, 0], from_end=False)
    [2, 3]
    >>> follow({(2, 3), (1, 2)}, [0, 1, 2, 9], from_end=True)
    [2, 1]
    """
    at = len(scores) - 1 if from_end else 0
    passed: list[int] = []
    while True:
        reached = [begin if from_end else end for begin, end in sorted(tiles) if (end if from_end else begin) == at]
        if not reached:
            return passed
        at = max(reached, key=lambda bound: scores[bound])
        passed.append(at)


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

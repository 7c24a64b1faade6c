"""The network of the line gate, computed in integers.

All weights and activations are integers so small that 32-bit floats hold every sum of products exactly. So an output is
the same on any machine, in any order of summation, and with any other texts in the batch.

The input of a line is 48 numbers about its shape, 24 about its place, and the sums of vectors of its words, of its
pairs of words and of the line as a whole. A network for texts with markup reads 76 more that say what
it knew of the line; see `markup.structure`. Where nothing is known they are zero, so they take no time.

Layers then look at lines at three distances: one by one, four at a time and sixteen at a time, at the last one also at
the mean and maximum of the text. The results flow back to the lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..markup.structure import LANES
from .features import (
    HEAD,
    LINE_LANES,
    PLACE_LANES,
    TAIL,
    TOKEN_LANES,
    Words,
    hash_words,
    line_shape,
    padded,
    place,
    span_sums,
    token_shape,
    tokenize,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ...schemas.byte_arrays import Bytes, Ints

Floats = npt.NDArray[np.float32]

ACTIVATION = 32  # activations are multiples of 1/32, from 0 to 127 of them
WEIGHT = 64  # weights are multiples of 1/64, from -127 to 127 of them
TOP = 127
HASH_BITS = 20
NEAR, FAR = 4, 16  # lines that are combined at the second and third distance
PIECE = 1 << 20  # bytes that are read at a time
CHUNK = 8_000  # lines that go through the network at a time, roughly

_OWN = LINE_LANES + TOKEN_LANES
_ROOTS = np.array([0] + [n**-0.5 for n in range(1, HEAD + TAIL + 1)], np.float32)


@dataclass
class Prepared:
    """What the network reads in each line alone. It does not change when other lines are cut.

    `inputs` has the shape and the vectors of the words, one row for each line. `words` is the part of the score that
    comes from the words alone. `counted` is the number of words that count, `known` the number of those that have a
    vector of their own.
    """

    inputs: npt.NDArray[np.int8]
    words: Floats
    known: Ints
    counted: Ints
    structure: Bytes | None = None
    """What the markup of the texts said of each line; None if no text had any."""


class Table:
    """Vectors of hashed words. Four lanes of 16 bits are packed into one number, so that sums of many are cheap."""

    def __init__(self, known: Bytes, vectors: npt.NDArray[np.int8]) -> None:
        """Take a bitset of the hashes that have vectors, and the vectors. The first vector is that of other hashes."""
        hashes = np.flatnonzero(np.unpackbits(known).view(np.bool_))
        self.rank = np.zeros(8 * len(known), np.uint32)
        self.rank[hashes] = np.arange(1, len(hashes) + 1)
        lanes = (vectors.astype(np.int16) + 128).astype(np.uint16)
        self.columns = [
            np.ascontiguousarray(lanes[:, k : k + 4]).view(np.uint64).ravel() for k in range(0, lanes.shape[1], 4)
        ]
        self.scalars = vectors[:, 0].astype(np.int64)

    def rows(self, hashes: Words) -> Ints:
        """Return the number of the vector of each hash."""
        rows: Ints = self.rank[(hashes >> np.uint64(64 - HASH_BITS)).view(np.int64)].astype(np.int64)
        return rows

    def sums(self, rows: Ints, lo: Ints, hi: Ints) -> Floats:
        """Return the sums of the vectors of the spans `[lo, hi)` of rows."""
        out = np.empty((len(lo), len(self.columns)), np.uint64)
        for k, column in enumerate(self.columns):
            out[:, k] = span_sums(column[rows], lo, hi)
        lanes = out.view(np.uint16).astype(np.float32)
        lanes -= (128 * (hi - lo)).astype(np.float32)[:, None]  # each lane was stored with 128 added
        return lanes

    def vectors(self, rows: Ints) -> Floats:
        """Return the vector of each row."""
        out = np.empty((len(rows), len(self.columns)), np.uint64)
        for k, column in enumerate(self.columns):
            out[:, k] = column[rows]
        return out.view(np.uint16).astype(np.float32) - 128


class Network:
    """The weights, and the computation of the scores."""

    def __init__(self, path: Path) -> None:
        """Load the weights from an `.npz` file."""
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        self.word, self.pair, self.line = (
            Table(arrays[f"{name}_known"], arrays[f"{name}_vectors"]) for name in ("word", "pair", "line")
        )
        self.width = _OWN + sum(4 * len(table.columns) - 1 for table in (self.word, self.pair, self.line))
        names = [key.removesuffix("_matrix") for key in arrays if key.endswith("_matrix")]
        scale = np.float32(WEIGHT)
        self.matrix = {name: arrays[f"{name}_matrix"].astype(np.float32) / scale for name in names}
        # in weights for texts with markup, the last rows of two layers are those of the lanes of structure
        layers = ("input", "shape_in") if len(self.matrix["shape_in"]) > _OWN else ()
        self.of_lanes = {name: self.matrix[name][-LANES:] for name in layers}
        self.matrix |= {name: self.matrix[name][:-LANES] for name in layers}
        self.bias = {name: arrays[f"{name}_bias"].astype(np.float32) / scale for name in names}

    def prepare(self, data: Bytes, start: Ints, end: Ints, structure: Bytes | None = None) -> Prepared:
        """Read the lines `[start, end)` of a buffer, in order. Lines are not empty; a line feed follows each.

        `structure` has the lanes of each line, zeros for lines of texts without markup; None means zeros for all.
        """
        count = len(start)
        out = Prepared(
            inputs=np.empty((count, self.width), np.int8),
            words=np.empty(count, np.float32),
            known=np.empty(count, np.int64),
            counted=np.empty(count, np.int64),
            structure=structure,
        )
        a = 0
        while a < count:
            b = max(a + 1, int(np.searchsorted(end, start[a] + PIECE)))
            shift = 16 - start[a]
            self._prepare(padded(data[start[a] : end[b - 1]]), start[a:b] + shift, end[a:b] + shift, out, slice(a, b))
            a = b
        return out

    def _prepare(self, data: Bytes, start: Ints, end: Ints, out: Prepared, part: slice) -> None:
        tokens = tokenize(data, start, end)
        lo, hi = tokens.lo, tokens.hi
        word, pair, line = hash_words(data, tokens)
        rows = self.word.rows(word)
        inputs = out.inputs[part]
        inputs[:, :LINE_LANES] = line_shape(data, start, end, tokens.count)
        inputs[:, LINE_LANES:_OWN] = token_shape(data, tokens)
        own = self.line.vectors(self.line.rows(line))
        inputs[:, self.width - own.shape[1] + 1 :] = own[:, 1:]
        root = _ROOTS[hi - lo]
        sums_of_scalars = np.zeros(len(start), np.float32)
        at = _OWN
        for sums in (self.word.sums(rows, lo, hi), self.pair.sums(self.pair.rows(pair), lo, hi)):
            sums_of_scalars += sums[:, 0]
            sums *= root[:, None]
            np.rint(sums, out=sums)
            np.clip(sums, -TOP, TOP, out=sums)
            width = sums.shape[1] - 1
            inputs[:, at : at + width] = sums[:, 1:]
            at += width
        out.words[part] = (np.rint(sums_of_scalars * root) + own[:, 0]) / np.float32(ACTIVATION)
        out.known[part] = span_sums((rows > 0).astype(np.uint64), lo, hi)
        out.counted[part] = hi - lo

    def forward(self, prepared: Prepared, lines: Ints, row: Ints) -> tuple[Floats, Floats]:
        """Return the scores of some lines by shape and by context. `row` is the text of each, in ascending order."""
        shape, context = np.empty(len(lines), np.float32), np.empty(len(lines), np.float32)
        if not len(lines):
            return shape, context
        first = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
        counts = np.diff(np.append(first, len(row)))
        chunk = first // CHUNK
        bounds = np.append(np.flatnonzero(np.concatenate([[True], chunk[1:] != chunk[:-1]])), len(first))
        for a, b in pairwise(bounds.tolist()):
            part = slice(int(first[a]), int(first[b - 1] + counts[b - 1]))
            shape[part], context[part] = self._score_texts(prepared, lines[part], counts[a:b])
        return shape, context

    def _score_texts(self, prepared: Prepared, lines: Ints, counts: Ints) -> tuple[Floats, Floats]:
        """Return the scores of the lines of whole texts, which have `counts` lines each."""
        position = np.arange(len(lines)) - np.repeat(np.cumsum(counts) - counts, counts)
        x = np.empty((len(lines), self.width + PLACE_LANES), np.float32)
        x[:, : self.width] = prepared.inputs[lines]
        x[:, self.width :] = place(position, np.repeat(counts, counts))
        lanes = None if prepared.structure is None else prepared.structure[lines].astype(np.float32)
        shape = self._dense("shape_in", x[:, :_OWN], lanes)

        # The lines of each text begin at a multiple of FAR and end with at least one block of zeros, so that no text
        # sees the next. A text of 5 lines and one of 20 take 2 and 3 blocks of 16 rows; the second begins at row 32.
        blocks = (counts + FAR - 1) // FAR + 1
        begin = np.cumsum(blocks) - blocks
        rows = int(blocks.sum()) * FAR
        at = position + np.repeat(begin * FAR, counts)
        near = np.zeros((rows, len(self.bias["input"])), np.float32)
        near[at] = self._dense("input", x, lanes)
        gap = np.ones(rows, np.bool_)
        gap[at] = False
        gaps = gap.reshape(-1, NEAR).all(axis=1)
        middle_gap, far_gap = np.flatnonzero(gaps), np.flatnonzero(gaps.reshape(-1, FAR // NEAR).all(axis=1))

        middle = self._blank(self._dense("down1", near.reshape(rows // NEAR, -1)), middle_gap)
        middle = self._residual("middle_in", middle, middle_gap)
        far = self._blank(self._dense("down2", middle.reshape(rows // FAR, -1)), far_gap)
        far = self._residual("far_in", far, far_gap)
        mean = np.rint(np.add.reduceat(far, begin, axis=0) / (blocks - 1).astype(np.float32)[:, None])
        most = np.maximum.reduceat(far, begin, axis=0)
        far += np.repeat(self._linear("whole", np.concatenate([mean, most], axis=1)), blocks, axis=0)
        far = self._residual("far_out", self._blank(self._clip(far), far_gap), far_gap)
        middle += np.repeat(self._linear("up2", far), FAR // NEAR, axis=0)
        middle = self._residual("middle_out", self._blank(self._clip(middle), middle_gap), middle_gap)
        near += np.repeat(self._linear("up1", middle), NEAR, axis=0)
        near = self._residual("near_out", self._blank(self._clip(near), np.flatnonzero(gap)), None)
        unit = np.float32(ACTIVATION)
        return self._linear("shape_out", shape)[:, 0] / unit, self._linear("output", near)[at, 0] / unit

    def _linear(self, name: str, x: Floats) -> Floats:
        out: Floats = x @ self.matrix[name]
        out += self.bias[name]
        return out

    def _dense(self, name: str, x: Floats, lanes: Floats | None = None) -> Floats:
        out = self._linear(name, x)
        if lanes is not None and name in self.of_lanes:
            out += lanes @ self.of_lanes[name]
        return self._clip(out)

    def _residual(self, name: str, x: Floats, gap: Ints | None) -> Floats:
        """Return each row plus a convolution over it and its two neighbours. The rows `gap` stay zero."""
        rows, width = x.shape
        around = np.zeros((rows + 2, width), np.float32)
        around[1:-1] = x
        windows = np.lib.stride_tricks.as_strided(around, (rows, 3 * width), (4 * width, 4))
        out = self._linear(name, windows.copy())
        out += x
        self._clip(out)
        return out if gap is None else self._blank(out, gap)

    @staticmethod
    def _clip(x: Floats) -> Floats:
        """Round and clip to integers from 0 to 127, in place."""
        np.rint(x, out=x)
        np.clip(x, 0, TOP, out=x)
        return x

    @staticmethod
    def _blank(x: Floats, gap: Ints) -> Floats:
        """Set the rows `gap` to zero, in place."""
        x[gap] = 0
        return x

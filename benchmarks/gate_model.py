"""The network of the gate for training: the same numbers as in inference, bit for bit, with gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from gate_texts import Arrays
from torch import Tensor, nn
from torch.nn import functional

from copydesk.rules.gate.features import HEAD, LINE_LANES, PLACE_LANES, TAIL, TOKEN_LANES, place
from copydesk.rules.gate.network import ACTIVATION, FAR, HASH_BITS, NEAR, TOP, WEIGHT
from copydesk.rules.markup.structure import LANES as STRUCTURE_LANES
from copydesk.schemas.byte_arrays import Ints

OWN = LINE_LANES + TOKEN_LANES
LANES = {"word": 12, "pair": 4, "line": 4}
WIDTHS = (24, 32, 48)  # numbers a line, a group of NEAR and a group of FAR lines are made into
HIDDEN = 16  # hidden numbers of what the shape alone says


class _Round(torch.autograd.Function):
    """Rounding that passes gradients as if it did nothing."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return torch.round(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


def _grid(x: Tensor, steps: int, low: int) -> Tensor:
    """Round to whole numbers of 1/steps from low to TOP."""
    rounded: Tensor = _Round.apply(torch.clamp(x, low / steps, TOP / steps) * steps) / steps
    return rounded


def _activation(x: Tensor) -> Tensor:
    return _grid(x, ACTIVATION, 0)


class Linear(nn.Module):
    """A linear layer with whole-number weights; with `around`, a convolution over a row and its two neighbours."""

    def __init__(self, inputs: int, outputs: int, scale: float = 1.0, around: bool = False) -> None:
        """Draw the weights."""
        super().__init__()
        self.around = around
        rows = 3 * inputs if around else inputs
        self.weight = nn.Parameter(torch.randn(rows, outputs) * scale * (1.5 / rows) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Apply it to rows."""
        if self.around:
            x = torch.cat([functional.pad(x[:-1], (0, 0, 1, 0)), x, functional.pad(x[1:], (0, 0, 0, 1))], 1)
        bias = _Round.apply(self.bias * (ACTIVATION * WEIGHT)) / (ACTIVATION * WEIGHT)
        out: Tensor = x @ _grid(self.weight, WEIGHT, -TOP) + bias
        return out


@dataclass
class Batch:
    """Some lines of some texts, laid out in rows as the network wants them."""

    hashes: dict[str, Tensor]
    offsets: Tensor
    words: Tensor  # how many words each line has
    own: Tensor
    places: Tensor
    structure: Tensor  # zeros where nothing is known
    at: Tensor  # the row of each line
    masks: tuple[Tensor, Tensor, Tensor]
    text: Tensor  # the text of each block of FAR rows
    blocks: Tensor  # how many such blocks each text fills


def layout(data: Arrays, lines: Ints, counts: Ints, structure: npt.NDArray[np.uint8] | None = None) -> Batch:
    """Lay out lines of texts; `counts` says how many each text has. `structure` is used instead of that of the data."""
    if structure is None:
        structure = data.structure[lines]
    low, high = data.offsets[lines], data.offsets[lines + 1]
    words = high - low
    token = np.arange(words.sum()) + np.repeat(low - np.cumsum(words) + words, words)
    position = np.arange(len(lines)) - np.repeat(np.cumsum(counts) - counts, counts)
    filled = (counts + FAR - 1) // FAR
    begin = (np.cumsum(filled + 1) - filled - 1) * FAR
    at = position + np.repeat(begin, counts)
    mask = np.zeros(int((filled + 1).sum()) * FAR, np.float32)
    mask[at] = 1
    near, far = (mask.reshape(-1, size).max(axis=1) for size in (NEAR, FAR))

    def tensor(values: npt.NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values))

    return Batch(
        hashes={
            "word": tensor(data.word[token].astype(np.int64)),
            "pair": tensor(data.pair[token].astype(np.int64)),
            "line": tensor(data.line[lines].astype(np.int64)),
        },
        offsets=tensor(np.cumsum(words) - words),
        words=tensor(words),
        own=tensor(data.shape[lines].astype(np.float32) / ACTIVATION),
        places=tensor(place(position, np.repeat(counts, counts)).astype(np.float32) / ACTIVATION),
        structure=tensor(structure.astype(np.float32) / ACTIVATION),
        at=tensor(at),
        masks=(tensor(mask[:, None]), tensor(near[:, None]), tensor(far[:, None])),
        text=tensor(np.repeat(np.arange(len(counts)), filled + 1)),
        blocks=tensor(filled.astype(np.float32)),
    )


class Model(nn.Module):
    """The network; `known` gives, for words, pairs and lines, which hashes have a vector of their own."""

    def __init__(self, known: dict[str, npt.NDArray[np.bool_]]) -> None:
        """Draw the weights."""
        super().__init__()
        self.vectors = nn.ParameterDict()
        for name, lanes in LANES.items():
            vectors = torch.randn(int(known[name].sum()) + 1, lanes) * (0.1 if name == "word" else 0.05)
            vectors[:, 0] = 0
            self.vectors[name] = nn.Parameter(vectors)
            rank = np.where(known[name], np.cumsum(known[name]), 0)
            self.register_buffer(f"rank_{name}", torch.from_numpy(rank))
        line, near, far = WIDTHS
        width = OWN + PLACE_LANES + sum(LANES.values()) - len(LANES) + STRUCTURE_LANES
        self.layers = nn.ModuleDict(
            {
                "input": Linear(width, line),
                "shape_in": Linear(OWN + STRUCTURE_LANES, HIDDEN),
                "shape_out": Linear(HIDDEN, 1),
                "down1": Linear(NEAR * line, near),
                "middle_in": Linear(near, near, 0.5, around=True),
                "down2": Linear(FAR // NEAR * near, far),
                "far_in": Linear(far, far, 0.5, around=True),
                "whole": Linear(2 * far, far, 0.5),
                "far_out": Linear(far, far, 0.5, around=True),
                "up2": Linear(far, near, 0.7),
                "middle_out": Linear(near, near, 0.5, around=True),
                "up1": Linear(near, line, 0.7),
                "near_out": Linear(line, line, 0.5, around=True),
                "output": Linear(line, 1),
            }
        )
        roots = [0.0] + [n**-0.5 for n in range(1, HEAD + TAIL + 1)]
        self.register_buffer("roots", torch.tensor(roots))

    def forward(self, batch: Batch, dropped: float = 0.0) -> Tensor:
        """Return the scores of the lines; `dropped` is the share of words to leave out at random."""
        said, embedded = self._words(batch, dropped)
        return said + self._shape(batch) + self._context(batch, embedded)

    def _words(self, batch: Batch, dropped: float) -> tuple[Tensor, Tensor]:
        root = self.roots[batch.words][:, None]
        said: Tensor | float = 0.0
        embedded = []
        for name in LANES:
            vectors = _grid(self.vectors[name], ACTIVATION, -TOP)
            rows = getattr(self, f"rank_{name}")[batch.hashes[name]]
            if name == "line":
                own = vectors[rows]
                if dropped:
                    own = own * (torch.rand(len(own), 1) > 2 * dropped)
                said = _Round.apply(said * root[:, 0] * ACTIVATION) / ACTIVATION + own[:, 0]
                embedded.append(own[:, 1:])
                continue
            kept = (torch.rand(len(rows)) > dropped).float() if dropped else None
            sums = functional.embedding_bag(rows, vectors, batch.offsets, mode="sum", per_sample_weights=kept)
            said = said + sums[:, 0]
            embedded.append(_grid(sums[:, 1:] * root, ACTIVATION, -TOP))
        return torch.as_tensor(said), torch.cat(embedded, 1)

    def _shape(self, batch: Batch) -> Tensor:
        out: Tensor = self.layers["shape_out"](
            _activation(self.layers["shape_in"](torch.cat([batch.own, batch.structure], 1)))
        )
        return out[:, 0]

    def _context(self, batch: Batch, embedded: Tensor) -> Tensor:
        layers, (mask, near_mask, far_mask) = self.layers, batch.masks
        x = _activation(layers["input"](torch.cat([batch.own, embedded, batch.places, batch.structure], 1)))
        line = torch.zeros(len(mask), x.shape[1]).index_copy(0, batch.at, x)
        near = _activation(layers["down1"](line.view(len(near_mask), -1))) * near_mask
        near = _activation(layers["middle_in"](near) + near) * near_mask
        far = _activation(layers["down2"](near.view(len(far_mask), -1))) * far_mask
        far = _activation(layers["far_in"](far) + far) * far_mask
        mean = torch.zeros(len(batch.blocks), far.shape[1]).index_add(0, batch.text, far) / batch.blocks[:, None]
        mean = _Round.apply(mean * ACTIVATION) / ACTIVATION
        most = torch.zeros_like(mean).scatter_reduce(0, batch.text[:, None].expand_as(far), far, "amax")
        far = _activation(far + layers["whole"](torch.cat([mean, most], 1))[batch.text]) * far_mask
        far = _activation(layers["far_out"](far) + far) * far_mask
        near = _activation(near + layers["up2"](far).repeat_interleave(FAR // NEAR, 0)) * near_mask
        near = _activation(layers["middle_out"](near) + near) * near_mask
        line = _activation(line + layers["up1"](near).repeat_interleave(NEAR, 0)) * mask
        line = _activation(layers["near_out"](line) + line)
        out: Tensor = layers["output"](line)[batch.at]
        return out[:, 0]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights as inference reads them."""
        out: dict[str, npt.NDArray[Any]] = {}
        for name in LANES:
            out[f"{name}_known"] = np.packbits(getattr(self, f"rank_{name}").numpy() > 0)
            out[f"{name}_vectors"] = _whole(self.vectors[name], ACTIVATION)
        for name, layer in self.layers.items():
            out[f"{name}_matrix"] = _whole(layer.weight, WEIGHT)
            out[f"{name}_bias"] = np.rint(layer.bias.detach().numpy() * (ACTIVATION * WEIGHT)).astype(np.int16)
        return out


def _whole(weights: Tensor, steps: int) -> npt.NDArray[np.int8]:
    return np.rint(np.clip(weights.detach().numpy() * steps, -TOP, TOP)).astype(np.int8)


def known_hashes(data: Arrays, hosts: Ints, least: dict[str, int]) -> dict[str, npt.NDArray[np.bool_]]:
    """Return which hashes are seen on at least so many hosts; `hosts` numbers the host of each line."""
    known = {}
    for name, number in least.items():
        host = hosts if name == "line" else np.repeat(hosts, np.diff(data.offsets))
        pairs = np.unique(getattr(data, name).astype(np.int64) << 20 | host)
        known[name] = np.bincount(pairs >> 20, minlength=1 << HASH_BITS) >= number
    return known

"""Train the line gate: python benchmarks/train_gate.py --bench DIR --out weights.npz [--folds 0 1 2 3 4].

With `--teachers N`, N networks learn from the labels first, and the one that ships learns from the labels and from what
those make of each line, doubtful ones too. With one thread, the same folder gives the same weights on the same machine
and release of torch.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from gate_model import Model, known_hashes, layout
from gate_texts import Arrays, Example, arrays, examples
from torch import Tensor
from torch.nn import functional

from copydesk.rules.markup.structure import LANE
from copydesk.schemas.byte_arrays import Bytes, Ints

EPOCHS = 3
RATE = 3e-3
LINES = 10_000  # lines in a batch, about
LONGEST = 3000  # lines of a text that are looked at
WORDS_DROPPED = 0.15
SMOOTHING = 0.01
F1_WEIGHT = 2.0
TRUST_IN_LABELS = {
    "gold": 0.3,
    "dump": 0.3,
    "clean": 0.3,
    "silver": 0.1,
    "joined": 0.1,
}  # the rest goes to the teachers
WITHOUT_STRUCTURE, LIKE_MARKDOWN = 0.35, 0.15  # shares of the texts with structure that are read so
IN_MARKDOWN = ("known", "link share", "all links", "some link", "list", "table", "link")
IN_MARKDOWN += ("in p", "in li", "in td", "in h1", "in h2", "in h3", "in h4", "in blockquote", "in pre")
IN_MARKDOWN += ("length of block", "link share of block", "behind title", "before title", "main block")
DOUBTFUL_WEIGHT = 0.6  # of lines whose label is doubtful
LEAST_HOSTS = {"word": 7, "pair": 8, "line": 6}

Floats = npt.NDArray[np.float32]


class Sampler:
    """Draws texts in which some of the lines to drop are gone already, as after other cleaning or an earlier round."""

    def __init__(self, data: Arrays, found: list[Example], rng: np.random.Generator) -> None:
        """Take the texts to draw from."""
        self.data, self.rng = data, rng
        self.joined = [example.kind == "joined" for example in found]

    def batches(self) -> Iterator[tuple[float, Ints, list[Ints]]]:
        """Return each text once: how far we are, the texts, and their lines."""
        order = self.rng.permutation(len(self.joined))
        chosen: list[int] = []
        lines: list[Ints] = []
        for number, text in enumerate(order):
            picked = self._lines(int(text))
            if len(picked) > LONGEST:
                begin = self.rng.integers(0, len(picked) - LONGEST)
                picked = picked[begin : begin + LONGEST]
            if self.data.weight[picked].any():
                chosen.append(int(text))
                lines.append(picked)
            if sum(map(len, lines)) >= LINES or (number + 1 == len(order) and lines):
                yield (number + 1) / len(order), np.array(chosen), lines
                chosen, lines = [], []

    def structure(self, texts: Ints, picked: list[Ints]) -> Bytes:
        """Return the lanes of the lines of some texts: of some none, and of some those that Markdown has."""
        lanes = self.data.structure[np.concatenate(picked)]
        draw = self.rng.random(len(texts))
        counts = [len(lines) for lines in picked]
        lanes[np.repeat(draw < WITHOUT_STRUCTURE, counts)] = 0
        like_markdown = np.repeat(draw > 1 - LIKE_MARKDOWN, counts)
        lanes[np.ix_(like_markdown, ~np.isin([*LANE], IN_MARKDOWN))] = 0
        return lanes

    def _lines(self, text: int) -> Ints:
        first = self.data.first[text]
        lines = np.arange(first, first + self.data.counts[text])
        drop = self.data.drop[lines]
        doubtful = self.data.weight[lines] == 0
        if not drop.any():
            return lines
        if self.joined[text]:
            return lines[~self._far(drop, doubtful)]
        kind = self.rng.random()
        draw = self.rng.random(len(lines))
        if kind < 0.45:
            return lines
        if kind < 0.75:
            share = self.rng.random()
            runs = np.repeat(draw, 3)[: len(lines)] if self.rng.random() < 0.5 else draw
            kept = (~drop & ~doubtful) | (runs > share)
        elif kind < 0.9:
            kept = (~drop | (draw < self.rng.choice([0, 0.02, 0.1]))) & (~doubtful | (draw < 0.3))
        else:
            begin = self.rng.integers(0, len(lines))
            kept = np.zeros(len(lines), np.bool_)
            kept[begin : begin + self.rng.integers(5, 400)] = True
        return lines[kept] if kept.any() else lines

    def _far(self, drop: npt.NDArray[np.bool_], doubtful: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Choose what an extractor would have left out: lines far from kept ones, and some of the others, in runs."""
        kept = np.flatnonzero(~drop & ~doubtful)
        if not len(kept):
            return np.zeros(len(drop), np.bool_)
        at = np.arange(len(drop))
        right = np.searchsorted(kept, at)
        after = np.abs(at - kept[np.minimum(right, len(kept) - 1)])
        before = np.abs(at - kept[np.maximum(right - 1, 0)])
        reach = np.exp(self.rng.uniform(-0.5, 5))
        share = self.rng.random() ** 0.5
        runs = np.repeat(self.rng.random(len(drop)), self.rng.integers(1, 8))[: len(drop)]
        return (drop | doubtful) & ((np.minimum(before, after) > reach) | (runs < share))


def fit(data: Arrays, found: list[Example], target: Floats, seed: int) -> Model:
    """Train a network; return the running mean of its weights."""
    torch.manual_seed(seed)
    names = {host: k for k, host in enumerate(sorted({example.host for example in found}))}
    host = np.repeat([names[example.host] for example in found], data.counts)
    model = Model(known_hashes(data, host, LEAST_HOSTS))
    mean = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=1e-3)
    weight = (np.minimum(data.size, 80) * data.weight).astype(np.float32)
    page = np.array([example.weight for example in found], np.float32)
    sampler = Sampler(data, found, np.random.default_rng(seed))
    step = 0
    for epoch in range(EPOCHS):
        print(f"epoch {epoch + 1} of {EPOCHS}", flush=True)
        for done, chosen, picked in sampler.batches():
            progress = (epoch + done) / EPOCHS
            rate = RATE * min(1.0, (step + 1) / 100) * (0.01 + 0.99 * (0.5 + 0.5 * np.cos(np.pi * progress)))
            for group in optimizer.param_groups:
                group["lr"] = rate
            lines = np.concatenate(picked)
            counts = np.array([len(part) for part in picked])
            scores = model(layout(data, lines, counts, sampler.structure(chosen, picked)), WORDS_DROPPED)
            loss = _loss(scores, *(torch.from_numpy(x) for x in (target[lines], weight[lines], counts, page[chosen])))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            with torch.no_grad():
                for average, parameter in zip(mean.parameters(), model.parameters(), strict=True):
                    average.lerp_(parameter, 1 - min(0.99, (step + 1) / (step + 20)))
    return mean.eval()


def _loss(scores: Tensor, target: Tensor, weight: Tensor, counts: Tensor, page: Tensor) -> Tensor:
    """Return the mean over pages of the cross entropy of their lines and of what is missing of the expected F1."""
    text = torch.repeat_interleave(torch.arange(len(counts)), counts)

    def total(values: Tensor) -> Tensor:
        return torch.zeros(len(counts)).index_add(0, text, values * weight)

    entropy = total(functional.binary_cross_entropy_with_logits(scores, target, reduction="none")) / total(
        torch.ones_like(scores)
    ).clamp(min=1)
    kept, gold = torch.sigmoid(-scores), 1 - target
    missing = 1 - 2 * total(kept * gold) / (total(kept) + total(gold)).clamp(min=1)
    return ((entropy + F1_WEIGHT * missing) * page).sum() / page.sum()


def scores_of(model: Model, data: Arrays) -> Floats:
    """Return the scores of all lines."""
    scores = np.empty(len(data.weight), np.float32)
    for group in np.array_split(np.arange(len(data.counts)), max(1, len(scores) // LINES)):
        first, last = data.first[group[0]], data.first[group[-1]] + data.counts[group[-1]]
        with torch.no_grad():
            scores[first:last] = model(layout(data, np.arange(first, last), data.counts[group])).numpy()
    return scores


def train(bench: Path, folds: list[int], seed: int, teachers: int, cache: Path | None = None) -> Model:
    """Train the network that ships."""
    found = examples(bench, folds, cache)
    data = arrays(found)
    print(f"{len(found)} texts, {len(data.weight)} lines", flush=True)
    target = (data.drop * (1 - 2 * SMOOTHING) + SMOOTHING).astype(np.float32)
    if teachers:
        scores = sum(scores_of(fit(data, found, target, seed + 1 + number), data) for number in range(teachers))
        trust = np.repeat([TRUST_IN_LABELS[example.kind] for example in found], data.counts)
        doubtful = data.weight == 0
        trust[doubtful] = 0
        data.weight[doubtful] = DOUBTFUL_WEIGHT
        target = (trust * target + (1 - trust) / (1 + np.exp(-scores / teachers))).astype(np.float32)
    return fit(data, found, target, seed)


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--teachers", type=int, default=0)
    parser.add_argument("--cache", type=Path, help="a file that keeps what is read of HTML, for the next training")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = train(options.bench, options.folds, options.seed, options.teachers, options.cache)
    np.savez_compressed(options.out, **model.arrays())


if __name__ == "__main__":
    main()

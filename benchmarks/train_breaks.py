"""Train the break model of flow text: python benchmarks/train_breaks.py --bench DIR --out weights.npz [--folds 1 2].

The lines of pages are joined by spaces, or glued, and the model learns where they ended. It learns from the pages
marked `train: true` and from the extra pages, never from their gold texts: only their line breaks count. Hosts outside
the chosen folds are left out, to measure on hosts that the model has not seen. Two cores take about ten minutes; the
same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pages import fold_of, plain_host, read_lines

from copydesk.rules.breaks.features import BITS, PADDING, find_gaps, pad
from copydesk.rules.breaks.model import SCALE

DUMPS = ("get_text", "trafilatura_recall", "resiliparse", "readability", "justext")
GLUED = 0.2  # of the texts lose the white space between their lines
EPOCHS = 4
BATCH = 50_000  # candidates
RATE = 0.15
SMALLEST = 1 / 32  # a weight below it is left out

Features = npt.NDArray[np.int32]
Labels = npt.NDArray[np.bool_]


def page_texts(bench: Path, folds: list[int]) -> Iterator[str]:
    """Yield the texts to learn from."""
    pages = {page["id"]: page for page in read_lines(bench / "pages.jsonl.zst")}
    held = {plain_host(page["host"]) for page in pages.values() if fold_of(page["host"]) not in folds}
    for page in read_lines(bench / "extra" / "pages.jsonl.zst"):
        if plain_host(page["host"]) not in held and fold_of(page["host"]) in folds:
            yield page["text"]
    for name in DUMPS:
        for row in read_lines(bench / "dumps" / f"{name}.jsonl.zst"):
            page = pages[row["id"]]
            if page["train"] and fold_of(page["host"]) in folds:
                yield row["text"]


def join_lines(text: str, separator: str) -> tuple[bytes, list[int]]:
    r"""Join the lines of a text; return the bytes and the offsets where lines ended.

    >>> join_lines("Home\n\nNews", " ")
    (b'Home News', [4])
    """
    lines = [line.strip().encode() for line in text.split("\n") if line.strip()]
    ends = np.cumsum([len(line) for line in lines]) + len(separator) * np.arange(len(lines))
    return separator.encode().join(lines), ends[:-1].tolist()


def read_example(text: str, separator: str) -> tuple[Features, Labels] | None:
    """Return the features of each candidate of a text, and whether a line ended there."""
    data, ends = join_lines(text, separator)
    found = find_gaps(pad(np.frombuffer(data, np.uint8)), np.full(1, PADDING)) if len(data) >= 200 else None
    if found is None or not ends:
        return None
    places = np.array(ends) + PADDING
    index = np.minimum(np.searchsorted(places, found.stop), len(places) - 1)
    return found.features(np.arange(len(found.stop))), (places[index] >= found.stop) & (places[index] <= found.after)


def train(examples: list[tuple[Features, Labels]], rng: np.random.Generator) -> tuple[npt.NDArray[np.float64], float]:
    """Fit a logistic regression by AdaGrad; return the weights and the bias."""
    weights, squares = np.zeros(1 << BITS), np.full(1 << BITS, 1e-6)
    bias, bias_squares = -2.0, 1e-6
    for epoch in range(EPOCHS):
        order = rng.permutation(len(examples))
        for part in np.array_split(order, max(len(order) // 200, 1)):
            features = np.concatenate([examples[k][0] for k in part])
            labels = np.concatenate([examples[k][1] for k in part])
            for at in range(0, len(labels), BATCH):
                chosen, truth = features[at : at + BATCH], labels[at : at + BATCH]
                error = 1 / (1 + np.exp(-(weights[chosen].sum(axis=1) + bias))) - truth
                gradient = np.bincount(chosen.ravel(), np.repeat(error, chosen.shape[1]), minlength=1 << BITS)
                squares += gradient**2
                weights -= RATE * gradient / np.sqrt(squares)
                bias_squares += error.sum() ** 2
                bias -= RATE * error.sum() / np.sqrt(bias_squares)
        print(f"epoch {epoch + 1} of {EPOCHS} done", flush=True)
    return weights, bias


def write_weights(path: Path, weights: npt.NDArray[np.float64], bias: float) -> None:
    """Write the weights as whole numbers, the small ones left out."""
    rounded = np.clip(np.rint(weights * SCALE), -127, 127).astype(np.int8)
    rounded[np.abs(weights) < SMALLEST] = 0
    known = rounded != 0
    np.savez_compressed(path, known=np.packbits(known), values=rounded[known], bias=np.array(round(bias * SCALE)))


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options = parser.parse_args()
    rng = np.random.default_rng(20261130)
    texts = list(page_texts(options.bench, options.folds))
    read = (read_example(text, "" if rng.random() < GLUED else " ") for text in texts)
    weights, bias = train([example for example in read if example is not None], rng)
    write_weights(options.out, weights, bias)


if __name__ == "__main__":
    main()

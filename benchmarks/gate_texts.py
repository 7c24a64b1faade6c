"""The texts the gate learns from, with a label for each line, and their features.

Only what may be learned from: gold and labels of pages marked `train: true`, the pages of `extra/`, and the silver
labels of all other pages. Hosts outside the chosen folds are left out everywhere.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from marked_pages import Marked, as_paragraphs, read_marked
from pages import fold_of, pack, plain_host, read_lines, split_lines, tokens
from rapidfuzz.distance import LCSseq

from copydesk.rules.gate.features import HEAD, TAIL, hash_words, line_shape, padded, token_shape, tokenize
from copydesk.rules.gate.network import HASH_BITS
from copydesk.rules.markup.structure import LANE, LANES
from copydesk.schemas.byte_arrays import Bytes, Ints

KEPT = frozenset("KPMU")
MOST_TOKENS = 30_000  # of a page whose labels are given to its HTML
LABEL_WEIGHTS = {"K": 1.0, "P": 0.7, "M": 1.0, "U": 0.7, "D": 1.0, "C": 0.4, "H": 0.3, "S": 0.3, "?": 0.0, "-": 0.0}
DUMPS = ("trafilatura", "trafilatura_recall", "resiliparse", "readability", "justext", "newspaper4k", "goose3")
OTHER_TYPES = frozenset(("forum", "service", "collection", "listing", "product", "other"))
GOLD_TYPES = {"article": 1.0, "documentation": 0.5}

PAGE_WEIGHT = {"gold": 1.0, "silver": 0.7, "extra": 0.5}
DUMP_WEIGHT = 0.7
CLEAN_WEIGHT = 2.0
JOINED_WEIGHT = 0.5
FRAGMENT_WEIGHT = 0.4

_ENDS = tuple(".!?…:;。！？”\"»')")
_LINKING = frozenset(
    "the a an of to in and or for with on at by from as is was that der die das und in von zu mit auf le la les de du "
    "des et en el los y e o di il".split()
)


@dataclass
class Example:
    """A text with a letter for each of its lines, as in the benchmark's labels."""

    lines: list[str]
    labels: str
    weight: float
    host: str
    kind: str  # gold, silver, dump, clean or joined
    structure: Bytes | None = None
    """The lanes of each line, if the text had markup: shape (lines, `LANES`)."""


def examples(bench: Path, folds: Collection[int], cache: Path | None = None) -> list[Example]:
    """Collect all texts to learn from, in a fixed order. `cache` is a file that keeps what is read of HTML."""
    pages = {page["id"]: page for page in read_lines(bench / "pages.jsonl.zst")}
    held = {plain_host(page["host"]) for page in pages.values() if fold_of(page["host"]) not in folds}
    chosen = {name: page for name, page in pages.items() if fold_of(page["host"]) in folds}
    named = {**_pages(bench, chosen), **_extra(bench, held)}
    found = [*named.values()]
    marked = {name: of_page for name, of_page in _all_marked(bench, pages, cache).items() if name in named}
    found += [_joined(example) for name, example in named.items() if not marked.get(name)]
    found += [_with_comments(example) for of_page in marked.values() for example in of_page]
    found += _dumps(bench, chosen)
    for page in chosen.values():
        if page["train"]:
            found.append(_clean(page["gold"], page["host"]))
    for page in read_lines(bench / "extra" / "pages.jsonl.zst"):
        article = page["kind"] == "gold" and page["page_type"] in (*GOLD_TYPES, "other")
        if article and plain_host(page["host"]) not in held:
            found.append(_clean(page["gold"], page["host"]))
    return [example for example in found if example.weight and example.lines and example.labels.strip("-?")]


def _pages(bench: Path, pages: dict[str, dict[str, str]]) -> dict[str, Example]:
    found = {}
    labels = bench / "labels"
    gold = {row["id"]: row["labels"] for row in read_lines(labels / "get_text.jsonl.zst")}
    silver = {row["id"]: row["labels"] for row in read_lines(labels / "get_text_silver.jsonl.zst")}
    for row in read_lines(bench / "dumps" / "get_text.jsonl.zst"):
        page = pages.get(row["id"])
        if page is None:
            continue
        kind = "gold" if page["train"] else "silver"
        letters = gold[row["id"]] if page["train"] else silver.get(row["id"])
        if letters:
            lines, numbers = split_lines(row["text"])
            picked = "".join(letters[k] for k in numbers)
            found[row["id"]] = Example(lines, picked, PAGE_WEIGHT[kind], plain_host(page["host"]), kind)
    return found


def _extra(bench: Path, held: Collection[str]) -> dict[str, Example]:
    found = {}
    for page in read_lines(bench / "extra" / "pages.jsonl.zst"):
        if plain_host(page["host"]) in held:
            continue
        if page["kind"] == "gold":
            weight = GOLD_TYPES.get(page["page_type"], 0.0)
        else:
            weight = PAGE_WEIGHT["extra"] * (0.5 if page["page_type"] in OTHER_TYPES else 1.0)
        lines, numbers = split_lines(page["text"])
        picked = "".join(page["labels"][k] for k in numbers)
        found[page["id"]] = Example(lines, picked, weight, plain_host(page["host"]), page["kind"])
    return found


def _all_marked(bench: Path, pages: dict[str, dict[str, str]], cache: Path | None) -> dict[str, list[Example]]:
    """Return what is learned from the HTML of each page, from a file that keeps it if there is one."""
    if cache is not None and cache.exists():
        with cache.open("rb") as file:
            kept: dict[str, list[Example]] = pickle.load(file)
        return kept
    named = {**_pages(bench, pages), **_extra(bench, ())}
    found = {name: [*_marked(named[name], marked)] for name, marked in read_marked(bench) if name in named}
    if cache is not None:
        with cache.open("wb") as file:
            pickle.dump(found, file)
    return found


def _with_comments(example: Example) -> Example:
    """Return a page in which doubtful lines are comments if they stand in a block that is named so."""
    if example.structure is None:
        return example
    named = example.structure[:, [LANE["named comments, near"], LANE["named comments, far"]]].any(axis=1)
    letters = np.array([*example.labels], "U1")
    letters[named & (letters == "?")] = "C"
    return replace(example, labels="".join(letters))


def _marked(example: Example, marked: Marked) -> Iterator[Example]:
    """Yield a page as its HTML is read, with its structure, and the part of it that holds what is to be kept."""
    labels = transfer(example, marked.lines)
    if labels is None:
        return
    yield Example(marked.lines, labels, example.weight, example.host, example.kind, marked.structure)
    part = marked.read_part([label in KEPT for label in labels])
    labels = transfer(example, part.lines) if part is not None and len(part.lines) < len(marked.lines) else None
    if part is not None and labels is not None:
        weight = example.weight * FRAGMENT_WEIGHT
        yield Example(part.lines, labels, weight, example.host, example.kind, part.structure)


def transfer(example: Example, lines: list[str]) -> str | None:
    """Label the lines of another reading of a page by aligning its tokens; None if it is too long for that."""
    split = [tokens(line) for line in example.lines]
    ours = [tokens(line) for line in lines]
    every, other = ([token for line in side for token in line] for side in (split, ours))
    if max(len(every), len(other)) > MOST_TOKENS:
        return None
    letters = np.repeat([*example.labels], [len(line) for line in split])
    aligned = np.full(len(other), "?")
    for step in LCSseq.opcodes(every, other):
        if step.tag == "equal":
            aligned[step.dest_start : step.dest_end] = letters[step.src_start : step.src_end]
    kept = np.cumsum(np.append(0, np.isin(aligned, [*KEPT])))
    dropped = np.cumsum(np.append(0, np.isin(aligned, [*"DCHS"])))
    labels, at = [], 0
    for line in ours:
        behind = at + len(line)
        good, bad = kept[behind] - kept[at], dropped[behind] - dropped[at]
        share = good / max(good + bad, 1)
        sure = 2 * (good + bad) > len(line)
        most = max("DCHS", key=aligned[at:behind].tolist().count) if sure else "?"
        labels.append("-" if not line else "?" if not sure else "K" if share >= 0.7 else most if share <= 0.35 else "?")
        at = behind
    return "".join(labels)


def _dumps(bench: Path, pages: dict[str, dict[str, str]]) -> Iterator[Example]:
    given = {row["id"]: row["labels"] for row in read_lines(bench / "labels" / "trafilatura_recall.jsonl.zst")}
    gold = {name: tokens(page["gold"]) for name, page in pages.items() if page["train"]}
    for dump in DUMPS:
        for row in read_lines(bench / "dumps" / f"{dump}.jsonl.zst"):
            if row["id"] not in gold:
                continue
            lines, numbers = split_lines(row["text"])
            if dump == "trafilatura_recall":
                labels = "".join(given[row["id"]][k] for k in numbers)
            else:
                labels = align(lines, gold[row["id"]])
            host = plain_host(pages[row["id"]]["host"])
            yield Example(lines, labels, DUMP_WEIGHT, host, "dump", as_paragraphs(lines))


def _clean(gold: str, host: str) -> Example:
    lines, _ = split_lines(gold)
    return Example(lines, "K" * len(lines), CLEAN_WEIGHT, plain_host(host), "clean", as_paragraphs(lines))


def align(lines: list[str], gold: list[str]) -> str:
    """Label the lines of a text by aligning its tokens with those of the gold text."""
    split = [tokens(line) for line in lines]
    every = [token for line in split for token in line]
    matched = np.zeros(len(every) + 1, np.int64)
    for step in LCSseq.opcodes(every, gold):
        if step.tag == "equal":
            matched[step.src_start + 1 : step.src_end + 1] = 1
    sums = np.cumsum(matched)
    triples = set(zip(gold, gold[1:], gold[2:], strict=False))
    labels = []
    at = 0
    for line in split:
        share = (sums[at + len(line)] - sums[at]) / max(len(line), 1)
        at += len(line)
        label = "K" if share >= 0.7 else "D" if share <= 0.35 else "?"
        if label != "K" and len(line) >= 8:
            own = [triple in triples for triple in zip(line, line[1:], line[2:], strict=False)]
            repeated = sum(own) / len(own)
            label = "U" if repeated >= 0.6 else "?" if repeated > 0.3 else label
        labels.append(label if line else "-")
    return "".join(labels)


def _joined(example: Example) -> Example:
    """Join kept fragments of a page into paragraphs, as extractors leave them."""
    lines: list[str] = []
    labels: list[str] = []
    fragment = ""  # the last one, while it may go on
    for line, label in zip(example.lines, example.labels, strict=True):
        kept = label in KEPT
        if kept and fragment and len(lines[-1]) < 3000 and _goes_on(lines[-1], line):
            lines[-1] += ("" if line[0] in ",.;:)’!?" else " ") + line
        else:
            lines.append(line)
            labels.append("K" if kept else label)
        fragment = line if kept else ""
    return Example(lines, "".join(labels), example.weight * JOINED_WEIGHT, example.host, "joined")


def _goes_on(paragraph: str, line: str) -> bool:
    """Return whether a line goes on where a paragraph was broken at a link or an emphasis."""
    broken = not paragraph.endswith(_ENDS)
    if (line[0].islower() or line[0] in ",.;:)’'”…") and (broken or line[0] in ",.;:)"):
        return True
    if broken and (paragraph[-1] in ",(-–—" or (len(paragraph) > 60 and (len(line) < 30 or len(paragraph) > 120))):
        return True
    return paragraph.split(" ")[-1].lower() in _LINKING


@dataclass
class Arrays:
    """Features of all lines of all examples.

    Line i has words `offsets[i]` to `offsets[i + 1]`; example e has the `counts[e]` lines from `first[e]` on.
    """

    word: npt.NDArray[np.int32]
    pair: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]
    offsets: Ints
    shape: npt.NDArray[np.uint8]
    drop: npt.NDArray[np.bool_]
    weight: npt.NDArray[np.float32]
    size: Ints  # tokens of the line, at least 1
    first: Ints
    counts: Ints
    structure: npt.NDArray[np.uint8]  # zeros where nothing is known
    marked: npt.NDArray[np.bool_]  # texts with structure


def arrays(found: list[Example], batch: int = 500) -> Arrays:
    """Compute the features of examples, some hundred at a time."""
    words, pairs, lines, used, shapes = [], [], [], [], []
    shift = np.uint64(64 - HASH_BITS)
    for at in range(0, len(found), batch):
        buffer = pack(example.lines for example in found[at : at + batch])
        data, start, end = padded(buffer.data), buffer.start + 16, buffer.end + 16
        seen = tokenize(data, start, end)
        for out, hashes in zip((words, pairs, lines), hash_words(data, seen), strict=True):
            out.append((hashes >> shift).astype(np.int32))
        used.append(np.minimum(seen.count, HEAD + TAIL))
        shapes.append(np.concatenate([line_shape(data, start, end, seen.count), token_shape(data, seen)], axis=1))
    labels = np.array([label for example in found for label in example.labels])
    counts = np.array([len(example.lines) for example in found])
    weight = np.zeros(len(labels), np.float32)
    for label, value in LABEL_WEIGHTS.items():
        weight[labels == label] = value
    size = np.fromiter((len(tokens(line)) for example in found for line in example.lines), np.int64, len(labels))
    structure = np.zeros((len(labels), LANES), np.uint8)
    for example, first in zip(found, (np.cumsum(counts) - counts).tolist(), strict=True):
        if example.structure is not None:
            structure[first : first + len(example.lines)] = example.structure
    return Arrays(
        word=np.concatenate(words),
        pair=np.concatenate(pairs),
        line=np.concatenate(lines),
        offsets=np.concatenate([[0], np.cumsum(np.concatenate(used))]),
        shape=np.concatenate(shapes),
        drop=np.isin(labels, list("DCHS")),
        weight=weight,
        size=np.maximum(size, 1),
        first=np.cumsum(counts) - counts,
        counts=counts,
        structure=structure,
        marked=np.array([example.structure is not None for example in found]),
    )

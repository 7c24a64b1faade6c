"""Fuzz the compiled loops: whatever the bytes are, they give what the same loops give in plain Python.

    python tests/attacks/fuzz_loops.py --executions 100000 [--seconds 600] [--only automaton] [--seed 7]

With `--texts DIR`, texts of real files below it, cut at random, take turns with random bytes. `tox -e sanitize` runs
this with the loops compiled for the address and undefined-behaviour sanitizers, which end the process at the first
fault. A difference is printed with the seed that makes it again.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from copydesk.cleaner.kernel.lines.split import character_table
from copydesk.cleaner.kernel.loops import NAMES
from copydesk.cleaner.kernel.match.phrase_automaton import PackedAutomaton, pack_automaton
from copydesk.rules.patterns.alphabet import DECORATION, SENTENCE_END, WHITE
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.loops import load_loops, load_plain_loops

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

WORDS = [b"share", b"a", b"b", b" ", b"\n", b"\n\n", b"\r\n", b"\t", b"12", "é".encode(), "中".encode(), "😀".encode(),
         "\u00a0".encode(), "\u2028".encode(), b"\xff", b"\xc3", b"\xe4\xb8", b"\0", b"\x7f", b".", b"<p>", b"&amp;",
         b'"', b"\\", b"\\u00e9", b"{", b"}", b"[", b"]", b":", b",", b"x" * 70]  # fmt: skip
ATOMS = ["a", "b", "é", ".", "[ab]", "[^a]", r"\w", r"\d", "[0-9]", "中", " ", "share"]


class Source:
    """Random values, the same ones for the same seed."""

    def __init__(self, seed: str, texts: list[bytes]) -> None:
        self.random = random.Random(seed)
        self._texts = texts

    def data(self) -> bytes:
        """Return random bytes, random words, or a piece of a real text with some bytes changed."""
        size = int(2 ** self.random.uniform(0, 12))
        kind = self.random.randrange(3)
        if kind == 0:
            return self.random.randbytes(size)
        if kind == 1 or not self._texts:
            return b"".join(self.random.choices(WORDS, k=size // 2))
        text = self.random.choice(self._texts)
        start = self.random.randrange(len(text))
        piece = bytearray(text[start : start + size])
        for _ in range(self.random.randrange(4)):
            piece[self.random.randrange(len(piece))] = self.random.randrange(256)
        return bytes(piece)

    def pattern(self, depth: int = 3) -> str:
        """Return a random pattern."""
        kind = self.random.randrange(4) if depth else 0
        if kind == 0:
            return self.random.choice(ATOMS)
        if kind == 1:
            return self.pattern(depth - 1) + self.pattern(depth - 1)
        if kind == 2:
            return f"({self.pattern(depth - 1)}|{self.pattern(depth - 1)})"
        return f"({self.pattern(depth - 1)}){self.random.choice(['?', '*', '+', '{2}', '{1,3}'])}"


def make_automaton(module: ModuleType, packed: PackedAutomaton, **limits: int) -> object:
    class_of = np.frombuffer(packed.class_of, np.uint8)
    takes = np.frombuffer(packed.takes, np.uint8).reshape(-1, int(class_of.max(initial=0)) + 1)
    columns = (packed.set_of, packed.follow, packed.follow_at, packed.accepts)
    return module.LazyAutomaton(class_of, takes, *(np.frombuffer(column, np.int32) for column in columns), **limits)


def fuzz_automaton(source: Source) -> Callable[[ModuleType], object]:
    """Scan random lines with the automaton of random patterns, with room for few states and pairs at times."""
    packed = pack_automaton([source.pattern() for _ in range(source.random.randint(1, 5))])
    assert packed is not None
    text = source.data()[:400] + b"\n"
    data = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(data == ord("\n")).astype(np.int64) + 1
    limits = source.random.choice([{}, {"max_states": 64, "max_pool": 1 << 10}, {"max_states": 4, "max_pool": 1}])
    room = source.random.choice([1, 2, 64])

    def run(module: ModuleType) -> object:
        automaton = make_automaton(module, packed, **limits)
        found, line, begin, size = [], 0, 0, room
        while line < len(ends):
            lines, patterns = np.zeros((2, size), np.int64)
            after, begin, count = automaton.scan(data, begin, ends, line, lines, patterns)
            found += sorted(zip(lines[:count].tolist(), patterns[:count].tolist(), strict=True))
            size = size * 2 if after == line else size
            line = after
        return found

    return run


def fuzz_lines(source: Source) -> Callable[[ModuleType], object]:
    """Split the lines of random texts, look at their ends, and flatten them."""
    texts = [source.data()[:2000].decode(errors="replace").encode() for _ in range(source.random.randint(1, 4))]
    data = np.frombuffer(b"".join(text + b"\n" for text in texts), np.uint8)
    text_stop = np.cumsum([len(text) + 1 for text in texts]) - 1
    tables = [character_table(characters).view(np.uint8) for characters in (WHITE, DECORATION, SENTENCE_END)]
    packed = np.arange(1 << 17, dtype=np.uint32) | np.uint32(0xFFFFFF00)  # each becomes one byte

    def run(module: ModuleType) -> object:
        view = memoryview
        stop, after = np.zeros((2, len(data)), np.int64)
        count = module.find_line_ends(view(data), view(stop), view(after))
        ends = (view(stop[:count].copy()), view(after[:count].copy()))
        columns = np.zeros((8, count), np.int64)
        lines = module.split_lines(view(data), *ends, view(text_stop), view(tables[0]), view(tables[1]), view(columns))
        start, end, core, core_end = (view(column[:lines].copy()) for column in columns[4:])
        opens, closes = np.zeros((2, lines), np.uint8)
        module.find_openings(view(data), start, view(tables[1]), view(opens))
        module.find_endings(view(data), start, end, view(tables[1]), view(tables[2]), view(closes))
        flat, flat_ends = np.zeros(2 * len(data) + 1, np.uint8), np.zeros(lines, np.int64)
        module.flatten_spans(view(data), core, core_end, view(packed), view(flat), 0, view(flat_ends))
        return [column.tolist() for column in (columns[:, :lines], opens, closes, flat, flat_ends)]

    return run


def fuzz_byte_counts(source: Source) -> Callable[[ModuleType], object]:
    """Count the bytes of random spans."""
    data = np.frombuffer(source.data(), np.uint8)
    offsets = np.sort([source.random.randint(0, len(data)) for _ in range(source.random.randint(1, 9))])

    def run(module: ModuleType) -> object:
        counts = np.zeros((len(offsets) - 1, 256), np.int32)
        module.count_values(memoryview(data), memoryview(offsets), memoryview(counts))
        return counts.tolist()

    return run


def fuzz_spaces(source: Source) -> Callable[[ModuleType], object]:
    """Find odd spaces in random bytes, with too little room at times."""
    data = np.frombuffer(source.data() + b"\n", np.uint8)
    room = source.random.choice([0, 1, len(data)])

    def run(module: ModuleType) -> object:
        spans, margins = np.zeros((2, room), np.int64), np.zeros(room, np.uint8)
        count = module.find_odd_spaces(memoryview(data), *map(memoryview, spans), memoryview(margins))
        return [count, spans.tolist(), margins.tolist()]

    return run


def fuzz_state_walks(source: Source) -> Callable[[ModuleType], object]:
    """Count the features of a random table of few states, and add up random weights."""
    states, languages = source.random.randint(1, 5), source.random.randint(1, 9)
    texts = np.frombuffer(source.data()[:300].ljust(300, b"x"), np.uint8).reshape(3, 100)
    rows = np.array([source.random.randrange(2) for _ in range(states)], np.int32)
    moves = np.array([source.random.randrange(states) for _ in range(512)], np.int32)

    feature_of = np.array([source.random.randrange(-1, 3) for _ in range(states)], np.int32)
    weights = np.array([source.random.randrange(-9999, 1) for _ in range(3 * languages)], np.int16).reshape(3, -1)
    factors = np.log1p(np.arange(101, dtype=np.float32)).astype(np.float64)

    def run(module: ModuleType) -> object:
        seen, once, number = np.zeros(3, np.int32), np.zeros(languages, np.int32), np.zeros(3, np.int64)
        features, counts = np.zeros((2, *texts.shape), np.int32)
        scores = np.zeros((3, languages))
        views = map(memoryview, (texts, rows, moves, feature_of, seen, features, counts, number))
        module.count_features(*views)
        module.add_weights(*map(memoryview, (features, counts, number, factors, weights, once, scores)))
        return [column.tolist() for column in (seen, features, counts, number, scores)]

    return run


def fuzz_wraps(source: Source) -> Callable[[ModuleType], object]:
    """Find the wraps of a random text, with random kinds of bytes and limits."""
    data = np.frombuffer(source.data()[:2000] + b"\n", np.uint8)
    stop = np.flatnonzero(data == ord("\n")).astype(np.int64)
    begin = np.concatenate([[0], stop[:-1] + 1]).astype(np.int64)
    bounds = np.array([0, source.random.randint(0, len(stop)), len(stop)], np.int64)
    rows, named = np.arange(2), np.array([source.random.random() < 0.5 for _ in range(2)], np.uint8)
    kinds = np.array([source.random.choice([0, 0, 0, 1, 2, 4, 8]) for _ in range(256)], np.uint8)
    limits = (source.random.randint(0, 20), source.random.randint(10, 400), source.random.random() < 0.5)

    def run(module: ModuleType) -> object:
        scratch, wraps = np.zeros((2, len(stop)), np.int64), np.zeros(len(stop), np.uint8)
        views = map(memoryview, (data, begin, stop, bounds, rows, named, kinds))
        module.find_wraps(*views, *limits, *map(memoryview, scratch), memoryview(wraps))
        return wraps.tolist()

    return run


TARGETS = {
    "automaton": fuzz_automaton,
    "byte_counts": fuzz_byte_counts,
    "lines": fuzz_lines,
    "spaces": fuzz_spaces,
    "state_walks": fuzz_state_walks,
    "wraps": fuzz_wraps,
}
"""For each module of loops, a function that makes a random case. A case runs a module, and returns what is compared."""


def read_texts(folder: Path | None) -> list[bytes]:
    """Return the beginnings of the files below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder else []
    return [data for path in paths[:2000] if (data := path.read_bytes()[:100_000])]


def run_target(name: str, options: argparse.Namespace, texts: list[bytes]) -> int:
    """Run cases of a module until there are enough of them or the time is over. Return how many ran."""
    full_name = next(full for full in NAMES if full.endswith(f".{name}"))
    compiled, plain = load_loops(full_name), load_plain_loops(full_name)
    if not compiled.COMPILED:
        raise SystemExit(f"{name} is not compiled, so there is nothing to compare")
    begun = time.monotonic()
    for count in range(options.executions):
        if time.monotonic() - begun > options.seconds:
            return count
        seed = f"{options.seed}-{name}-{count}"
        try:
            case = TARGETS[name](Source(seed, texts))
        except CopydeskError:  # a pattern that is refused
            continue
        got, expected = case(compiled), case(plain)
        if got != expected:
            raise SystemExit(f"{name}, seed {seed}: compiled {got!r:.2000}, plain {expected!r:.2000}")
    return options.executions


def main() -> None:
    """Run the targets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=100_000, help="cases for each module")
    parser.add_argument("--seconds", type=float, default=600, help="time for each module")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=sorted(TARGETS))
    parser.add_argument("--texts", type=Path, help="a folder with texts to cut at random")
    options = parser.parse_args()
    texts = read_texts(options.texts)
    for name in [options.only] if options.only else sorted(TARGETS):
        print(f"{name}: {run_target(name, options, texts):,} executions, no difference", flush=True)


if __name__ == "__main__":
    sys.exit(main())

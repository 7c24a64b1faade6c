"""The benchmark's pages as copydesk reads their HTML: lines, and the structure of each."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pages import WHITE, read_lines

from copydesk.cleaner.kernel.forms.kept import strip
from copydesk.rules.markup.html import read_html
from copydesk.rules.markup.structure import find_structure, read_nodes, read_pieces
from copydesk.schemas.byte_arrays import Bytes

FILES = (Path("html-dev.jsonl.zst"), Path("extra", "html.jsonl.zst"))
LEAST_SHARE = 0.97  # of the words to be kept that a part must hold
MOST = 3_000_000  # code points of a page that is read


@dataclass(frozen=True)
class Marked:
    """A page of HTML: its lines that are not blank, and their lanes."""

    source: str
    lines: list[str]
    numbers: list[int]
    structure: Bytes

    def read_part(self, kept: Sequence[bool]) -> Marked | None:
        """Return the smallest element that holds nearly all of the kept lines, read alone; None if there is none."""
        marked = read_html(self.source)
        weights = np.zeros(strip(self.source, marked.replacements).count("\n") + 1, np.int64)
        weights[self.numbers] = [len(line) if keep else 0 for line, keep in zip(self.lines, kept, strict=True)]
        if not weights.any():
            return None
        nodes = read_nodes(self.source, marked.tags)
        pieces = read_pieces(self.source, nodes, marked.replacements)
        # the weight of a line belongs to its longest piece
        order = np.lexsort((-pieces.size, pieces.line))
        longest = order[np.append(True, np.diff(pieces.line[order]) > 0)]
        sums = np.zeros(len(pieces.node) + 1, np.int64)
        sums[longest + 1] = weights[pieces.line[longest]]
        sums = np.cumsum(sums)
        held = sums[np.array(nodes.last)] - sums[np.array(nodes.first)]
        node = int(np.flatnonzero(held >= LEAST_SHARE * held[0])[-1])
        last = nodes.last[node] - 1
        return read_page(self.source[nodes.piece_start[nodes.first[node]] : nodes.piece_end[last]]) if node else None


def read_page(source: str) -> Marked:
    """Read a page of HTML."""
    marked = read_html(source)
    structure = find_structure(source, marked.tags, marked.replacements)
    lines = [line.strip(WHITE) for line in strip(source, marked.replacements).split("\n")]
    numbers = [number for number, line in enumerate(lines) if line]
    return Marked(source, [lines[number] for number in numbers], numbers, structure[numbers])


def read_marked(bench: Path) -> Iterator[tuple[str, Marked]]:
    """Yield all pages with HTML, by their ids."""
    for name in FILES:
        for row in read_lines(bench / name):
            if len(row["html"]) <= MOST:
                yield row["id"], read_page(row["html"])


def as_paragraphs(lines: Sequence[str]) -> Bytes | None:
    """Return the lanes of lines that are paragraphs of HTML; None if they cannot be."""
    page = read_page("".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines))
    return page.structure if len(page.lines) == len(lines) else None

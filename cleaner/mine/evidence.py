"""See where lines that recur stand: clean a sample of the records that have them, and look at what becomes of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..kernel.lines.split import looks_like_prose
from .line_keys import key_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..kernel.kernel import Kernel
    from .line_keys import KeyedLines

SAMPLE = 12  # records that are looked at for each line
MOST_PROSE = 20_000  # lines of prose that are kept, to find near misses in
_WRITINGS = 6  # of a line that are kept


@dataclass
class Evidence:
    """What was seen of one line in the sample."""

    seen: int = 0
    known: int = 0
    """How often a rule cut it."""
    left: int = 0
    """How often neither rules nor the gate of the profile `page` cut it."""
    over: int = 0
    """How often a line of prose was next below it, of the lines that rules leave."""
    below: int = 0
    """How often no prose was anywhere below it."""
    writings: Counter[str] = field(default_factory=Counter)
    """The line as it was written."""
    languages: Counter[str] = field(default_factory=Counter)
    """The languages of the records that have it."""


class Witness:
    """Collects the evidence for some lines, by key, batch by batch."""

    def __init__(self, keys: Sequence[int], rules: Kernel, page: Kernel) -> None:
        self.evidence = {int(key): Evidence() for key in keys}
        self.prose: list[str] = []
        self._keys = np.sort(np.array(keys, np.uint64))
        self._rules, self._page = rules, page

    def add(self, texts: pa.LargeStringArray) -> None:
        """Look at those records of a batch that have a line of which too few were seen."""
        keyed = key_lines(texts)
        wanted = self._wanted(keyed)
        rows = []
        for row, keys in sorted(wanted.items()):
            open_keys = [key for key in keys if self.evidence[key].seen < SAMPLE]
            if open_keys:
                rows.append(row)
                for key in open_keys:
                    self.evidence[key].seen += 1
        if rows:
            self._look_at(texts.take(pa.array(rows)))

    def _wanted(self, keyed: KeyedLines) -> dict[int, set[int]]:
        """Return the wanted keys of each text."""
        found = np.flatnonzero(np.isin(keyed.keys, self._keys))
        wanted: dict[int, set[int]] = {}
        for row, key in zip(keyed.rows[found].tolist(), keyed.keys[found].tolist(), strict=True):
            wanted.setdefault(row, set()).add(key)
        return wanted

    def _look_at(self, texts: pa.LargeStringArray) -> None:
        from ...schemas.checks.text.language import detect

        by_rules = self._rules.clean(texts).texts
        raw, kept, left = key_lines(texts), key_lines(by_rules), key_lines(self._page.clean(texts).texts)
        counts = [Counter(zip(k.rows.tolist(), k.keys.tolist(), strict=True)) for k in (raw, kept, left)]
        detected = detect(by_rules)
        languages = pc.if_else(detected.sure, detected.tag, pa.scalar(None, detected.tag.type)).to_pylist()
        for (row, key), count in counts[0].items():
            evidence = self.evidence.get(key)
            if evidence is None:
                continue
            evidence.known += count - min(count, counts[1][row, key])
            evidence.left += min(count, counts[2][row, key])
            if languages[row]:
                evidence.languages[languages[row]] += 1
        self._note_places(kept)
        self._note_writings(raw)

    def _note_places(self, kept: KeyedLines) -> None:
        """Note lines right over a line of prose and lines below the last one, and keep the prose."""
        lines = kept.lines
        prose = looks_like_prose(lines)
        last = np.full(lines.rows, len(lines), np.int64)  # texts without prose have nothing below it
        last[lines.row[prose]] = np.flatnonzero(prose)
        for key in kept.keys[kept.index > last[kept.rows]].tolist():
            if key in self.evidence:
                self.evidence[key].below += 1
        over = np.zeros(len(lines), np.bool_)
        over[:-1] = (lines.row[1:] == lines.row[:-1]) & prose[1:]
        for key in kept.keys[over[kept.index] & np.isin(kept.keys, self._keys)].tolist():
            self.evidence[key].over += 1
        for line in np.flatnonzero(prose)[: MOST_PROSE - len(self.prose)]:
            self.prose.append(lines.text(int(line)))

    def _note_writings(self, raw: KeyedLines) -> None:
        for at in np.flatnonzero(np.isin(raw.keys, self._keys)):
            writings = self.evidence[int(raw.keys[at])].writings
            text = raw.lines.text(int(raw.index[at]))
            if text in writings or len(writings) < _WRITINGS:
                writings[text] += 1

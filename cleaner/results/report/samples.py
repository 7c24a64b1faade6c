"""The records that the page shows: a random choice, one for each rule, and those that lost most.

The choice depends on the records and their order alone, so the same run makes the same page.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ....schemas.edits import Edit, undo_edits
from ....schemas.errors import RestoreError
from .data import RawText, Sample
from .segments import make_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from .batches import ArticleBatch

_RANDOM = 40  # records with changes
_UNCHANGED = 5
_LOST_MOST = 12
_SHORTEST = 200  # characters of a record that can be among those that lost most
_RAW_TEXTS = 200  # to try rules on
_LONGEST_RAW = 50_000  # characters of such a text
_EXAMPLES = 4  # of each rule
_LONGEST = 300  # characters of an example
_CANDIDATES = 12  # cuts of each rule among which there may be equal texts
Numbers = npt.NDArray[np.int64]
Ranks = npt.NDArray[np.uint64]


def random_ranks(numbers: Numbers) -> Ranks:
    """Return a rank for each number, in an order that looks random and is always the same.

    The mix is that of SplitMix64 (Steele, Lea and Flood, 2014).
    """
    with np.errstate(over="ignore"):
        mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        result: Ranks = mixed ^ (mixed >> np.uint64(31))
    return result


class Best:
    """The items with the smallest keys among all that were offered."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._heap: list[tuple[Any, ...]] = []

    def accepts(self, key: tuple[float, ...]) -> bool:
        """Return whether an item with this key would be kept."""
        return len(self._heap) < self.count or tuple(-part for part in key) > self._heap[0][0]

    def add(self, key: tuple[float, ...], item: Any) -> None:
        """Keep an item if its key is among the smallest. Keys differ."""
        entry = (tuple(-part for part in key), item)
        if len(self._heap) < self.count:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heappushpop(self._heap, entry)

    @property
    def items(self) -> list[Any]:
        """The items, the smallest key first."""
        return [item for _, item in sorted(self._heap, key=lambda entry: entry[0], reverse=True)]


class Samples:
    """The records and cuts chosen so far."""

    def __init__(self) -> None:
        self._random, self._unchanged, self._lost = Best(_RANDOM), Best(_UNCHANGED), Best(_LOST_MOST)
        self._raw_texts = Best(_RAW_TEXTS)
        self._of_rule: dict[str, Best] = {}
        self._examples: dict[str, Best] = {}

    def add(self, batch: ArticleBatch, start: int, before: Numbers, after: Numbers) -> None:
        """Choose among the records of a batch. `start` is the number of its first record in the run."""
        count = batch.articles.num_rows
        maker = _Maker(batch, before, after)
        ranks = random_ranks(np.arange(start, start + count, dtype=np.int64))
        changed = np.zeros(count, bool)
        changed[batch.rows] = True
        self._offer(self._random, maker.make, np.flatnonzero(changed), ranks)
        self._offer(self._unchanged, maker.make, np.flatnonzero(~changed), ranks)
        self._offer(self._raw_texts, maker.raw_text, np.flatnonzero(before <= _LONGEST_RAW), ranks)
        self._offer_lost(maker, start, before, after)
        if len(batch.rows):
            self._offer_rules(maker, batch, start, ranks)

    @staticmethod
    def _offer(best: Best, make: Callable[[int], Any], rows: Numbers, ranks: Ranks) -> None:
        for row in rows[np.argsort(ranks[rows], kind="stable")[: best.count]].tolist():
            key = (int(ranks[row]),)
            if not best.accepts(key):
                return
            if item := make(row):
                best.add(key, item)

    def _offer_lost(self, maker: _Maker, start: int, before: Numbers, after: Numbers) -> None:
        share = np.where(before >= _SHORTEST, (before - after) / np.maximum(before, 1), 0.0)
        for row in np.argsort(-share, kind="stable")[:_LOST_MOST].tolist():
            key = (-float(share[row]), start + row)
            if share[row] <= 0 or not self._lost.accepts(key):
                return
            if sample := maker.make(row):
                self._lost.add(key, sample)

    def _offer_rules(self, maker: _Maker, batch: ArticleBatch, start: int, ranks: Ranks) -> None:
        """Offer for each rule a record that shows it, and some of its cuts as examples."""
        rules = batch.edits.column("rule").combine_chunks().dictionary_encode()
        names, codes = rules.dictionary.to_pylist(), rules.indices.to_numpy()
        of_edits = ranks[batch.rows]
        order = np.lexsort((of_edits, codes))  # by rule, then by rank
        firsts = np.searchsorted(codes[order], np.arange(len(names)))
        for code, first in enumerate(firsts.tolist()):
            edits = order[first : first + _CANDIDATES]
            for edit in edits[codes[edits] == code].tolist():
                if not self._offer_example(maker, names[code], edit, (int(of_edits[edit]), start + edit)):
                    break  # the others have higher ranks
            row = int(batch.rows[order[first]])
            best = self._of_rule.setdefault(names[code], Best(1))
            if best.accepts((int(ranks[row]),)) and (sample := maker.make(row)):
                best.add((int(ranks[row]),), sample)

    def _offer_example(self, maker: _Maker, rule: str, edit: int, key: tuple[int, int]) -> bool:
        best = self._examples.setdefault(rule, Best(_CANDIDATES))
        is_kept = best.accepts(key)
        if is_kept:
            best.add(key, maker.example(edit))
        return is_kept

    def examples_of(self, rule: str) -> list[tuple[str, str, str]]:
        """Return the examples of a rule, each with another text: place, id and text."""
        candidates = self._examples[rule].items if rule in self._examples else []
        by_text: dict[str, tuple[str, str, str]] = {}
        for example in candidates:
            by_text.setdefault(example[2], example)
        return list(by_text.values())[:_EXAMPLES]

    @property
    def raw_texts(self) -> list[RawText]:
        """A random choice of raw texts."""
        return self._raw_texts.items

    @property
    def lost_most(self) -> list[Sample]:
        """The records that lost the largest share of their body."""
        return self._lost.items

    @property
    def gallery(self) -> list[Sample]:
        """The records to show: the random ones, some unchanged ones, and those that show a rule that no other shows."""
        chosen = [*self._random.items, *self._unchanged.items]
        places = {(sample.id, sample.place) for sample in chosen}
        shown = {rule for sample in chosen for rule in sample.rules}
        for rule in sorted(self._of_rule):
            (sample,) = self._of_rule[rule].items or [None]
            if sample is not None and rule not in shown and (sample.id, sample.place) not in places:
                chosen.append(sample)
                places.add((sample.id, sample.place))
                shown |= set(sample.rules)
        return chosen


class _Maker:
    """Makes samples of the records of a batch."""

    def __init__(self, batch: ArticleBatch, before: Numbers, after: Numbers) -> None:
        self._batch, self._before, self._after = batch, before, after
        self._starts = np.searchsorted(batch.rows, np.arange(batch.articles.num_rows + 1))
        self._made: dict[int, Sample | None] = {}

    def make(self, row: int) -> Sample | None:
        """Return the sample of a record, None if its edits do not fit it: records may share an id."""
        if row not in self._made:
            self._made[row] = self._make(row)
        return self._made[row]

    def example(self, edit: int) -> tuple[str, str, str]:
        """Return the place, the id and the text of a cut."""
        article = self._batch.articles.slice(int(self._batch.rows[edit]), 1).select(["id", "file", "line"]).to_pylist()
        text = self._batch.edits.column("before")[edit].as_py()
        shown = text.strip()[: 2 * _LONGEST] or repr(text[:_LONGEST])
        return _place(article[0]), article[0]["id"], shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"

    def raw_text(self, row: int) -> RawText | None:
        """Return the raw body of a record, None if its edits do not fit it."""
        article, edits = self._article(row), self._edits(row)
        try:
            raw = undo_edits(article["body"], [Edit(**edit) for edit in edits if edit["field"] == "body"])
        except RestoreError:
            return None
        return RawText(article["id"], _place(article), raw)

    def _article(self, row: int) -> dict[str, Any]:
        article: dict[str, Any] = self._batch.articles.slice(row, 1).to_pylist()[0]
        return article

    def _edits(self, row: int) -> list[dict[str, Any]]:
        first, last = int(self._starts[row]), int(self._starts[row + 1])
        edits: list[dict[str, Any]] = self._batch.edits.slice(first, last - first).select(Edit.model_fields).to_pylist()
        return edits

    def _make(self, row: int) -> Sample | None:
        article, edits = self._article(row), self._edits(row)
        try:
            segments = make_segments(article["body"], [edit for edit in edits if edit["field"] == "body"])
            titles = [edit for edit in edits if edit["field"] == "headline"]
            title = make_segments(article["headline"] or "", titles) if titles else ()
        except ValueError:
            return None
        return Sample(
            article["id"],
            _place(article),
            article["headline"] or "",
            article["source_domain"] or article["source_name"] or "",
            article["language"] or "",
            article["form"],
            int(self._before[row]),
            int(self._after[row]),
            segments,
            title,
            tuple(sorted({edit["rule"] for edit in edits})),
        )


def _place(article: dict[str, Any]) -> str:
    file, line = article["file"] or "-", article["line"]
    return f"{file}:{line}" if line is not None else file

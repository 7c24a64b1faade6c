"""Repair: characters written anew before anything is cut, and the edits that say so.

One look over the whole batch finds the texts in which anything may be wrong, and only those are looked at one by one.
Odd spaces are too common for that: their edits are made column by column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.code.characters import ODD_SPACES
from ...schemas.arrow import EDITS
from ...schemas.cache.multi_pattern import load_scanner
from .edit_merge import Edit, join, join_edits, sort_edits, with_rows
from .lines.rebuild import Spans, rebuild
from .lines.split import join as join_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.ruleset.declare import RepairRule
    from ...schemas.byte_arrays import Bytes, Ints, Mask

MAX_ROUNDS = 16  # of repairs that make another one possible, as an entity of an entity does
_SPACE = pa.scalar(" ", pa.large_string())
_NOTHING = pa.scalar("", pa.large_string())


class Repairs:
    """Rules that mend characters, made ready to run."""

    def __init__(self, rules: Sequence[RepairRule], off: frozenset[str] = frozenset()) -> None:
        """Take the rules, and the ids of those among them that are not to run."""
        self._all, self._off = rules, off
        rules = [rule for rule in rules if not {info.id for info in rule.infos} <= off]
        self.ids = frozenset(info.id for rule in rules for info in rule.infos)
        self._rules = [rule for rule in rules if ODD_SPACES not in rule.infos]
        self._spaces = len(self._rules) < len(rules)
        # an expression for Hyperscan cannot have a NUL in it as such
        self._signs = tuple(rule.signs.replace("\0", r"\x00") for rule in self._rules)

    def run(self, texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, pa.Table]:
        """Give the mended texts and the edits that lead to them."""
        edits = EDITS.empty_table()
        rows = np.arange(len(texts))
        for _ in range(MAX_ROUNDS):
            part = texts.take(pa.array(rows)) if len(rows) < len(texts) else texts
            suspects = self._suspects(part)
            mended, found = self._mend(part, suspects)
            if self._spaces:
                mended, spaced = mend_spaces(mended)
                found = join_edits(found, spaced, self.ids)
            if not found.num_rows:
                break
            edits = join_edits(edits, with_rows(found, rows), self.ids)
            again = np.zeros(len(texts), np.bool_)
            again[rows] = True
            texts = pc.replace_with_mask(texts, pa.array(again), mended) if len(rows) < len(texts) else mended
            # where there was no sign of anything, no space more or less makes one
            changed = np.unique(found.column("row").to_numpy())
            rows = rows[changed[np.any(suspects[changed], axis=1)]]
            if not len(rows):
                break
        return texts, edits

    def run_for(
        self, texts: pa.LargeStringArray, ignored: Sequence[frozenset[str]]
    ) -> tuple[pa.LargeStringArray, pa.Table]:
        """Do the same where rules are not to run on some texts, given by their ids for each text."""
        left_out = [ids & self.ids for ids in ignored]
        found = [EDITS.empty_table()]
        for ids in set(left_out):
            mine = np.fromiter((other == ids for other in left_out), np.bool_, len(left_out))
            rows = np.flatnonzero(mine)
            mended, edits = Repairs(self._all, self._off | ids).run(texts.take(pa.array(rows)))
            texts = pc.replace_with_mask(texts, pa.array(mine), mended)
            found.append(with_rows(edits, rows))
        return texts, sort_edits(pa.concat_tables(found))

    def _suspects(self, texts: pa.LargeStringArray) -> Mask:
        """Say of each text and each rule whether there is a sign of what the rule mends: shape (texts, rules)."""
        found = np.zeros((len(texts), len(self._signs)), np.bool_)
        if self._signs:
            joined = join_texts(texts)
            rows, numbers = load_scanner("signs", self._signs).scan(joined.data, joined.text_stop + 1)
            found[rows, numbers] = True
        return found

    def _mend(self, texts: pa.LargeStringArray, suspects: Mask) -> tuple[pa.LargeStringArray, pa.Table]:
        edits: list[Edit] = []
        rows, mended = [], []
        for row in np.flatnonzero(suspects.any(axis=1)).tolist():
            text, found = self._mend_text(texts[row].as_py(), row, suspects[row].tolist())
            if found:
                rows.append(row)
                mended.append(text)
                edits += found
        if not rows:
            return texts, EDITS.empty_table()
        mask = np.zeros(len(texts), np.bool_)
        mask[rows] = True
        texts = pc.replace_with_mask(texts, pa.array(mask), pa.array(mended, pa.large_string()))
        return texts, pa.Table.from_pylist(edits, EDITS)

    def _mend_text(self, text: str, row: int, suspected: list[bool]) -> tuple[str, list[Edit]]:
        edits: list[Edit] = []
        for rule, suspect in zip(self._rules, suspected, strict=True):
            # what one rule has mended may be for another to mend
            if not suspect and not edits:
                continue
            pieces: list[str] = []
            found: list[Edit] = []
            at = 0
            for new in (new for new in rule.find(text) if new.rule not in self._off):
                before = text[new.start : new.end]
                pieces += [text[at : new.start], new.after]
                at = new.end
                place = {"row": row, "field": "body", "start": new.start, "end": new.end}
                found.append({**place, "rule": new.rule, "before": before, "after": new.after, "detail": new.detail})
            if found:
                text = "".join([*pieces, text[at:]])
                edits = join(edits, found, self.ids)
        return text, edits


def mend_spaces(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, pa.Table]:
    """Do over a batch what `rules.repair.find_spaces` does to one text."""
    joined = join_texts(texts)
    data = joined.data
    start, end, unbreaking = _space_runs(data)
    before = np.isin(start, joined.text_start, assume_unique=False) | _ends_line(data, start)
    margin = before | _begins_line_end(data, end)
    wanted = ~margin | unbreaking
    if not wanted.any():
        return texts, EDITS.empty_table()
    start, end, margin = start[wanted], end[wanted], margin[wanted]
    after = pc.if_else(pa.array(margin), _NOTHING, _SPACE)
    rebuilt = rebuild(joined, Spans(start, end, after))
    count = len(start)
    columns = {
        "row": pa.array(rebuilt.row),
        "field": pa.repeat(pa.scalar("body", pa.large_string()), count),
        "rule": pa.repeat(pa.scalar(ODD_SPACES.id, pa.large_string()), count),
        "start": pa.array(rebuilt.start),
        "end": pa.array(rebuilt.end),
        "before": rebuilt.before,
        "after": after,
        "detail": pa.nulls(count, pa.large_string()),
    }
    return rebuilt.clean, pa.table(columns, schema=EDITS)


def _space_runs(data: Bytes) -> tuple[Ints, Ints, Mask]:
    """Give the runs of spaces that are not one plain space, and which of them have one that does not break."""
    space = data == 0x20
    wide = [_find(data, 0xC2, 0xA0), _find(data, 0xE2, 0x80, 0xAF)]
    for at, width in zip(wide, (2, 3), strict=True):
        for k in range(width):
            space[at + k] = True
    # a run of two bytes or more: each space that does not break is one by itself
    pairs = np.flatnonzero(space[1:] & space[:-1])
    opens = np.diff(pairs, prepend=-2) > 1
    start, end = pairs[opens], pairs[np.append(opens[1:], True)[: len(pairs)]] + 2
    unbreaking = np.zeros(len(start), np.bool_)
    unbreaking[np.searchsorted(start, np.concatenate(wide), side="right") - 1] = True
    return start, end, unbreaking


def _find(data: Bytes, *character: int) -> Ints:
    """Give where a character of several bytes stands."""
    at = np.flatnonzero(data[: len(data) - len(character) + 1] == character[0])
    for k, byte in enumerate(character[1:], 1):
        at = at[data[at + k] == byte]
    return at


def _ends_line(data: Bytes, at: Ints) -> Mask:
    """Say whether a line end stands right before each offset."""
    last = data[at - 1]
    wide = (at >= 3) & (data[at - 3] == 0xE2) & (data[at - 2] == 0x80) & ((last & 0xFE) == 0xA8)
    ends: Mask = (at > 0) & ((last == 10) | (last == 13) | wide)
    return ends


def _begins_line_end(data: Bytes, at: Ints) -> Mask:
    """Say whether a line end stands at each offset."""
    last = len(data) - 1
    wide = (data[at] == 0xE2) & (data[np.minimum(at + 1, last)] == 0x80)
    begins: Mask = (data[at] == 10) | (data[at] == 13) | (wide & ((data[np.minimum(at + 2, last)] & 0xFE) == 0xA8))
    return begins

"""Repair characters before anything is cut, and return the edits.

One scan of the whole batch finds the texts in which something may be wrong. Only those are read one by one. Odd spaces
are too common for that: their edits are made column by column.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.code.characters import COLUMN_BYTES, COLUMN_SPACES, COLUMNS, COMMENTS, LINE_ENDS, ODD_SPACES
from ...schemas.arrow import EDITS
from ...schemas.cache.multi_pattern import load_scanner
from ...schemas.loops import load_loops
from .arrays import ranges
from .edit_merge import Edit, join, join_edits, sort_edits, with_rows
from .lines.rebuild import Spans, rebuild
from .lines.split import find_line_ends, view
from .lines.split import join as join_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.ruleset.declare import RepairRule
    from ...rules.ruleset.page import Replacement
    from ...schemas.byte_arrays import Bytes, Ints, Mask

MAX_ROUNDS = 16  # of repairs, each of which may make another one possible, as an entity within an entity does
_LINE_END = re.compile(f"([{LINE_ENDS}])")  # with a group, so that split keeps the line ends
_SPACE = pa.scalar(" ", pa.large_string())
_NOTHING = pa.scalar("", pa.large_string())


class Repairs:
    """The rules that rewrite characters, ready to run."""

    def __init__(self, rules: Sequence[RepairRule], off: frozenset[str] = frozenset()) -> None:
        """Prepare rules. Those whose id is in `off` do not run."""
        self._all, self._off = rules, off
        rules = [rule for rule in rules if not {info.id for info in rule.infos} <= off]
        self.ids = frozenset(info.id for rule in rules for info in rule.infos)
        self._rules = [rule for rule in rules if ODD_SPACES not in rule.infos]
        self._spaces = len(self._rules) < len(rules)
        # Hyperscan ends an expression at a NUL
        self._signs = tuple(rule.signs.replace("\0", r"\x00") for rule in self._rules)

    def run(self, texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, pa.Table]:
        """Return the repaired texts, and the edits that lead to them.

        A line that still changes after `MAX_ROUNDS` rounds is left as it was, so that what is repaired once needs no
        repair again.
        """
        raw, edits = texts, EDITS.empty_table()
        rows = np.arange(len(texts))  # the texts that may change in this round
        for number in range(MAX_ROUNDS + 1):
            part = texts.take(pa.array(rows)) if len(rows) < len(texts) else texts
            suspects = self._find_suspects(part)
            mended, new_edits = self._mend(part, suspects)
            if self._spaces:
                mended, spaced = mend_spaces(mended)
                new_edits = join_edits(new_edits, spaced, self.ids)
            if not new_edits.num_rows:
                break
            if number == MAX_ROUNDS:
                return _undo_lines(raw, texts, edits, with_rows(new_edits, rows))
            edits = join_edits(edits, with_rows(new_edits, rows), self.ids)
            texts = _put(texts, rows, mended)
            # in a text without a sign of any other fault, a space more or less makes none
            changed = np.unique(new_edits.column("row").to_numpy())
            rows = rows[changed[np.any(suspects[changed], axis=1)]]
            if not len(rows):
                break
        return texts, edits

    def run_for(
        self, texts: pa.LargeStringArray, ignored: Sequence[frozenset[str]]
    ) -> tuple[pa.LargeStringArray, pa.Table]:
        """Repair texts on some of which rules do not run: their ids are given for each text."""
        left_out = [ids & self.ids for ids in ignored]
        tables = [EDITS.empty_table()]
        for ids in set(left_out):
            rows = np.flatnonzero(np.fromiter((other == ids for other in left_out), np.bool_, len(left_out)))
            mended, edits = Repairs(self._all, self._off | ids).run(texts.take(pa.array(rows)))
            texts = _put(texts, rows, mended)
            tables.append(with_rows(edits, rows))
        return texts, sort_edits(pa.concat_tables(tables))

    def _find_suspects(self, texts: pa.LargeStringArray) -> Mask:
        """Return for each text and rule whether the text has a sign of what the rule repairs: shape (texts, rules)."""
        suspects = np.zeros((len(texts), len(self._signs)), np.bool_)
        if self._signs:
            joined = join_texts(texts)
            rows, numbers = load_scanner("signs", self._signs).scan(joined.data, joined.text_stop + 1)
            suspects[rows, numbers] = True
        return suspects

    def _mend(self, texts: pa.LargeStringArray, suspects: Mask) -> tuple[pa.LargeStringArray, pa.Table]:
        edits: list[Edit] = []
        rows, mended = [], []
        for row in np.flatnonzero(suspects.any(axis=1)).tolist():
            text, of_text = self._mend_text(texts[row].as_py(), row, suspects[row].tolist())
            if of_text:
                rows.append(row)
                mended.append(text)
                edits += of_text
        if not rows:
            return texts, EDITS.empty_table()
        return _put(texts, rows, pa.array(mended, pa.large_string())), pa.Table.from_pylist(edits, EDITS)

    def _mend_text(self, text: str, row: int, suspected: list[bool]) -> tuple[str, list[Edit]]:
        edits: list[Edit] = []
        for rule, suspect in zip(self._rules, suspected, strict=True):
            # if a rule has changed something, the rules behind it may find more
            if not suspect and not edits:
                continue
            replacements = [new for new in rule.find(text) if new.rule not in self._off]
            if replacements:
                edits = join(edits, [_to_edit(new, text, row) for new in replacements], self.ids)
                text = _apply(text, replacements)
        return text, edits


def _to_edit(new: Replacement, text: str, row: int) -> Edit:
    return {
        "row": row,
        "field": "body",
        "rule": new.rule,
        "start": new.start,
        "end": new.end,
        "before": text[new.start : new.end],
        "after": new.after,
        "detail": new.detail,
    }


def _apply(text: str, replacements: Sequence[Replacement]) -> str:
    pieces, at = [], 0
    for new in replacements:
        pieces += [text[at : new.start], new.after]
        at = new.end
    return "".join([*pieces, text[at:]])


def _put(texts: pa.LargeStringArray, rows: Ints | list[int], part: pa.LargeStringArray) -> pa.LargeStringArray:
    """Replace the texts of some rows, which are ascending."""
    if len(rows) == len(texts):
        return part
    mask = np.zeros(len(texts), np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), part)


def _undo_lines(
    raw: pa.LargeStringArray, mended: pa.LargeStringArray, edits: pa.Table, further: pa.Table
) -> tuple[pa.LargeStringArray, pa.Table]:
    """Take back the edits of each line that `further` edits would change again. Return the texts and the other edits.

    Repairs neither make nor remove the characters that end lines, so a line has the same number in both texts.
    """
    row, start = (edits.column(name).to_numpy() for name in ("row", "start"))
    further_row, further_start = (further.column(name).to_numpy() for name in ("row", "start"))
    rows = np.unique(further_row)
    texts: list[str] = []
    kept = np.ones(edits.num_rows, np.bool_)
    for number in rows.tolist():
        lines, raw_lines = (_LINE_END.split(some[number].as_py()) for some in (mended, raw))
        restless = np.unique(_number_lines(lines, further_start[further_row == number]))
        for line in restless.tolist():
            lines[line] = raw_lines[line]
        texts.append("".join(lines))
        of_row = np.flatnonzero(row == number)
        kept[of_row[np.isin(_number_lines(raw_lines, start[of_row]), restless)]] = False
    return _put(mended, rows, pa.array(texts, pa.large_string())), edits.filter(pa.array(kept))


def _number_lines(lines: list[str], offsets: Ints) -> Ints:
    r"""Return the number of the line in which each offset is.

    >>> _number_lines(["ab", "\n", "", "\n", "c"], np.array([0, 1, 4])).tolist()
    [0, 0, 4]
    """
    return np.searchsorted(np.cumsum([len(line) for line in lines]), offsets, side="right")


def mend_spaces(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, pa.Table]:
    """Repair the odd spaces of a batch, as `rules.code.characters.find_spaces` does for one text."""
    joined = join_texts(texts)
    start, end, at_margin = _find_odd_spaces(joined.data)
    mended = ~_find_columns(joined.data, start, end, at_margin) & ~_find_comments(joined.data, start, end, at_margin)
    start, end, at_margin = start[mended], end[mended], at_margin[mended]
    if not len(start):
        return texts, EDITS.empty_table()
    after = pc.if_else(pa.array(at_margin), _NOTHING, _SPACE)
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


def _find_columns(data: Bytes, start: Ints, end: Ints, at_margin: Mask) -> Mask:
    """Return which runs of spaces part the columns of a table; see `rules.code.characters.is_in_columns`."""
    if not len(start):
        return at_margin
    size = end - start
    wide = np.add.reduceat((data[ranges(start, size)] > 127).astype(np.int64), np.cumsum(size) - size)
    inside = (wide == 0) & ~at_margin
    column = np.flatnonzero(inside & (size >= COLUMN_SPACES))
    if len(column) < COLUMNS:
        return np.zeros(len(start), np.bool_)
    stop, after = find_line_ends(data)
    line = np.searchsorted(stop, start, side="right")
    lines, counts = np.unique(line[column], return_counts=True)
    short = stop[lines] - np.append(after, 0)[lines - 1] <= COLUMN_BYTES
    in_columns: Mask = inside & np.isin(line, lines[short & (counts >= COLUMNS)])
    return in_columns


def _find_comments(data: Bytes, start: Ints, end: Ints, at_margin: Mask) -> Mask:
    """Return which runs of plain spaces are before a comment of code; see `rules.code.characters.is_before_comment`."""
    last = len(data) - 1
    one, two = data[np.minimum(end, last)], data[np.minimum(end + 1, last)]
    begins = np.zeros(len(start), np.bool_)
    for comment in COMMENTS:
        begins |= (one == ord(comment[0])) & (two == ord(comment[1]))
    runs = np.flatnonzero(begins & ~at_margin & (end < last))
    size = (end - start)[runs]
    if len(runs):
        wide = np.add.reduceat((data[ranges(start[runs], size)] > 127).astype(np.int64), np.cumsum(size) - size)
        begins[runs[wide > 0]] = False
    found: Mask = begins & ~at_margin & (end < last)
    return found


def _find_odd_spaces(data: Bytes) -> tuple[Ints, Ints, Mask]:
    r"""Return the runs of odd spaces, and whether each is at an end of its line.

    >>> data = np.frombuffer("a b  c\u00a0d \u202f e \u00a0\n  f".encode(), np.uint8)
    >>> [column.tolist() for column in _find_odd_spaces(data)]
    [[3, 6, 9, 15], [5, 8, 14, 18], [False, False, False, True]]
    """
    room = len(data) // 64 + 16
    while True:
        spans, at_margin = np.empty((2, room), np.int64), np.zeros(room, np.bool_)
        loops = load_loops("copydesk.cleaner.kernel.loops.spaces")
        count = loops.find_odd_spaces(view(data), view(spans[0]), view(spans[1]), view(at_margin))
        if count <= room:
            return spans[0, :count].copy(), spans[1, :count].copy(), at_margin[:count].copy()
        room = count

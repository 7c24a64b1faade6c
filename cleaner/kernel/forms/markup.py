"""Take markup off the texts of a batch, as edits over the raw texts, and put it back where a text keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....schemas.arrow import EDITS
from ..edit_merge import join_edits, sort_edits
from ..lines.split import join
from ..types import CleanedTexts, RecordContext
from .kept import cut_marked, strip

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ....rules.ruleset.declare import MarkupRule
    from ....rules.ruleset.page import MarkedText
    from ....schemas.byte_arrays import Ints, Mask

MAX_ROUNDS = 8  # of markup that was escaped, and is markup again once it is unescaped
_PLAIN = RecordContext()


@dataclass
class StrippedTexts:
    """Texts without markup, and the edits that lead to them."""

    texts: pa.LargeStringArray
    edits: pa.Table
    forms: dict[int, str] = field(default_factory=dict)
    """The form of each text that had markup."""
    kept: dict[int, tuple[str, MarkedText]] = field(default_factory=dict)
    """The texts that keep their markup, with it. Their edits are missing."""
    headings: dict[int, list[str]] = field(default_factory=dict)


class Markup:
    """The rules that take markup off, ready to run."""

    def __init__(self, rules: Sequence[MarkupRule], off: frozenset[str] = frozenset()) -> None:
        self._rules, self._off = rules, off
        self._signs = {rule.form: [sign.decode() for sign in rule.signs] for rule in rules}
        self._pairs = np.zeros((256, 256), np.bool_)  # the first and the second byte of each sign
        for sign in frozenset().union(*(rule.signs for rule in rules)):
            self._pairs[sign[0], sign[1]] = True
        self._first: Mask = np.any(self._pairs, axis=1)
        self.ids = frozenset(info.id for rule in rules for info in rule.infos)

    def run(self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None) -> StrippedTexts:
        """Take the markup off.

        What was escaped in a text may be markup itself, so the same is done again until nothing changes.
        """
        stripped = StrippedTexts(texts, EDITS.empty_table())
        rows = self._suspects(texts, contexts)
        for _ in range(MAX_ROUNDS):
            rows = self._strip(stripped, rows, contexts)
            if not len(rows):
                break
        return stripped

    def find_marked(self, texts: pa.LargeStringArray) -> list[int]:
        """Return the texts that have markup."""
        return [row for row in self._suspects(texts, None).tolist() if self._find_rule(texts[row].as_py(), None)]

    def _suspects(self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None) -> Ints:
        """Return the texts that may have markup: they have one of the signs."""
        joined = join(texts)
        data = joined.data
        at = np.flatnonzero(self._first[data[:-1]]) if len(data) else np.empty(0, np.int64)
        at = at[self._pairs[data[at], data[at + 1]]]
        suspected = np.zeros(joined.rows, np.bool_)
        suspected[np.searchsorted(joined.text_start, at, side="right") - 1] = True
        for row, context in enumerate(contexts or ()):
            if context.form is not None:
                suspected[row] = any(rule.form == context.form for rule in self._rules)
        return np.flatnonzero(suspected)

    def _find_rule(self, text: str, form: str | None) -> MarkupRule | None:
        """Return the rule that takes the markup off a text."""
        for rule in self._rules:
            if form == rule.form or (any(sign in text for sign in self._signs[rule.form]) and rule.detect(text)):
                return rule
        return None

    def _strip(self, stripped: StrippedTexts, rows: Ints, contexts: Sequence[RecordContext] | None) -> Ints:
        """Take the markup off some texts once. Return the texts to do so again."""
        edits: list[dict[str, object]] = []
        texts: dict[int, str] = {}
        for row in rows.tolist():
            text = stripped.texts[row].as_py() or ""
            context = contexts[row] if contexts is not None else _PLAIN
            rule = self._find_rule(text, context.form if row not in stripped.forms else None)
            if rule is None:
                continue
            stripped.forms.setdefault(row, rule.form)
            marked = rule(text)
            replacements = [new for new in marked.replacements if new.rule not in self._off | context.ignored]
            stripped.headings.setdefault(row, marked.headings)
            texts[row] = strip(text, replacements)
            if rule.keep(text) if context.keep_markup is None else context.keep_markup:
                stripped.kept[row] = text, replace(marked, replacements=replacements)
                continue
            for new in replacements:
                place = {"row": row, "field": "body", "rule": new.rule, "start": new.start, "end": new.end}
                edits.append({**place, "before": text[new.start : new.end], "after": new.after, "detail": None})
        if not texts:
            return np.empty(0, np.int64)
        stripped.texts = put_texts(stripped.texts, texts)
        found = pa.Table.from_pylist(edits, EDITS)
        stripped.edits = join_edits(stripped.edits, found, self.ids)
        return np.unique(found.column("row").to_numpy())


def put_markup_back(cleaned: CleanedTexts, stripped: StrippedTexts, repairs: Collection[str]) -> CleanedTexts:
    """Return a batch in which the texts that keep their markup have it again, without what was cut.

    `repairs` are the rules that rewrite characters.
    """
    if not stripped.kept:
        return cleaned
    rows = np.array(sorted(stripped.kept))
    is_kept = np.isin(cleaned.edits.column("row").to_numpy(), rows)
    by_row: dict[int, list[dict[str, object]]] = {row: [] for row in rows.tolist()}
    for edit in cleaned.edits.filter(pa.array(is_kept)).to_pylist():
        by_row[edit["row"]].append(edit)
    edits: list[dict[str, object]] = []
    texts: dict[int, str] = {}
    for row, (raw, marked) in sorted(stripped.kept.items()):
        found = cut_marked(raw, marked, by_row[row], repairs)
        pieces, at = [], 0
        for edit in found:
            pieces += [raw[at : edit["start"]], edit["after"]]
            at = edit["end"]
        texts[row] = "".join([*pieces, raw[at:]])
        edits += found
    others = cleaned.edits.filter(pa.array(~is_kept))
    table = sort_edits(pa.concat_tables([others, pa.Table.from_pylist(edits, EDITS)]))
    return replace(cleaned, texts=put_texts(cleaned.texts, texts), edits=table)


def put_texts(texts: pa.LargeStringArray, new: dict[int, str]) -> pa.LargeStringArray:
    """Replace the texts of some rows."""
    rows = sorted(new)
    mask: Mask = np.zeros(len(texts), np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array([new[row] for row in rows], pa.large_string()))

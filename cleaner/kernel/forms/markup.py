"""Take markup off the texts of a batch, as edits over the raw texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....schemas.arrow import EDITS
from ..edit_merge import join_edits
from ..lines.split import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....rules.ruleset.declare import MarkupRule
    from ....schemas.byte_arrays import Ints, Mask
    from ..types import RecordContext

MAX_ROUNDS = 8  # of markup that was escaped, and is markup again once it is unescaped


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

    def run(
        self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None
    ) -> tuple[pa.LargeStringArray, pa.Table, dict[int, str], dict[int, str]]:
        """Return the texts without markup, the edits, the forms of texts that had any, and of those that keep it.

        What was escaped in a text may be markup itself, so the same is done again until nothing changes.
        """
        edits = EDITS.empty_table()
        forms: dict[int, str] = {}
        kept: dict[int, str] = {}
        rows = self._suspects(texts, contexts)
        for _ in range(MAX_ROUNDS):
            texts, found, changed = self._strip(texts, rows, contexts, forms, kept)
            if not len(changed):
                break
            edits = join_edits(edits, found, self.ids)
            rows = changed
        return texts, edits, forms, kept

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

    def find_marked(self, texts: pa.LargeStringArray) -> list[int]:
        """Return the texts that have markup."""
        return [row for row in self._suspects(texts, None).tolist() if self._find_rule(texts[row].as_py(), None)]

    def _find_rule(self, text: str, form: str | None) -> MarkupRule | None:
        """Return the rule that takes the markup off a text."""
        for rule in self._rules:
            if form == rule.form or (any(sign in text for sign in self._signs[rule.form]) and rule.detect(text)):
                return rule
        return None

    def _strip(
        self,
        texts: pa.LargeStringArray,
        rows: Ints,
        contexts: Sequence[RecordContext] | None,
        forms: dict[int, str],
        kept: dict[int, str],
    ) -> tuple[pa.LargeStringArray, pa.Table, Ints]:
        """Take the markup off some texts once. Return all texts, the edits, and the texts that changed."""
        edits: list[dict[str, object]] = []
        stripped: list[str] = []
        changed: list[int] = []
        for row in rows.tolist():
            text = texts[row].as_py() or ""
            context = contexts[row] if contexts is not None else None
            rule = self._find_rule(text, context.form if context is not None and row not in forms else None)
            if rule is None:
                continue
            forms.setdefault(row, rule.form)
            if rule.keep(text):
                kept[row] = rule.form
                continue
            ignored = self._off | (context.ignored if context is not None else frozenset())
            pieces, at = [], 0
            for new in rule(text).replacements:
                if new.rule in ignored:
                    continue
                pieces += [text[at : new.start], new.after]
                place = {"row": row, "field": "body", "rule": new.rule, "start": new.start, "end": new.end}
                edits.append({**place, "before": text[new.start : new.end], "after": new.after, "detail": None})
                at = new.end
            if pieces:
                stripped.append("".join([*pieces, text[at:]]))
                changed.append(row)
        if not changed:
            return texts, EDITS.empty_table(), np.empty(0, np.int64)
        mask: Mask = np.zeros(len(texts), np.bool_)
        mask[changed] = True
        texts = pc.replace_with_mask(texts, pa.array(mask), pa.array(stripped, pa.large_string()))
        return texts, pa.Table.from_pylist(edits, EDITS), np.array(changed, np.int64)

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
        self.ids = frozenset(info.id for rule in rules for info in rule.infos)

    def run(
        self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None
    ) -> tuple[pa.LargeStringArray, pa.Table, dict[int, str]]:
        """Return the texts without markup, the edits, and the form of each text that had any.

        What was escaped in a text may be markup itself, so the same is done again until nothing changes.
        """
        edits = EDITS.empty_table()
        forms: dict[int, str] = {}
        rows = self._suspects(texts, contexts)
        for _ in range(MAX_ROUNDS):
            texts, found, changed = self._strip(texts, rows, contexts, forms)
            if not len(changed):
                break
            edits = join_edits(edits, found, self.ids)
            rows = changed
        return texts, edits, forms

    def _suspects(self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None) -> Ints:
        """Return the texts that may have markup: it begins with one of the signs, and a letter, a slash or a mark."""
        signs = b"".join(rule.signs for rule in self._rules)
        joined = join(texts)
        data = joined.data
        sign = np.zeros(256, np.bool_)
        sign[list(signs)] = True
        at = np.flatnonzero(sign[data[:-1]]) if len(data) else np.empty(0, np.int64)
        behind = data[at + 1]
        at = at[((behind | 32) - np.uint8(97) < 26) | (behind == 47) | (behind == 33)]
        suspected = np.zeros(joined.rows, np.bool_)
        suspected[np.searchsorted(joined.text_start, at, side="right") - 1] = True
        for row, context in enumerate(contexts or ()):
            if context.form is not None:
                suspected[row] = any(rule.form == context.form for rule in self._rules)
        return np.flatnonzero(suspected)

    def _strip(
        self,
        texts: pa.LargeStringArray,
        rows: Ints,
        contexts: Sequence[RecordContext] | None,
        forms: dict[int, str],
    ) -> tuple[pa.LargeStringArray, pa.Table, Ints]:
        """Take the markup off some texts once. Return all texts, the edits, and the texts that changed."""
        edits: list[dict[str, object]] = []
        stripped: list[str] = []
        changed: list[int] = []
        for row in rows.tolist():
            text = texts[row].as_py() or ""
            context = contexts[row] if contexts is not None else None
            for rule in self._rules:
                named = context is not None and context.form == rule.form and row not in forms
                if not named and not rule.detect(text):
                    continue
                ignored = self._off | (context.ignored if context is not None else frozenset())
                pieces, at = [], 0
                for new in rule(text):
                    if new.rule in ignored:
                        continue
                    pieces += [text[at : new.start], new.after]
                    place = {"row": row, "field": "body", "rule": new.rule, "start": new.start, "end": new.end}
                    edits.append({**place, "before": text[new.start : new.end], "after": new.after, "detail": None})
                    at = new.end
                if pieces:
                    forms.setdefault(row, rule.form)
                    stripped.append("".join([*pieces, text[at:]]))
                    changed.append(row)
                break
        if not changed:
            return texts, EDITS.empty_table(), np.empty(0, np.int64)
        mask: Mask = np.zeros(len(texts), np.bool_)
        mask[changed] = True
        texts = pc.replace_with_mask(texts, pa.array(mask), pa.array(stripped, pa.large_string()))
        return texts, pa.Table.from_pylist(edits, EDITS), np.array(changed, np.int64)

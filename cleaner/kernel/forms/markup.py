"""Take markup off the texts of a batch, as edits over the raw texts, and put it back where a text keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....rules.markup.structure import find_structure
from ....schemas.arrow import EDITS
from ..edit_merge import join_edits, sort_edits
from ..lines.split import join
from ..types import CleanedTexts, RecordContext
from .kept import cut_marked, strip
from .sign_counts import begin_with, count_signs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from ....rules.ruleset.declare import MarkupRule
    from ....rules.ruleset.page import MarkedText, Replacement
    from ....schemas.byte_arrays import Bytes, Ints, Mask

PLAIN = "text"  # the form of texts whose only markup are tables, too
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
    structure: dict[int, Bytes] = field(default_factory=dict)
    """What the markup said of each line of a text. Texts that keep their markup have none."""

    def add_structure(self, contexts: Sequence[RecordContext] | None) -> Sequence[RecordContext] | None:
        """Return contexts that say what the markup of each text said of its lines."""
        if not self.structure:
            return contexts
        added = list(contexts) if contexts is not None else [_PLAIN] * len(self.texts)
        for row, lanes in self.structure.items():
            added[row] = replace(added[row], structure=lanes)
        return added


class Markup:
    """The rules that take markup off, ready to run. With `structured`, they say what the markup said of each line."""

    def __init__(
        self, rules: Sequence[MarkupRule], off: frozenset[str] = frozenset(), *, structured: bool = False
    ) -> None:
        self._rules, self._off, self._structured = rules, off, structured
        self._signs = [sign for rule in rules for sign in rule.signs]
        self.ids = frozenset(info.id for rule in rules for info in rule.infos)

    def run(self, texts: pa.LargeStringArray, contexts: Sequence[RecordContext] | None) -> StrippedTexts:
        """Take the markup off.

        What was escaped in a text may be markup itself, so the same is done again until nothing changes.
        """
        stripped = StrippedTexts(texts, EDITS.empty_table())
        rows = np.arange(len(texts))
        for _ in range(MAX_ROUNDS):
            rows = self._strip(stripped, rows, contexts)
            if not len(rows):
                break
        return stripped

    def find_marked(self, texts: pa.LargeStringArray) -> list[int]:
        """Return the texts that have markup."""
        bits = self._suspect(texts)
        rows = np.flatnonzero(bits).tolist()
        return [row for row in rows if self._find_rule(texts[row].as_py(), int(bits[row]), None)]

    def _suspect(self, texts: pa.LargeStringArray) -> npt.NDArray[np.uint8]:
        """Return for each text which rules it has signs of, a bit for each."""
        joined = join(texts)
        counts = count_signs(joined, self._signs)
        bits = np.zeros(joined.rows, np.uint8)
        column = 0
        for number, rule in enumerate(self._rules):
            suspected = rule.find_suspects(counts[:, column : column + len(rule.signs)])
            for beginning in rule.beginnings:
                suspected |= begin_with(joined, beginning)
            bits |= suspected.astype(np.uint8) << number
            column += len(rule.signs)
        return bits

    def _find_rule(self, text: str, bits: int, form: str | None) -> MarkupRule | None:
        """Return the rule that takes the markup off a text: that of the form, or one whose signs it has."""
        if form == PLAIN:
            return None
        if form is not None:
            return next((rule for rule in self._rules if rule.form == form), None)
        for number, rule in enumerate(self._rules):
            if bits >> number & 1 and rule.detect(text):
                return rule
        return None

    def _strip(self, stripped: StrippedTexts, rows: Ints, contexts: Sequence[RecordContext] | None) -> Ints:
        """Take the markup off some texts once. Return the texts to do so again."""
        part = stripped.texts.take(pa.array(rows)) if len(rows) < len(stripped.texts) else stripped.texts
        bits = self._suspect(part)
        suspected = bits > 0
        if contexts is not None:
            suspected |= np.array([contexts[row].form is not None for row in rows.tolist()], np.bool_)
        texts: dict[int, str] = {}
        edits = _Edits()
        for at in np.flatnonzero(suspected).tolist():
            row, text = int(rows[at]), part[at].as_py() or ""
            context = contexts[row] if contexts is not None else _PLAIN
            rule = self._find_rule(text, int(bits[at]), context.form if row not in stripped.forms else None)
            if rule is None:
                continue
            stripped.forms.setdefault(row, rule.form)
            keep = rule.keep(text) if context.keep_markup is None else context.keep_markup
            marked = rule.read_whole(text) if keep else rule(text)
            ignored = self._off | context.ignored
            if ignored:
                replacements = [new for new in marked.replacements if new.rule not in ignored]
                marked = replace(marked, replacements=replacements)
            stripped.headings.setdefault(row, marked.headings)
            texts[row] = strip(text, marked.replacements)
            if keep:
                stripped.kept[row] = text, marked
                stripped.structure.pop(row, None)
            else:
                edits.add(row, text, marked.replacements)
                if self._structured and marked.tags:
                    contained = rule.form == "html"
                    stripped.structure[row] = find_structure(
                        text, marked.tags, marked.replacements, contained=contained
                    )
        if not texts:
            return np.empty(0, np.int64)
        stripped.texts = put_texts(stripped.texts, texts)
        found = edits.table()
        stripped.edits = join_edits(stripped.edits, found, self.ids)
        return np.unique(found.column("row").to_numpy())


class _Edits:
    """Collects edits as columns, which is faster than an object for each."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._counts: list[int] = []
        self._new: list[Replacement] = []
        self._before: list[str] = []

    def add(self, row: int, text: str, replacements: list[Replacement]) -> None:
        """Add what is replaced in a text."""
        self._rows.append(row)
        self._counts.append(len(replacements))
        self._new += replacements
        self._before += [text[new.start : new.end] for new in replacements]

    def table(self) -> pa.Table:
        """Return the edits."""
        new, count = self._new, len(self._new)
        columns = [
            np.repeat(np.array(self._rows, np.int64), self._counts),
            pa.repeat(pa.scalar("body", pa.large_string()), count),
            [each.rule for each in new],
            [each.start for each in new],
            [each.end for each in new],
            self._before,
            [each.after for each in new],
            pa.nulls(count, pa.large_string()),
        ]
        return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, EDITS, strict=True)], EDITS)


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

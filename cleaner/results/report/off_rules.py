"""Rules that the user switched off, tried on a sample of the raw texts of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ....rules.ruleset.selection import EVERYTHING
from ....schemas.cache.store import cache_directory
from ...kernel.kernel import Kernel
from .data import RuleFigures

if TYPE_CHECKING:
    from ....rules.ruleset.ruleset import Ruleset
    from .data import RawText

_EXAMPLES = 4
_LONGEST = 300  # characters of an example


def try_off_rules(texts: list[RawText], ruleset: Ruleset) -> dict[str, RuleFigures]:
    """Return what the rules that the user switched off would have cut in some raw texts; only those that cut."""
    ignored = {rule for rule in ruleset.infos if not ruleset.selection.takes(rule)}
    if not texts or not ignored:
        return {}
    kernel = Kernel(replace(ruleset, selection=EVERYTHING), cache_directory())
    edits = kernel.clean(pa.array([text.raw for text in texts], pa.large_string())).edits
    figures: dict[str, RuleFigures] = {}
    for edit in edits.to_pylist():
        if edit["rule"] in ignored:
            _add(figures.setdefault(edit["rule"], RuleFigures()), edit, texts[edit["row"]])
    for rule, found in figures.items():
        rows = edits.filter(pc.equal(edits.column("rule"), rule)).column("row")
        found.records = pc.count_distinct(rows).as_py()
    return figures


def _add(figures: RuleFigures, edit: dict[str, Any], text: RawText) -> None:
    figures.cuts += 1
    figures.characters += edit["end"] - edit["start"]
    shown = edit["before"].strip()[:_LONGEST]
    if shown and len(figures.examples) < _EXAMPLES:
        figures.examples.append((text.place, text.id, shown))

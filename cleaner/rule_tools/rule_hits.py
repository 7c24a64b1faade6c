"""Show what the rules of a file would cut in some records, each hit with the lines around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import Cleaner
from ..readers.discovery import find_sources
from ..readers.dispatch import read_batches
from ..records.loader import Loader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOST_RECORDS = 5_000
MOST_HITS = 20  # of a rule


def find_hits(
    path: Path, inputs: Sequence[str], *, mapping: Mapping[str, str], kind: str = "auto", encoding: str | None = None
) -> dict[str, list[str]]:
    """Return the hits of each rule of a file in the first records of some files, as the lines before, cut and after."""
    cleaner, loader = Cleaner(path, profile="rules", suite="none", mapping=mapping), Loader(dict(mapping))
    own = {info.id for source in cleaner.ruleset.sources if not source.built_in for info in source.infos}
    hits: dict[str, list[str]] = {}
    count = 0
    for batch in read_batches(find_sources(list(inputs), kind), encoding):
        rows = batch.rows or []
        table = batch.table
        records = loader.from_rows(rows, batch.place) if table is None else loader.from_table(table, batch.place)
        checked = cleaner.judge(records)
        raws = records.body.to_pylist()
        for edit in checked.edits.to_pylist():
            if edit["rule"] in own and edit["field"] == "body" and len(hits.setdefault(edit["rule"], [])) < MOST_HITS:
                hits[edit["rule"]].append(_in_context(raws[edit["row"]] or "", edit["start"], edit["end"]))
        count += records.count
        if count >= MOST_RECORDS:
            break
    return hits


def _in_context(raw: str, start: int, end: int) -> str:
    """Return a cut with the line before and the line after."""
    before = raw[:start].rstrip().rpartition("\n")[2].strip()
    after = raw[end:].lstrip().partition("\n")[0].strip()
    cut = "\n".join(f"- {line.strip()}" for line in raw[start:end].split("\n") if line.strip())
    return "\n".join(part for part in (f"  {before}" if before else "", cut, f"  {after}" if after else "") if part)

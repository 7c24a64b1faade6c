"""What `clean` would change, as unified diffs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ..runs.judge import judge_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..api import Cleaner
    from ..readers.exclusions import Exclusions

_LONGEST = 20_000  # lines of a text; the comparison of more would take minutes


def diff_records(
    inputs: list[str], cleaner: Cleaner, *, kind: str, encoding: str | None, exclude: Exclusions
) -> Iterator[list[str]]:
    """Yield for each record that `clean` would change the lines of a diff from its raw to its clean texts.

    Each file is headed by its name, with the line of the record and its id. A line is one of the text.
    """
    _, results = judge_files(inputs, cleaner, kind=kind, encoding=encoding, exclude=exclude)
    for result in results:
        articles = result.checked.articles.select(["id", "headline", "body", "provenance"]).to_pylist()
        changed = set(result.checked.edits.column("row").to_pylist())
        for row in result.in_order(range(len(articles))):
            if isinstance(row, int) and row in changed:
                raw = result.records.body[row].as_py() or ""
                yield list(_diff(articles[row]["body"], raw, _name(articles[row])))


def _name(article: dict[str, object]) -> str:
    place = article["provenance"]
    assert isinstance(place, dict)
    line = f":{place['line']}" if place["line"] else ""
    return f"{place['file']}{line}" + (f" {article['id']}" if line else "")


def _diff(clean: str, raw: str, name: str) -> Iterator[str]:
    before, after = raw.splitlines(), clean.splitlines()
    if max(len(before), len(after)) > _LONGEST:
        yield f"--- {name}: too many lines to compare"
        return
    yield from difflib.unified_diff(before, after, f"{name} (raw)", f"{name} (clean)", n=1, lineterm="")

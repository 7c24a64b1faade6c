"""Show a record before and after cleaning, line by line, with the rule of each cut."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError
from ..readers.discovery import name_inputs
from ..runs.judge import judge_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..api import Cleaner


def explain_file(
    path: str, cleaner: Cleaner, *, kind: str = "auto", encoding: str | None = None
) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of the explanation, with True if a line is kept, False if it is cut, None if it is a heading.

    Raises `InputError` for a file without records.
    """
    _, results = judge_files([path], cleaner, kind=kind, encoding=encoding)
    records = 0
    repairs = {info.id for rule in cleaner.ruleset.repairs for info in rule.infos}
    for result in results:
        articles = result.checked.articles.to_pylist()
        edits: dict[int, list[dict[str, Any]]] = {row: [] for row in range(len(articles))}
        for edit in result.checked.edits.to_pylist():
            edits[edit["row"]].append(edit)
        for row in result.in_order(range(len(articles))):
            records += 1
            if not isinstance(row, int):
                yield f"# line {row.line or 1}: cannot be read: {row.message}", None
                continue
            article = articles[row]
            raw = result.records.body[row].as_py() or ""
            yield from _explain(article, raw, edits[row], repairs)
            for reason in result.checked.reasons.of_row(row):
                yield f"# {reason.severity}: {reason.check}: {reason.message}", None
    if not records:
        raise InputError("no record in it", where=name_inputs([path]), hint="name a file that contains an article")


def _explain(
    article: dict[str, Any], raw: str, edits: list[dict[str, Any]], repairs: set[str]
) -> Iterator[tuple[str, bool | None]]:
    place = article["provenance"]
    line = f", line {place['line']}" if place["line"] else ""
    yield f"# {place['file']}{line}: {article['id']}", None
    for name in ("headline", "source_name"):
        if article[name]:
            yield f"# {name}: {article[name]}", None
    for headline in article["alt_headlines"]:
        yield f"# alternative headline: {headline}", None
    for edit in edits:
        if edit["field"] != "body" and edit["rule"] in repairs:
            yield f"~ {edit['before']!r} -> {edit['after']!r}  [{edit['rule']}, in {edit['field']}]", True
        elif edit["field"] != "body":
            yield f"- {edit['before']!r}  [{edit['rule']}, in {edit['field']}]", False
    yield from _explain_body(raw, [edit for edit in edits if edit["field"] == "body"], repairs)


def _explain_body(raw: str, edits: list[dict[str, Any]], repairs: set[str]) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of a raw text, kept and cut, in their order. Repairs are counted below the part they are in."""
    at = 0
    kept: list[str] = []
    repaired: Counter[str] = Counter()
    for edit in edits:
        kept.append(raw[at : edit["start"]])
        at = edit["end"]
        why = edit["rule"] + (f": {edit['detail']}" if edit["detail"] else "")
        if edit["rule"] in repairs:
            kept.append(edit["after"])
            repaired[f"{edit['before']!r} -> {edit['after']!r}  [{why}"] += 1
            continue
        yield from _explain_kept("".join(kept), repaired)
        kept, repaired = [edit["after"]], Counter()
        lines = [line for line in edit["before"].splitlines() if line.strip()] or [repr(edit["before"])]
        for line in lines:
            yield f"- {line}  [{why}, {edit['start']}-{edit['end']}]", False
    yield from _explain_kept("".join([*kept, raw[at:]]), repaired)


def _explain_kept(text: str, repaired: Counter[str]) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of a part that is kept, and below them its repairs and how often each was made."""
    yield from ((f"  {line}", True) for line in text.splitlines() if line.strip())
    for repair, times in repaired.items():
        yield f"~ {repair}{f', {times} times' if times > 1 else ''}]", True

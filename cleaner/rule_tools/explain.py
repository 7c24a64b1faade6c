"""A record before and after, line by line, each cut with its rule."""

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
    """Give the lines of the explanation; with each True if it stays, False if it was cut, None if it is ours."""
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
                yield f"# line {row.line or 1}: not readable: {row.message}", None
                continue
            article = articles[row]
            raw = result.records.body[row].as_py() or ""
            yield from _explain(article, raw, edits[row], repairs)
            for reason in result.checked.reasons.of_row(row):
                yield f"# {reason.severity}: {reason.check}: {reason.message}", None
    if not records:
        raise InputError("no record in it", where=name_inputs([path]), hint="give a file that holds an article")


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
    at = 0
    kept: list[str] = []
    mended: Counter[str] = Counter()
    for edit in (edit for edit in edits if edit["field"] == "body"):
        kept.append(raw[at : edit["start"]])
        at = edit["end"]
        why = edit["rule"] + (f": {edit['detail']}" if edit["detail"] else "")
        if edit["rule"] in repairs:
            kept.append(edit["after"])
            mended[f"{edit['before']!r} -> {edit['after']!r}  [{why}"] += 1
            continue
        yield from _explain_kept("".join(kept), mended)
        kept, mended = [edit["after"]], Counter()
        lines = [line for line in edit["before"].splitlines() if line.strip()] or [repr(edit["before"])]
        for line in lines:
            yield f"- {line}  [{why}, {edit['start']}-{edit['end']}]", False
    yield from _explain_kept("".join([*kept, raw[at:]]), mended)


def _explain_kept(text: str, mended: Counter[str]) -> Iterator[tuple[str, bool | None]]:
    """Give the lines of a part that stays, and under them what was mended in them and how often."""
    yield from ((f"  {line}", True) for line in text.splitlines() if line.strip())
    for what, times in mended.items():
        yield f"~ {what}{f', {times} times' if times > 1 else ''}]", True

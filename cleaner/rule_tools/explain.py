"""Show a record before and after cleaning, line by line, with the rule of each cut."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError
from ..kernel.forms.kept import strip
from ..readers.discovery import name_inputs
from ..runs.judge import judge_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...rules.ruleset.ruleset import Ruleset
    from ..api import Cleaner

_SHOWN = {"markup/hidden", "markup/front-matter"}  # what they take off has words of its own
_LONGEST = 300  # characters of a line that was cut; scripts are longer
_LONGEST_KEPT = 1_200  # characters of a line that is kept; of a longer one, the ends are shown
_CONTEXT = 200  # characters of each end


def explain_file(
    path: str, cleaner: Cleaner, *, kind: str = "auto", encoding: str | None = None
) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of the explanation, with True if a line is kept, False if it is cut, None if it is a heading.

    Raises `InputError` for a file without records.
    """
    _, results = judge_files([path], cleaner, kind=kind, encoding=encoding)
    records = 0
    known = KnownRules(cleaner.ruleset)
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
            yield from explain_record(article, raw, edits[row], known)
            for reason in result.checked.reasons.of_row(row):
                yield f"# {reason.severity}: {reason.check}: {reason.message}", None
    if not records:
        raise InputError("no record in it", where=name_inputs([path]), hint="name a file that contains an article")


def explain_record(
    article: Mapping[str, Any], raw: str, edits: Sequence[Mapping[str, Any]], known: KnownRules
) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of the explanation of one record; see `explain_file`."""
    place = article["provenance"]
    line = f", line {place['line']}" if place["line"] else ""
    yield f"# {place['file']}{line}: {article['id']}", None
    for name in ("headline", "source_name"):
        if article[name]:
            yield f"# {name}: {article[name]}", None
    for headline in article["alt_headlines"]:
        yield f"# alternative headline: {headline}", None
    for edit in edits:
        if edit["field"] != "body" and edit["rule"] in known.repairs:
            yield f"~ {edit['before']!r} -> {edit['after']!r}  [{edit['rule']}, in {edit['field']}]", True
        elif edit["field"] != "body":
            yield f"- {edit['before']!r}  [{edit['rule']}, in {edit['field']}]", False
    form = article["raw"]["format"]
    yield from _explain_body(raw, [edit for edit in edits if edit["field"] == "body"], known, form)


class KnownRules:
    """The rules that rewrite characters, and those that take markup off."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.repairs = {info.id for rule in ruleset.repairs for info in rule.infos}
        self.marks = {info.id for rule in ruleset.markup for info in rule.infos} - _SHOWN
        self._markup = {rule.form: rule for rule in ruleset.markup}

    def lines_of(self, cut: str, rule_id: str, form: str) -> list[str]:
        """Return the lines to show of what a rule cut: visible text if there is any, shortened."""
        rule = self._markup.get(form) if rule_id not in _SHOWN else None
        visible = strip(cut, rule(cut).replacements) if rule else cut
        if rule_id == "markup/hidden":
            visible = " ".join(cut.split())
        lines = [line for line in (visible if visible.strip() else cut).splitlines() if line.strip()] or [repr(cut)]
        return [line if len(line) <= _LONGEST else f"{line[:_LONGEST]} … ({len(line):,} characters)" for line in lines]


def _explain_body(
    raw: str, edits: Sequence[Mapping[str, Any]], known: KnownRules, form: str
) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of a raw text, kept and cut, in their order.

    Repairs and marks that were taken off are counted below the part they are in.
    """
    at = 0
    kept: list[str] = []
    repaired: Counter[str] = Counter()
    for edit in edits:
        kept.append(raw[at : edit["start"]])
        at = edit["end"]
        rule, detail = edit["rule"], edit["detail"]
        why = f"{rule}: {detail}" if detail else rule
        if rule in known.repairs or rule in known.marks:
            kept.append(edit["after"])
            repaired[f"{edit['before']!r} -> {edit['after']!r}  [{why}" if rule in known.repairs else f"[{rule}"] += 1
            continue
        yield from _explain_kept("".join(kept), repaired)
        kept, repaired = [edit["after"]], Counter()
        for line in known.lines_of(edit["before"], rule, form):
            yield f"- {line}  [{why}, {edit['start']}-{edit['end']}]", False
    yield from _explain_kept("".join([*kept, raw[at:]]), repaired)


def _explain_kept(text: str, repaired: Counter[str]) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of a part that is kept, and below them its repairs and how often each was made."""
    yield from ((f"  {_shorten(line)}", True) for line in text.splitlines() if line.strip())
    for repair, times in repaired.items():
        yield f"~ {repair}{f', {times} times' if times > 1 else ''}]", True


def _shorten(line: str) -> str:
    """Return a line, or its ends if it is no paragraph but a whole text: what is beside the cuts is shown."""
    if len(line) <= _LONGEST_KEPT:
        return line
    return f"{line[:_CONTEXT]} … ({len(line) - 2 * _CONTEXT:,} characters) … {line[-_CONTEXT:]}"

"""Show records of a run before and after cleaning, and the places where a rule cut, from the output folder alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ...rules.ruleset.selection import resolved
from ..results.folder import describe_edit, describe_record
from ..results.stored_record import names_rule
from .explain import KnownRules, explain_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.edits import Edit
    from ..results.folder import RunFolder
    from ..results.stored_record import StoredRecord

_CONTEXT = 160  # characters of a line beside a cut


@dataclass(frozen=True)
class Choice:
    """Which records of a run to show: one by its id, those that rules have cut, those that were changed, a sample."""

    record: str | None = None
    rules: tuple[str, ...] = ()
    changed: bool = False
    sample: int | None = None
    seed: int = 0

    def of(self, folder: RunFolder) -> Iterable[StoredRecord]:
        """Return the records. Raises `InputError` if there is none with the id."""
        if self.record is not None:
            return folder.find(self.record)
        if self.sample is not None:
            return folder.read(folder.sample(self.sample, self.seed, self.rules, changed=self.changed))
        if self.rules:
            return folder.read_cut(self.rules)
        return folder.read_changed() if self.changed else folder.read()


def check_rules(rules: Iterable[str], ruleset: Ruleset, folder: RunFolder) -> tuple[str, ...]:
    """Return ids and families of rules. Raises `SettingError` for one that neither the rules nor the run know."""
    of_run = folder.summary.get("edits", {})
    return resolved(rules, "--rule", [*ruleset.infos, *(of_run if isinstance(of_run, dict) else ())])


def explain_run(records: Iterable[StoredRecord], ruleset: Ruleset) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines of the explanation of records of a run, as `explain_file` does."""
    known = KnownRules(ruleset)
    for record in records:
        article = msgspec.to_builtins(record.article)
        edits = [edit.model_dump() for edit in (*record.edits.headline, *record.edits.body)]
        yield from explain_record(article, record.rebuild_raw(), edits, known)
        for flag in record.article.flags:
            yield f"# {flag['severity']}: {flag['check']}: {flag['message']}", None


def describe_records(records: Iterable[StoredRecord]) -> Iterator[dict[str, Any]]:
    """Yield records of a run as JSON can hold them."""
    return map(describe_record, records)


@dataclass(frozen=True)
class CutPlace:
    """A place where a rule cut: the cut text, and the kept lines before and after it, empty if there is none."""

    record: StoredRecord
    edit: Edit
    before: str
    after: str

    def describe(self) -> dict[str, Any]:
        """Return the place as JSON can hold it."""
        origin = self.record.article.provenance
        place = {"id": self.record.article.id, "host": self.record.host, "file": origin.file, "line": origin.line}
        return {**place, "context_before": self.before, **describe_edit(self.edit), "context_after": self.after}


def find_cuts(records: Iterable[StoredRecord], rules: tuple[str, ...]) -> Iterator[CutPlace]:
    """Yield each place where a rule cut, in the order of the run. `rules` are ids or families."""
    for record in records:
        yield from _of_field(record, record.edits.headline, record.article.headline or "", rules)
        yield from _of_field(record, record.edits.body, record.article.body, rules)


def _of_field(record: StoredRecord, edits: list[Edit], clean: str, rules: tuple[str, ...]) -> Iterator[CutPlace]:
    shift = 0  # code points that the edits so far have taken out
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        at = edit.start - shift
        shift += edit.end - edit.start - len(edit.after)
        if names_rule(rules, edit.rule):
            before, after = clean[:at].strip(), clean[at + len(edit.after) :].strip()
            yield CutPlace(record, edit, before.rpartition("\n")[2], after.partition("\n")[0])


def explain_cuts(places: Iterable[CutPlace], ruleset: Ruleset) -> Iterator[tuple[str, bool | None]]:
    """Yield the lines that show places where a rule cut; see `explain_file`."""
    known = KnownRules(ruleset)
    for place in places:
        article, edit = place.record.article, place.edit
        origin = article.provenance
        where = [origin.file or "", f"line {origin.line}" if origin.line else "", place.record.host]
        yield f"# {article.id}: {', '.join(filter(None, where))}", None
        if place.before:
            yield f"  {place.before if len(place.before) <= _CONTEXT else f'… {place.before[-_CONTEXT:]}'}", True
        detail = f": {edit.detail}" if edit.detail else ""
        field = "" if edit.field == "body" else f", in {edit.field}"
        if edit.after:
            yield f"~ {edit.before!r} -> {edit.after!r}  [{edit.rule}{detail}, {edit.start}-{edit.end}{field}]", True
        else:
            for line in known.lines_of(edit.before, edit.rule, article.raw.format):
                yield f"- {line}  [{edit.rule}{detail}, {edit.start}-{edit.end}{field}]", False
        if place.after:
            yield f"  {place.after if len(place.after) <= _CONTEXT else f'{place.after[:_CONTEXT]} …'}", True

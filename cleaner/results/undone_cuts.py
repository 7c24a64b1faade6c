"""Which cuts of a run to take back, and the decisions that keep them undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from ...rules.ruleset.ruleset import EDGES
from ...schemas.config import MAX_ENTRIES
from ...schemas.decisions import Keep, line_digest
from ...schemas.errors import InputError, SettingError
from ..kernel.forms.kept import strip
from ..kernel.repair import Repairs
from .stored_record import names_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...rules.ruleset.ruleset import Ruleset
    from ...schemas.edits import Edit
    from .folder import RunFolder
    from .stored_record import StoredRecord


_MARKS = ("**", "__", "*", "_", "~~", "`")


@dataclass(frozen=True)
class UndoChoice:
    """Which cuts to take back: of rules, of a record, of a host, of some lines, or what several of these share."""

    rules: tuple[str, ...] = ()
    record: str | None = None
    host: str | None = None
    lines: tuple[str, ...] = ()

    def records(self, folder: RunFolder) -> Iterable[StoredRecord]:
        """Return the records that may have such cuts."""
        if self.record is not None:
            return folder.find(self.record)
        return folder.read_cut(self.rules) if self.rules else folder.read()


@dataclass
class ChosenCuts:
    """The cuts to take back: how many there are, the ids of their records, and the decisions."""

    count: int = 0
    ids: set[str] = field(default_factory=set)
    keeps: dict[tuple[str, ...], Keep] = field(default_factory=dict)


def find_cut_records(folder: RunFolder, choice: UndoChoice, chosen: ChosenCuts, ruleset: Ruleset) -> set[str]:
    """Return the ids of the records of which a chosen line was cut, by one of the rules of the decisions."""
    lines = CutLines(ruleset)
    pairs = {(keep.rule, keep.digest) for keep in chosen.keeps.values()}
    rules = tuple({rule for rule, _ in pairs})
    ids = set()
    for record in UndoChoice(rules, choice.record, choice.host).records(folder):
        if choice.host is None or record.host == choice.host:
            for edit in record.cut_by(rules):
                if any((edit.rule, line_digest(line)) in pairs for line in lines.of(edit, record.article.raw.format)):
                    ids.add(record.article.id)
    return ids


class CutLines:
    """The lines of cuts, as rules see them: without markup, their characters repaired."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._markup = {rule.form: rule for rule in ruleset.markup}
        self._repairs = Repairs(ruleset.repairs, ruleset.off)
        marks = {info.id for rule in (*ruleset.markup, *ruleset.repairs) for info in rule.infos}
        self.fixed = frozenset((*marks, EDGES))
        """The rules whose edits are no cuts of lines, so that they cannot be taken back one by one."""

    def of(self, edit: Edit, form: str) -> list[str]:
        """Return the lines of a cut."""
        rule = self._markup.get(form)
        text = strip(edit.before, rule(edit.before).replacements) if rule and edit.field == "body" else edit.before
        lines = [line for line in text.splitlines() if line.strip()]
        if form == "markdown" and edit.field == "body":
            lines = [_strip_open_marks(line) for line in lines]
        mended, _ = self._repairs.run(pa.array(lines, pa.large_string()))
        return [line for line in mended.to_pylist() if line.strip()]


def _strip_open_marks(line: str) -> str:
    """Return a line of Markdown without a mark of emphasis whose other end is in another edit.

    >>> _strip_open_marks("**Leave a Comment"), _strip_open_marks("* a list"), _strip_open_marks("*a* and *b*")
    ('Leave a Comment', '* a list', '*a* and *b*')
    """
    plain = line.strip()
    for mark in _MARKS:
        inner = plain.strip(mark[0])
        if (
            plain.count(mark) == 1
            and inner
            and plain in (f"{mark}{inner}", f"{inner}{mark}")
            and inner == inner.strip()
        ):
            return inner
    return line


def choose_cuts(folder: RunFolder, choice: UndoChoice, ruleset: Ruleset) -> ChosenCuts:
    """Find the cuts to take back. Raises `InputError` if there is none, `SettingError` if there are far too many."""
    chosen, lines = ChosenCuts(), CutLines(ruleset)
    fixed = [rule for rule in choice.rules if rule in lines.fixed]
    if fixed:
        hint = f'to switch it off, add ignore = ["{fixed[0]}"] to the settings, and clean the inputs again'
        raise SettingError(f"--rule: {fixed[0]} cuts no lines, so its edits cannot be taken back", hint=hint)
    for record in choice.records(folder):
        if choice.host is None or record.host == choice.host:
            for edit, of_edit in _edits_of(record, choice, lines):
                chosen.count += 1
                chosen.ids.add(record.article.id)
                for line in of_edit:
                    keep = Keep.of(edit.rule, line, host=choice.host, record=choice.record)
                    chosen.keeps[keep.scope] = keep
                if len(chosen.keeps) > MAX_ENTRIES:
                    what = f"more than {MAX_ENTRIES:,} different lines were cut there"
                    hint = "name a --host, --id or --line; to switch the rule off, use ignore in the settings"
                    raise SettingError(what, where=str(folder.path), hint=hint)
    if not chosen.count:
        raise InputError("no such cut in it", where=str(folder.path), hint="`copydesk diff` shows the cuts of a rule")
    return chosen


def _edits_of(record: StoredRecord, choice: UndoChoice, lines: CutLines) -> Iterator[tuple[Edit, list[str]]]:
    """Yield the edits of a record to take back, each with its lines."""
    wanted = set(map(line_digest, choice.lines))
    for edit in (*record.edits.headline, *record.edits.body):
        if edit.rule in lines.fixed or (choice.rules and not names_rule(choice.rules, edit.rule)):
            continue
        of_edit = lines.of(edit, record.article.raw.format)
        if wanted:
            of_edit = [line for line in of_edit if line_digest(line) in wanted]
        if of_edit:
            yield edit, of_edit

"""A rule drafted from a junk line: near misses of the dump to keep, tested examples, and what it would cut there."""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.errors import RuleError
from ...schemas.messages import printable
from ..api import Cleaner
from ..kernel.lines.split import looks_like_prose
from ..mine.candidates import NearMisses, name_for
from ..mine.line_keys import key_lines
from ..records.loader import Place
from ..rule_tools.draft import Draft, pattern_for, read_rules, write_draft
from ..rule_tools.examples import Tried
from ..rule_tools.rule_text import read_rule_text
from ..runs.row_groups import column_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..results.record_groups import RecordGroups
    from ..runs.row_groups import ArticleGroup

SECONDS = 12.0
"""After which the search in the dump ends, and says how far it came."""
_MATCHED = 2_000  # records that are cleaned with the rule
_PROSE = 20_000  # lines of prose among which near misses are looked for
_NEAR = 8  # near misses that are tried
_KEEPS = 2  # of them that the rule has
_PLACES = 30  # hits that are shown
_CONTEXT = 160
_SAMPLE = 100  # records of each group whose prose is looked at
_FIELDS = ("id", "body", "source_domain", "language")
_WORD = re.compile(r"[^\W\d_]{2,}")


class DumpRecord(msgspec.Struct):
    """The fields of an article that a rule is tried on."""

    id: str
    body: str
    source_domain: str | None = None
    language: str | None = None


@dataclass
class DumpSearch:
    """What was found of a line in a dump."""

    records: list[DumpRecord] = field(default_factory=list)
    """The first records that have its words."""
    with_words: int = 0
    looked_at: int = 0
    complete: bool = True
    prose: list[str] = field(default_factory=list)


@dataclass
class JunkDraft:
    """A draft, its tests, and the lines of the dump that it would cut."""

    draft: Draft
    tried: Tried
    search: DumpSearch
    cut_lines: int = 0
    cut_records: int = 0
    places: list[dict[str, str]] = field(default_factory=list)

    def describe(self, into: Path, total: int | None) -> dict[str, Any]:
        """Return the draft as JSON."""
        search = self.search
        looked_at = (
            f"{search.looked_at:,} of {total:,} records" if total is not None else f"{search.looked_at:,} records"
        )
        cleaned = len(search.records)
        sample = f"; {cleaned:,} of the {search.with_words:,} with its words were cleaned"
        return {
            "id": self.draft.id,
            "text": printable(self.draft.render(), keep="\n"),
            "general": self.draft.general,
            "wider": bool(self.draft.choices),
            "host": self.draft.hosts[0] if self.draft.hosts else "",
            "success": self.tried.success,
            "tests": str(self.tried),
            "failures": [printable(one) for one in (*self.tried.failures, *self.tried.explosions)],
            "lines": self.cut_lines,
            "records": self.cut_records,
            "looked_at": f"{looked_at}{'' if search.complete else ' in the time that there was'}"
            + (sample if cleaned < search.with_words else ""),
            "places": self.places,
            "into": printable(str(into)),
        }


class DraftMaker:
    """Makes drafts from lines of a dump."""

    def __init__(self, groups: RecordGroups, into: Path, *, seconds: float = SECONDS) -> None:
        self._groups, self._into, self._seconds = groups, into, seconds

    def make(self, line: str, advance: Callable[[int], None] = lambda _: None) -> JunkDraft:
        """Draft a rule for a line. Raises `RuleError` for a line without words."""
        pattern_for(line)  # it must have words
        search = self._search(line, advance)
        near = NearMisses([one for one in search.prose if one.strip() != line.strip()]).find(line, _NEAR)
        if not near:
            raise RuleError(
                "the dump has no line of prose for the rule to keep", hint="write it with `copydesk rules new`"
            )
        draft = Draft(f"{_family(self._into)}/{name_for(line, self._names())}", (line.strip(),), near)
        tried = self._try(draft)
        held = [keep for keep in near if not any(repr(keep) in failure for failure in tried.failures)]
        draft = replace(draft, keeps=tuple(held[:_KEEPS] or near[:_KEEPS]))
        return self._count(draft, search)

    def change(self, made: JunkDraft, *, general: bool, host: str, stays: str = "") -> JunkDraft:
        """Draft a rule again: with the other pattern, for one host or all, with another line that must stay."""
        draft = replace(made.draft, general=general, hosts=(host,) if host else ())
        if stays and stays not in draft.keeps:
            draft = replace(draft, keeps=(*draft.keeps, stays), unless=(*draft.unless, pattern_for(stays)))
        return self._count(draft, made.search)

    def save(self, made: JunkDraft) -> Tried:
        """Test the rule again, in the file that it goes into, and add it there if all examples hold."""
        return write_draft(made.draft, self._into)

    def _names(self) -> set[str]:
        """Return the names of rules that are taken."""
        text = read_rules(self._into)
        if not text.strip():
            return set()
        return {rule.id.partition("/")[2] for rule, _ in read_rule_text(self._into, text).rules}

    def _try(self, draft: Draft) -> Tried:
        with tempfile.TemporaryDirectory() as folder:
            return write_draft(draft, Path(folder, self._into.name))

    def _search(self, line: str, advance: Callable[[int], None]) -> DumpSearch:
        """Look for the records with the words of a line, from the first one on, until the time is over."""
        search, end, number = DumpSearch(), time.monotonic() + self._seconds, 0
        word = max(_WORD.findall(line), key=len, default="")
        while (group := self._groups.group(number)) is not None:
            if time.monotonic() > end:
                search.complete = False
                break
            bodies = column_of(group, "body", DumpRecord)
            found = pc.match_substring(bodies, word, ignore_case=word.isascii())
            rows = pc.indices_nonzero(found).to_pylist() if word else list(range(len(bodies)))
            _add_records(search, group, rows, bodies)
            search.with_words += len(rows)
            search.looked_at += len(bodies)
            number += 1
            advance(search.looked_at)
        return search

    def _count(self, draft: Draft, search: DumpSearch) -> JunkDraft:
        """Test a draft, and clean the records that were found with it."""
        made = JunkDraft(draft, Tried(), search)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, self._into.name)
            made.tried = write_draft(draft, path)
            path.write_text(draft.render(), "utf-8")
            cleaner = Cleaner(path, profile="rules", suite="none", form="text")
        rows = [_as_record(one) for one in search.records]
        edits = cleaner.assemble(cleaner.loader.from_rows(rows, Place())).edits if rows else None
        own = edits.filter(pc.equal(edits.column("rule"), draft.id)).to_pylist() if edits is not None else []
        made.cut_records = len({edit["row"] for edit in own})
        for edit in own:
            lines = [line for line in edit["before"].split("\n") if line.strip()]
            made.cut_lines += len(lines)
            if len(made.places) < _PLACES:
                made.places.append(_in_context(search.records[edit["row"]], edit, lines))
        return made


def _add_records(search: DumpSearch, group: ArticleGroup, rows: list[int], bodies: pa.Array) -> None:
    """Add records that have the words of a line, and the prose of these and of some others."""
    kept = rows[: _MATCHED - len(search.records)]
    if kept:
        columns = [column_of(group, name, DumpRecord).take(pa.array(kept)).to_pylist() for name in _FIELDS]
        search.records += map(DumpRecord, *columns)
    if len(search.prose) < _PROSE:
        keyed = key_lines(pa.concat_arrays([bodies.take(pa.array(kept, pa.int64())), bodies[:_SAMPLE]]))
        numbers = np.flatnonzero(looks_like_prose(keyed.lines))[: _PROSE - len(search.prose)]
        search.prose += [keyed.lines.text(int(number)) for number in numbers]


def _as_record(record: DumpRecord) -> dict[str, Any]:
    fields = {"text": record.body, "source_domain": record.source_domain, "language": record.language}
    return {name: value for name, value in fields.items() if value is not None}


def _in_context(record: DumpRecord, edit: dict[str, Any], lines: list[str]) -> dict[str, str]:
    """Return a hit with the line before and the line after it."""
    before = record.body[: edit["start"]].rstrip().rpartition("\n")[2]
    after = record.body[edit["end"] :].lstrip().partition("\n")[0]
    return {
        "id": printable(record.id),
        "before": printable(before[-_CONTEXT:]),
        "cut": printable("\n".join(lines)[:_CONTEXT], keep="\n"),
        "after": printable(after[:_CONTEXT]),
    }


def _family(path: Path) -> str:
    """Return the family of new rules, after the file that they go into."""
    return re.sub("[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "house"

"""The review of an output folder: what the page asks for, and what it decides."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ...schemas.decisions import Accept, Decisions
from ...schemas.errors import InputError
from ...schemas.messages import counted, printable
from ..results.decision_file import deciding, write_decisions
from ..results.folder import open_folder
from ..results.record_groups import RecordGroups, RecordPlace
from ..results.take_back import take_back
from ..results.undone_cuts import CutLines, UndoChoice
from ..runs.row_groups import find_articles_file
from ..runs.run_files import EDITS
from .drafts import DraftMaker, JunkDraft
from .jobs import Jobs
from .record_pages import Filters, RecordPages
from .record_view import lines_of, show_record

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from ...schemas.edits import Edit
    from ..api import Cleaner
    from ..results.folder import RunFolder
    from ..results.stored_record import StoredRecord
    from ..settings import Settings
    from .jobs import Job

_CHANGED = "somebody else has changed the run: look at the record again"
Stamp = tuple[tuple[int, int, int], ...]


class ReviewSession:
    """The state behind the page. The folder is opened again when its files have changed."""

    def __init__(self, path: Path, settings: Settings, into: Path) -> None:
        self._path, self._settings, self._into = path, settings, into
        self._lock = threading.RLock()
        self._jobs = Jobs()
        self._draft: JunkDraft | None = None
        self._cleaner: Cleaner | None = None
        self._own_change = False
        self.version = 0
        self.notice = ""
        self.undone = False
        """Whether cuts were taken back, so that the page of the run is older than its articles."""
        self._summaries = {info.id: info.summary for info in settings.ruleset().infos.values()}
        self._open()

    def _open(self) -> None:
        self._stamp = self._read_stamp()
        self.folder: RunFolder = open_folder(self._path)
        self._groups = RecordGroups(self._path)
        self._groups.group(0)  # a damaged file is named now, not with the first record
        self._pages = RecordPages(self._path, self._groups)
        self.version += 1

    def _read_stamp(self) -> Stamp:
        """Return what changes when the files of the folder are replaced."""
        stamps = [path.stat() for path in (find_articles_file(self._path), self._path / EDITS) if path.exists()]
        return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stamps)

    def refresh(self) -> None:
        """Open the folder again if its files are others than before. Raises `InputError` if it is gone."""
        with self._lock:
            if self._jobs.running or self._read_stamp() == self._stamp:
                return
            is_own, self._own_change = self._own_change, False
            self._open()
            if not is_own:
                self.notice = "somebody else has changed the run: you see it as it is now"

    def state(self) -> dict[str, Any]:
        """Return what may change at any time: the version of the folder, the job at work, the decisions."""
        self.refresh()
        decisions = self._decisions()
        job = self._jobs.last
        return {
            "version": self.version,
            "notice": self.notice,
            "warnings": [printable(warning) for warning in self.folder.warnings],
            "decisions": len(decisions.entries),
            "accepted": len(decisions.accepted),
            "job": job.describe() if job else None,
        }

    def overview(self) -> dict[str, Any]:
        """Return what the filters choose from."""
        edits = self.folder.summary.get("edits", {})
        counts = {str(rule): entry for rule, entry in edits.items()} if isinstance(edits, dict) else {}
        families = sorted({rule.partition("/")[0] for rule in counts})
        return {
            "folder": printable(str(self._path)),
            "total": self._total(),
            "families": families,
            "rules": sorted(counts),
            "decisions_file": printable(str(self._settings.decisions_file)),
            "into": printable(str(self._into)),
        }

    def _total(self) -> int | None:
        if self._groups.starts is not None:
            return self._groups.starts[-1]
        records = self.folder.summary.get("records")
        accepted = records.get("accepted") if isinstance(records, dict) else None
        return accepted if isinstance(accepted, int) else None

    def records(self, filters: Filters, start: str) -> dict[str, Any]:
        """Return a page of records from a place on, empty for the first."""
        self.refresh()
        with self._lock:
            page = self._pages.page(filters, _place(start or "0.0"))
            following = f"{page.next.group}.{page.next.row}" if page.next else ""
            return {"records": page.records, "next": following, "looked_at": page.looked_at, "total": self._total()}

    def find(self, record_id: str) -> list[str]:
        """Return the places of the records with an id."""
        self.refresh()
        with self._lock:
            return [f"{place.group}.{place.row}" for place in self._groups.locate(record_id)]

    def record(self, ref: str) -> dict[str, Any]:
        """Return the record at a place."""
        self.refresh()
        record = self._read(ref)
        accepted = {entry.scope for entry in self._decisions().accepted}
        return {"ref": ref, "version": self.version, **show_record(record, self._summaries, accepted)}

    def _read(self, ref: str) -> StoredRecord:
        place = _place(ref)
        with self._lock:
            record = self._groups.read(place)
            group = self._groups.group(place.group) if record is None else None
            if record is not None:
                return record
            if group is None or place.row >= len(group.ids):
                raise InputError(f"no record at the place {ref}", where=str(self._path), hint="list the records again")
            return self.folder.find(group.ids[place.row].as_py())[0]

    def accept(self, ref: str, version: int, edits: Collection[int]) -> dict[str, Any]:
        """Note that cuts are right; if all of them are noted already, withdraw that. All cuts if none is named."""
        record = self._same(ref, version)
        named = [edit for number, edit in enumerate(_edits(record)) if not edits or number in edits]
        chosen = [edit for edit in named if edit.before.strip()]
        if not chosen:
            raise InputError("these changes cut no words", hint="go to another cut")
        entries = [Accept.of(edit.rule, edit.before) for edit in chosen]
        file = self._settings.decisions_file
        with deciding(file):
            decided = Decisions.read(file)
            scopes = {entry.scope for entry in entries}
            noted = {entry.scope for entry in decided.accepted}
            is_new = not scopes <= noted
            left = [entry for entry in decided.accepted if entry.scope not in scopes]
            write_decisions(Decisions(decided.entries, [*left, *entries] if is_new else left), file)
        what = counted(len(scopes), "cut")
        return {"message": f"{what} accepted" if is_new else f"{what} no longer accepted"}

    def undo(self, ref: str, version: int, edit: int, scope: str) -> Job:
        """Start to take back a cut, its rule in this record, on this host or everywhere, or its lines everywhere."""
        record = self._same(ref, version)
        chosen = _edits(record)[edit]
        if scope == "host" and not record.host:
            raise InputError("the host of the record is not known", hint="take the rule back in this record")

        def work(_: Job) -> dict[str, Any]:
            lines = CutLines(self._load_cleaner().ruleset).of(chosen, record.article.raw.format)
            if not lines and scope in ("cut", "line"):
                raise InputError("this change cuts no line", hint="go to another cut")
            return self._take_back(_choose(scope, chosen.rule, tuple(lines), record))

        return self._jobs.start(f"taking back {chosen.rule}", work)

    def _take_back(self, choice: UndoChoice) -> dict[str, Any]:
        settings = self._settings
        undone, decisions = take_back(
            self.folder, choice, self._load_cleaner(), settings.decisions_file, isolated=settings.isolated
        )
        self.undone = self._own_change = True
        rejected = f"; a later run would reject {counted(undone.rejected, 'record')}" if undone.rejected else ""
        what = f"{counted(undone.records, 'record')} cleaned again, {counted(undone.characters, 'character')} back"
        return {"message": f"{what}{rejected}; {counted(len(decisions.entries), 'decision')} in all"}

    def _load_cleaner(self) -> Cleaner:
        """Return the rules as they were when the review began: those of the run."""
        with self._lock:
            if self._cleaner is None:
                self._cleaner = self._settings.cleaner()
            return self._cleaner

    def draft(self, ref: str, version: int, line: int) -> Job:
        """Start to draft a rule for a kept line."""
        record = self._same(ref, version)
        text = lines_of(record.article.body)[line]
        return self._jobs.start("drafting a rule", lambda job: self._make_draft(text, job))

    def _make_draft(self, text: str, job: Job) -> dict[str, Any]:
        def advance(count: int) -> None:
            job.message = f"{count:,} records looked at"

        self._draft = DraftMaker(RecordGroups(self._path), self._into).make(text, advance)
        return self._described()

    def change_draft(self, *, general: bool, on_host: bool, ref: str, stays: str) -> Job:
        """Start to draft the rule again, in another way."""
        draft = self._require_draft()
        host = self._read(ref).host if on_host else ""

        def work(_: Job) -> dict[str, Any]:
            maker = DraftMaker(RecordGroups(self._path), self._into)
            self._draft = maker.change(draft, general=general, host=host, stays=stays)
            return self._described()

        return self._jobs.start("testing the rule", work)

    def save_draft(self) -> dict[str, Any]:
        """Add the drafted rule to the rule file, if its examples hold."""
        draft = self._require_draft()
        tried = DraftMaker(self._groups, self._into).save(draft)
        if not tried.success:
            return {"saved": False, "message": f"not saved: {tried}"}
        self._draft = None
        known = {path.resolve() for path in self._settings.rule_files}
        is_used = bool(known & {self._into.resolve(), *self._into.resolve().parents})
        hint = "" if is_used else f'; add rules = ["{self._into.name}"] to the settings'
        return {
            "saved": True,
            "message": printable(f"{draft.draft.id} is in {self._into}{hint}; clean again to use it"),
        }

    def _described(self) -> dict[str, Any]:
        return self._require_draft().describe(self._into, self._total())

    def _require_draft(self) -> JunkDraft:
        if self._draft is None:
            raise InputError("there is no draft", where=str(self._path), hint="choose a junk line first")
        return self._draft

    def _same(self, ref: str, version: int) -> StoredRecord:
        """Return a record if it is still the one that the page shows. Raises `InputError` if it is another one."""
        self.refresh()
        if self._jobs.running:
            raise InputError(
                "the last undo or draft is still at work", where=str(self._path), hint="wait until it ends"
            )
        if version != self.version:
            raise InputError(_CHANGED, where=str(self._path))
        return self._read(ref)

    def _decisions(self) -> Decisions:
        """Return the decisions as the file has them now. Raises `SettingError` for a damaged file."""
        return Decisions.read(self._settings.decisions_file)

    def close(self) -> None:
        """Wait for what is at work."""
        self._jobs.close()


def _choose(scope: str, rule: str, lines: tuple[str, ...], record: StoredRecord) -> UndoChoice:
    """Return which cuts to take back; `lines` are those of the cut that was chosen."""
    own = record.article.id
    choices = {
        "cut": UndoChoice((rule,), own, None, lines),
        "record": UndoChoice((rule,), own),
        "host": UndoChoice((rule,), None, record.host),
        "everywhere": UndoChoice((rule,)),
        "line": UndoChoice((rule,), None, None, lines),
    }
    return choices[scope]


def _place(ref: str) -> RecordPlace:
    group, _, row = ref.partition(".")
    if not (group.isdecimal() and row.isdecimal() and len(ref) <= 20):
        raise InputError(f"{printable(ref[:20])!r} is not the place of a record", hint="list the records again")
    return RecordPlace(int(group), int(row))


def _edits(record: StoredRecord) -> list[Edit]:
    """Return the edits of a record, as their numbers on the page count them."""
    return [*record.edits.headline, *record.edits.body]

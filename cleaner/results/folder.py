"""The output folder of a run: its records with their edits, found by id, by rule, or by a sample."""

from __future__ import annotations

import heapq
import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import xxhash

from ...schemas.errors import InputError, OutputError
from ..atomic_files import lock_file
from ..runs.output_directory import work_path
from ..runs.row_groups import NO_RUN, article_groups, find_articles_file, naming_damage, row_groups
from ..runs.run_files import EDITS, LOCK, MANIFEST, QUARANTINE, SUMMARY
from ..runs.written_articles import (
    EditReader,
    Pairing,
    key_names,
    key_of,
    read_edit_rows,
    read_group,
    rows_with,
)
from .record_groups import RecordGroups
from .stored_record import StoredArticle, StoredRecord, names_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from ...schemas.edits import Edit
    from ..runs.row_groups import ArticleGroup, RowGroup
    from ..runs.written_articles import Key

NEAREST = 3
"""Ids that an error names for one that is not there."""
_UNFINISHED = "wait until it ends, or continue it with `copydesk clean ... --resume`"


@dataclass(frozen=True)
class RunFolder:
    """The output folder of a run. Nothing is read before it is asked for; a group of rows is in memory at once."""

    path: Path
    warnings: list[str] = field(default_factory=list)
    """What is not as it should be, and what still works."""

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The content of summary.json; empty if there is none, or if it cannot be read."""
        with suppress(OSError, ValueError, RecursionError):
            content = json.loads((self.path / SUMMARY).read_bytes())
            return content if isinstance(content, dict) else {}
        return {}

    @property
    def quarantine(self) -> Path:
        """The file of the rejected records."""
        return self.path / QUARANTINE

    def find(self, record_id: str) -> list[StoredRecord]:
        """Return the records with an id. Raises `InputError`, with the nearest ids, if there is none."""
        groups = RecordGroups(self.path)
        places = groups.locate(record_id)
        if not places:
            raise self._no_record(record_id)
        record = groups.read(places[0]) if len(places) == 1 else None
        return [record] if record is not None else list(self.read({record_id}))

    def read(self, ids: Collection[str] | None = None) -> Iterator[StoredRecord]:
        """Yield the records with some ids, or all, in the order of the run."""
        reader = EditReader(self.path)
        articles = (article for group in article_groups(self.path) for article in read_group(group, StoredArticle, ids))
        for article, edits in reader.pair_with(articles, ids):
            yield StoredRecord(article, edits)

    def read_changed(self) -> Iterator[StoredRecord]:
        """Yield the records that have edits."""
        return (record for record in self.read() if record.changed)

    def read_cut(self, selectors: Collection[str]) -> Iterator[StoredRecord]:
        """Yield the records that some rules, or the rules of some families, have changed.

        Groups of edits without such a rule are not read. A group of edits is that of a group of articles, so the first
        record comes before the last one is found. Spark may have divided groups in another way.
        """
        if self._edits.is_dir():
            yield from (record for record in self.read() if record.cut_by(selectors))
            return
        with naming_damage(self._edits):
            articles = _Articles(article_groups(self.path))
            for group in row_groups(self._edits):
                if ids := _ids_cut_by(group, selectors):
                    rows, names = list(read_edit_rows(group, ids)), key_names(group)
                    found = articles.take(ids, names, {row["key"] for row in rows})
                    for article, edits in Pairing(iter(rows), names, found, self._edits).pair(found):
                        record = StoredRecord(article, edits)
                        if record.cut_by(selectors):
                            yield record

    @property
    def _edits(self) -> Path:
        path = self.path / EDITS
        if not path.exists():
            raise InputError(f"no {EDITS} in it", where=str(self.path), hint=NO_RUN)
        return path

    def sample(self, count: int, seed: int, selectors: Collection[str] = (), *, changed: bool = False) -> set[str]:
        """Return the ids of some records: of all, of those that rules have cut, or of those that were changed.

        The same seed gives the same records, whatever their order.
        """
        if selectors:
            ids: Iterable[str] = (one for group in row_groups(self._edits) for one in _ids_cut_by(group, selectors))
        elif changed:
            ids = (one for group in row_groups(self._edits) for one in group.ids.unique().to_pylist())
        else:
            ids = (one for group in article_groups(self.path) for one in group.ids.to_pylist())
        with naming_damage(self.path):
            return set(_smallest(count, ids, lambda one: xxhash.xxh64_intdigest(one.encode(), seed)))

    def _no_record(self, record_id: str) -> InputError:
        from rapidfuzz import fuzz, process

        ids = [one for group in article_groups(self.path) for one in group.ids.to_pylist()]
        close = [
            match[0] for match in process.extract(record_id, ids, scorer=fuzz.ratio, limit=NEAREST, score_cutoff=50)
        ]
        hint = f"the nearest ids are {', '.join(map(repr, close))}" if close else "its ids are in articles, field id"
        if self.quarantine.exists():
            hint += "; a rejected record is in `copydesk quarantine list`"
        return InputError(f"no record has the id {record_id!r}", where=str(self.path), hint=hint)


def _smallest(count: int, ids: Iterable[str], key: Callable[[str], int]) -> list[str]:
    """Return the ids with the smallest keys, each once."""
    best: list[tuple[int, str]] = []  # a heap of the negated keys: the largest key is first
    kept: set[str] = set()
    for one in ids:
        entry = (-key(one), one)
        if one in kept or (len(best) == count and entry <= best[0]):
            continue
        kept.add(one)
        if len(best) < count:
            heapq.heappush(best, entry)
        else:
            kept.discard(heapq.heapreplace(best, entry)[1])
    return [one for _, one in best]


def _ids_cut_by(group: RowGroup, selectors: Collection[str]) -> list[str]:
    """Return the ids of the records that rules have cut, of a group of edits."""
    rules = group.column("rule").dictionary_encode()
    named = [rule for rule in rules.dictionary.to_pylist() if names_rule(selectors, rule)]
    if not named:
        return []
    ids: list[str] = group.ids.take(rows_with(rules.dictionary_decode(), named)).unique().to_pylist()
    return ids


class _Articles:
    """The articles of a run, taken from one group after the other."""

    def __init__(self, groups: Iterator[ArticleGroup]) -> None:
        self._groups = groups
        self._last: list[ArticleGroup] = []  # lines of JSON are grouped in another way than edits: it may have more

    def take(self, ids: Collection[str], names: tuple[str, ...], keys: set[Key]) -> list[StoredArticle]:
        """Return the articles with some ids from the next groups, until all keys are found."""
        missing = set(keys)
        found: list[StoredArticle] = []
        for group in itertools.chain(self._last, self._groups):
            of_group = list(read_group(group, StoredArticle, ids))
            found += of_group
            missing -= {key_of(article, names) for article in of_group}
            self._last = [group]
            if not missing:
                break
        return found


def is_run_folder(path: Path) -> bool:
    """Return whether a path is a folder of the results of a run, complete or not."""
    written = any((path / name).exists() for name in (EDITS, SUMMARY))
    return (path.is_dir() and written) or (not path.is_file() and bool(_state_of_work(path)))


def open_folder(path: Path) -> RunFolder:
    """Open the output folder of a run. Raises `InputError` if it has no articles.

    Of an interrupted run, of one that is being written and of one without edits, it says what still works.
    """
    state = _state_of_work(path)
    if not path.is_dir():
        what = "is a file, not a directory" if path.exists() else "there is no such directory"
        hint = NO_RUN
        if state:
            what, hint = f"its run {state}", _UNFINISHED
        raise InputError(what, where=str(path), hint=hint)
    try:
        find_articles_file(path)
    except InputError as error:
        if not state:
            raise
        raise InputError(f"no articles in it: its run {state}", where=error.where, hint=_UNFINISHED) from None
    warnings = [f"{path}: a later run {state}; these are the results of the one before"] if state else []
    if not (path / EDITS).exists():
        warnings.append(f"{path}: no {EDITS} in it, so only the clean articles and the quarantine can be read")
    if not (path / SUMMARY).exists():
        warnings.append(f"{path}: no {SUMMARY} in it, so the number of records is not checked")
    return RunFolder(path, warnings)


def _state_of_work(path: Path) -> str:
    """Return what a run that is not complete does with a folder; empty if there is none."""
    try:
        beside = work_path(path)
    except OutputError:
        return ""
    for work in (beside, path / beside.name):
        if (work / MANIFEST).exists():
            with suppress(OSError), (work / LOCK).open("rb") as lock:
                return "was interrupted" if lock_file(lock.fileno()) else "is being written"
            return "was interrupted"
    return ""


def describe_edit(edit: Edit) -> dict[str, Any]:
    """Return an edit as JSON can hold it."""
    return {name: value for name, value in edit.model_dump().items() if value is not None}


def describe_record(record: StoredRecord) -> dict[str, Any]:
    """Return a record as JSON can hold it: what it is, its clean and its raw text, and its edits."""
    article: dict[str, Any] = msgspec.to_builtins(record.article)
    edits = [describe_edit(edit) for edit in (*record.edits.headline, *record.edits.body)]
    return {**article, "host": record.host, "raw_body": record.rebuild_raw(), "edits": edits}

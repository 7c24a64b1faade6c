"""The records of a run by their place: the group of rows that they are written in, and the row of it.

Only the groups that are asked for are read. So a record of a large run is found, and its neighbours are listed, in a
fraction of a second.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.errors import InputError, RestoreError
from ..runs.row_groups import NO_RUN, RowGroup, article_groups, find_articles_file, naming_damage, open_row_groups
from ..runs.run_files import ARTICLES, EDITS
from ..runs.written_articles import PLACE, key_names, key_of, own_edits, read_edit_rows
from .stored_record import StoredArticle, StoredRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..runs.row_groups import ArticleGroup

_FEW = 3  # groups of edits that the statistics may leave
_CACHED = 16  # groups of edits whose ids and rules are kept
Bounds = dict[str, "tuple[Any, Any] | None"]


class RecordPlace(NamedTuple):
    """The place of a record: the number of its group, and of its row there."""

    group: int
    row: int


class RecordGroups:
    """The records of a folder, by their place. Groups are numbered from 0 in the order of the run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.edits = EditGroups(path)
        self._started: Iterator[ArticleGroup] | None = None
        self._next = 0

    @cached_property
    def _parquet(self) -> list[RowGroup] | None:
        """The groups, if each can be read by itself; None for lines of JSON, which are read from their beginning."""
        path = find_articles_file(self._path)
        with naming_damage(path):
            return open_row_groups(path) if path.name == ARTICLES else None

    @property
    def count(self) -> int | None:
        """The number of groups, None if it is not known."""
        return None if self._parquet is None else len(self._parquet)

    @cached_property
    def starts(self) -> list[int] | None:
        """The number of records before each group, None if it is not known."""
        if self._parquet is None:
            return None
        starts = [0]
        for group in self._parquet:
            starts.append(starts[-1] + group.size)
        return starts

    def group(self, number: int) -> ArticleGroup | None:
        """Return a group, None after the last one."""
        if self._parquet is not None:
            return self._parquet[number] if 0 <= number < len(self._parquet) else None
        if self._started is None or number < self._next:
            self._started, self._next = article_groups(self._path), 0
        found = next(islice(self._started, number - self._next, None), None)
        self._next = number + 1
        return found

    def locate(self, record_id: str) -> list[RecordPlace]:
        """Return the places of the records with an id."""
        with naming_damage(self._path):
            return [
                RecordPlace(number, row)
                for number, group in enumerate(article_groups(self._path))
                if not isinstance(group, RowGroup) or group.may_hold("id", [record_id])
                for row in pc.indices_nonzero(pc.equal(group.ids, record_id)).to_pylist()
            ]

    def read(self, place: RecordPlace) -> StoredRecord | None:
        """Return the record at a place, None if there is none, or if its edits do not lead to the raw text."""
        with naming_damage(self._path):
            group = self.group(place.group)
            if group is None or place.row >= len(group.ids):
                return None
            [article] = group.read(StoredArticle, [place.row])
            record = StoredRecord(article, own_edits(list(self._edit_rows(place, group, article))))
        try:
            record.rebuild_raw()
        except RestoreError:  # records share an id and a place, or edits are elsewhere than the statistics say
            return None
        return record

    def _edit_rows(self, place: RecordPlace, group: ArticleGroup, article: StoredArticle) -> Iterator[dict[str, Any]]:
        for edits in self.edits.near(place.group, group):
            key = key_of(article, key_names(edits))
            yield from (row for row in read_edit_rows(edits, {article.id}) if row["key"] == key)


class EditGroups:
    """The edits of a folder, and which groups of them belong to a group of articles."""

    def __init__(self, path: Path) -> None:
        if not (path / EDITS).exists():
            raise InputError(f"no {EDITS} in it", where=str(path), hint=NO_RUN)
        with naming_damage(path / EDITS):
            self._groups = open_row_groups(path / EDITS)
            self._bounds = [{name: group.bounds(name) for name in ("id", *PLACE)} for group in self._groups]
        self.columns = lru_cache(maxsize=_CACHED)(self._columns)
        self._rules: dict[int, frozenset[str]] = {}

    def near(self, number: int, group: ArticleGroup) -> list[RowGroup]:
        """Return the groups that may have edits of a group of articles."""
        return [self._groups[at] for at in self.numbers(number, group)]

    def numbers(self, number: int, group: ArticleGroup) -> list[int]:
        """Return the numbers of the groups that may have edits of a group of articles: `number` is that of the group.

        A run writes a group of edits with each group of articles, so of many the one with the same number is it.
        """
        own = _bounds_of(group)
        found = [at for at, bounds in enumerate(self._bounds) if _overlap(own, bounds)]
        return [number] if len(found) > _FEW and number in found else found

    def rules(self, number: int) -> frozenset[str]:
        """Return the rules that have edits in a group."""
        if number not in self._rules:
            self._rules[number] = frozenset(self._groups[number].column("rule").unique().to_pylist())
        return self._rules[number]

    def _columns(self, number: int) -> tuple[pa.Array, pa.Array]:
        """Return the id and the rule of each edit of a group."""
        group = self._groups[number]
        return group.ids, group.column("rule").dictionary_encode()


def _bounds_of(group: ArticleGroup) -> Bounds:
    if not isinstance(group, RowGroup):
        return {}
    return {"id": group.bounds("id")} | {name: group.bounds(f"provenance.{name}") for name in PLACE}


def _overlap(own: Bounds, other: Bounds) -> bool:
    pairs = [(own.get(name), bounds) for name, bounds in other.items()]
    return all(a is None or b is None or (a[0] <= b[1] and b[0] <= a[1]) for a, b in pairs)

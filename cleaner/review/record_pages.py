"""Pages of the records of a run, filtered. A page is made in a bounded time, however many records there are."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.messages import printable
from ..results.record_groups import RecordPlace
from ..results.stored_record import names_rule
from ..runs.row_groups import column_of, naming_damage
from ..runs.written_articles import rows_with

if TYPE_CHECKING:
    from pathlib import Path

    from ...schemas.byte_arrays import Ints
    from ..results.record_groups import RecordGroups
    from ..runs.row_groups import ArticleGroup

PAGE = 40
SECONDS = 0.1
"""After which a page ends with what was found, and with the place to go on from."""
_RULES = 3  # that the list names for each record


class Listed(msgspec.Struct):
    """The fields of an article that a list of records shows, or that it is filtered by."""

    id: str
    headline: str | None = None
    url: str | None = None
    source_domain: str | None = None
    language: str | None = None


class _Texts(msgspec.Struct):
    body: str
    headline: str | None = None


@dataclass(frozen=True)
class Filters:
    """Which records to list: cut by a rule or family, of a host, with a text, or changed at all."""

    rule: str = ""
    host: str = ""
    query: str = ""
    changed: bool = False


@dataclass(frozen=True)
class Page:
    """Some records that fit the filters, and where the next ones are."""

    records: list[dict[str, Any]] = field(default_factory=list)
    next: RecordPlace | None = None
    looked_at: int | None = None
    """Records up to the end of the page, None if they are not counted."""


class RecordPages:
    """The pages of a folder. It is made anew when the folder has changed."""

    def __init__(self, path: Path, groups: RecordGroups) -> None:
        self._path, self._groups = path, groups
        self._rows = lru_cache(maxsize=4)(self._find_rows)

    def page(self, filters: Filters, start: RecordPlace, *, size: int = PAGE, seconds: float = SECONDS) -> Page:
        """Return the records from a place on."""
        end = time.monotonic() + seconds
        found: list[dict[str, Any]] = []
        number, row = start
        with naming_damage(self._path):
            while (group := self._groups.group(number)) is not None:
                rows = self._rows(filters, number)
                some = rows[np.searchsorted(rows, row) :][: size - len(found)]
                found += self._describe(number, group, some)
                if len(found) >= size:
                    return Page(found, RecordPlace(number, int(some[-1]) + 1), self._count(number, int(some[-1]) + 1))
                number, row = number + 1, 0
                if time.monotonic() > end and self._groups.group(number) is not None:
                    return Page(found, RecordPlace(number, 0), self._count(number, 0))
        return Page(found, None, self._count(number, 0))

    def _count(self, number: int, row: int) -> int | None:
        starts = self._groups.starts
        return None if starts is None else starts[min(number, len(starts) - 1)] + row

    def _find_rows(self, filters: Filters, number: int) -> Ints:
        """Return the rows of a group that fit, in order."""
        group = self._groups.group(number)
        assert group is not None
        rows = np.arange(len(group.ids))
        if filters.rule or filters.changed:
            rows = np.array(rows_with(group.ids, self._cut_ids(filters.rule, number, group)), np.int64)
        if filters.host and len(rows):
            domains = pc.utf8_lower(pc.fill_null(column_of(group, "source_domain", Listed), ""))
            plain = pc.replace_substring_regex(domains, r"^www\.", "")
            rows = rows[pc.equal(plain, filters.host).to_numpy(zero_copy_only=False)[rows]]
        if filters.query and len(rows):
            rows = rows[self._match(group, filters.query)[rows]]
        return rows

    def _cut_ids(self, rule: str, number: int, group: ArticleGroup) -> list[str]:
        """Return the ids of the records of a group that a rule or family has cut, or any of them if it is empty."""
        edits, selectors = self._groups.edits, {rule}
        ids: set[str] = set()
        for at in edits.numbers(number, group):
            named = [one for one in edits.rules(at) if not rule or names_rule(selectors, one)]
            if named:
                own, rules = edits.columns(at)
                if rule:
                    own = own.filter(pc.is_in(rules.cast(pa.large_string()), pa.array(named, pa.large_string())))
                ids.update(own.unique().to_pylist())
        return sorted(ids)

    def _match(self, group: ArticleGroup, query: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return for each row whether its id is the query, or its headline or text has it."""
        mask = pc.equal(group.ids, query)
        for name in ("headline", "body"):
            texts = pc.fill_null(column_of(group, name, _Texts), "")
            mask = pc.or_(mask, pc.match_substring(texts, query, ignore_case=True))
        result: np.ndarray[Any, np.dtype[np.bool_]] = mask.to_numpy(zero_copy_only=False)
        return result

    def _describe(self, number: int, group: ArticleGroup, rows: Ints) -> list[dict[str, Any]]:
        if not len(rows):
            return []
        listed = list(group.read(Listed, rows.tolist()))
        cuts = self._count_cuts(number, group, [one.id for one in listed])
        return [
            {
                "ref": f"{number}.{row}",
                "id": printable(one.id),
                "headline": printable(one.headline or one.url or one.id)[:300],
                "host": printable((one.source_domain or "").lower().removeprefix("www.")),
                "cuts": cuts[one.id].total(),
                "rules": [rule for rule, _ in cuts[one.id].most_common(_RULES)],
            }
            for row, one in zip(rows.tolist(), listed, strict=True)
        ]

    def _count_cuts(self, number: int, group: ArticleGroup, ids: list[str]) -> dict[str, Counter[str]]:
        """Return for each id how often each rule changed its record."""
        counts: dict[str, Counter[str]] = {one: Counter() for one in ids}
        for at in self._groups.edits.numbers(number, group):
            own, rules = self._groups.edits.columns(at)
            mask = pc.is_in(own, pa.array(sorted(counts), own.type))
            for one, rule in zip(own.filter(mask).to_pylist(), rules.filter(mask).to_pylist(), strict=True):
                counts[one][rule] += 1
        return counts

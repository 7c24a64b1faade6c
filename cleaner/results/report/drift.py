"""What has changed since an earlier run: shares of records and characters, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .data import ReasonFigures, ReportData, RuleFigures

_LEAST = 0.01  # change of a share that is shown
_TWICE = 2.0  # factor of a change that is shown even if the share is small
_SMALLEST = 0.002  # share below which no factor counts
_SHOWN = 8  # changes of each kind


class Change(NamedTuple):
    """A share of the records, or of the characters, then and now."""

    what: str
    name: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        """How much the share has grown."""
        return self.after - self.before


def find_changes(earlier: ReportData, now: ReportData) -> list[Change]:
    """Return the shares that have changed, the largest change first within each kind."""
    changes = [change for change in _compare(earlier, now) if _counts(change)]
    kinds = list(dict.fromkeys(change.what for change in changes))
    changes.sort(key=lambda change: (kinds.index(change.what), -abs(change.difference), change.name))
    return [change for kind in kinds for change in [each for each in changes if each.what == kind][:_SHOWN]]


def _counts(change: Change) -> bool:
    if abs(change.difference) >= _LEAST:
        return True
    low, high = sorted((change.before, change.after))
    return high >= _SMALLEST and high >= _TWICE * low


def _compare(earlier: ReportData, now: ReportData) -> Iterator[Change]:
    read = [max(data.articles + data.turned_away, 1) for data in (earlier, now)]
    accepted = [max(data.articles, 1) for data in (earlier, now)]
    yield Change("run", "records accepted", earlier.articles / read[0], now.articles / read[1])
    removed = [data.removed / max(data.characters_before, 1) for data in (earlier, now)]
    yield Change("run", "characters cut", removed[0], removed[1])
    for what, old, new, totals in (
        ("reason for quarantine", _records(earlier.reasons), _records(now.reasons), read),
        ("rule", _records(earlier.rules), _records(now.rules), accepted),
        ("missing field", earlier.missing, now.missing, accepted),
        ("language", earlier.languages, now.languages, accepted),
        ("form of text", earlier.forms, now.forms, accepted),
        ("source", earlier.sources, now.sources, accepted),
    ):
        for name in sorted({*old, *new}):
            yield Change(what, name, old.get(name, 0) / totals[0], new.get(name, 0) / totals[1])


def _records(figures: Mapping[str, RuleFigures] | Mapping[str, ReasonFigures]) -> dict[str, int]:
    return {name: one.records for name, one in figures.items()}

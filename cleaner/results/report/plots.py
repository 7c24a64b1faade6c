"""The plots of the page: bins with labels, and ranked values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ....schemas.messages import counted
from .collect import NONE, OTHERS

if TYPE_CHECKING:
    from collections import Counter

    from .data import ReportData

_SHOWN = 12  # values of a field
_COLUMNS = 48  # months; of more, years are shown
_LONGEST = 60  # characters of a name
Ranked = tuple[str, int, float]


@dataclass(frozen=True)
class Bin:
    """A column of a plot: its label, its records, and those before cleaning."""

    label: str
    count: int
    was: int = 0


class Plot(NamedTuple):
    """A plot of columns. `was` tells whether it has two columns a bin, before and after."""

    title: str
    note: str
    unit: str
    bins: list[Bin]
    was: bool = False

    @property
    def most(self) -> int:
        """The records of the highest column."""
        return max((max(each.count, each.was) for each in self.bins), default=0) or 1

    @property
    def spoken(self) -> str:
        """What a screen reader says in place of the plot."""
        highest = max(self.bins, key=lambda each: each.count)
        return f"from {self.bins[0].label} to {self.bins[-1].label}; most, {highest.count:,}, at {highest.label}"


def make_columns(data: ReportData) -> list[Plot]:
    """Return the plots of lengths, of the share that was cut, and of dates."""
    plots = []
    if data.articles:
        plots.append(Plot("Length of the bodies", "in characters", "from", _lengths(data), was=True))
        shares = [Bin(_share_label(number), data.shares.get(number, 0)) for number in range(11)]
        plots.append(Plot("Share cut", "of each body", "cut", shares))
    dates = {month: count for month, count in data.months.items() if month not in (NONE, OTHERS)}
    if dates:
        plots.append(Plot("Dates of publication", *_dates(dates, data.months.get(NONE, 0))))
    return plots


def _lengths(data: ReportData) -> list[Bin]:
    before, after = data.lengths_before, data.lengths_after
    numbers = range(min(min(before), min(after)), max(max(before), max(after)) + 1)
    return [Bin(_length_label(number), after.get(number, 0), before.get(number, 0)) for number in numbers]


def _length_label(number: int) -> str:
    """Return the length at which a bin of half an octave begins.

    >>> _length_label(-1), _length_label(0), _length_label(21)
    ('empty', '1', '1,448')
    """
    return f"{2 ** (number / 2):,.0f}" if number >= 0 else "empty"


def _share_label(number: int) -> str:
    return f"{10 * number - 10} to {10 * number} %" if number else "nothing"


def _dates(months: dict[str, int], undated: int) -> tuple[str, str, list[Bin]]:
    """Return a note, the unit and the bins of dates: months without a gap, or years if there are many months."""
    note = f"{counted(undated, 'record')} without one" if undated else ""
    first, last = min(months), max(months)
    span = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1
    if span <= _COLUMNS:
        start = int(first[:4]) * 12 + int(first[5:]) - 1
        names = [f"{number // 12}-{number % 12 + 1:02}" for number in range(start, start + span)]
        return f"by month; {note}" if note else "by month", "month", [Bin(name, months.get(name, 0)) for name in names]
    years: dict[int, int] = {}
    for month, count in months.items():
        years[int(month[:4])] = years.get(int(month[:4]), 0) + count
    step = -(-(max(years) - min(years) + 1) // _COLUMNS)
    bins = [
        Bin(str(year), sum(years.get(each, 0) for each in range(year, year + step)))
        for year in range(min(years), max(years) + 1, step)
    ]
    unit = "by year" if step == 1 else f"by {step} years"
    return f"{unit}; {note}" if note else unit, "year", bins


def make_ranked(data: ReportData) -> list[tuple[str, str, list[Ranked]]]:
    """Return title, note and values of the plots of languages, sources, forms of text and missing fields."""
    missing = [(name, count) for name, count in sorted(data.missing.items(), key=lambda item: (-item[1], item[0]))]
    return [
        ("Languages", "as stated or told by the text", rank(data.languages)),
        ("Sources", "by host or name", rank(data.sources)),
        ("Forms of text", "of the raw bodies", rank(data.forms)),
        ("Missing values", "records without one", _scale(missing, max(data.articles, 1))),
    ]


def rank(counts: Counter[str]) -> list[Ranked]:
    """Return the largest counts with their share of the largest one, and one entry for all others."""
    named = sorted(counts.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0]))
    first, others = named[:_SHOWN], sum(count for _, count in named[_SHOWN:])
    shown = [(name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…", count) for name, count in first]
    largest = max((count for _, count in shown), default=1)
    if others:
        shown.append((f"({len(named) - _SHOWN:,} others)", others))
    return _scale(shown, largest)


def _scale(named: list[tuple[str, int]], largest: int) -> list[Ranked]:
    return [(name, count, min(count / max(largest, 1), 1.0)) for name, count in named]

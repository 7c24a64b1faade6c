"""HTML pages for people: self-contained, without any link to another address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._version import __version__
from ...schemas.checks.profile import BINS_PER_OCTAVE, NONE
from .html_environment import render_page
from .safe_stream import escape_commands

if TYPE_CHECKING:
    from ...schemas.checks.profile import Profile
    from ...schemas.findings import CheckSummary, Described, Finding

_SHOWN = 20  # values of a field
_Bar = tuple[str, int, float]


def render_profile(profile: Profile) -> str:
    """Return the page of a profile, with a plot for each of its parts."""
    return render_page("profile.html", profile=profile, plots=profile_plots(profile))


def profile_plots(profile: Profile) -> list[tuple[str, str, list[_Bar]]]:
    """Return the plots of a profile: title, note, and bars of name, count and share of the largest."""
    fields = sorted(profile.missing.items(), key=lambda item: -item[1])
    return [
        ("Lengths", "of bodies, in characters", _length_bars(profile)),
        ("Languages", "declared", _bars(profile.languages)),
        ("Sources", "by host, else by the name of the source", _bars(profile.sources)),
        ("Months of publication", "in order", _bars(profile.months, by_name=True)),
        ("Times of publication", "the most common", _bars(profile.moments)),
        ("Missing values", "records without a value, by field", _scaled(fields, profile.records)),
    ]


def render_findings(summary: CheckSummary, groups: list[tuple[str, Described | None, int, list[Finding]]]) -> str:
    """Return the page of the findings of `check`.

    `groups` holds for each rule: its id, its description, the number of its findings, and the first of them.
    """
    tones = {"info": "soft", "warning": "warn", "error": "bad"}
    html = render_page("findings.html", version=__version__, summary=summary, groups=groups, tones=tones)
    return escape_commands(html, "&#{};")


def _bars(counts: dict[str, int], *, by_name: bool = False) -> list[_Bar]:
    """Return the largest counts as (name, count, share of the largest), and one bar for all others."""
    largest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: 60 if by_name else _SHOWN]
    rest = sum(counts.values()) - sum(count for _, count in largest)
    ordered = sorted(largest) if by_name else largest
    named = [(name if name != NONE else "(none)", count) for name, count in ordered]
    if rest:
        named.append((f"({len(counts) - len(largest):,} others)", rest))
    return _scaled(named, max((count for _, count in named), default=1))


def _length_bars(profile: Profile) -> list[_Bar]:
    """Return the lengths in half octaves, so that the plot has about 20 bars."""
    width = BINS_PER_OCTAVE // 2
    halves: dict[int, int] = {}
    for number, count in profile.lengths.items():
        half = number // width if number >= 0 else -1
        halves[half] = halves.get(half, 0) + count
    if not halves:
        return []
    order = range(min(halves), max(halves) + 1)
    named = [(f"from {round(2 ** (half / 2)):,}" if half >= 0 else "empty", halves.get(half, 0)) for half in order]
    return _scaled(named, max(halves.values()))


def _scaled(named: list[tuple[str, int]], largest: int) -> list[_Bar]:
    return [(name, count, count / max(largest, 1)) for name, count in named]

"""Pages that people read: self-contained HTML, without any outside address."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ..._version import __version__
from ...schemas.checks.profile import BINS_PER_OCTAVE, NONE

if TYPE_CHECKING:
    import jinja2

    from ...schemas.checks.profile import Profile
    from ...schemas.findings import CheckSummary, Described, Finding

_SHOWN = 20  # values of a field
_Bar = tuple[str, int, float]


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("copydesk.cleaner.reports", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.filters["number"] = lambda value: f"{value:,}"
    found.filters["percent"] = percent
    return found


def percent(share: float) -> str:
    """Give a share in percent, so that a small one is not shown as none.

    >>> percent(0.25), percent(0.00002), percent(0)
    ('25.0 %', '<0.1 %', '0 %')
    """
    if not share:
        return "0 %"
    return "<0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def render_profile(profile: Profile) -> str:
    """Give the page of a profile, with a plot for each of its parts."""
    fields = sorted(profile.missing.items(), key=lambda item: -item[1])
    return _environment().get_template("profile.html").render(
        profile=profile,
        lengths=_length_bars(profile),
        plots=[
            ("Languages", "declared", _bars(profile.languages)),
            ("Sources", "by host, or by name without one", _bars(profile.sources)),
            ("Months of publication", "in order", _bars(profile.months, by_name=True)),
            ("Times of publication", "the commonest", _bars(profile.moments)),
            ("Missing values", "records without a value, by field", _scaled(fields, profile.records)),
        ],
    )  # fmt: skip


def render_findings(outcome: CheckSummary, groups: list[tuple[str, Described | None, int, list[Finding]]]) -> str:
    """Give the page of the findings of `check`: of each rule what it says of itself, their number, the first ones."""
    tones = {"info": "soft", "warning": "warn", "error": "bad"}
    page = _environment().get_template("findings.html")
    return page.render(version=__version__, outcome=outcome, groups=groups, tones=tones)


def _bars(counts: dict[str, int], *, by_name: bool = False) -> list[_Bar]:
    """Give the largest counts as (name, count, share of the largest), all the others as one."""
    largest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: 60 if by_name else _SHOWN]
    rest = sum(counts.values()) - sum(count for _, count in largest)
    ordered = sorted(largest) if by_name else largest
    named = [(name if name != NONE else "(none)", count) for name, count in ordered]
    if rest:
        named.append((f"({len(counts) - len(largest):,} others)", rest))
    return _scaled(named, max((count for _, count in named), default=1))


def _length_bars(profile: Profile) -> list[_Bar]:
    """Give the lengths in half octaves, so that the plot has some twenty bars."""
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

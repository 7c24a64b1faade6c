"""A profile in a terminal: counts, and histograms of blocks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ...schemas.messages import counted
from ..reports.html_environment import percent
from ..reports.html_pages import profile_plots
from ..reports.screen import Screen

if TYPE_CHECKING:
    from ...schemas.checks.profile import Profile

_WIDEST, _NARROWEST = 30, 5  # columns of a bar
_FIGURES = 24  # columns of a line beside its name and its bar
_LONGEST = 32  # characters of a name
_SHOWN = 15  # lines of a plot


def print_profile(profile: Profile) -> None:
    """Print a profile to standard output."""
    screen = Screen(sys.stdout)
    quantiles = profile.quantiles
    lengths = ", ".join(f"{100 * share:g} % {quantiles[share]:,}" for share in (0.05, 0.5, 0.95) if share in quantiles)
    screen.write(
        (counted(profile.records, "record"), "bold"), f", {profile.characters:,} characters; lengths: {lengths}"
    )
    block = "█" if "utf" in (sys.stdout.encoding or "").lower() else "#"
    for title, note, bars in profile_plots(profile):
        screen.write("")
        screen.write((title, "bold"), (f" {note}" if note else "", "dim"))
        shown = bars if len(bars) <= _SHOWN or title == "Lengths" else bars[:_SHOWN]
        width = min(max((len(name) for name, _, _ in shown), default=0), _LONGEST)
        widest = max(min(_WIDEST, screen.width - width - _FIGURES), _NARROWEST)
        for name, count, share in shown:
            label = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
            screen.write(
                f"  {label:<{width}}  {count:>9,}  {percent(count / (profile.records or 1)):>7}  ",
                (block * round(widest * share) or ("▏" if block != "#" and count else ""), "blue"),
            )
        if len(bars) > len(shown):
            screen.write((f"  and {len(bars) - len(shown)} more: see --format json", "dim"))

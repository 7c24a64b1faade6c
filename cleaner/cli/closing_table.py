"""The closing table of `copydesk clean`: counts on stderr, and the place of the results."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ...schemas.messages import counted
from ..reports.screen import Screen
from ..runs.totals import rank_by_count

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..runs.totals import Totals

_RULES = 10  # rules that are named unless the user asks for all
_STYLES = {"  accepted": "green", "  quarantined": "red", "reasons for quarantine": "bold red"}
_ENOUGH = 1_000_000  # bytes; the time that less takes is mostly that of the start


def print_totals(totals: Totals, out: Path | None, page: Path | None = None, *, verbose: bool) -> None:
    """Print the counts of a run. `out` is None if the articles went to standard output, `page` if there is none."""
    rows = list(_rows(totals, verbose=verbose))
    width = max(len(name) for name, _ in rows)
    screen = Screen(sys.stderr)
    for name, value in rows:
        style = _STYLES.get(name, "" if name.startswith(" ") else "bold") if value not in ("", "0") else ""
        text = f"{name:<{width}}  {value}".rstrip()
        screen.write((text[: len(name)], style), (text[len(name) :], style), hanging=4)
    if out is not None:
        screen.write("written to ", (str(out), "bold"), hanging=2)
    if page is not None:
        screen.write("open ", (str(page), "bold"), hanging=2)


def _rows(totals: Totals, *, verbose: bool) -> Iterable[tuple[str, str]]:
    yield "records read", f"{totals.read:,}"
    yield "  accepted", f"{totals.accepted:,}"
    yield "  quarantined", f"{totals.quarantined:,}"
    if totals.misfits:
        yield "files set aside, or cut off", f"{len(totals.misfits):,}"
    yield "characters in", f"{totals.characters_in:,}"
    yield "  out", f"{totals.characters_out:,}"
    yield "  cut or repaired", f"{totals.characters_removed:,}"
    yield "  in quarantine", f"{totals.characters_quarantined:,}"
    yield "cuts", f"{sum(totals.edits.values()):,}"
    cuts = rank_by_count(totals.edits)
    named = cuts if verbose else cuts[:_RULES]
    yield from _indent(named)
    if len(cuts) > len(named):
        yield "  …", f"{counted(len(cuts) - len(named), 'more rule')}, see summary.json"
    if totals.rejections:
        yield "reasons for quarantine", ""
        yield from _indent(rank_by_count(totals.rejections))
    if verbose and totals.reasons:
        yield "all findings of checks", ""
        yield from _indent(rank_by_count(totals.reasons))
    if totals.failures:
        yield "records cleaned without a rule, because the rule failed", ""
        for rule, count in rank_by_count(totals.failures):
            off = totals.switched_off[rule]
            yield f"  {rule}", f"{count:,}" + (f"; it was switched off for {off:,} of them" if off else "")
    done = totals.bytes_in - totals.bytes_before
    if totals.seconds and done >= _ENOUGH:
        yield "MB of text a second", f"{done / 1e6 / totals.seconds:,.1f}"


def _indent(counts: Iterable[tuple[str, int]]) -> Iterable[tuple[str, str]]:
    return ((f"  {name}", f"{count:,}") for name, count in counts)

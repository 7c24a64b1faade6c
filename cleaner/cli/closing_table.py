"""The closing table of `copydesk clean`, on stderr: what happened, what to look at, what to do next."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from ...schemas.messages import counted
from ..reports.html_environment import percent
from ..reports.screen import Screen
from ..runs.totals import rank_by_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ..runs.totals import Totals

Row = tuple[str, str, str]
"""A name, a count, and what it is."""
_RULES = 10  # rules that are named unless the user asks for all
_STYLES = {"  accepted": "green", "  quarantined": "red", "reasons for quarantine": "bold red"}
_ENOUGH = 1_000_000  # bytes; the time that less takes is mostly that of the start


def print_totals(
    totals: Totals,
    out: Path | None,
    page: Path | None = None,
    *,
    verbose: bool,
    summaries: Mapping[str, str] | None = None,
) -> None:
    """Print the counts of a run, and what to do next.

    `out` is None if the articles went to standard output, `page` if there is none. `summaries` say what each rule cuts
    and what each check finds, by id.
    """
    rows = list(_rows(totals, verbose=verbose, summaries=summaries or {}))
    width = max(len(name) for name, _, _ in rows)
    digits = max(len(count) for _, count, _ in rows)
    screen = Screen(sys.stderr)
    for name, count, text in rows:
        style = _STYLES.get(name, "" if name.startswith(" ") else "bold") if count not in ("", "0") else ""
        line = f"{name:<{width}}  {count:>{digits}}".rstrip()
        screen.write(
            (line[: len(name)], style), (line[len(name) :], style), (f"  {text}" if text else "", "dim"), hanging=4
        )
    if out is not None:
        screen.write("written to ", (str(out), "bold"), hanging=2)
        for command, what in _next_steps(totals, out, page):
            screen.write("  ", (command, "bold"), f"  {what}", hanging=4)


def _next_steps(totals: Totals, out: Path, page: Path | None) -> Iterator[tuple[str, str]]:
    """Yield what to look at, and the commands for it, each with what it shows."""
    name = shlex.quote(str(out))
    if page is not None:
        yield f"open {shlex.quote(str(page))}", "each record, with its cuts in place"
    if totals.quarantined:
        yield f"copydesk quarantine list {name}", f"{counted(totals.quarantined, 'rejected record')} with all reasons"
    if totals.edits:
        rule = rank_by_count(totals.edits)[0][0]
        yield f"copydesk diff {name} --rule {rule}", "each place where a rule cut; `copydesk undo` takes cuts back"


def _rows(totals: Totals, *, verbose: bool, summaries: Mapping[str, str]) -> Iterator[Row]:
    yield "records read", f"{totals.read:,}", ""
    yield "  accepted", f"{totals.accepted:,}", ""
    yield "  quarantined", f"{totals.quarantined:,}", "rejected, with all reasons" if totals.quarantined else ""
    if totals.misfits:
        yield "files set aside, or cut off", f"{len(totals.misfits):,}", "see summary.json"
    yield "characters in", f"{totals.characters_in:,}", ""
    yield "  out", f"{totals.characters_out:,}", ""
    yield "  cut or repaired", f"{totals.characters_removed:,}", _share(totals)
    yield "  in quarantine", f"{totals.characters_quarantined:,}", ""
    yield from _cuts(totals, verbose=verbose, summaries=summaries)
    if totals.rejections:
        yield "reasons for quarantine", "", ""
        yield from _indent(rank_by_count(totals.rejections), summaries)
    if verbose and totals.reasons:
        yield "all findings of checks", "", ""
        yield from _indent(rank_by_count(totals.reasons), summaries)
    if totals.failures:
        yield "records cleaned without a rule, because the rule failed", "", ""
        for rule, count in rank_by_count(totals.failures):
            off = totals.switched_off[rule]
            yield f"  {rule}", f"{count:,}", f"it was switched off for {off:,} of them" if off else ""
    done = totals.bytes_in - totals.bytes_before
    if totals.seconds and done >= _ENOUGH:
        yield "MB of text a second", f"{done / 1e6 / totals.seconds:,.1f}", ""


def _share(totals: Totals) -> str:
    """Return the share of the accepted texts that was cut, or an empty text."""
    before = totals.characters_out + totals.characters_removed
    return f"{percent(totals.characters_removed / before)} of the accepted texts" if totals.characters_removed else ""


def _cuts(totals: Totals, *, verbose: bool, summaries: Mapping[str, str]) -> Iterator[Row]:
    cuts = rank_by_count(totals.edits)
    named = cuts if verbose else cuts[:_RULES]
    yield "cuts and repairs", f"{sum(totals.edits.values()):,}", f"by {counted(len(cuts), 'rule')}" if cuts else ""
    yield from _indent(named, summaries)
    if left := cuts[len(named) :]:
        more = f"by {counted(len(left), 'more rule')}: add --verbose, or see summary.json"
        yield "  …", f"{sum(count for _, count in left):,}", more


def _indent(counts: Iterable[tuple[str, int]], summaries: Mapping[str, str]) -> Iterator[Row]:
    return ((f"  {name}", f"{count:,}", summaries.get(name, "")) for name, count in counts)

"""The page of a run as HTML, of at most `MAX_BYTES` for a run of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...._version import __version__
from ...reports.html_environment import html_environment, render_page
from .drift import find_changes
from .notes import find_notes, find_suspicions
from .plots import make_columns, make_ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .data import ReasonFigures, ReportData, Sample

MAX_BYTES = 3_000_000
_GALLERY, _RULES, _LOST, _REASONS, _OFF = 1_200_000, 800_000, 250_000, 250_000, 100_000  # bytes of each part
_INPUTS = 100
_FINDINGS = 40
_SHADES = 7  # families with a colour of their own


def render_run(
    data: ReportData, summaries: Mapping[str, str], *, earlier: ReportData | None = None, against: str = ""
) -> str:
    """Return the page of a run.

    `summaries` has what each rule removes, by its id. With `earlier`, the page shows what has changed since that run,
    whose folder is named `against`.
    """
    page = _Page(data, summaries)
    findings = page.findings()
    inputs = data.summary.get("inputs", [])
    return render_page(
        "run.html",
        script="run.js",
        data=data,
        summary=data.summary,
        records=data.summary["records"],
        characters=data.summary["characters"],
        version=__version__,
        summaries=summaries,
        notes=find_notes(data),
        suspicions=find_suspicions(data),
        changes=None if earlier is None else find_changes(earlier, data),
        against=against,
        sections=_sections(has_notes=bool(find_notes(data)), has_drift=earlier is not None),
        legend=page.legend,
        families=sorted(page.by_family),
        gallery=page.gallery,
        off_rules=page.off_rules(),
        lost_most=page.records(data.lost_most, _LOST),
        tables=page.tables,
        rules_left_out=len(data.rules) - page.rules_shown,
        reasons=page.reasons(),
        findings=findings,
        columns=make_columns(data),
        ranked=make_ranked(data),
        inputs=inputs[:_INPUTS],
        inputs_left_out=max(len(inputs) - _INPUTS, 0),
    )


def _sections(*, has_notes: bool, has_drift: bool) -> list[tuple[str, str]]:
    return [
        *([("look", "Look first")] if has_notes else []),
        *([("drift", "Drift")] if has_drift else []),
        ("records", "Records"),
        ("rules", "Rules"),
        ("often", "Suspicious"),
        ("off", "Switched off"),
        ("lost", "Lost most"),
        ("reasons", "Quarantine"),
        ("plots", "Plots"),
        ("input", "Input"),
    ]


class _Page:
    """The parts of a page that are many: each is made until its bytes are used up."""

    def __init__(self, data: ReportData, summaries: Mapping[str, str]) -> None:
        self._data, self._summaries = data, summaries
        self._parts: Any = html_environment().get_template("run_parts.html").module
        self.by_family: dict[str, list[str]] = {}
        for rule in sorted(data.rules, key=lambda rule: (-data.rules[rule].records, rule)):
            self.by_family.setdefault(rule.partition("/")[0], []).append(rule)
        totals = {
            family: sum(data.rules[rule].characters for rule in rules) for family, rules in self.by_family.items()
        }
        self._families = sorted(totals, key=lambda family: (-totals[family], family))
        self._shades = {family: f"f{min(place, _SHADES)}" for place, family in enumerate(self._families)}
        self.gallery = self.records(data.gallery, _GALLERY, open_first=True)
        self.rules_shown = 0
        self.tables = self._tables()

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The families with a colour of their own, and one entry for the others."""
        named = [(family, self._shades[family]) for family in self._families[:_SHADES]]
        return [*named, ("other families", f"f{_SHADES}")] if len(self._families) > _SHADES else named

    def shade(self, rule: str) -> str:
        """Return the class of the colour of a rule's family."""
        return self._shades.get(rule.partition("/")[0], f"f{_SHADES}")

    def records(self, samples: list[Sample], limit: int, *, open_first: bool = False) -> list[str]:
        """Return the records as HTML."""

        def maker(sample: Sample, *, is_open: bool) -> Callable[[], str]:
            return lambda: self._parts.record(sample, self.shade, self._summaries, is_open)

        numbered = enumerate(samples)
        return _fill((maker(sample, is_open=open_first and not number) for number, sample in numbered), limit)

    def off_rules(self) -> list[str]:
        """Return the rules that were switched off and would have cut as rows, those of the largest reach first."""
        found, tried = self._data.off_rules, len(self._data.raw_texts)

        def maker(rule: str) -> Callable[[], str]:
            return lambda: self._parts.rule(rule, found[rule], tried, self._summaries.get(rule, ""), False)

        return _fill(map(maker, sorted(found, key=lambda rule: (-found[rule].records, rule))), _OFF)

    def reasons(self) -> list[str]:
        """Return the reasons for quarantine as rows."""
        read = self._data.articles + self._data.turned_away

        def maker(reason: str, figures: ReasonFigures) -> Callable[[], str]:
            return lambda: self._parts.reason(reason, figures, read)

        return _fill((maker(*item) for item in self._data.reasons.items()), _REASONS)

    def findings(self) -> list[tuple[str, int, float]]:
        """Return the checks that flagged records without rejecting any: id, records, share of the most frequent."""
        rejections = self._data.summary.get("rejections", {})
        found = {
            check: count for check, count in self._data.summary.get("checks", {}).items() if check not in rejections
        }
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_FINDINGS]
        return [(check, count, count / ranked[0][1]) for check, count in ranked]

    def _tables(self) -> list[tuple[str, str, int, int, list[str]]]:
        """Return for each family: its name, its colour, its cuts, their characters, and the rows of its rules.

        If there is no room for all rules, those with the fewest records are left out.
        """
        rules = self._data.rules
        ranked = sorted(rules, key=lambda rule: (-rules[rule].records, rule))
        rows = dict(zip(ranked, _fill((self._row_maker(rule) for rule in ranked), _RULES), strict=False))
        self.rules_shown = len(rows)
        tables = []
        for family in self._families:
            own = [rules[rule] for rule in self.by_family[family]]
            cuts, characters = sum(one.cuts for one in own), sum(one.characters for one in own)
            html = [rows[rule] for rule in self.by_family[family] if rule in rows]
            tables.append((family, self._shades[family], cuts, characters, html))
        return [table for table in tables if table[4]]

    def _row_maker(self, rule: str) -> Callable[[], str]:
        in_gallery = any(rule in sample.rules for sample in self._data.gallery[: len(self.gallery)])
        return lambda: self._parts.rule(
            rule, self._data.rules[rule], self._data.articles, self._summaries.get(rule, ""), in_gallery
        )


def _fill(makers: Iterable[Callable[[], str]], limit: int) -> list[str]:
    """Make parts until the next one would take more than `limit` bytes in all."""
    parts: list[str] = []
    used = 0
    for make in makers:
        part = make()
        used += len(part.encode("utf-8", "backslashreplace"))
        if used > limit:
            break
        parts.append(part)
    return parts

"""What a reader of the page should look at first: warnings about a run, and rules that fire suspiciously often."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ....schemas.messages import counted
from ...reports.html_environment import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .data import ReportData, RuleFigures

_FEW = 20  # records; of fewer, a share says little
_MANY_REJECTED = 0.2
_MUCH_CUT = 0.3  # of all characters
_NEARLY_ALL = 0.99
_HALF = 6  # the bin of `ReportData.shares` for records that lost more than half
_OFTEN = 0.5  # of the records
_REPEATED = 8.0  # cuts in each record that the rule reaches
_LONG = 800  # characters of a cut on average
# They rewrite marks and characters all over a text, as they should.
_EVERYWHERE = ("markup", "layout", "characters", "headlines")


class Note(NamedTuple):
    """A warning: what is the case, and what to do about it."""

    level: str
    text: str
    advice: str


class Suspicion(NamedTuple):
    """A rule that may cut too much, and why."""

    rule: str
    reason: str


def find_notes(data: ReportData) -> list[Note]:
    """Return the warnings about a run, those of the records before those of the cuts."""
    return [*_notes_of_files(data), *_notes_of_records(data), *_notes_of_cuts(data)]


def _notes_of_files(data: ReportData) -> Iterator[Note]:
    if files := data.summary.get("files"):
        names = ", ".join(str(entry.get("file")) for entry in files[:3])
        more = f" and {len(files) - 3:,} more" if len(files) > 3 else ""
        yield Note(
            "error", f"{counted(len(files), 'file')} set aside or cut off: {names}{more}.", "See quarantine.jsonl."
        )
    for rule, failure in data.summary.get("failures", {}).items():
        text = f"The rule {rule} failed on {counted(failure['records'], 'record')}, which were cleaned without it."
        yield Note("error", text, "See the message of the run, and mend the plugin.")
    read, rejected = data.articles + data.turned_away, data.turned_away
    if read >= _FEW and rejected / read >= _MANY_REJECTED:
        yield Note("warning", f"{percent(rejected / read)} of the records were rejected.", "Look at the reasons below.")


def _notes_of_records(data: ReportData) -> Iterator[Note]:
    total = data.articles
    if not total:
        yield Note("error", "No record was accepted.", "Look at the reasons below.")
        return
    form, count = max(data.forms.items(), key=lambda item: (item[1], item[0]))
    if form in ("html", "markdown") and count >= _NEARLY_ALL * total:
        which = "All bodies were" if count == total else "Nearly all bodies were"
        advice = "Marks were taken off. If you have plain text of the same pages, it is the better input."
        yield Note("info", f"{which} {'HTML' if form == 'html' else 'Markdown'}.", advice)
    for name, option in (
        ("date_published", "date"),
        ("headline", "headline"),
        ("url", "URL"),
        ("language", "language"),
        ("source", "source"),
    ):
        if data.missing[name] == total:
            advice = "If the input has it under another name, use --map."
            yield Note("warning", f"No record has a {option}.", advice)
    if total >= _FEW and data.first_date and data.first_date == data.last_date:
        advice = "It may be the date of the download: use --map to name the field of the publication."
        yield Note("warning", f"All dates are the same: {data.first_date}.", advice)
    guessed = {name for name in data.text_fields if name not in ("body", "text")}
    if len(data.text_fields) > 1 and guessed:
        fields = ", ".join(sorted(data.text_fields)[:5])
        yield Note("info", f"The bodies come from several fields of the input: {fields}.", "Check that all are texts.")


def _notes_of_cuts(data: ReportData) -> Iterator[Note]:
    total, before = data.articles, data.characters_before
    if total >= _FEW and not data.rules:
        yield Note("warning", "No rule cut anything.", "Is the input clean already? See --profile and --select.")
    if total >= _FEW and before and data.removed / before >= _MUCH_CUT:
        advice = "For whole pages that is usual. For texts of an extractor it is much: look at the gallery."
        yield Note("warning", f"{percent(data.removed / before)} of all characters were cut.", advice)
    lost = sum(count for share, count in data.shares.items() if share >= _HALF)
    if lost:
        advice = "See the records that lost most."
        yield Note("warning", f"{counted(lost, 'record')} lost more than half of the body.", advice)


def find_suspicions(data: ReportData) -> list[Suspicion]:
    """Return the rules that fire suspiciously often, those with the largest reach first."""
    found = []
    for rule, figures in sorted(data.rules.items(), key=lambda item: (-item[1].records, item[0])):
        if rule.partition("/")[0] not in _EVERYWHERE and (reasons := list(_suspect(figures, data.articles))):
            found.append(Suspicion(rule, "; ".join(reasons)))
    return found


def _suspect(figures: RuleFigures, total: int) -> Iterator[str]:
    if total >= _FEW and figures.records / total >= _OFTEN:
        yield f"it cuts in {percent(figures.records / total)} of the records"
    if figures.records and figures.cuts >= _FEW and figures.cuts / figures.records >= _REPEATED:
        yield f"it cuts {figures.cuts / figures.records:.0f} times in each record that it reaches"
    if figures.cuts and figures.characters / figures.cuts >= _LONG:
        yield f"its cuts have {figures.characters / figures.cuts:,.0f} characters on average"

"""Checks of a whole set: its size, missing fields, equal dates, and changes since an earlier set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...messages import counted
from ..declare import SetFinding, set_check
from ..profile import BINS_PER_OCTAVE, NONE, Profile, drift

if TYPE_CHECKING:
    from collections.abc import Mapping

_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."
_ONE = {"text": _BODY, "title": "A key and a chain"}
_MIN_RECORDS = 50  # shares of fewer records mean little


@set_check(
    "set/rows",
    severity="error",
    fields=("id",),
    message="the number of records is not between {least:,} and {most:,}",
    remedy="check whether a file is missing or was read twice",
    fails=[],
    passes=[_ONE],
    least=1,
    most=10**12,
)
def find_wrong_size(profile: Profile, least: int, most: int) -> list[SetFinding]:
    """Report a set with too few or too many records."""
    if least <= profile.records <= most:
        return []
    count = counted(profile.records, "record")
    return [SetFinding("id", f"{count}, not between {least:,} and {most:,}", profile.records)]


@set_check(
    "set/missing",
    severity="warning",
    fields=("headline", "date_published", "url"),
    message="too many records lack a field",
    remedy="map the field that holds the value, or set a limit for it in your suite",
    fails=[{"text": _BODY, "id": str(number)} for number in range(60)],
    passes=[{**_ONE, "id": str(n), "date": "2024-05-04", "url": f"https://a.example/{n}"} for n in range(60)],
    share={"headline": 0.5, "date_published": 0.5, "url": 0.9},
)
def find_missing(profile: Profile, share: Mapping[str, float]) -> list[SetFinding]:
    """Report fields that too many records lack."""
    findings = []
    for name, limit in share.items():
        missing = profile.missing.get(name, 0) / max(profile.records, 1)
        if missing > limit:
            message = f"{name} is missing in {missing:.1%} of the records; the limit is {limit:.1%}"
            findings.append(SetFinding(name, message, round(missing, 6)))
    return findings if profile.records >= _MIN_RECORDS else []


@set_check(
    "set/same-date",
    severity="warning",
    fields=("date_published",),
    message="more than {share:.0%} of the records have the same publication time",
    remedy="check whether the scraping time was taken for the publication time",
    fails=[{"text": _BODY, "id": str(n), "date": "2024-05-04T10:30:00Z"} for n in range(60)],
    passes=[{"text": _BODY, "id": str(n), "date": f"2024-05-04T10:{n:02}:00Z"} for n in range(60)],
    share=0.2,
)
def find_same_dates(profile: Profile, share: float) -> list[SetFinding]:
    """Report a publication time that too many records share. For midnight, which dates without a time get, twice."""
    findings = []
    for moment, count in profile.moments.most_common(3):
        limit = 2 * share if moment.endswith("T00:00:00Z") else share
        if moment != NONE and profile.records >= _MIN_RECORDS and count > limit * profile.records:
            part = count / profile.records
            message = f"{part:.1%} of the records have the publication time {moment}"
            findings.append(SetFinding("date_published", message, round(part, 6)))
    return findings


@set_check(
    "set/length-drift",
    severity="warning",
    fields=("body",),
    message="the lengths of the bodies have changed (stability index above {index})",
    remedy="check whether the extractor or a site has changed",
    fails=[{"text": "The ferry left the quay."}] * 60,
    passes=[{"text": _BODY}] * 60,
    against=True,
    index=0.2,
)
def find_length_drift(profile: Profile, before: Profile, index: float) -> list[SetFinding]:
    """Report a change of the lengths, which are counted by octave."""
    return _find_drift("body", "the lengths of the bodies", drift(_octaves(before), _octaves(profile)), index)


@set_check(
    "set/language-drift",
    severity="warning",
    fields=("language",),
    message="the languages have changed (stability index above {index})",
    remedy="check whether a site was added or removed",
    fails=[{"text": _BODY, "language": "de"}] * 60,
    passes=[{"text": _BODY}] * 60,
    against=True,
    index=0.2,
)
def find_language_drift(profile: Profile, before: Profile, index: float) -> list[SetFinding]:
    """Report a change of the shares of the languages."""
    return _find_drift("language", "the languages", drift(before.languages, profile.languages), index)


@set_check(
    "set/source-drift",
    severity="warning",
    fields=("source_domain", "source_name"),
    message="the sources have changed (stability index above {index})",
    remedy="check whether a site was added, removed or renamed",
    fails=[{"text": _BODY, "url": "https://b.example/1"}] * 60,
    passes=[{"text": _BODY}] * 60,
    against=True,
    index=0.2,
)
def find_source_drift(profile: Profile, before: Profile, index: float) -> list[SetFinding]:
    """Report a change of the shares of the sources. All sources beyond the largest fifty count as one."""
    value = drift(_largest(before.sources, before.sources), _largest(profile.sources, before.sources))
    return _find_drift("source_domain", "the sources", value, index)


@set_check(
    "set/missing-drift",
    severity="warning",
    fields=("headline",),
    message="a field is missing more often than before (by more than {points:.0%} of all records)",
    remedy="check whether a site or a scraper has renamed the field",
    fails=[{"text": _BODY, "id": str(n)} for n in range(60)],
    passes=[{**_ONE, "id": str(n)} for n in range(60)],
    against=True,
    points=0.1,
)
def find_missing_drift(profile: Profile, before: Profile, points: float) -> list[SetFinding]:
    """Report fields that are missing in a larger share of the records than before."""
    findings = []
    for name, count in profile.missing.items():
        new, old = count / max(profile.records, 1), before.missing.get(name, 0) / max(before.records, 1)
        if new - old > points:
            message = f"{name} is missing in {new:.1%} of the records; it was {old:.1%} before"
            findings.append(SetFinding(name, message, round(new - old, 6)))
    return findings


def _find_drift(field: str, subject: str, value: float, limit: float) -> list[SetFinding]:
    if value <= limit:
        return []
    return [SetFinding(field, f"{subject} have changed (stability index {value:.2f})", round(value, 6))]


def _octaves(profile: Profile) -> dict[int, int]:
    """Return the number of records by octave of the length; the profile counts in sixteenths of an octave."""
    counts: dict[int, int] = {}
    for number, count in profile.lengths.items():
        octave = number // BINS_PER_OCTAVE
        counts[octave] = counts.get(octave, 0) + count
    return counts


def _largest(sources: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of the fifty sources that were the largest before, and of all others together."""
    names = [name for name, _ in sorted(before.items(), key=lambda item: (-item[1], item[0]))[:50]]
    chosen = {name: sources.get(name, 0) for name in names}
    return {**chosen, "others": sum(sources.values()) - sum(chosen.values())}

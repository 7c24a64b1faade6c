"""Checks of a whole set: its size, what is missing in it, dates that are all the same, and change since last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...messages import counted
from ..declare import SetFinding, set_check
from ..profile import NONE, Profile, drift

if TYPE_CHECKING:
    from collections.abc import Mapping

_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."
_ONE = {"text": _BODY, "title": "A key and a chain"}
_LEAST = 50  # records: shares of fewer say little


@set_check(
    "set/rows",
    severity="error",
    fields=("id",),
    message="the number of records is not within {least} and {most}",
    remedy="see whether a file is missing, or one was read twice",
    fails=[],
    passes=[_ONE],
    least=1,
    most=10**12,
)
def find_wrong_size(profile: Profile, least: int, most: int) -> list[SetFinding]:
    """Report a set of too few or too many records."""
    if least <= profile.records <= most:
        return []
    return [
        SetFinding("id", f"{counted(profile.records, 'record')}, not within {least:,} and {most:,}", profile.records)
    ]


@set_check(
    "set/missing",
    severity="warning",
    fields=("headline", "date_published", "url"),
    message="a field is missing in more records than it may be",
    remedy="map the field that holds it, or set its limit in a suite",
    fails=[{"text": _BODY, "id": str(number)} for number in range(60)],
    passes=[{**_ONE, "id": str(n), "date": "2024-05-04", "url": f"https://a.example/{n}"} for n in range(60)],
    share={"headline": 0.5, "date_published": 0.5, "url": 0.9},
)
def find_missing(profile: Profile, share: Mapping[str, float]) -> list[SetFinding]:
    """Report fields that too many records lack."""
    found = []
    for name, limit in share.items():
        missing = profile.missing.get(name, 0) / max(profile.records, 1)
        if missing > limit:
            found.append(
                SetFinding(
                    name, f"{name}: missing in {missing:.1%} of the records, of {limit:.1%} at most", round(missing, 6)
                )
            )
    return found if profile.records >= _LEAST else []


@set_check(
    "set/same-date",
    severity="warning",
    fields=("date_published",),
    message="more than {share:.0%} of the records have the same time of publication",
    remedy="see whether the time of scraping was taken for it",
    fails=[{"text": _BODY, "id": str(n), "date": "2024-05-04T10:30:00Z"} for n in range(60)],
    passes=[{"text": _BODY, "id": str(n), "date": f"2024-05-04T10:{n:02}:00Z"} for n in range(60)],
    share=0.2,
)
def find_same_dates(profile: Profile, share: float) -> list[SetFinding]:
    """Report a time of publication that too many records have. Dates of midnight, as days are written, need twice."""
    found = []
    for moment, count in profile.moments.most_common(3):
        limit = 2 * share if moment.endswith("T00:00:00Z") else share
        if moment != NONE and profile.records >= _LEAST and count > limit * profile.records:
            part = count / profile.records
            found.append(SetFinding("date_published", f"{part:.1%} of the records have {moment}", round(part, 6)))
    return found


@set_check(
    "set/length-drift",
    severity="warning",
    fields=("body",),
    message="the lengths of bodies have changed: stability index above {index}",
    remedy="see whether the extractor or a site changed",
    fails=[{"text": "The ferry left the quay."}] * 60,
    passes=[{"text": _BODY}] * 60,
    against=True,
    index=0.2,
)
def find_length_drift(profile: Profile, before: Profile, index: float) -> list[SetFinding]:
    """Report lengths, by octave, whose shares are not what they were."""
    value = drift(_octaves(before), _octaves(profile))
    return [SetFinding("body", f"stability index of lengths {value:.2f}", round(value, 6))] if value > index else []


@set_check(
    "set/language-drift",
    severity="warning",
    fields=("language",),
    message="the languages have changed: stability index above {index}",
    remedy="see whether a site was added or lost",
    fails=[{"text": _BODY, "language": "de"}] * 60,
    passes=[{"text": _BODY}] * 60,
    against=True,
    index=0.2,
)
def find_language_drift(profile: Profile, before: Profile, index: float) -> list[SetFinding]:
    """Report languages whose shares are not what they were."""
    value = drift(before.languages, profile.languages)
    return (
        [SetFinding("language", f"stability index of languages {value:.2f}", round(value, 6))] if value > index else []
    )


@set_check(
    "set/source-drift",
    severity="warning",
    fields=("source_domain", "source_name"),
    message="the sources have changed: stability index above {index}",
    remedy="see whether a site was added, lost or renamed",
    fails=[{"text": _BODY, "url": "https://b.example/1"}] * 60,
    passes=[{"text": _BODY}] * 60,
    against=True,
    index=0.2,
)
def find_source_drift(profile: Profile, before: Profile, index: float) -> list[SetFinding]:
    """Report sources whose shares are not what they were; those beyond the first fifty count as one."""
    value = drift(_largest(before.sources, before.sources), _largest(profile.sources, before.sources))
    return (
        [SetFinding("source_domain", f"stability index of sources {value:.2f}", round(value, 6))]
        if value > index
        else []
    )


@set_check(
    "set/missing-drift",
    severity="warning",
    fields=("headline",),
    message="a field is missing more often than before, by more than {points} of all records",
    remedy="see whether a site or a scraper changed the name of the field",
    fails=[{"text": _BODY, "id": str(n)} for n in range(60)],
    passes=[{**_ONE, "id": str(n)} for n in range(60)],
    against=True,
    points=0.1,
)
def find_missing_drift(profile: Profile, before: Profile, points: float) -> list[SetFinding]:
    """Report fields that are missing in more records than they were."""
    found = []
    for name, count in profile.missing.items():
        new, old = count / max(profile.records, 1), before.missing.get(name, 0) / max(before.records, 1)
        if new - old > points:
            found.append(
                SetFinding(name, f"{name}: missing in {new:.1%} of the records, {old:.1%} before", round(new - old, 6))
            )
    return found


def _octaves(profile: Profile) -> dict[int, int]:
    found: dict[int, int] = {}
    for number, count in profile.lengths.items():
        octave = number // 16
        found[octave] = found.get(octave, 0) + count
    return found


def _largest(sources: Mapping[str, int], known: Mapping[str, int]) -> dict[str, int]:
    """Give the counts of the fifty sources that were the largest before, and of all others together."""
    names = [name for name, _ in sorted(known.items(), key=lambda item: (-item[1], item[0]))[:50]]
    chosen = {name: sources.get(name, 0) for name in names}
    return {**chosen, "others": sum(sources.values()) - sum(chosen.values())}

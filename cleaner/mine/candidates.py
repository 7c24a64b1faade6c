"""Decide which of the lines that recur make rules, and draft the rules: patterns, zone, languages, hosts, examples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import regex

from ...rules.patterns.alphabet import DECORATION, flatten
from ...schemas.values.date_errors import AmbiguousDateError, RelativeDateError
from ...schemas.values.dates import moment
from ..rule_tools.draft import pattern_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .evidence import Evidence
    from .reach import Reach

MOST_OVER = 0.1  # of the places of a line, right over a line of prose, as a heading or a part of a sentence is
MOST_MENTIONS = 0.05  # lines of prose that contain it, for each record that has it as a line
MOST_KNOWN = 0.5  # of its places, cut by a rule
MOST_LEFT = 0.02  # of its places, left by rules and gate, unless nearly all of them are below the last prose
LEAST_BELOW = 0.98
ZONE_SHARE = 0.95  # of its records that have it at one end
LANGUAGE_SHARE = 0.9  # of its records that are of one language
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]")
_DIGITS = re.compile("[0-9]+")
_EXAMPLES = 3


@dataclass(frozen=True)
class Candidate:
    """A line that recurs, as a rule that nobody has looked at yet."""

    name: str
    pattern: str
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    where: str
    languages: tuple[str, ...]
    hosts: tuple[str, ...]
    records: int
    host_count: int
    cut_by_gate: float
    """Share of its places in the sample that the profile `page` cuts."""


def find_candidates(
    reach: Reach, evidence: dict[int, Evidence], prose: Sequence[str], *, least_hosts: int, named_hosts: bool
) -> Iterator[Candidate]:
    """Yield the lines that look like boilerplate wherever they were seen, those of the farthest reach first."""
    near = NearMisses(prose)
    names: set[str] = set()
    for at, key in enumerate(reach.keys.tolist()):
        seen = evidence[key]
        hosts = int(reach.hosts[at])
        of_site = named_hosts and hosts == 1 and reach.only_host[at] is not None
        if not is_boilerplate(seen) or (named_hosts and not of_site and hosts < least_hosts):
            continue
        removes = _examples(seen)
        if near.count(removes[0]) > MOST_MENTIONS * int(reach.records[at]):
            continue
        pattern = _DIGITS.sub("[0-9]+", pattern_for(removes[0]))
        keeps = near.find(removes[0], len(removes))
        if len(keeps) < len(removes):
            continue
        yield Candidate(
            name_for(removes[0], names),
            pattern,
            removes,
            keeps,
            _zone(int(reach.records[at]), int(reach.head[at]), int(reach.tail[at])),
            _languages(seen),
            (str(reach.only_host[at]),) if of_site else (),
            int(reach.records[at]),
            hosts,
            1 - seen.left / max(seen.seen, seen.left, 1),
        )


def is_boilerplate(seen: Evidence) -> bool:
    """Return whether a line is new to the rules, is a phrase, and stood nowhere where an article would have it."""
    places = sum(seen.writings.values())
    if not places or seen.known > MOST_KNOWN * places or seen.over > MOST_OVER * places:
        return False
    line = seen.writings.most_common(1)[0][0]
    if line[0].islower() or is_date(line):  # a part of a sentence, or the date of an article
        return False
    flat = flatten(line.strip(DECORATION))
    words = len(_WORD.findall(flat))
    enough = words >= 2 or (words == 1 and len(_UNSPACED.findall(flat)) >= 3)
    is_long = words >= 3
    is_last = is_long and seen.below >= LEAST_BELOW * (places - seen.known) > 0
    return enough and (is_last or seen.left <= (MOST_LEFT * places if is_long else 0))


def is_date(line: str) -> bool:
    """Return whether a line is a date: rules for those fill a field of the article, so that they need more than words.

    >>> is_date("Monday, November 12, 2012"), is_date("12 comments")
    (True, False)
    """
    try:
        return _DIGITS.search(line) is not None and moment(line) is not None
    except (AmbiguousDateError, RelativeDateError):
        return True
    except ValueError:
        return False


class NearMisses:
    """Finds lines of prose that have the words of a line, and must stay."""

    def __init__(self, prose: Sequence[str]) -> None:
        self._lines = list(dict.fromkeys(line for line in prose if len(line) <= 400))
        self._flat = pa.array([flatten(line) for line in self._lines], pa.large_string())

    def count(self, line: str) -> int:
        """Count the lines of prose that contain a line as whole words."""
        words = re.escape(flatten(line.strip(DECORATION)))
        return int(pc.sum(pc.match_substring_regex(self._flat, rf"(?:^|[^\pL\pN]){words}(?:$|[^\pL\pN])")).as_py() or 0)

    def find(self, line: str, count: int) -> tuple[str, ...]:
        """Return lines that contain a line, then lines that begin with its first words, then any."""
        words = flatten(line.strip(DECORATION)).split(" ")
        found: dict[str, None] = {}
        for size in range(len(words), 0, -1):
            for at in pc.indices_nonzero(pc.match_substring(self._flat, " ".join(words[:size])))[:count].to_pylist():
                found.setdefault(self._lines[at])
            if len(found) >= count:
                break
        for other in self._lines[:count] if len(found) < count else ():
            found.setdefault(other)
        return tuple(found)[:count]


def _examples(seen: Evidence) -> tuple[str, ...]:
    """Return the most frequent ways to write a line that differ in more than spaces and marks around it."""
    different: dict[str, str] = {}
    for line, _ in seen.writings.most_common():
        different.setdefault(" ".join(line.strip(DECORATION).split()), line)
    return tuple(different.values())[:_EXAMPLES]


def _zone(records: int, head: int, tail: int) -> str:
    """Return the part of a text that a line is in. Texts that are short have lines at both ends."""
    if head >= ZONE_SHARE * records and tail < ZONE_SHARE * records:
        return "head"
    return "anywhere"


def _languages(seen: Evidence) -> tuple[str, ...]:
    language, count = seen.languages.most_common(1)[0] if seen.languages else ("*", 0)
    return (language,) if count >= LANGUAGE_SHARE * sum(seen.languages.values()) else ("*",)


def name_for(line: str, taken: set[str]) -> str:
    """Return a name for a rule, of the words of the line, that no other candidate has."""
    words = re.findall("[a-z0-9]+", flatten(line))[:5]
    base = "-".join(words)[:40].strip("-") or "line"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name

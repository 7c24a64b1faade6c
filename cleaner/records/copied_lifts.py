"""Fields filled from lines that stay in the text: datelines, standfirsts, and credits of pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.lifted_values import LONGEST, read_credit, read_dateline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_HEADLINES = ("headlines/lift", "headlines/repeat")
_SIGNS = ("byline/", "metadata/date", "metadata/published")  # rules that cut what stands below a standfirst
_SHORTEST, _LONGEST = 40, 300  # characters of a standfirst
_BLANK = 4  # most line ends and spaces between a standfirst and what follows it
_BEGINNING = 1000  # characters of a text in which its first picture is credited
# What a dateline has at its beginning: a capital, and within the line a dash that stands alone or follows a bracket.
_MAYBE_DATELINE = r"^\p{Lu}[^\n]{1,80}(?: [—–]|--|\) ?-)"
# Items of a list, bylines that no rule cuts, and captions.
_NO_STANDFIRST = re.compile(
    r"[•·*►▶–-]|(?:by|von|par|por|di)\b|.*\b(?:picture|photo|image|foto|bild|credit)s? ?:", re.I
)
_MAYBE_CREDIT = r"(?m)^\(?(?:(?i:photo|image|picture|foto|bild)s?(?: credit)?(?::| by) |© ?)\p{Lu}"


class Copied(NamedTuple):
    """A value of a line that stays in the text."""

    field: str
    row: int
    value: Any


def find_copied(edits: pa.Table, texts: pa.LargeStringArray, rules: Collection[str]) -> Iterator[Copied]:
    """Yield what lines of clean texts have for fields. `rules` are the rules of the run."""
    for row, text in _beginnings(texts, LONGEST, _MAYBE_DATELINE):
        if (dateline := read_dateline(text)) is not None:
            yield Copied("dateline", row, dateline.text)
            yield Copied("location", row, dateline.location)
    for row, text in _beginnings(texts, _BEGINNING, _MAYBE_CREDIT):
        found = (read_credit(line.strip()) for line in text.split("\n") if len(line) <= LONGEST)
        if (images := next(filter(None, found), None)) is not None:
            yield Copied("images", row, images)
    yield from _standfirsts(edits, texts, rules)


def _beginnings(texts: pa.LargeStringArray, length: int, pattern: str) -> list[tuple[int, str]]:
    """Return row and beginning of the texts whose beginning matches a pattern."""
    starts = pc.utf8_slice_codeunits(texts, 0, length)
    rows = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(starts, pattern), False))
    return list(zip(rows.to_pylist(), starts.take(rows).to_pylist(), strict=True))


def _standfirsts(edits: pa.Table, texts: pa.LargeStringArray, rules: Collection[str]) -> Iterator[Copied]:
    """Yield the first lines of clean texts that stood alone between a headline and a byline or date that were cut."""
    if edits.num_rows < 2:
        return
    kind = edits.schema.field("rule").type
    is_headline = _mask(edits, [rule for rule in _HEADLINES if rule in rules], kind)
    is_sign = _mask(edits, [rule for rule in rules if rule.startswith(_SIGNS)], kind)
    rows, starts, ends = (edits.column(name).to_numpy() for name in ("row", "start", "end"))
    pairs = np.flatnonzero(is_headline[:-1] & is_sign[1:] & (rows[:-1] == rows[1:]))
    for pair in pairs.tolist():
        gap = int(starts[pair + 1] - ends[pair])
        if _SHORTEST <= gap <= _LONGEST + _BLANK:
            row = int(rows[pair])
            line = (texts[row].as_py() or "").lstrip().partition("\n")[0].strip()
            if _SHORTEST <= len(line) <= _LONGEST and 0 < gap - len(line) <= _BLANK and not _NO_STANDFIRST.match(line):
                yield Copied("description", row, line)


def _mask(edits: pa.Table, rules: list[str], kind: pa.DataType) -> Any:
    """Return which edits are cuts of some rules in bodies."""
    found = pc.and_(pc.is_in(edits.column("rule"), pa.array(rules, kind)), pc.equal(edits.column("field"), "body"))
    return found.to_numpy()

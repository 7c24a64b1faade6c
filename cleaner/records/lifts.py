"""Fields filled from the text: from lines that rules cut, and from some that stay."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.field_values import Moment
from ...schemas.lifted_values import LONGEST, READERS, differs, read_byline_dates, read_dates
from .copied_lifts import find_copied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...rules.ruleset.model import RuleInfo

_TAG = re.compile(r"<[^>]*>")
_LONGEST_EDIT = 4 * LONGEST  # characters of a cut with its markup
_SHORTEST_HEAD, _LONGEST_HEAD = 200, 1000  # characters above a text that its own dates stand in
_UNLABELLED = frozenset(("metadata/date-above", "byline/stamp", "byline/date"))
"""Rules whose dates are those of the article even without a label. Below the text, a date can be that of a comment."""
_DATES = ("date_published", "date_modified")
_SINGLE = (*_DATES, "section", "source_name")  # fields with one value: two different ones make both uncertain


@dataclass
class Lifts:
    """What the texts of a batch have for the fields of their records."""

    values: dict[str, dict[int, Any]] = field(default_factory=dict)
    """By field and row, what fills a field that the record leaves empty."""
    edits: dict[int, str] = field(default_factory=dict)
    """By number of the edit, the field that its text fills."""
    headlines: set[int] = field(default_factory=set)
    """Rows of which a headline was lifted."""
    differing: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """By row, the field and the message of values in the text that are others than the record's own."""
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    """By field and row, the number of the edit whose text fills the field."""
    unsure: set[tuple[str, int]] = field(default_factory=set)
    """Fields and rows for which the text has several values, so that none is certain."""


def find_lifts(
    edits: pa.Table, texts: pa.LargeStringArray, own: Mapping[str, pa.Array], infos: Mapping[str, RuleInfo]
) -> Lifts:
    """Return what lines, cut or not, have for fields. `own` are the columns that the records fill themselves."""
    lifts = Lifts()
    fills = {rule: info.fills for rule, info in infos.items() if info.fills}
    for number, row, rule, before, above in _cut_lines(edits, list(fills), texts):
        if "headline" in fills[rule]:
            _note_headline(lifts, number, row, own)
            continue
        line = html.unescape(_TAG.sub("", before)).strip() if "<" in before or "&" in before else before.strip()
        for name, value in _read(line, fills[rule], labelled=not above and rule not in _UNLABELLED).items():
            _note(lifts, name, value, number, row, own)
    for name, row, value in find_copied(edits, texts, infos):
        if name == "images":
            _note_credit(lifts, row, value, own)
        else:
            _note(lifts, name, value, None, row, own)
    _drop_unsure(lifts)
    return lifts


def _cut_lines(edits: pa.Table, rules: list[str], texts: pa.LargeStringArray) -> list[tuple[int, int, str, str, bool]]:
    """Return number, row, rule and text of the short cuts of some rules in bodies, and whether they are above the text.

    A line is above the text if it begins in about the first third: comments, which have dates as well, are below.
    """
    if not edits.num_rows:  # older Arrow cannot look into a column of no chunk
        return []
    wanted = pc.is_in(edits.column("rule"), pa.array(rules, edits.schema.field("rule").type))
    wanted = pc.and_(wanted, pc.equal(edits.column("field"), "body"))
    wanted = pc.and_(wanted, pc.less(pc.binary_length(edits.column("before")), _LONGEST_EDIT))
    numbers = pc.indices_nonzero(wanted)
    chosen = edits.select(["row", "rule", "before", "start"]).take(numbers)
    third = pc.divide(pc.utf8_length(texts), 3)
    limits = pc.min_element_wise(pc.max_element_wise(third, _SHORTEST_HEAD), _LONGEST_HEAD).take(chosen.column("row"))
    above = pc.less(chosen.column("start"), limits)
    columns = [*chosen.drop_columns("start").columns, above]
    return list(zip(numbers.to_pylist(), *(column.to_pylist() for column in columns), strict=True))


def _read(line: str, fields: Sequence[str], *, labelled: bool) -> dict[str, Any]:
    """Return the values of a line for some fields. A date names its field itself."""
    found: dict[str, Any] = {}
    for name in fields:
        if name in _DATES:
            dates = read_dates(line, labelled=labelled) or read_byline_dates(line)
            if name in dates:
                found[name] = dates[name]
        elif (value := READERS[name](line)) is not None:
            found[name] = value
    return found


def _note(lifts: Lifts, name: str, value: Any, number: int | None, row: int, own: Mapping[str, pa.Array]) -> None:
    """Note a value in the text. `number` is that of the edit that cut it, or None if it stays in the text."""
    present = _own_value(own, name, row)
    if present is not None:
        if differs(name, present, value):
            lifts.differing.setdefault(row, []).append((name, f"the text has {_shown(value)!r}"))
        return
    taken = lifts.values.setdefault(name, {})
    if row not in taken:
        taken[row] = value
        if number is not None:
            lifts.edits.setdefault(number, name)
            lifts.numbers[name, row] = number
    elif name in _SINGLE and differs(name, getattr(taken[row], "time", taken[row]), value):
        lifts.unsure.add((name, row))


def _drop_unsure(lifts: Lifts) -> None:
    """Drop the values of fields for which a text has several, such as the dates of two articles."""
    for name, row in lifts.unsure:
        del lifts.values[name][row]
        number = lifts.numbers.get((name, row))
        if number is not None and lifts.edits.get(number) == name:
            del lifts.edits[number]


def _note_headline(lifts: Lifts, number: int, row: int, own: Mapping[str, pa.Array]) -> None:
    """Note that a line became the headline, or another headline. The rule itself has moved it."""
    is_first = _own_value(own, "headline", row) is None and row not in lifts.headlines
    lifts.headlines.add(row)
    lifts.edits[number] = "headline" if is_first else "alt_headlines"


def _own_value(own: Mapping[str, pa.Array], name: str, row: int) -> Any:
    column = own.get(name)
    return (column[row].as_py() or None) if column is not None else None


def _shown(value: Any) -> str:
    if isinstance(value, Moment):
        return value.time.date().isoformat() if value.precision == "day" else value.time.isoformat()
    if isinstance(value, str):
        return value[:LONGEST]
    return ", ".join(str(person["name"]) for person in value)[:LONGEST]


def _note_credit(lifts: Lifts, row: int, images: list[dict[str, Any]], own: Mapping[str, pa.Array]) -> None:
    """Note the credit of a picture. The only image of a record gets it, if it has none."""
    present = _own_value(own, "images", row)
    if present is not None and len(present) == 1 and not present[0]["credit"]:
        lifts.values.setdefault("images", {})[row] = [{**present[0], "credit": images[0]["credit"]}]
    elif present is None:
        _note(lifts, "images", images, None, row, own)


def fill_columns(columns: dict[str, pa.Array], lifts: Lifts, types: pa.Schema, count: int) -> None:
    """Fill the empty values of columns with what was lifted."""
    for name, values in lifts.values.items():
        column = columns.get(name)
        filled = column.to_pylist() if column is not None else [None] * count
        kind = types.field(name).type
        if name in _DATES:
            if name == "date_published":
                columns["date_published_precision"] = _filled_precision(columns, values, count)
            values = {row: moment.time for row, moment in values.items()}
        for row, value in values.items():
            # a headline may have named the source; an image gets a credit
            filled[row] = value if name == "images" else filled[row] or value
        columns[name] = pa.array([[] if v is None else v for v in filled] if pa.types.is_list(kind) else filled, kind)


def _filled_precision(columns: Mapping[str, pa.Array], values: Mapping[int, Moment], count: int) -> pa.Array:
    column = columns.get("date_published_precision")
    precision = column.to_pylist() if column is not None else [None] * count
    for row, moment in values.items():
        precision[row] = moment.precision
    return pa.array(precision, pa.large_string())


def fills_column(lifts: Lifts, count: int) -> pa.Array:
    """Return the column `fills` of `count` edits."""
    names: list[str | None] = [None] * count
    for number, name in lifts.edits.items():
        names[number] = name
    return pa.array(names, pa.large_string())

"""What `clean` would make of an input, found by the functions that `clean` calls, on the first batch of each file."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ...schemas.errors import CopydeskError, InputError
from ...schemas.field_wrappers import wrapped_in_records, wrapped_in_table
from ..api import accepted_articles
from ..readers.batches import Batch
from ..readers.dispatch import SourceGroup, misfit, read_group
from ..readers.formats.delimited import LineWindow, choose_form, holds_data, read_rows
from ..readers.source import opened
from ..readers.source_dates import SourceDates
from ..readers.text_encodings import encoding_of_mark
from .fit import Fit
from .judge import load_batch
from .seen_records import RunDuplicateIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..api import CheckedBatch, Cleaner
    from ..readers.source import Source
    from ..records.loader import Records

SAMPLE = 100  # records of a file that are cleaned
SHOWN = 3  # records that are shown
_START = 1 << 16  # bytes that tell the encoding and the delimiter
_LONGEST = 200  # characters of a text that is shown
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass
class Inspection:
    """What is known of a file. Counts are of the first records, as many as `records`."""

    file: str
    format: str
    bytes: int
    others: int = 0
    """Files like it that this describes as well: see `merge_alike`."""
    compression: str = ""
    encoding: str = ""
    delimiter: str = ""
    dialect: str | None = None
    confidence: float = 0.0
    fields: dict[str, str] = field(default_factory=dict)
    """The place in the input that fills each field of the article."""
    extra: list[str] = field(default_factory=list)
    """Names in the input that fill no field. Their values are kept under `extra`."""
    records: int = 0
    is_all: bool = False
    """Whether the file has no other records."""
    accepted: int = 0
    languages: dict[str, int] = field(default_factory=dict)
    forms: dict[str, int] = field(default_factory=dict)
    """The forms of the texts: text, flow, html and others."""
    edits: dict[str, int] = field(default_factory=dict)
    """Cuts and repairs of the accepted records, by rule."""
    lost: dict[str, int] = field(default_factory=dict)
    """Reasons why records would be turned away."""
    unread: dict[str, int] = field(default_factory=dict)
    """Values that do not fit their field. They are kept under `extra`."""
    problem: str = ""
    """Why the whole file is set aside, or read only up to some place."""
    articles: list[dict[str, Any]] = field(default_factory=list)
    """The first accepted records, as articles."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def merge_alike(inspections: Iterable[Inspection]) -> list[Inspection]:
    """Return one inspection for all files of the same form and dialect, with the counts of all of them."""
    merged: dict[tuple[str | None, ...], Inspection] = {}
    for one in inspections:
        key = (one.format, one.compression, one.encoding, one.delimiter, one.dialect, one.problem)
        if key in merged:
            _add(merged[key], one)
        else:
            merged[key] = deepcopy(one)
    return list(merged.values())


def _add(total: Inspection, one: Inspection) -> None:
    total.others += 1
    total.bytes += one.bytes
    total.confidence = min(total.confidence, one.confidence)
    for target, name in one.fields.items():
        names = total.fields.get(target, name).split(" or ")
        total.fields[target] = " or ".join(dict.fromkeys((*names, name)))
    total.extra = sorted({*total.extra, *one.extra})
    total.records += one.records
    total.accepted += one.accepted
    total.is_all = total.is_all and one.is_all
    for name in ("languages", "forms", "edits", "lost", "unread"):
        counts = Counter(getattr(total, name)) + Counter(getattr(one, name))
        setattr(total, name, dict(counts.most_common()))
    total.articles = [*total.articles, *one.articles][:SHOWN]


def inspect_source(source: Source, cleaner: Cleaner, encoding: str | None) -> Inspection:
    """Read the first batch of a source, and clean its first records, as `clean` would."""
    found = Inspection(source.label, source.kind, source.size)
    with suppress(CopydeskError, OSError):  # the reader finds the same, and reports it
        _describe_bytes(source, encoding, found)
    batches = read_group(SourceGroup(0, [source]), encoding, strict=False)
    first = next(batches, None)
    if first is None:
        found.is_all = True
        return found
    try:
        problem = Fit(cleaner.loader, strict=False).find_problem(source, first)
        batch = misfit(source, problem) if problem else first.parse()
        found.format = batch.place.reader if batch.rows or batch.table is not None else found.format
        _describe_records(_first_rows(batch, SAMPLE), cleaner, SourceDates([source], encoding, cleaner.loader), found)
        found.is_all = _count(batch) <= SAMPLE and next(batches, None) is None
    except InputError as error:
        found.problem = f"{error.what}; {error.hint}"
    return found


def _describe_bytes(source: Source, encoding: str | None, found: Inspection) -> None:
    """Describe compression, encoding and delimiter."""
    if source.path is None:
        return
    with opened(source, encoding, up_to_damage=True) as file:
        start = file.peek(_START)[:_START]
        if file.is_packed:
            with source.path.open("rb") as packed:
                from ..readers.compression import packing_of

                found.compression = packing_of(packed.read(16)).lstrip(".")
        if b"\0" in start[:100] and not encoding_of_mark(start):
            return  # a binary format
        text, own = file.narrowed()
        found.encoding = own or encoding_of_mark(start) or encoding or "utf-8"
        if source.kind == "csv":
            lines = (text.read(_START)).decode(own or "utf-8", "replace").splitlines(keepends=True)
            form = choose_form(lines, prefers_tabs=".tsv" in source.name.lower())
            header = next(read_rows(LineWindow.of_sample(lines), form), None)
            no_header = ", no header" if header is not None and holds_data(header.fields) else ""
            found.delimiter = f"{_DELIMITERS.get(form.delimiter, form.delimiter)}{no_header}"


def _count(batch: Batch) -> int:
    return len(batch.rows) if batch.rows is not None else batch.table.num_rows if batch.table is not None else 0


def _first_rows(batch: Batch, count: int) -> Batch:
    """Return the first records of a batch, and what could not be read among them."""
    if _count(batch) <= count:
        return batch
    place = batch.place
    place.file = place.file[:count] if isinstance(place.file, list) else place.file
    place.line = place.line[:count] if place.line is not None else None
    place.byte_offset = place.byte_offset[:count] if place.byte_offset is not None else None
    rows = batch.rows[:count] if batch.rows is not None else None
    table = batch.table.slice(0, count) if batch.table is not None else None
    return Batch(place, rows, table, batch.raw, [bad for bad in batch.unreadable if bad.position < count])


def _describe_records(batch: Batch, cleaner: Cleaner, dates: SourceDates, found: Inspection) -> None:
    count = _count(batch)
    found.records = count + len(batch.unreadable)
    found.lost = dict(Counter(bad.check for bad in batch.unreadable))
    found.problem = next((bad.message for bad in batch.unreadable if bad.line is None and not bad.raw), "")
    if not count:
        return
    names = list(dict.fromkeys(name for row in range(count) for name in batch.names_of(row)))
    if batch.table is not None:
        wrapped = wrapped_in_table(batch.table.schema)
    else:
        wrapped = wrapped_in_records(tuple(names), batch.rows or ())
    plan = cleaner.loader.plan(names, wrapped)
    found.dialect, found.confidence = plan.dialect, round(plan.confidence, 2)
    cleaner.loader.places.clear()
    records = load_batch(batch, cleaner.loader, {}, dates)
    places = cleaner.loader.places
    found.fields = {target: places[target] for target in plan.fields.values() if target in places}
    found.extra = sorted(map(str, plan.others))
    checked = cleaner.judge(records, now=datetime.now(timezone.utc), seen=RunDuplicateIndex())
    _describe_outcome(records, checked, found)


def _describe_outcome(records: Records, checked: CheckedBatch, found: Inspection) -> None:
    lost = Counter(found.lost)
    for row in np.flatnonzero(~checked.accepted).tolist():
        lost.update({reason.check for reason in checked.reasons.of_row(row) if reason.severity == "error"})
    found.lost = dict(lost)
    good = accepted_articles(checked)
    found.accepted = good.num_rows
    found.unread = dict(Counter(bad.field for values in records.misread.values() for bad in values))
    articles = checked.articles
    found.languages = dict(Counter(value or "unknown" for value in articles.column("language").to_pylist()))
    found.forms = dict(Counter(raw["format"] for raw in articles.column("raw").to_pylist()))
    found.edits = dict(Counter(checked.edits.column("rule").to_pylist()).most_common())
    found.articles = [_shorten(row) for row in islice(good.slice(0, SHOWN).to_pylist(), SHOWN)]


def _shorten(row: dict[str, Any]) -> dict[str, Any]:
    """Return the main fields of an article, with a short body."""
    shown = {name: row[name] for name in ("id", "headline", "url", "date_published", "language", "source_name")}
    shown["date_published"] = shown["date_published"].isoformat() if shown["date_published"] else None
    shown["authors"] = [author["name"] for author in row["authors"]]
    shown["body"] = row["body"][:_LONGEST]
    shown["characters"] = len(row["body"])
    return shown

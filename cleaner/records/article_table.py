"""Articles as an Arrow table, assembled from raw records and their cleaned texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...rules.ruleset.ruleset import EDGES
from ...schemas.arrow import ARTICLE, EDIT_PLACE, EDITS, EDITS_FILE, FILLS, INPUT_FIELD
from ...schemas.article import SCHEMA_VERSION
from ..kernel.edit_merge import join_edits, sort_edits
from ..kernel.types import RecordContext
from .derived_fields import canonical_urls, detected_languages, source_names
from .lifts import Lifts, fill_columns, fills_column, find_lifts
from .loader import Records, hosts_of, word_counts
from .sections import find_sections

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...rules.ruleset.model import RuleInfo
    from ...schemas.byte_arrays import Mask
    from ...schemas.decisions import KeptLines
    from ..kernel.kernel import Kernel
    from ..kernel.types import CleanedTexts, Learned

_PROFILES = pa.array(["article", "page"], pa.large_string())
_PROVENANCE = ARTICLE.field("provenance").type
_ASSUMED = _PROVENANCE.field("assumed").type


@dataclass(frozen=True)
class Repaired:
    """The edits that repaired the records' own headlines, and the rules that make such edits."""

    edits: pa.Table
    rules: frozenset[str]


def record_contexts(
    records: Records,
    ignored: Sequence[frozenset[str]] | None = None,
    *,
    hosts: bool = False,
    forms: Sequence[str | None] | None = None,
    keep_markup: bool | None = None,
    kept: Sequence[KeptLines] | None = None,
) -> list[RecordContext] | None:
    """Return what rules may know of each record, and which rules skip it; None if nothing is known of any record.

    The contexts have the hosts of the records if `hosts` is set, the `forms` of their texts if the user has named them,
    and whether these keep their markup. `kept` are the lines that rules leave alone.
    """
    title, name, domain = (records.strings(field) for field in ("headline", "source_name", "source_domain"))
    found = hosts_of(records) if hosts else None
    columns: dict[str, Sequence[Any] | None] = {
        "title": title,
        "source_name": name,
        "source_domain": domain,
        "ignored": ignored,
        "host": found.to_pylist() if found is not None else None,
        "form": _forms_of_readers(records, forms),
        "keep_markup": [keep_markup] * records.count if keep_markup is not None else None,
        "whole_page": [True] * records.count if records.place.whole_pages else None,
        "kept": kept,
    }
    filled = {field: column for field, column in columns.items() if column}
    if not filled:
        return None
    return [RecordContext(**dict(zip(filled, values, strict=True))) for values in zip(*filled.values(), strict=True)]


def _forms_of_readers(records: Records, forms: Sequence[str | None] | None) -> Sequence[str | None] | None:
    """Return the forms of the texts: those that the user has named, else those that their formats tell."""
    told = records.place.form
    if told is None:
        return forms
    return [form or told for form in forms or [None] * records.count]


def mend_headlines(
    records: Records, kernel: Kernel, ignored: Sequence[frozenset[str]] | None = None
) -> tuple[Records, Repaired | None]:
    """Repair the characters of the records' own headlines, as in their texts; return None if no headline changed.

    A headline that is blank, or becomes so, counts as missing, without edits. One may be lifted from the text instead.
    """
    titles = records.columns.get("headline")
    if titles is None:
        return records, None
    mended, edits = kernel.mend(titles.fill_null(""), ignored)
    blank = pc.equal(pc.utf8_trim_whitespace(mended), "")
    mended = pc.if_else(blank, pa.scalar(None, mended.type), mended)
    records = replace(records, columns={**records.columns, "headline": mended})
    edits = edits.filter(pc.invert(blank.take(edits.column("row").combine_chunks())))
    if not edits.num_rows:
        return records, None
    edits = edits.set_column(1, "field", pa.repeat(pa.scalar("headline", pa.large_string()), edits.num_rows))
    return records, Repaired(edits, kernel.repairs)


def assemble(
    records: Records,
    cleaned: CleanedTexts,
    profile: str,
    repaired: Repaired | None = None,
    rules: Mapping[str, RuleInfo] | None = None,
    *,
    detects: bool = False,
) -> tuple[pa.Table, pa.Table, Lifts]:
    """Return the articles, one for each record, the edits, each with the `row` of its article, and the lifts.

    The articles are without flags. `repaired` has the edits that were made in the headlines of the records. With
    `rules`, by id, values in the text fill empty fields. With `detects`, records without a language get
    that of their text.
    """
    count = records.count
    columns = dict(records.columns)
    headlines, title_edits = _headlines(records, cleaned.learned)
    columns.update(headlines)
    columns.update(
        canonical_url=canonical_urls(records),
        source_domain=hosts_of(records),
        schema_version=_same(SCHEMA_VERSION, count),
        id=records.ids,
        body=cleaned.texts,
        body_format=_forms(cleaned.body_forms, count),
        word_count=word_counts(cleaned.texts),
        profile=_profiles(profile, cleaned.page),
        raw=pa.StructArray.from_arrays(
            [records.digests, _same(records.place.encoding, count), _forms(cleaned.forms, count)],
            ["sha256", "encoding", "format"],
        ),
        extra=pa.array(records.extra or [b"{}"] * count, pa.large_binary()).fill_null(b"{}").cast(pa.large_string()),
    )
    if any(cleaned.headings.values()):
        columns["sections"] = _sections(cleaned)
    edits = cleaned.edits
    own = sort_edits(pa.Table.from_pylist(title_edits, EDITS))
    if repaired is not None:
        own = join_edits(repaired.edits, own, repaired.rules)
    if own.num_rows:
        edits = pa.concat_tables([edits, own]).combine_chunks()
        edits = edits.sort_by([("row", "ascending"), ("field", "ascending"), ("start", "ascending")])
    lifts = find_lifts(edits, cleaned.texts, records.columns, rules) if rules else Lifts()
    fill_columns(columns, lifts, ARTICLE, count)
    columns["source_name"] = source_names(records, columns.get("source_name"), columns["source_domain"])
    if detects:
        columns["language"] = detected_languages(records, cleaned.texts)
    columns["provenance"] = _provenance(records)
    arrays = [_column(columns.get(field.name), field, count) for field in ARTICLE]
    edits = with_input_fields(edits, records).append_column(FILLS, fills_column(lifts, edits.num_rows))
    return pa.Table.from_arrays(arrays, schema=ARTICLE), edits, lifts


def with_input_fields(edits: pa.Table, records: Records) -> pa.Table:
    """Add the column `input_field` to edits: the name that the field of each edit has in its record."""
    rows = edits.column("row").combine_chunks()
    names = [
        pa.array(field, pa.large_string()).take(rows) if isinstance(field, list) else _same_or_null(field, len(rows))
        for field in (records.text_field, records.headline_field)
    ]
    return edits.append_column(INPUT_FIELD, pc.if_else(pc.equal(edits.column("field"), "body"), *names))


def with_places(edits: pa.Table, articles: pa.Table) -> pa.Table:
    """Return edits as they are written, with the id and the place of the record instead of the row of its article."""
    rows = edits.column("row").combine_chunks()
    origins = articles.column("provenance").combine_chunks()
    columns = {
        **dict(zip(edits.column_names, edits.columns, strict=True)),
        "id": articles.column("id").combine_chunks().take(rows),
        **{name: origins.field(name).take(rows) for name in EDIT_PLACE},
    }
    return pa.table([columns[name] for name in EDITS_FILE.names], EDITS_FILE.names).cast(EDITS_FILE)


def _sections(cleaned: CleanedTexts) -> pa.ListArray:
    """Return the sections of each body, below the headings of its markup."""
    sections: list[list[dict[str, Any]]] = [[] for _ in range(len(cleaned.texts))]
    for row, headings in cleaned.headings.items():
        body = cleaned.plain[row] if row in cleaned.plain else cleaned.texts[row].as_py()
        sections[row] = find_sections(body, headings)
    return pa.array(sections, ARTICLE.field("sections").type)


def _forms(forms: dict[int, str], count: int) -> pa.LargeStringArray:
    """Return the form of each text; texts without an entry are plain text."""
    if not forms:
        return _same("text", count)
    names = ["text", *sorted({*forms.values()} - {"text"})]
    codes = np.zeros(count, np.int64)
    codes[[*forms]] = [names.index(form) for form in forms.values()]
    return pa.array(names, pa.large_string()).take(pa.array(codes))


def _profiles(profile: str, page: Mask) -> pa.LargeStringArray:
    """Return the profile that each record was cleaned with; `page` are those that were read as whole pages."""
    if profile not in ("article", "auto"):
        return _same(profile, len(page))
    return _PROFILES.take(pa.array(page.astype(np.int8)))


def _same(value: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.large_string()), count)


def _column(array: pa.Array | None, field: pa.Field, count: int) -> pa.Array:
    if array is None:
        if pa.types.is_list(field.type):
            empty = pa.array(np.zeros(count + 1, np.int32))
            return pa.ListArray.from_arrays(empty, pa.array([], field.type.value_type)).cast(field.type)
        return pa.nulls(count, field.type)
    return array if array.type == field.type else array.cast(field.type)


def _provenance(records: Records) -> pa.StructArray:
    place, count = records.place, records.count
    file, field = place.file, records.text_field
    arrays = {
        "file": pa.array(file, pa.large_string()) if isinstance(file, list) else _same_or_null(file, count),
        "line": place.line if place.line is not None else pa.nulls(count, pa.int64()),
        "byte_offset": place.byte_offset if place.byte_offset is not None else pa.nulls(count, pa.int64()),
        "warc_record_id": pa.array(place.warc_record_id or [None] * count, pa.large_string()),
        "reader": _same(place.reader, count),
        "text_field": pa.array(field, pa.large_string()) if isinstance(field, list) else _same(field, count),
        "assumed": _assumptions(records),
    }
    return pa.StructArray.from_arrays([arrays[f.name] for f in _PROVENANCE], fields=list(_PROVENANCE))


def _assumptions(records: Records) -> pa.ListArray:
    """Return what was assumed to read each record, as a list of structs."""
    rows = sorted(records.assumed)
    bounds = np.zeros(records.count + 1, np.int32)
    bounds[np.array(rows, np.int64) + 1] = [len(records.assumed[row]) for row in rows]
    items = [item for row in rows for item in records.assumed[row]]
    numbers: dict[int, int] = {}  # most records have the same few items, such as that of the host
    taken = [numbers.setdefault(id(item), len(numbers)) for item in items]
    distinct = {id(item): item for item in items}
    values = pa.array([vars(distinct[key]) for key in numbers], _ASSUMED.value_type)
    return pa.ListArray.from_arrays(
        pa.array(np.cumsum(bounds, dtype=np.int32)), values.take(pa.array(taken, pa.int64()))
    )


def _same_or_null(value: str | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.large_string()) if value is None else _same(value, count)


def _headlines(records: Records, learned: dict[int, Learned]) -> tuple[dict[str, pa.Array], list[dict[str, Any]]]:
    """Return the columns that lifted headlines change, and the edits of the records' own headlines."""
    titles = records.strings("headline")
    if titles is None and not learned:
        return {}, []
    count = records.count
    raw_titles = titles or [None] * count
    titles = list(raw_titles)
    own_others: list[Any] | None = records.strings("alt_headlines")
    others: list[list[str]] = own_others or [[] for _ in range(count)]
    sources = records.strings("source_name") or [None] * count
    edits = [edit for edit in _trim(titles) if edit["row"] not in records.titled]
    for row, lifted in learned.items():
        title = titles[row]
        headlines = list(lifted.headlines)
        if title is None:
            titles[row] = headlines.pop(0) if headlines else None
        others[row] = [*others[row], *(h for h in headlines if h not in others[row])]
        sources[row] = sources[row] or lifted.source_name
        raw = raw_titles[row] or ""
        for cut in lifted.title_cuts if row not in records.titled else ():
            edits.append(_title_edit(row, raw, cut.start, cut.end, cut.rule))
            titles[row] = (raw[: cut.start] + raw[cut.end :]).strip()
    kind = ARTICLE.field("alt_headlines").type
    columns = {
        "headline": pa.array(titles, pa.large_string()),
        "alt_headlines": pa.array(others, kind),
        "source_name": pa.array(sources, pa.large_string()),
    }
    return columns, edits


def _trim(titles: list[str | None]) -> list[dict[str, Any]]:
    """Strip the records' own headlines of white space; return the edits."""
    edits = []
    for row, title in enumerate(titles):
        if title is None or not (title[:1].isspace() or title[-1:].isspace()):
            continue
        kept = title.strip()
        titles[row] = kept or None
        start = title.index(kept) if kept else len(title)
        if start:
            edits.append(_title_edit(row, title, 0, start, EDGES))
        if kept and start + len(kept) < len(title):
            edits.append(_title_edit(row, title, start + len(kept), len(title), EDGES))
    return edits


def _title_edit(row: int, title: str, start: int, end: int, rule: str) -> dict[str, Any]:
    return {"row": row, "field": "headline", "rule": rule, "start": start, "end": end, "before": title[start:end],
            "after": "", "detail": None}  # fmt: skip

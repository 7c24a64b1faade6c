"""The figures of a run, from one pass over its output folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....schemas.errors import InputError
from ...runs.run_files import SUMMARY
from .batches import read_batches
from .data import ReportData, RuleFigures
from .quarantine import add_quarantine
from .samples import Samples

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from .batches import ArticleBatch
    from .samples import Numbers

NONE = "(none)"
OTHERS = "(others)"
_MOST = 50_000  # different values of a field that are counted one by one
_FIELDS = ("headline", "url", "language", "date_published")


def collect_figures(out: Path) -> ReportData:
    """Return the figures and samples of the run that wrote a folder.

    Memory does not grow with the number of records. Raises `InputError` for a folder that no run wrote, for damaged
    files, and for files that do not belong together.
    """
    data = ReportData(_read_summary(out))
    samples = Samples()
    for batch in read_batches(out):
        _add_batch(data, samples, batch)
        pa.default_memory_pool().release_unused()
    add_quarantine(data, out)
    for rule, figures in data.rules.items():
        figures.examples = samples.examples_of(rule)
    data.gallery, data.lost_most, data.raw_texts = samples.gallery, samples.lost_most, samples.raw_texts
    _require_same_counts(data, out)
    return data


def _read_summary(out: Path) -> dict[str, Any]:
    path = out / SUMMARY
    hint = "name a directory that `copydesk clean` wrote"
    if not path.is_file():
        raise InputError("no summary in it", where=str(out), hint=hint)
    try:
        summary = json.loads(path.read_bytes())
        _ = summary["records"]["accepted"], summary["characters"]["in"], summary["edits"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError("this is not the summary of a run of `clean`", where=str(path), hint=hint) from None
    result: dict[str, Any] = summary
    return result


def _require_same_counts(data: ReportData, out: Path) -> None:
    """Raise `InputError` unless the files hold as many records as the summary counts."""
    records = data.summary["records"]
    found_articles = ("articles", data.articles, "accepted")
    found_entries = ("rejected records", data.turned_away, "quarantined")
    for what, found, name in (found_articles, found_entries):
        if found != records[name]:
            raise InputError(
                f"it has {found:,} {what}, but {SUMMARY} counts {records[name]:,}",
                where=str(out),
                hint="the output is damaged; clean the inputs again",
            )


def _add_batch(data: ReportData, samples: Samples, batch: ArticleBatch) -> None:
    articles, edits, rows = batch
    count = articles.num_rows
    after = pc.utf8_length(articles.column("body")).to_numpy().astype(np.int64)
    spans = pc.subtract(edits.column("end"), edits.column("start")).to_numpy().astype(np.int64)
    removed = spans - pc.utf8_length(edits.column("after")).to_numpy().astype(np.int64)
    in_body = pc.equal(edits.column("field"), "body").to_numpy(zero_copy_only=False).astype(bool)
    lost = np.bincount(rows[in_body], removed[in_body], count).astype(np.int64)
    before = after + lost
    samples.add(batch, data.articles, before, after)
    data.articles += count
    data.changed += len(np.unique(rows))
    data.characters_before += int(before.sum())
    data.characters_after += int(after.sum())
    _count(data.lengths_before, _length_bins(before))
    _count(data.lengths_after, _length_bins(after))
    _count(data.shares, np.where(lost > 0, np.ceil(10 * lost / np.maximum(before, 1)), 0).astype(np.int64))
    _add_rules(data, edits, rows, spans, count)
    _add_fields(data, articles)


def _length_bins(lengths: Numbers) -> Numbers:
    """Return the bin of each length: twice its logarithm to base 2, -1 for an empty text.

    >>> _length_bins(np.array([0, 1, 2, 3, 4, 1000])).tolist()
    [-1, 0, 2, 3, 4, 19]
    """
    bins: Numbers = np.where(lengths > 0, np.floor(2 * np.log2(np.maximum(lengths, 1))), -1).astype(np.int64)
    return bins


def _count(counts: Counter[int], values: Numbers) -> None:
    found, numbers = np.unique(values, return_counts=True)
    for value, number in zip(found.tolist(), numbers.tolist(), strict=True):
        counts[value] += number


def _add_rules(data: ReportData, edits: pa.Table, rows: Numbers, spans: Numbers, count: int) -> None:
    """Add to each rule its cuts, their characters, and the records that they are in."""
    if not len(rows):
        return
    rules = edits.column("rule").combine_chunks().dictionary_encode()
    codes = rules.indices.to_numpy().astype(np.int64)
    names = rules.dictionary.to_pylist()
    cuts = np.bincount(codes, minlength=len(names))
    characters = np.bincount(codes, spans, len(names))
    records = np.bincount(np.unique(codes * count + rows) // count, minlength=len(names))
    for code, name in enumerate(names):
        figures = data.rules.setdefault(name, RuleFigures())
        figures.cuts += int(cuts[code])
        figures.characters += int(characters[code])
        figures.records += int(records[code])


def _add_fields(data: ReportData, articles: pa.Table) -> None:
    for name in _FIELDS:
        data.missing[name] += articles.column(name).null_count
    data.missing["authors"] += pc.sum(pc.equal(articles.column("authors"), 0)).as_py() or 0
    source = pc.coalesce(articles.column("source_domain"), articles.column("source_name"))
    data.missing["source"] += source.null_count
    dates = articles.column("date_published")
    for counts, column in (
        (data.languages, articles.column("language")),
        (data.sources, source),
        (data.months, pc.strftime(dates, "%Y-%m")),
        (data.forms, articles.column("form")),
        (data.text_fields, articles.column("text_field")),
    ):
        _count_values(counts, column)
    span = pc.min_max(dates).as_py()
    if span["min"] is not None:
        first, last = (span[name].strftime("%Y-%m-%d %H:%M") for name in ("min", "max"))
        data.first_date = min(data.first_date or first, first)
        data.last_date = max(data.last_date, last)


def _count_values(counts: Counter[str], column: pa.ChunkedArray) -> None:
    """Count the values of a field. If there are very many, the rarest are counted together."""
    for entry in pc.value_counts(column.combine_chunks()).to_pylist():
        counts[entry["values"] if entry["values"] is not None else NONE] += entry["counts"]
    if len(counts) > _MOST:
        kept = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: _MOST // 2])
        rest = counts.total() - sum(kept.values())
        counts.clear()
        counts.update(kept)
        counts[OTHERS] += rest

"""Checks of single fields: headline, authors, dates, addresses, language tags, ids."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..declare import Details, check
from ..frame import Frame, mask

if TYPE_CHECKING:
    from ...byte_arrays import Mask

_CENTURY = 36_525  # days
_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."


_DATES = {"date_published", "date_modified", "date_retrieved"}


def _misread(frame: Frame, among: set[str], *, others: bool = False, kind: str | None = None) -> Details:
    """Return the values that do not fit in the fields `among`; with `others`, those of all other fields.

    `kind` chooses values of one kind; None means all.
    """
    misread = {}
    for row, values in frame.misread.items():
        chosen = [
            (name, message)
            for name, message, of_kind in values
            if (name in among) != others and kind in (None, of_kind)
        ]
        if chosen:
            misread[row] = chosen
    return misread


@check(
    "headline/missing",
    severity="warning",
    fields=("headline",),
    message="the record has no headline",
    remedy="map the field that holds it: --map headline=FIELD",
    fails={"text": _BODY},
    passes={"text": _BODY, "title": "A key and a chain"},
)
def flag_missing_headline(frame: Frame) -> Mask:
    """Flag articles without a headline."""
    missing: Mask = frame.lengths("headline") == 0
    return missing


@check(
    "headline/too-long",
    severity="warning",
    fields=("headline",),
    message="the headline has more than {characters} characters",
    remedy="check whether the field holds the text",
    fails={"text": _BODY, "title": _BODY * 4},
    passes={"text": _BODY, "title": _BODY},
    characters=300,
)
def flag_long_headline(frame: Frame, characters: int) -> Mask:
    """Flag headlines that are too long for a headline."""
    return frame.lengths("headline") > characters


@check(
    "headline/truncated",
    severity="info",
    fields=("headline",),
    message="the headline ends with an ellipsis",
    remedy="look for a field that holds the full headline",
    fails={"text": _BODY, "title": "A key, a chain and a ferry that left the quay an hour…"},
    passes={"text": _BODY, "title": "A key, a chain and a ferry"},
)
def flag_truncated_headline(frame: Frame) -> Mask:
    """Flag headlines that were cut off."""
    return mask(pc.match_substring_regex(frame.column("headline"), r"(?:…|\.\.\.)\s*$"))


@check(
    "authors/not-a-name",
    severity="info",
    fields=("authors",),
    message="the author is no name, or the name has more than {characters} characters",
    remedy="check whether the field holds a whole byline, a desk or an address",
    fails={"text": _BODY, "author": "Published on 4 May 2024 by the desk"},
    passes={"text": _BODY, "author": "Marta Lindqvist; J. R. O'Brien"},
    characters=80,
)
def flag_unlikely_authors(frame: Frame, characters: int) -> Details:
    """Flag authors that are not names: they are left out, and the value is kept under `extra`."""
    details = _misread(frame, {"authors"})
    column = frame.column("authors")
    names = pc.struct_field(pc.list_flatten(column), "name")
    strange = pc.or_(
        pc.match_substring_regex(names, r"[0-9@]|https?:|www\."), pc.greater(pc.utf8_length(names), characters)
    )
    for row in np.unique(np.asarray(pc.list_parent_indices(column))[mask(strange)]).tolist():
        details.setdefault(row, []).append(("authors", "an author's name has a digit or an address, or is too long"))
    return details


@check(
    "authors/assumed",
    severity="info",
    fields=("authors",),
    message="the field held more than names",
    remedy="compare the authors with the byline of the page if the assumption may be wrong",
    fails={"text": _BODY, "author": "By Marta Lindqvist, Staff Writer"},
    passes={"text": _BODY, "author": "Marta Lindqvist and J. R. O'Brien"},
)
def flag_assumed_authors(frame: Frame) -> Details:
    """Flag authors that were taken out of a longer text: `provenance.assumed` has what was left out."""
    return _assumed(frame, {"authors"})


@check(
    "date/missing",
    severity="warning",
    fields=("date_published",),
    message="the record has no publication date",
    remedy="map the field that holds it: --map date_published=FIELD",
    fails={"text": _BODY},
    passes={"text": _BODY, "date": "2024-05-04"},
)
def flag_missing_date(frame: Frame) -> Mask:
    """Flag articles without a date."""
    unreadable = _rows_of(_misread(frame, {"date_published"}), len(frame))
    return mask(pc.is_null(frame.column("date_published"))) & ~unreadable


@check(
    "date/unreadable",
    severity="warning",
    fields=("date_published", "date_modified", "date_retrieved"),
    message="the date cannot be read",
    remedy="write it in ISO 8601; the value is kept under `extra`",
    fails={"text": _BODY, "date": "the day before yesterday"},
    passes={"text": _BODY, "date": "4 May 2024 10:30 +0200"},
)
def flag_unreadable_dates(frame: Frame) -> Details:
    """Flag dates that cannot be read."""
    return _misread(frame, _DATES, kind="")


@check(
    "date/ambiguous",
    severity="warning",
    fields=("date_published", "date_modified", "date_retrieved"),
    message="day and month of the date can be read in two ways",
    remedy="say which comes first, with --day-first or --month-first; the value is kept under `extra`",
    fails={"text": _BODY, "date": "03/04/2024"},
    passes={"text": _BODY, "date": "Wednesday 03/04/2024"},
)
def flag_ambiguous_dates(frame: Frame) -> Details:
    """Flag dates that can be read in two ways, if neither the settings nor other dates of the file decide."""
    return _misread(frame, _DATES, kind="ambiguous")


@check(
    "date/assumed",
    severity="info",
    fields=("date_published", "date_modified", "date_retrieved"),
    message="something had to be assumed to read the date",
    remedy="compare the date with its page if the assumption may be wrong",
    fails={"text": _BODY, "date": "5 Mar 24"},
    passes={"text": _BODY, "date": "5 Mar 2024"},
)
def flag_assumed_dates(frame: Frame) -> Details:
    """Flag dates that were read with an assumption: `provenance.assumed` names it."""
    return _assumed(frame, _DATES)


def _assumed(frame: Frame, fields: set[str]) -> Details:
    """Return what was assumed to fill some fields."""
    assumed = pc.struct_field(frame.column("provenance"), "assumed")
    items = pc.list_flatten(assumed)
    of_fields = pc.is_in(pc.struct_field(items, "field"), pa.array(sorted(fields), pa.large_string()))
    rows = pc.list_parent_indices(assumed).filter(of_fields).to_pylist()
    details: Details = {}
    for row, item in zip(rows, items.filter(of_fields).to_pylist(), strict=True):
        details.setdefault(row, []).append((item["field"], f"assumed: {item['how']}"))
    return details


@check(
    "date/no-time-zone",
    severity="info",
    fields=("date_published",),
    message="the publication time has no time zone and was read as UTC",
    remedy="add the time zone when you scrape the page",
    fails={"text": _BODY, "date": "2024-05-04 10:30:00"},
    passes={"text": _BODY, "date": "2024-05-04T10:30:00+02:00"},
)
def flag_naive_dates(frame: Frame) -> Mask:
    """Flag publication times without a time zone."""
    return mask(pc.equal(frame.column("date_published_precision"), "second-naive"))


@check(
    "date/future",
    severity="error",
    fields=("date_published",),
    message="the publication date is more than {days} day(s) in the future",
    remedy="check whether day and month are swapped",
    fails={"text": _BODY, "date": "2900-01-01"},
    passes={"text": _BODY, "date": "2024-05-04"},
    days=1,
)
def flag_future_dates(frame: Frame, days: float) -> Mask:
    """Flag dates after the time of the run."""
    return frame.lies_ahead("date_published", min(days, _CENTURY))


@check(
    "date/too-early",
    severity="error",
    fields=("date_published",),
    message="the publication date is before {year}",
    remedy="check whether an empty date became 1970",
    fails={"text": _BODY, "date": "1970-01-01T00:00:00Z"},
    passes={"text": _BODY, "date": "1990-01-01"},
    year=1990,
)
def flag_early_dates(frame: Frame, year: int) -> Mask:
    """Flag dates from before the Web."""
    start = datetime(min(max(year, 1), 9999), 1, 1, tzinfo=timezone.utc)
    return mask(pc.less(frame.column("date_published"), pa.scalar(start, pa.timestamp("us", tz="UTC"))))


@check(
    "date/modified-before-published",
    severity="warning",
    fields=("date_modified", "date_published"),
    message="the article was modified before it was published",
    remedy="check whether the two fields are swapped",
    fails={"text": _BODY, "date_published": "2024-05-04", "date_modified": "2024-05-01"},
    passes={"text": _BODY, "date_published": "2024-05-04T23:00:00Z", "date_modified": "2024-05-04"},
    hours=24,
)
def flag_swapped_dates(frame: Frame, hours: float) -> Mask:
    """Flag articles that were modified before they were published. Dates without a time may differ by `hours`."""
    tolerance = pa.scalar(timedelta(hours=min(hours, 24 * _CENTURY)), pa.duration("us"))
    return mask(pc.less(pc.add(frame.column("date_modified"), tolerance), frame.column("date_published")))


@check(
    "url/not-absolute",
    severity="error",
    fields=("url",),
    message="the URL is not an absolute http(s) address",
    remedy="join it with the address of its page",
    fails={"text": _BODY, "url": "/news/ferry"},
    passes={"text": _BODY, "url": "https://lantern.example/news/ferry"},
)
def flag_relative_urls(frame: Frame) -> Details:
    """Flag relative URLs and URLs that are not http(s)."""
    return _misread(frame, {"url"})


@check(
    "url/missing",
    severity="info",
    fields=("url",),
    message="the record has no URL",
    remedy="map the field that holds it: --map url=FIELD",
    fails={"text": _BODY},
    passes={"text": _BODY, "url": "https://lantern.example/news/ferry"},
)
def flag_missing_urls(frame: Frame) -> Mask:
    """Flag articles without a URL."""
    return mask(pc.is_null(frame.column("url"))) & ~_rows_of(_misread(frame, {"url"}), len(frame))


@check(
    "url/credentials",
    severity="warning",
    fields=("url",),
    message="the URL contains a user name or a password",
    remedy="remove it before you publish the data set",
    fails={"text": _BODY, "url": "https://marta:secret@lantern.example/news/ferry"},
    passes={"text": _BODY, "url": "https://lantern.example/@marta/ferry"},
)
def flag_credentials(frame: Frame) -> Mask:
    """Flag URLs that contain credentials."""
    return mask(pc.match_substring_regex(frame.column("url"), r"^[a-z]+://[^/?#]*@"))


@check(
    "url/tracking",
    severity="info",
    fields=("url",),
    message="the URL contains tracking parameters",
    remedy="remove them, so that the same page always has the same URL",
    fails={"text": _BODY, "url": "https://lantern.example/news/ferry?utm_source=feed"},
    passes={"text": _BODY, "url": "https://lantern.example/news?id=4"},
)
def flag_tracking(frame: Frame) -> Mask:
    """Flag URLs with parameters that record where a reader came from."""
    names = "utm_[a-z]+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|ref_src|cmpid|wt_mc|at_medium|xtor"
    return mask(pc.match_substring_regex(frame.column("url"), rf"[?&](?:{names})="))


@check(
    "url/other-host",
    severity="warning",
    fields=("url", "canonical_url"),
    message="the canonical URL is on another host",
    remedy="check whether the page is a copy, or whether the canonical link is wrong",
    fails={
        "text": _BODY,
        "url": "https://lantern.example/news/ferry",
        "canonical_url": "https://wire.example/ferry",
    },
    passes={
        "text": _BODY,
        "url": "https://m.lantern.example/news/ferry",
        "canonical_url": "https://www.lantern.example/ferry",
    },
)
def flag_other_hosts(frame: Frame) -> Mask:
    """Flag URLs whose canonical URL is on another host. Prefixes such as `www.`, `m.` and `amp.` do not count."""
    return mask(pc.not_equal(_host(frame.column("url")), _host(frame.column("canonical_url"))))


def _host(urls: Any) -> Any:
    pattern = r"^https?://(?:[^/@?#]*@)?(?:(?:www\d?|m|mobile|amp|edition|touch)\.)?(?P<host>[^/:?#]+)"
    return pc.struct_field(pc.extract_regex(pc.utf8_lower(urls), pattern), "host")


@check(
    "url/duplicate",
    severity="warning",
    fields=("url",),
    message="an earlier record of this run has the same URL",
    remedy="keep only the newest record",
    fails=[{"text": _BODY, "url": "https://a.example/1"}, {"text": f"{_BODY} Then.", "url": "https://a.example/1"}],
    passes=[{"text": _BODY, "url": "https://a.example/1"}, {"text": _BODY, "url": "https://a.example/2"}],
)
def flag_same_urls(frame: Frame) -> Mask:
    """Flag URLs that an earlier record has."""
    return frame.duplicate("url")


@check(
    "identity/duplicate-id",
    severity="error",
    fields=("id",),
    message="an earlier record of this run has the same id",
    remedy="give each record its own id; without ids, records with equal texts count as equal",
    fails=[{"text": _BODY, "id": "7"}, {"text": f"{_BODY} Then.", "id": "7"}],
    passes=[{"text": _BODY, "id": "7"}, {"text": _BODY, "id": "8"}],
)
def flag_same_ids(frame: Frame) -> Mask:
    """Flag ids that an earlier record has."""
    return frame.duplicate("id")


@check(
    "language/unknown-tag",
    severity="warning",
    fields=("language",),
    message="the language is not a BCP 47 tag",
    remedy="write it as en, pt-BR or zh-Hant",
    fails={"text": _BODY, "language": "Lennish"},
    passes={"text": _BODY, "language": "en-GB"},
)
def flag_unknown_languages(frame: Frame) -> Details:
    """Flag languages that are not in the registry of BCP 47."""
    details = _misread(frame, {"language"})
    tags = frame.column("language").dictionary_encode()
    unknown = [code for code, tag in enumerate(tags.dictionary.to_pylist()) if not _is_tag(tag)]
    if unknown:
        for row in np.flatnonzero(mask(pc.is_in(tags.indices, pa.array(unknown, tags.indices.type)))).tolist():
            details[row] = [("language", f"not a known language tag: {frame.column('language')[row].as_py()[:40]!r}")]
    return details


_USUAL_TAGS = frozenset("ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split())


@lru_cache(maxsize=4096)
def _is_tag(tag: str) -> bool:
    if tag in _USUAL_TAGS:
        return True
    import langcodes  # slow: it loads its tables

    return bool(langcodes.tag_is_valid(tag))


@check(
    "shape/unreadable",
    severity="warning",
    fields=("extra",),
    message="a value does not fit its field; it is kept under extra",
    remedy="run `copydesk schema` to see what fits",
    fails={"text": _BODY, "free_access": "perhaps"},
    passes={"text": _BODY, "free_access": "yes"},
)
def flag_unreadable(frame: Frame) -> Details:
    """Flag values of a wrong type or form, except in the fields that have checks of their own."""
    return _misread(frame, {"authors", "url", "language", *_DATES}, others=True)


@check(
    "shape/too-long",
    severity="warning",
    fields=("source_name", "section", "description"),
    message="a name field has more than {characters} characters, or the description has more than {text:,}",
    remedy="check whether the fields are mixed up",
    fails={"text": _BODY, "section": _BODY * 4},
    passes={"text": _BODY, "section": "Harbour"},
    characters=200,
    text=5000,
)
def flag_long_fields(frame: Frame, characters: int, text: int) -> Details:
    """Flag names and descriptions that are too long for their fields."""
    details: Details = {}
    limits = dict.fromkeys(("source_name", "source_domain", "section", "dateline", "location"), characters)
    for name, limit in {**limits, "description": text}.items():
        for row in np.flatnonzero(frame.lengths(name) > limit).tolist():
            details.setdefault(row, []).append((name, f"more than {limit} characters"))
    return details


def _rows_of(details: Details, count: int) -> Mask:
    found = np.zeros(count, np.bool_)
    found[list(details)] = True
    return found

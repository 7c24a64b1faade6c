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


def _time(value: datetime) -> pa.Scalar:
    return pa.scalar(value, pa.timestamp("us", tz="UTC"))


def _misread(frame: Frame, among: set[str], *, others: bool = False) -> Details:
    """Give the values that make no sense in one of some fields, or in any other."""
    found = {}
    for row, values in frame.misread.items():
        if chosen := [(name, message) for name, message in values if (name in among) != others]:
            found[row] = chosen
    return found


@check(
    "headline/missing",
    severity="warning",
    fields=("headline",),
    message="there is no headline",
    remedy="map the field that holds it with --map headline=FIELD",
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
    remedy="see whether the field holds the text",
    fails={"text": _BODY, "title": _BODY * 4},
    passes={"text": _BODY, "title": _BODY},
    characters=300,
)
def flag_long_headline(frame: Frame, characters: int) -> Mask:
    """Flag headlines that are longer than headlines are."""
    return frame.lengths("headline") > characters


@check(
    "headline/truncated",
    severity="info",
    fields=("headline",),
    message="the headline ends in an ellipsis",
    remedy="look for a field that holds the whole of it",
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
    message="an author's name has a digit, an address or more than {characters} characters in it",
    remedy="see whether the field holds a whole byline",
    fails={"text": _BODY, "author": "Published on 4 May 2024 by the desk"},
    passes={"text": _BODY, "author": "Marta Lindqvist; J. R. O'Brien"},
    characters=80,
)
def flag_unlikely_authors(frame: Frame, characters: int) -> Mask:
    """Flag authors that are no names."""
    column = frame.column("authors")
    names = pc.struct_field(pc.list_flatten(column), "name")
    strange = pc.or_(
        pc.match_substring_regex(names, r"[0-9@]|https?:|www\."), pc.greater(pc.utf8_length(names), characters)
    )
    found = np.zeros(len(frame), np.bool_)
    found[np.asarray(pc.list_parent_indices(column))[mask(strange)]] = True
    return found


@check(
    "date/missing",
    severity="warning",
    fields=("date_published",),
    message="there is no date of publication",
    remedy="map the field that holds it with --map date_published=FIELD",
    fails={"text": _BODY},
    passes={"text": _BODY, "date": "2024-05-04"},
)
def flag_missing_date(frame: Frame) -> Mask:
    """Flag articles without a date."""
    return mask(pc.is_null(frame.column("date_published"))) & ~_rows(_misread(frame, {"date_published"}), len(frame))


@check(
    "date/unreadable",
    severity="warning",
    fields=("date_published", "date_modified", "date_retrieved"),
    message="the date cannot be read",
    remedy="give it as ISO 8601; the value is kept under extra",
    fails={"text": _BODY, "date": "the day before yesterday"},
    passes={"text": _BODY, "date": "4 May 2024 10:30 +0200"},
)
def flag_unreadable_dates(frame: Frame) -> Details:
    """Flag dates that are none."""
    return _misread(frame, {"date_published", "date_modified", "date_retrieved"})


@check(
    "date/no-time-zone",
    severity="info",
    fields=("date_published",),
    message="the time of publication has no time zone; it was taken as UTC",
    remedy="add the zone when the page is scraped",
    fails={"text": _BODY, "date": "2024-05-04 10:30:00"},
    passes={"text": _BODY, "date": "2024-05-04T10:30:00+02:00"},
)
def flag_naive_dates(frame: Frame) -> Mask:
    """Flag times without a zone."""
    return mask(pc.equal(frame.column("date_published_precision"), "second-naive"))


@check(
    "date/future",
    severity="error",
    fields=("date_published",),
    message="the date of publication lies more than {days} day(s) in the future",
    remedy="see whether day and month are swapped",
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
    message="the date of publication lies before {year}",
    remedy="see whether an empty date became 1970",
    fails={"text": _BODY, "date": "1970-01-01T00:00:00Z"},
    passes={"text": _BODY, "date": "1990-01-01"},
    year=1990,
)
def flag_early_dates(frame: Frame, year: int) -> Mask:
    """Flag dates from before there were pages to scrape."""
    return mask(
        pc.less(frame.column("date_published"), _time(datetime(min(max(year, 1), 9999), 1, 1, tzinfo=timezone.utc)))
    )


@check(
    "date/modified-before-published",
    severity="warning",
    fields=("date_modified", "date_published"),
    message="the article was modified before it was published",
    remedy="see whether the two fields are swapped",
    fails={"text": _BODY, "date_published": "2024-05-04", "date_modified": "2024-05-01"},
    passes={"text": _BODY, "date_published": "2024-05-04T23:00:00Z", "date_modified": "2024-05-04"},
    hours=24,
)
def flag_swapped_dates(frame: Frame, hours: float) -> Mask:
    """Flag articles that are older than their last change; a day is left for dates without a time."""
    modified = pc.add(
        frame.column("date_modified"), pa.scalar(timedelta(hours=min(hours, 24 * _CENTURY)), pa.duration("us"))
    )
    return mask(pc.less(modified, frame.column("date_published")))


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
    """Flag addresses that lead nowhere by themselves."""
    return _misread(frame, {"url"})


@check(
    "url/missing",
    severity="info",
    fields=("url",),
    message="there is no URL",
    remedy="map the field that holds it with --map url=FIELD",
    fails={"text": _BODY},
    passes={"text": _BODY, "url": "https://lantern.example/news/ferry"},
)
def flag_missing_urls(frame: Frame) -> Mask:
    """Flag articles whose page is not known."""
    return mask(pc.is_null(frame.column("url"))) & ~_rows(_misread(frame, {"url"}), len(frame))


@check(
    "url/credentials",
    severity="warning",
    fields=("url",),
    message="the URL holds a user's name or password",
    remedy="take it out before the data set goes anywhere",
    fails={"text": _BODY, "url": "https://marta:secret@lantern.example/news/ferry"},
    passes={"text": _BODY, "url": "https://lantern.example/@marta/ferry"},
)
def flag_credentials(frame: Frame) -> Mask:
    """Flag addresses with credentials in them."""
    return mask(pc.match_substring_regex(frame.column("url"), r"^[a-z]+://[^/?#]*@"))


@check(
    "url/tracking",
    severity="info",
    fields=("url",),
    message="the URL has tracking parameters",
    remedy="drop them, so that equal pages have equal addresses",
    fails={"text": _BODY, "url": "https://lantern.example/news/ferry?utm_source=feed"},
    passes={"text": _BODY, "url": "https://lantern.example/news?id=4"},
)
def flag_tracking(frame: Frame) -> Mask:
    """Flag addresses that say where a reader came from."""
    names = "utm_[a-z]+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|ref_src|cmpid|wt_mc|at_medium|xtor"
    return mask(pc.match_substring_regex(frame.column("url"), rf"[?&](?:{names})="))


@check(
    "url/other-host",
    severity="warning",
    fields=("url", "canonical_url"),
    message="the canonical URL is on another host",
    remedy="see whether the page is a copy, or the wrong canonical link was taken",
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
    """Flag addresses whose canonical one is on another host; `www.`, `m.`, `amp.` and the like make no other host."""
    return mask(pc.not_equal(_host(frame.column("url")), _host(frame.column("canonical_url"))))


def _host(urls: Any) -> Any:
    found = pc.extract_regex(
        pc.utf8_lower(urls), r"^https?://(?:[^/@?#]*@)?(?:(?:www\d?|m|mobile|amp|edition|touch)\.)?(?P<host>[^/:?#]+)"
    )
    return pc.struct_field(found, "host")


@check(
    "url/duplicate",
    severity="warning",
    fields=("url",),
    message="an earlier record of this run has the same URL",
    remedy="keep the newest of them",
    fails=[{"text": _BODY, "url": "https://a.example/1"}, {"text": f"{_BODY} Then.", "url": "https://a.example/1"}],
    passes=[{"text": _BODY, "url": "https://a.example/1"}, {"text": _BODY, "url": "https://a.example/2"}],
)
def flag_same_urls(frame: Frame) -> Mask:
    """Flag pages that came before."""
    return frame.duplicate("url")


@check(
    "identity/duplicate-id",
    severity="error",
    fields=("id",),
    message="an earlier record of this run has the same id",
    remedy="give each record an id of its own; without one, equal texts are equal records",
    fails=[{"text": _BODY, "id": "7"}, {"text": f"{_BODY} Then.", "id": "7"}],
    passes=[{"text": _BODY, "id": "7"}, {"text": _BODY, "id": "8"}],
)
def flag_same_ids(frame: Frame) -> Mask:
    """Flag ids that came before."""
    return frame.duplicate("id")


@check(
    "language/unknown-tag",
    severity="warning",
    fields=("language",),
    message="the language is no tag of BCP 47",
    remedy="give it as en, pt-BR, zh-Hant",
    fails={"text": _BODY, "language": "English (UK)"},
    passes={"text": _BODY, "language": "en-GB"},
)
def flag_unknown_languages(frame: Frame) -> Details:
    """Flag languages that no registry knows."""
    found = _misread(frame, {"language"})
    tags = frame.column("language").dictionary_encode()
    unknown = [code for code, tag in enumerate(tags.dictionary.to_pylist()) if not _is_tag(tag)]
    if unknown:
        for row in np.flatnonzero(mask(pc.is_in(tags.indices, pa.array(unknown, tags.indices.type)))).tolist():
            found[row] = [("language", f"not a known language tag: {frame.column('language')[row].as_py()[:40]!r}")]
    return found


_USUAL_TAGS = frozenset("ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split())


@lru_cache(maxsize=4096)
def _is_tag(tag: str) -> bool:
    if tag in _USUAL_TAGS:
        return True
    import langcodes  # which loads its tables

    return bool(langcodes.tag_is_valid(tag))


@check(
    "shape/unreadable",
    severity="warning",
    fields=("extra",),
    message="a value makes no sense in its field; it is kept under extra",
    remedy="see `copydesk schema` for what fits",
    fails={"text": _BODY, "free_access": "perhaps"},
    passes={"text": _BODY, "free_access": "yes"},
)
def flag_unreadable(frame: Frame) -> Details:
    """Flag values of a wrong type or form, but for those that other checks speak of."""
    of_others = {"url", "language", "date_published", "date_modified", "date_retrieved"}
    return _misread(frame, of_others, others=True)


@check(
    "shape/too-long",
    severity="warning",
    fields=("source_name", "section", "description"),
    message="a field that holds a name has more than {characters} characters, or the description more than {text}",
    remedy="see whether the fields are mixed up",
    fails={"text": _BODY, "section": _BODY * 4},
    passes={"text": _BODY, "section": "Harbour"},
    characters=200,
    text=5000,
)
def flag_long_fields(frame: Frame, characters: int, text: int) -> Details:
    """Flag fields that hold more than such fields hold."""
    found: Details = {}
    limits = dict.fromkeys(("source_name", "source_domain", "section", "dateline", "location"), characters)
    for name, limit in {**limits, "description": text}.items():
        for row in np.flatnonzero(frame.lengths(name) > limit).tolist():
            found.setdefault(row, []).append((name, f"more than {limit} characters"))
    return found


def _rows(details: Details, count: int) -> Mask:
    found = np.zeros(count, np.bool_)
    found[list(details)] = True
    return found

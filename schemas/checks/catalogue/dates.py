"""Checks of the dates of an article."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ..declare import Details, check
from ..frame import Frame, mask
from ..misread import DATES, assumed_values, misread_values, rows_of

if TYPE_CHECKING:
    from ...byte_arrays import Mask

_CENTURY = 36_525  # days
_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."


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
    unreadable = rows_of(misread_values(frame, {"date_published"}), len(frame))
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
    return misread_values(frame, DATES, kind="")


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
    return misread_values(frame, DATES, kind="ambiguous")


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
    return assumed_values(frame, DATES)


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

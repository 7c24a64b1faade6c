"""Checks: what can be wrong with an article, each declared once and worked out for a whole batch at a time.

A check gives a flag for each article. Flags of severity `error` turn a record away; the others stay with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .errors import SettingError, nearest
from .reasons import Mask, Reason, Reasons, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_HEADLINE = 300  # characters
MIN_BODY = 25  # characters: less is no article at all
SHORT_BODY = 200  # characters
EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
MIN_LEFT_OVER = 3  # lines


@dataclass
class Frame:
    """What checks look at: the articles of a batch, and what was noticed on the way."""

    articles: pa.Table
    now: datetime
    duplicate: Mask
    """Articles whose id an earlier one of the run has."""
    left_over: npt.NDArray[np.int64]
    """Lines that a rule knows but that stand where it does not cut."""
    misread: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """By row, the (field, message) of values that make no sense there."""

    def column(self, name: str) -> pa.Array:
        """Give a column of the articles in one piece."""
        return self.articles.column(name).combine_chunks()

    @cached_property
    def body_length(self) -> pa.Array:
        """The length of each body in code points."""
        return pc.utf8_length(self.column("body"))


@dataclass(frozen=True)
class Check:
    """A check: what is wrong when it flags an article, and what to do about it."""

    id: str
    severity: Severity
    field: str
    message: str
    do: str
    flag: Callable[[Frame], Mask]


def _mask(array: Any) -> Mask:
    """Give a Boolean column as a mask; null is false."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _length(frame: Frame, name: str) -> Any:
    return pc.fill_null(pc.utf8_length(frame.column(name)), 0)


def _blank(frame: Frame) -> Mask:
    # the kernel leaves no white space at the ends of a text, so a blank body has no length
    return _mask(pc.equal(frame.body_length, 0))


def _shorter(limit: int) -> Callable[[Frame], Mask]:
    return lambda frame: _mask(pc.less(frame.body_length, limit)) & ~_blank(frame)


def _same_as_body(frame: Frame) -> Mask:
    headline = pc.utf8_trim_whitespace(pc.utf8_lower(frame.column("headline")))
    # only a body no longer than a headline can be one: the others need no lower-casing
    short = pc.if_else(pc.less_equal(frame.body_length, 4 * MAX_HEADLINE), frame.column("body"), "")
    body = pc.utf8_trim_whitespace(pc.utf8_lower(short))
    return _mask(pc.and_(pc.equal(headline, body), pc.greater(pc.utf8_length(headline), 0)))


def _misread(*fields: str, other: bool = False) -> Callable[[Frame], Mask]:
    def flag(frame: Frame) -> Mask:
        found = np.zeros(frame.articles.num_rows, np.bool_)
        for row, values in frame.misread.items():
            found[row] = any((name in fields) != other for name, _ in values)
        return found

    return flag


CHECKS: tuple[Check, ...] = (
    Check("body/empty", "error", "body", "the body is empty", "look at the extractor: it found no text", _blank),
    Check(
        "body/too-short",
        "error",
        "body",
        f"the body has fewer than {MIN_BODY} characters",
        "drop it, or scrape it again",
        _shorter(MIN_BODY),
    ),
    Check(
        "body/short",
        "warning",
        "body",
        f"the body has fewer than {SHORT_BODY} characters",
        "see whether it is a stub",
        lambda frame: _mask(pc.less(frame.body_length, SHORT_BODY)) & ~_shorter(MIN_BODY)(frame) & ~_blank(frame),
    ),
    Check(
        "body/left-over",
        "warning",
        "body",
        f"at least {MIN_LEFT_OVER} lines look like boilerplate but stand between prose",
        "look at it with `copydesk explain`",
        lambda frame: frame.left_over >= MIN_LEFT_OVER,
    ),
    Check(
        "headline/missing",
        "warning",
        "headline",
        "there is no headline",
        "map the field that holds it with --map headline=FIELD",
        lambda frame: _mask(pc.equal(_length(frame, "headline"), 0)),
    ),
    Check(
        "headline/too-long",
        "warning",
        "headline",
        f"the headline has more than {MAX_HEADLINE} characters",
        "see whether the field holds the text",
        lambda frame: _mask(pc.greater(_length(frame, "headline"), MAX_HEADLINE)),
    ),
    Check(
        "headline/equals-body",
        "error",
        "headline",
        "the headline is all there is of the body",
        "look at the extractor: it found no text but the headline",
        _same_as_body,
    ),
    Check(
        "date/future",
        "error",
        "date_published",
        "the date of publication lies in the future",
        "see whether day and month are swapped",
        lambda frame: _mask(pc.greater(frame.column("date_published"), _time(frame.now + timedelta(days=1)))),
    ),
    Check(
        "date/too-early",
        "error",
        "date_published",
        f"the date of publication lies before {EARLIEST.year}",
        "see whether an empty date became 1970",
        lambda frame: _mask(pc.less(frame.column("date_published"), _time(EARLIEST))),
    ),
    Check(
        "url/not-absolute",
        "error",
        "url",
        "the URL is not an absolute http(s) address",
        "join it with the address of its page",
        _misread("url"),
    ),
    Check(
        "shape/unreadable",
        "warning",
        "extra",
        "a value makes no sense in its field; it is kept under extra",
        "see `copydesk schema` for what fits",
        _misread("url", other=True),
    ),
    Check(
        "identity/duplicate-id",
        "error",
        "id",
        "an earlier record of this run has the same id",
        "give each record an id of its own; without one, equal texts are equal records",
        lambda frame: frame.duplicate,
    ),
)  # fmt: skip
SUITES: dict[str, tuple[Check, ...]] = {"article": CHECKS, "none": ()}

# Why a record could not be read at all: such records meet no suite.
UNREADABLE: dict[str, str] = {
    "input/not-json": "the line is not JSON",
    "input/not-object": "the line is JSON but not an object",
    "input/encoding": "the bytes are not valid in the encoding of the input",
    "input/lone-surrogate": "the text has half of a surrogate pair",
}


def _time(value: datetime) -> pa.Scalar:
    return pa.scalar(value, pa.timestamp("us", tz="UTC"))


def find_suite(name: str) -> tuple[Check, ...]:
    """Give the checks of a suite. Raises `SettingError` for a name that is none."""
    if name not in SUITES:
        raise SettingError(f"no suite {name!r}{nearest(name, SUITES)}", do=f"use one of: {', '.join(SUITES)}")
    return SUITES[name]


def flag_articles(frame: Frame, suite: tuple[Check, ...]) -> dict[str, Mask]:
    """Run a suite: the flags of each check, by its id."""
    return {check.id: check.flag(frame) for check in suite}


def give_reasons(frame: Frame, suite: tuple[Check, ...], flags: dict[str, Mask]) -> Reasons:
    """Give all reasons of each record that has any, in the order of the suite."""
    found: list[tuple[npt.NDArray[np.int64], Reason]] = []
    for check in suite:
        rows = np.flatnonzero(flags[check.id])
        if check.id in _OF_VALUES:
            found += [(np.array([row]), reason) for row in rows.tolist() for reason in _explain(frame, check, row)]
        elif len(rows):
            found.append((rows, Reason(check.id, check.severity, check.field, check.message)))
    return Reasons(frame.articles.num_rows, found)


# Checks that say something of each value that they found.
_OF_VALUES = ("url/not-absolute", "shape/unreadable")


def _explain(frame: Frame, check: Check, row: int) -> list[Reason]:
    of_url = check.id == "url/not-absolute"
    found = [(name, message) for name, message in frame.misread[row] if (name == "url") == of_url]
    return [Reason(check.id, check.severity, name, message) for name, message in found]

"""Checks of the addresses of an article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from ..declare import Details, check
from ..frame import Frame, mask
from ..misread import misread_values, rows_of

if TYPE_CHECKING:
    from ...byte_arrays import Mask

_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."


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
    return misread_values(frame, {"url"})


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
    return mask(pc.is_null(frame.column("url"))) & ~rows_of(misread_values(frame, {"url"}), len(frame))


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

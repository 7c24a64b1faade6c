"""Addresses: as they are, and as the one address of a page."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .texts import first, label

ABSOLUTE_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s]*$"
_URL = re.compile(ABSOLUTE_URL)
PLAIN_URL = r"^https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/(?:[A-Za-z0-9_~-]+(?:[./][A-Za-z0-9_~-]+)*/?)?$"
"""An address that is canonical already, unless `VARIANT` matches, too: nothing in it needs a library (RE2)."""
VARIANT = r"^https?://(?:amp|m|mobile|[a-z]+\.m)\.|[/.]amp(?:/|\.html|$)|/amp/"
"""Addresses for phones (RE2)."""
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|mc_[ce]id|_ga|_gl|ref_src"
    r"|ref_url|cmpid"
    r"|wt_mc|at_medium|at_campaign|xtor|ncid|ocid|smid|ito|cid|sh|s_cid|spm|mkt_tok|ns_\w+|__twitter_impression"
    r"|src_rss|amp"
    r"|outputtype|output|usqp|amp_js_v|_hsenc|_hsmi|oly_\w+_id|vero_id|share|feature|ftag|partner|taid|sr_share)$",
    re.IGNORECASE,
)
_AMP_VALUES = {"output": {"amp"}, "outputtype": {"amp"}, "share": {"twitter", "facebook", "email", "whatsapp"}}
_ALWAYS_KEPT = {"cid", "sh", "s_cid", "feature", "partner", "amp"}  # some sites name their pages with them
_CACHE = re.compile(
    r"https?://(?:(?:www\.)?google\.[a-z.]+/amp/|[a-z0-9-]+\.cdn\.ampproject\.org/[cv]/)(?P<secure>s/)?(?P<rest>.+)$",
    re.IGNORECASE,
)
_VARIANT_HOST = re.compile(r"^(?:amp|m|mobile)\.(?=[^.]+\.)|(?<=^[a-z]{2}\.)m\.(?=[^.]+\.)")


class Canonical(NamedTuple):
    """The one address of a page, and what was assumed to find it."""

    url: str
    assumed: str | None = None


def url(value: Any) -> str | None:
    """Return an absolute http(s) address. A list gives its first entry, an object its `url`."""
    address = label(first(value, "url", "@id", "href", "src", "contentUrl"))
    if address is None:
        return None
    if not _URL.match(address):
        raise ValueError(f"not an absolute http(s) URL: {address[:80]!r}")
    return address


@lru_cache(maxsize=65536)
def canonicalize(address: str) -> Canonical | None:
    """Return the canonical form of an absolute address; None if it cannot be taken apart.

    The host is in lower case; the default port, the fragment and tracking parameters are gone, and the rest of the
    query is in order. The address of a page for phones becomes that of the page itself.

    >>> canonicalize("HTTPS://Lantern.Example:443/a?utm_source=x&id=7#top").url
    'https://lantern.example/a?id=7'
    """
    from w3lib.url import canonicalize_url, url_query_cleaner

    try:
        plain, is_cached = _out_of_cache(address)
        parts = urlsplit(plain)
        host, is_variant = _own_host((parts.hostname or "").rstrip("."))
        path, is_amp = _own_path(parts.path)
        port = parts.port
    except ValueError:
        return None
    if not host:
        return None
    where = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}.get(parts.scheme):
        where = f"{where}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    dropped = [name for name, value in _parameters(parts.query) if _is_tracking(name, value)]
    try:
        cleaned = url_query_cleaner(f"{parts.scheme}://{where}{path}{query}", dropped, remove=True, unique=False)
        canonical = canonicalize_url(cleaned)
    except ValueError:
        return None
    if not _URL.match(canonical):
        return None
    return Canonical(canonical, "without its form for phones" if is_cached or is_variant or is_amp else None)


def _parameters(query: str) -> list[tuple[str, str]]:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return [(name, value) for name, _, value in pairs]


def _is_tracking(name: str, value: str) -> bool:
    plain = name.lower()
    if plain in _AMP_VALUES:
        return value.lower() in _AMP_VALUES[plain]
    if plain == "amp":
        return value.lower() in ("", "1", "true")
    return plain not in _ALWAYS_KEPT and _TRACKING.match(plain) is not None


def _out_of_cache(address: str) -> tuple[str, bool]:
    """Return the address that a cache of AMP pages names."""
    found = _CACHE.match(address)
    return (f"http{'s' if found['secure'] else ''}://{found['rest']}", True) if found else (address, False)


def _own_host(host: str) -> tuple[str, bool]:
    own = _VARIANT_HOST.sub("", host)
    return own, own != host


def _own_path(path: str) -> tuple[str, bool]:
    """Return the path of a page without the mark of AMP at its end or its beginning."""
    own = re.sub(r"(?:/amp/?|\.amp(?=\.html$)|\.amp)$|\.amp(?=\.html$)", "", path)
    own = re.sub(r"^/amp(?=/.)", "", own)
    return own or "/", own != path and path not in ("", "/")

"""Addresses: as they are, and as the one address of a page."""

from __future__ import annotations

import re
from typing import Any

from .texts import first, label

ABSOLUTE_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s]*$"
_URL = re.compile(ABSOLUTE_URL)


def url(value: Any) -> str | None:
    """Return an absolute http(s) address. A list gives its first entry, an object its `url`."""
    address = label(first(value, "url", "@id", "href"))
    if address is None:
        return None
    if not _URL.match(address):
        raise ValueError(f"not an absolute http(s) URL: {address[:80]!r}")
    return address

"""Convert scraped values to the types of the article's fields.

Each function takes any value of a dump (text, number, list, object, None) and returns the value for the field of
`Article`. It raises `ValueError` if the value does not fit the field. The Pydantic models and the column builder both
use these functions, so that there is one definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .values.authors import authors
from .values.dates import Moment, moment
from .values.texts import flag, label, text, titles
from .values.urls import ABSOLUTE_URL, url

LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"

_LANGUAGE = re.compile(LANGUAGE_TAG)
__all__ = [
    "ABSOLUTE_URL",
    "LANGUAGE_TAG",
    "Moment",
    "authors",
    "flag",
    "images",
    "label",
    "labels",
    "language",
    "moment",
    "text",
    "titles",
    "url",
]


def language(value: Any) -> str | None:
    """Return a BCP 47 tag; `_` is read as `-`."""
    name = label(value)
    if name is None:
        return None
    tag = name.replace("_", "-")
    if not _LANGUAGE.match(tag):
        raise ValueError(f"not a language tag: {name[:40]!r}")
    return tag


def labels(value: Any) -> list[str]:
    """Return a list of short texts. A single text is split at `;`, or at `,` if it has no `;`."""
    if isinstance(value, str):
        value = value.split(";" if ";" in value else ",")
    items = value if isinstance(value, (list, tuple)) else [value]
    return [entry for item in items if (entry := label(item))]


def images(value: Any) -> list[dict[str, str | None]]:
    """Return `{url, caption, credit}` for each image of an address, of a list of addresses or of objects."""
    items = value if isinstance(value, (list, tuple)) else [value]
    pictures = []
    for item in items:
        source: Mapping[str, Any] = item if isinstance(item, Mapping) else {"url": item}
        image = {
            "url": _or_none(url, source),
            "caption": _or_none(label, source.get("caption") or source.get("description")),
            "credit": _or_none(label, source.get("credit") or source.get("creditText")),
        }
        if any(image.values()):
            pictures.append(image)
    return pictures


def _or_none(convert: Callable[[Any], str | None], value: Any) -> str | None:
    """Convert a part of a value; return None if it does not fit, so that the other parts are kept."""
    try:
        return convert(value)
    except ValueError:
        return None

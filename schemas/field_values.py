"""Convert scraped values to the types of the article's fields.

Each function takes any value of a dump (text, number, list, object, None) and returns the value for the field of
`Article`. It raises `ValueError` if the value does not fit the field. The Pydantic models and the column builder both
use these functions, so that there is one definition. They are in `values/`, one module for each kind of value.
"""

from __future__ import annotations

from typing import Any

from .values.dates import Moment, moment
from .values.languages import LANGUAGE_TAG, language
from .values.lists import images, labels
from .values.texts import flag, label, plain_label, text, titles
from .values.urls import ABSOLUTE_URL, url

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
    "plain_label",
    "text",
    "titles",
    "url",
]


def authors(value: Any) -> list[dict[str, str | None]]:
    """Return `{name, url, role}` for each author of a text, of a list of texts or of objects."""
    from .values.authors import authors as read  # slow: many patterns

    return read(value)

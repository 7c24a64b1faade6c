"""Keywords and images: lists in any spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .texts import label, read_list
from .urls import url

if TYPE_CHECKING:
    from collections.abc import Callable

_HASHTAGS = re.compile(r"\s*#[^\s#,;]+(?:[\s,;]+#[^\s#,;]+)*\s*")
_SOURCES = ("url", "src", "href", "contentUrl", "link", "@id", "original", "large", "full")
_CAPTIONS = ("caption", "description", "alt", "title", "name")
_CREDITS = ("credit", "creditText", "copyrightHolder", "author", "byline", "photographer")


def labels(value: Any) -> list[str]:
    """Return a list of short texts, each once.

    A single text may be a list in JSON or Python, hashtags, or divided by `;`, `|`, line ends or commas.

    >>> labels("a, b; c"), labels('["ferry", "quay"]'), labels("#ferry #quay")
    (['a, b', 'c'], ['ferry', 'quay'], ['ferry', 'quay'])
    """
    if isinstance(value, str):
        return list(_divide(value))
    items = value if isinstance(value, (list, tuple)) else [value]
    texts = [entry for item in items if (entry := label(_term(item)))]
    if len(texts) == 1 and len(items) == 1 and isinstance(items[0], str):
        return list(_divide(texts[0])) if "," in texts[0] or ";" in texts[0] else texts
    return list(dict.fromkeys(texts))


def _term(item: Any) -> Any:
    """Return the term of an object: that of a feed (`term`), of ninjs (`name`), or of a tag."""
    if isinstance(item, Mapping):
        return next(
            (item[key] for key in ("name", "term", "label", "title", "value", "tag", "@value") if item.get(key)), item
        )
    return item


@lru_cache(maxsize=16384)
def _divide(written: str) -> tuple[str, ...]:
    stripped = written.strip()
    if stripped[:1] == "[" and isinstance(found := read_list(stripped), list):
        return tuple(labels(found))
    if _HASHTAGS.fullmatch(stripped):
        parts = re.split(r"[\s,;#]+", stripped)
    else:
        mark = next((mark for mark in (";", "|", "\n", "\t", "、", "，", "،") if mark in stripped), ",")
        parts = [
            part.strip().removeprefix("#") if part.strip().startswith("#") else part for part in stripped.split(mark)
        ]
    return tuple(dict.fromkeys(part.strip(" \"'") for part in parts if part.strip(" \"'")))


def images(value: Any) -> list[dict[str, str | None]]:
    """Return `{url, caption, credit}` for each image of an address, of a list of addresses or of objects."""
    if isinstance(value, str):
        value = read_list(value.strip()) if value.strip()[:1] in ("[", "{") else _addresses(value)
    items = value if isinstance(value, (list, tuple)) else [value]
    pictures: list[dict[str, str | None]] = []
    for item in items:
        source: Mapping[str, Any] = item if isinstance(item, Mapping) else {"url": item}
        image = {
            "url": _or_none(url, _first_of(source, _SOURCES)),
            "caption": _or_none(label, _first_of(source, _CAPTIONS)),
            "credit": _or_none(label, _first_of(source, _CREDITS)),
        }
        if any(image.values()) and image not in pictures:
            pictures.append(image)
    return pictures


def _first_of(source: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((source[name] for name in names if source.get(name)), None)


def _addresses(written: str) -> list[str]:
    """Return the addresses of a text, divided by white space, commas or `|` before the next one."""
    return re.split(r"[\s,;|]+(?=https?://)", written.strip()) if "://" in written[8:] else [written]


def _or_none(convert: Callable[[Any], str | None], value: Any) -> str | None:
    """Convert a part of a value; return None if it does not fit, so that the other parts are kept."""
    try:
        return convert(value)
    except ValueError:
        return None

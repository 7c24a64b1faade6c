"""Checks that compare fields: values that are fine alone but do not fit together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..declare import Details, check
from ..frame import Frame, mask

if TYPE_CHECKING:
    from ...byte_arrays import Mask

_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."
_LONG = (
    f"{_BODY} In the evening the chain lay on the stones, cut through after all, and all its passengers sang on deck "
    "until the far shore came into view."
)
_MAX_HEADLINE = 1200  # code points: no headline is longer
_WORD = re.compile(r"[^\W_]{3,}")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")
_STEM = 4  # letters at the beginning of a word that are compared, so that its endings do not matter


@check(
    "headline/equals-body",
    severity="error",
    fields=("headline", "body"),
    message="the body holds the headline and nothing else",
    remedy="check the extractor: it found no text except the headline",
    fails={"title": "A key, a chain and a ferry", "text": "A key, a chain and a ferry"},
    passes={"title": "A key, a chain and a ferry", "text": _BODY},
)
def flag_headline_alone(frame: Frame) -> Mask:
    """Flag bodies that only repeat the headline."""
    headline = pc.utf8_trim_whitespace(pc.utf8_lower(frame.column("headline")))
    # lower-casing is slow: skip bodies that are longer than any headline
    short = pc.if_else(pa.array(frame.length <= _MAX_HEADLINE), frame.body, "")
    body = pc.utf8_trim_whitespace(pc.utf8_lower(short))
    has_headline = pc.greater(pc.utf8_length(headline), 0)
    found = mask(pc.and_(pc.equal(headline, body), has_headline))
    # the headline may be there twice
    begins = mask(
        pc.and_(has_headline, pc.less(pc.utf8_length(body), pc.add(pc.multiply(pc.utf8_length(headline), 3), 6)))
    )
    for row in np.flatnonzero(begins & ~found & (frame.length > 0)).tolist():
        lines = {line.strip() for line in body[row].as_py().split("\n")} - {""}
        found[row] = lines == {headline[row].as_py()}
    return found


@check(
    "headline/unrelated",
    severity="warning",
    fields=("headline", "body"),
    message="no word of the headline occurs in the body",
    remedy="check whether headline and text come from the same page",
    fails={"title": "Parliament votes on bakery levy", "text": _LONG},
    passes={"title": "Ferries: keys sought", "text": _LONG},
    words=3,
)
def flag_unrelated_headlines(frame: Frame, words: int) -> Mask:
    """Flag headlines without a word that occurs in the body. The first four letters of each word are compared.

    Headlines of fewer than `words` words pass. Chinese, Japanese and Korean are compared by pairs of characters.
    """
    found = np.zeros(len(frame), np.bool_)
    rows = np.flatnonzero((frame.lengths("headline") > 0) & (frame.length >= 200))
    chosen = pa.array(rows)
    pairs = zip(frame.column("headline").take(chosen).to_pylist(), frame.body.take(chosen).to_pylist(), strict=True)
    for row, (headline, body) in zip(rows.tolist(), pairs, strict=True):
        stems = {word[:_STEM] for word in _WORD.findall(headline)} | set(_IDEOGRAPHS.findall(headline))
        if len(stems) < words or any(stem in body for stem in stems):
            continue
        lower = body.lower()
        found[row] = not any(stem.lower() in lower for stem in stems)
    return found


@check(
    "description/longer-than-body",
    severity="warning",
    fields=("description", "body"),
    message="the description is longer than the body",
    remedy="check whether the fields are swapped or the body is a stub",
    fails={"description": _BODY, "text": "The ferry left an hour late."},
    passes={"description": "The ferry left an hour late.", "text": _BODY},
)
def flag_long_descriptions(frame: Frame) -> Mask:
    """Flag articles whose description is longer than the body."""
    return (frame.lengths("description") > frame.length) & ~frame.blank


@check(
    "authors/equals-source",
    severity="info",
    fields=("authors", "source_name"),
    message="the only author has the same name as the source",
    remedy="leave the field empty if no person is named",
    fails={"author": "The Lowmoor Lantern", "publisher": "the Lowmoor Lantern", "text": _BODY},
    passes={"author": "Marta Lindqvist", "publisher": "The Lowmoor Lantern", "text": _BODY},
)
def flag_authors_that_are_the_source(frame: Frame) -> Mask:
    """Flag articles whose only author is the publisher."""
    authors, sources = frame.column("authors"), frame.column("source_name")
    found = np.zeros(len(frame), np.bool_)
    rows = np.flatnonzero(mask(pc.and_(pc.equal(pc.list_value_length(authors), 1), pc.is_valid(sources))))
    if len(rows):
        chosen = pa.array(rows)
        names = pc.utf8_lower(pc.struct_field(pc.list_flatten(authors.take(chosen)), "name"))
        found[rows] = mask(pc.equal(names, pc.utf8_lower(sources.take(chosen))))
    return found


@check(
    "authors/other-in-text",
    severity="info",
    fields=("authors", "body"),
    message="the text names another author",
    remedy="check which one is right; the record's own value is kept",
    fails={"author": "Marta Lindqvist", "text": f"By Ada Quill\n\n{_LONG}"},
    passes={"author": "Ada Quill", "text": f"By Ada Quill\n\n{_LONG}"},
)
def flag_other_authors(frame: Frame) -> Details:
    """Flag records whose byline in the text has no name of their authors."""
    return _differing(frame, {"authors"})


@check(
    "date/other-in-text",
    severity="info",
    fields=("date_published", "date_modified", "body"),
    message="the text has another date",
    remedy="check which one is right; the record's own value is kept",
    fails={"date": "2024-05-04", "text": f"Published May 9, 2024\n\n{_LONG}"},
    passes={"date": "2024-05-04", "text": f"Published May 4, 2024\n\n{_LONG}"},
)
def flag_other_dates(frame: Frame) -> Details:
    """Flag records with a date line in the text that is more than a day and a half from their own date."""
    return _differing(frame, {"date_published", "date_modified"})


@check(
    "source/other-in-text",
    severity="info",
    fields=("source_name", "section", "location", "body"),
    message="the text names another source, section or place",
    remedy="check which one is right; the record's own value is kept",
    fails={"publisher": "The Lowmoor Lantern", "text": f"{_LONG}\n\nThe post Rain appeared first on Ostwick Kitchen."},
    passes={"publisher": "Ostwick Kitchen", "text": f"{_LONG}\n\nThe post Rain appeared first on Ostwick Kitchen."},
)
def flag_other_sources(frame: Frame) -> Details:
    """Flag records with a feed line, a breadcrumb trail or a dateline that names others than their own fields."""
    return _differing(frame, {"source_name", "section", "location"})


def _differing(frame: Frame, among: set[str]) -> Details:
    """Return the values in texts that are others than the records' own, of some fields."""
    chosen = {row: [value for value in values if value[0] in among] for row, values in frame.differing.items()}
    return {row: values for row, values in chosen.items() if values}


@check(
    "source/unrelated-to-url",
    severity="info",
    fields=("source_name", "url"),
    message="the name of the source does not match the host of the URL",
    remedy="check whether the article was syndicated, or the URL is an aggregator's",
    fails={"publisher": "The Lowmoor Lantern", "url": "https://aggregate.example/a/7", "text": _BODY},
    passes={"publisher": "The Lowmoor Lantern", "url": "https://www.lowmoor-lantern.example/a/7", "text": _BODY},
)
def flag_foreign_sources(frame: Frame) -> Mask:
    """Flag sources whose words and initials do not occur in the host. Names that are not ASCII pass."""
    names = frame.column("source_name").dictionary_encode()
    hosts = frame.column("source_domain").dictionary_encode()
    both = np.flatnonzero(mask(pc.and_(pc.is_valid(names), pc.is_valid(hosts))))
    found = np.zeros(len(frame), np.bool_)
    if len(both):
        # Each pair of a name and a host is judged once. With 3 hosts, name 2 and host 1 are the pair 2 * 3 + 1 = 7.
        width = len(hosts.dictionary)
        pair = np.asarray(names.indices.fill_null(0)) * width + np.asarray(hosts.indices.fill_null(0))
        unique, inverse = np.unique(pair[both], return_inverse=True)
        judged = [
            _is_foreign(names.dictionary[int(code) // width].as_py(), hosts.dictionary[int(code) % width].as_py())
            for code in unique
        ]
        found[both] = np.array(judged, np.bool_)[inverse]
    return found


def _is_foreign(name: str, host: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", host.lower())
    words = re.findall(r"[a-z0-9]+", name.lower())
    if not words or not name.isascii():
        return False
    initials = "".join(word[0] for word in words)
    longest = max(words, key=len)
    related = any(word in plain for word in words if len(word) >= 3) or (len(initials) >= 2 and initials in plain)
    return not related and longest not in plain

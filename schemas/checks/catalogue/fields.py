"""Checks of single fields: headline, authors, language tags, ids, and what fits into a field."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..declare import Details, check
from ..frame import Frame, mask
from ..misread import DATES, assumed_values, misread_values

if TYPE_CHECKING:
    from ...byte_arrays import Mask

_BODY = "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain."


@check(
    "headline/missing",
    severity="warning",
    fields=("headline",),
    message="the record has no headline",
    remedy="map the field that holds it: --map headline=FIELD",
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
    remedy="check whether the field holds the text",
    fails={"text": _BODY, "title": _BODY * 4},
    passes={"text": _BODY, "title": _BODY},
    characters=300,
)
def flag_long_headline(frame: Frame, characters: int) -> Mask:
    """Flag headlines that are too long for a headline."""
    return frame.lengths("headline") > characters


@check(
    "headline/truncated",
    severity="info",
    fields=("headline",),
    message="the headline ends with an ellipsis",
    remedy="look for a field that holds the full headline",
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
    message="the author is no name, or the name has more than {characters} characters",
    remedy="check whether the field holds a whole byline, a desk or an address",
    fails={"text": _BODY, "author": "Published on 4 May 2024 by the desk"},
    passes={"text": _BODY, "author": "Marta Lindqvist; J. R. O'Brien"},
    characters=80,
)
def flag_unlikely_authors(frame: Frame, characters: int) -> Details:
    """Flag authors that are not names: they are left out, and the value is kept under `extra`."""
    details = misread_values(frame, {"authors"})
    column = frame.column("authors")
    names = pc.struct_field(pc.list_flatten(column), "name")
    strange = pc.or_(
        pc.match_substring_regex(names, r"[0-9@]|https?:|www\."), pc.greater(pc.utf8_length(names), characters)
    )
    for row in np.unique(np.asarray(pc.list_parent_indices(column))[mask(strange)]).tolist():
        details.setdefault(row, []).append(("authors", "an author's name has a digit or an address, or is too long"))
    return details


@check(
    "authors/assumed",
    severity="info",
    fields=("authors",),
    message="the field held more than names",
    remedy="compare the authors with the byline of the page if the assumption may be wrong",
    fails={"text": _BODY, "author": "By Marta Lindqvist, Staff Writer"},
    passes={"text": _BODY, "author": "Marta Lindqvist and J. R. O'Brien"},
)
def flag_assumed_authors(frame: Frame) -> Details:
    """Flag authors that were taken out of a longer text: `provenance.assumed` has what was left out."""
    return assumed_values(frame, {"authors"})


@check(
    "identity/duplicate-id",
    severity="error",
    fields=("id",),
    message="an earlier record of this run has the same id",
    remedy="give each record its own id; without ids, records with equal texts count as equal",
    fails=[{"text": _BODY, "id": "7"}, {"text": f"{_BODY} Then.", "id": "7"}],
    passes=[{"text": _BODY, "id": "7"}, {"text": _BODY, "id": "8"}],
)
def flag_same_ids(frame: Frame) -> Mask:
    """Flag ids that an earlier record has."""
    return frame.duplicate("id")


@check(
    "language/unknown-tag",
    severity="warning",
    fields=("language",),
    message="the language is not a BCP 47 tag",
    remedy="write it as en, pt-BR or zh-Hant",
    fails={"text": _BODY, "language": "Lennish"},
    passes={"text": _BODY, "language": "en-GB"},
)
def flag_unknown_languages(frame: Frame) -> Details:
    """Flag languages that are not in the registry of BCP 47."""
    details = misread_values(frame, {"language"})
    tags = frame.column("language").dictionary_encode()
    unknown = [code for code, tag in enumerate(tags.dictionary.to_pylist()) if not _is_tag(tag)]
    if unknown:
        for row in np.flatnonzero(mask(pc.is_in(tags.indices, pa.array(unknown, tags.indices.type)))).tolist():
            details[row] = [("language", f"not a known language tag: {frame.column('language')[row].as_py()[:40]!r}")]
    return details


# The tags of two letters that langcodes takes.
_USUAL_TAGS = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it
    iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo
    mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh
    si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh
    yi yo za zh zu
    """.split()
)


@lru_cache(maxsize=4096)
def _is_tag(tag: str) -> bool:
    if tag in _USUAL_TAGS:
        return True
    import langcodes  # slow: it loads its tables

    return bool(langcodes.tag_is_valid(tag))


@check(
    "shape/unreadable",
    severity="warning",
    fields=("extra",),
    message="a value does not fit its field; it is kept under extra",
    remedy="run `copydesk schema` to see what fits",
    fails={"text": _BODY, "free_access": "perhaps"},
    passes={"text": _BODY, "free_access": "yes"},
)
def flag_unreadable(frame: Frame) -> Details:
    """Flag values of a wrong type or form, except in the fields that have checks of their own."""
    return misread_values(frame, {"authors", "url", "language", *DATES}, others=True)


@check(
    "shape/too-long",
    severity="warning",
    fields=("source_name", "section", "description"),
    message="a name field has more than {characters} characters, or the description has more than {text:,}",
    remedy="check whether the fields are mixed up",
    fails={"text": _BODY, "section": _BODY * 4},
    passes={"text": _BODY, "section": "Harbour"},
    characters=200,
    text=5000,
)
def flag_long_fields(frame: Frame, characters: int, text: int) -> Details:
    """Flag names and descriptions that are too long for their fields."""
    details: Details = {}
    limits = dict.fromkeys(("source_name", "source_domain", "section", "dateline", "location"), characters)
    for name, limit in {**limits, "description": text}.items():
        for row in np.flatnonzero(frame.lengths(name) > limit).tolist():
            details.setdefault(row, []).append((name, f"more than {limit} characters"))
    return details

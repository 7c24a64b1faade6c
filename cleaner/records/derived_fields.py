"""Fields that follow from others, where a record has none of its own: the canonical URL, the name of the source."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.values.urls import PLAIN_URL, VARIANT, canonicalize
from .record_dates import Assumed

if TYPE_CHECKING:
    from .loader import Records

_log = logging.getLogger("copydesk")
_LEAST_SCORE = 0.8  # of a language whose group, such as that of Chinese and Cantonese, is sure
_SHORTEST = 100  # characters of a text whose language is detected
_SHORTEST_WIDE = 40  # the same in scripts whose characters are syllables or words
_WIDE = 2.5  # bytes of a character in such scripts, at least

_DERIVED = "the form of url"
_FROM_HOST = Assumed("source_name", "the host of url")


def canonical_urls(records: Records) -> pa.Array | None:
    """Return the canonical URL of each record: its own, else that of its URL; note what was assumed.

    Most URLs are canonical already, which two patterns tell for the whole column. Only the others are taken apart.
    """
    urls, own = records.columns.get("url"), records.columns.get("canonical_url")
    if urls is None:
        return own
    plain = pc.and_not(pc.match_substring_regex(urls, PLAIN_URL), pc.match_substring_regex(urls, VARIANT))
    derived = pc.if_else(plain.fill_null(False), urls, pa.scalar(None, urls.type))
    filled = derived if own is None else pc.coalesce(own, derived)
    rows = np.flatnonzero(pc.and_(pc.is_null(filled), pc.is_valid(urls)))
    if not len(rows):
        return filled
    values = filled.to_pylist()
    for row, url in zip(rows.tolist(), urls.take(pa.array(rows)).to_pylist(), strict=True):
        if (canonical := canonicalize(url)) is not None:
            values[row] = canonical.url
            if canonical.url != url:
                how = f"{_DERIVED}, {canonical.assumed}" if canonical.assumed else _DERIVED
                records.assumed.setdefault(row, []).append(Assumed("canonical_url", how))
    return pa.array(values, urls.type)


def detected_languages(records: Records, texts: pa.LargeStringArray) -> pa.Array | None:
    """Return the language of each record: its own, else that of its text, if it is sure; note the score.

    Short texts stay without a language. So do records whose own language is no tag: a check reports them.
    """
    own = records.columns.get("language")
    length = pc.utf8_length(texts)
    wide = pc.greater_equal(pc.binary_length(texts), pc.multiply(length, _WIDE))
    long_enough = pc.and_(wide, pc.greater_equal(length, _SHORTEST_WIDE))
    missing = pc.or_(long_enough, pc.greater_equal(length, _SHORTEST))
    if own is not None:
        missing = pc.and_(missing, pc.is_null(own))
    misread = {row for row, values in records.misread.items() if any(bad.field == "language" for bad in values)}
    rows = [row for row in np.flatnonzero(missing).tolist() if row not in misread]
    if not rows:
        return own
    from ...schemas.checks.text.language import DETECTED, SURE, detect  # it loads a model

    try:
        found = detect(texts.take(pa.array(rows)))
    except OSError as error:  # the model is unpacked into a temporary file, and its disk may be full
        reason = f"not detected: {error.strerror or error}"
        for row in rows:
            records.assumed.setdefault(row, []).append(Assumed("language", reason))
        _warn_once(f"languages are not detected ({error.strerror or error}); free space in the temporary directory")
        return own
    of_group = found.sure.to_numpy(zero_copy_only=False)
    chosen = np.flatnonzero((found.score >= SURE) | (of_group & (found.score >= _LEAST_SCORE)))
    for at, score in zip(chosen.tolist(), found.score[chosen].tolist(), strict=True):
        records.assumed.setdefault(rows[at], []).append(_assumed_language(DETECTED, round(score, 2)))
    filled = np.zeros(records.count, np.bool_)
    filled[np.array(rows, np.int64)[chosen]] = True
    empty = pa.nulls(records.count, pa.large_string())
    return pc.replace_with_mask(own if own is not None else empty, pa.array(filled), found.tag.take(pa.array(chosen)))


@lru_cache
def _assumed_language(how: str, score: float) -> Assumed:
    """Return what was assumed to fill a language, the same object for all records with the same score."""
    return Assumed("language", how, score)


@lru_cache(maxsize=8)
def _warn_once(message: str) -> None:
    _log.warning("%s", message)


def source_names(records: Records, names: pa.Array | None, hosts: pa.Array | None) -> pa.Array | None:
    """Return the name of each record's source: its own, else its host, which is noted."""
    if hosts is None:
        return names
    missing = pc.is_valid(hosts) if names is None else pc.and_(pc.is_null(names), pc.is_valid(hosts))
    for row in np.flatnonzero(missing).tolist():
        records.assumed.setdefault(row, []).append(_FROM_HOST)
    return hosts if names is None else pc.coalesce(names, hosts)

"""Checks of what the rules know of a text's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..declare import Details, check

if TYPE_CHECKING:
    from ...byte_arrays import Ints, Mask
    from ..frame import Frame

_FINNISH = (
    "Lautta lähti laiturista maanantaina tunnin myöhässä, koska kukaan ei löytänyt sen ketjun avainta, joka oli "
    "vedetty satama-altaan poikki myrskyn aikana."
)
_ENGLISH = (
    "The ferry left the quay an hour late on Monday, because nobody could find the key to the chain that had been laid "
    "across the basin during the storm."
)


@check(
    "language/unsupported",
    severity="info",
    fields=("body",),
    message="the rules have no phrases for the language of the text: what is left of the page may still be in it",
    remedy="add rules for the language (rules/phrases/README.md says how), or leave such records out",
    fails={"text": _FINNISH},
    passes={"text": _ENGLISH},
    characters=100,
)
def flag_unsupported_languages(frame: Frame, characters: int) -> Details:
    """Flag texts in a language that no rule knows, with the share of lines that no rule could judge.

    The language is the record's own, else one that its script and its most frequent words tell. Texts of fewer than
    `characters` characters pass, and those that are like no language that is known here.
    """
    from ..text.covered_languages import is_covered

    languages = frame.column("language")
    tags = languages.dictionary_encode()
    foreign = [code for code, tag in enumerate(tags.dictionary.to_pylist()) if not is_covered(tag)]
    declared = pc.fill_null(pc.is_in(tags.indices, pa.array(foreign, tags.indices.type)), False)
    flagged = np.asarray(declared.to_numpy(zero_copy_only=False)) & (frame.length >= characters)
    found = {row: languages[row].as_py() for row in np.flatnonzero(flagged).tolist()}
    found |= _detected(frame, characters)
    share = _unjudged(frame, np.array(sorted(found), np.int64)) if found else {}
    return {
        row: [("body", f"no rule knows the language {found[row]!r}: {share[row]:.0%} of the lines could not be judged")]
        for row in sorted(found)
    }


def _detected(frame: Frame, characters: int) -> dict[int, str]:
    """Return the languages of the records that name none, if it is one that no rule knows."""
    from ..text.covered_languages import name_others, seems_covered

    missing: Mask = np.asarray(pc.is_null(frame.column("language")).to_numpy(zero_copy_only=False))
    rows = np.flatnonzero(missing & (frame.length >= characters))
    rows = rows[~seems_covered(frame.body.take(pa.array(rows)))] if len(rows) else rows
    if not len(rows):
        return {}
    names = zip(rows.tolist(), name_others(frame.body.take(pa.array(rows))), strict=True)
    return {row: name for row, name in names if name is not None}


def _unjudged(frame: Frame, rows: Ints) -> dict[int, float]:
    """Return for each of some rows the share of the lines of its text that no rule cut or matched."""
    bodies = frame.body.take(pa.array(rows)).to_pylist()
    raw = frame.raw.take(pa.array(rows)).to_pylist() if frame.raw is not None else bodies
    judged = frame.known_but_kept[rows].tolist() if frame.known_but_kept is not None else [0] * len(rows)
    shares = {}
    for row, body, text, known in zip(rows.tolist(), bodies, raw, judged, strict=True):
        left, total = _count_lines(body), max(_count_lines(text or body), 1)
        shares[row] = min(max(left - known, 0) / total, 1.0)
    return shares


def _count_lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())

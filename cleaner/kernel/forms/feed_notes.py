"""Sentences of feeds in flow: "The post TITLE appeared first on SITE." A title looks like a line of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ....schemas.byte_arrays import Bytes, Ints, Mask

TITLE = 200  # bytes of the longest title
SITE = 60  # bytes of the longest name of a site
_OPENERS = [
    word.encode()
    for word in (
        *("The post ", "Der Beitrag ", "La entrada ", "L’article ", "L'article ", "Cet article ", "L’articolo "),
        *("L'articolo ", "O conteúdo ", "O post ", "Het bericht ", "Artykuł ", "Запись ", "Inlägget ", "Článek "),
    )
]
_APPEARED = re.compile(
    "|".join(
        (
            *(" appeared first on ", " first appeared on ", " erschien zuerst auf ", " se publicó primero en "),
            *(" apareció primero en ", " est apparu en premier sur ", " proviene da ", " aparece primeiro em "),
            *(" apareceu primeiro em ", " verscheen eerst op ", " pochodzi z serwisu ", " впервые появилась "),
            *(" dök först upp på ", " se nejdříve objevil na "),
        )
    ).encode()
)


def find_inside_notes(data: Bytes, stop: Ints) -> Mask:
    """Return which places, by where a line would stop, are inside of a sentence that names the first publisher."""
    inside = np.zeros(len(stop), np.bool_)
    for begin, end in find_notes(data.tobytes()):
        first, last = np.searchsorted(stop, [begin + 1, end])
        inside[first:last] = True
    return inside


def find_notes(data: bytes) -> list[tuple[int, int]]:
    """Return the spans of such sentences in bytes, up to the full stop behind the name of the site if there is one.

    >>> find_notes(b"It rained. The post Bread in winter appeared first on Kitchen. More")
    [(11, 61)]
    """
    notes = []
    end = 0
    for verb in _APPEARED.finditer(data):
        low = max(end, verb.start() - TITLE)
        begin = max(data.rfind(opener, low, verb.start() + 1) for opener in _OPENERS)
        full_stop = data.find(b".", verb.end(), verb.end() + SITE)
        if begin >= 0 and data.find(b"\n", begin, verb.start()) < 0:  # a line feed ends a text
            end = full_stop if full_stop >= 0 else verb.end()
            notes.append((begin, end))
    return notes

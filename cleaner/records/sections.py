"""The sections of a body: its paragraphs below the headings that its markup had."""

from __future__ import annotations

import re
from typing import Any

_BLANK_LINES = re.compile(r"\n[ \t\r]*\n\s*")


def find_sections(body: str, headings: list[str]) -> list[dict[str, Any]]:
    r"""Return the sections of a body as `{heading, paragraphs}`; none if none of its headings is left.

    `headings` are those of the raw text, in their order. Paragraphs before the first one have the heading None.

    >>> find_sections("It rained.\n\nAt night\n\nIt rained on.", ["Menu", "At  night"])
    [{'heading': None, 'paragraphs': ['It rained.']}, {'heading': 'At night', 'paragraphs': ['It rained on.']}]
    >>> find_sections("It rained.", ["Menu"])
    []
    """
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(map(_plain, headings)):
        places.setdefault(heading, []).append(place)
    sections: list[dict[str, Any]] = [{"heading": None, "paragraphs": []}]
    at = -1  # the place of the last heading
    for paragraph in _BLANK_LINES.split(body.strip()):
        later = next((place for place in places.get(_plain(paragraph), ()) if place > at), None)
        if later is None:
            sections[-1]["paragraphs"].append(paragraph)
        else:
            at = later
            sections.append({"heading": _plain(paragraph), "paragraphs": []})
    if len(sections) == 1:
        return []
    return sections if sections[0]["paragraphs"] else sections[1:]


def _plain(text: str) -> str:
    return " ".join(text.split())

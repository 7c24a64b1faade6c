"""The lines of bylines: words before a name, several names in one text, and last names that come first."""

from __future__ import annotations

import regex

from .author_words import PARTICLE_BYLINE, PREFIX, SOURCE_OF_ROLE, WEAK_AND
from .texts import shorten


def without_prefix(text: str) -> tuple[str | None, str, bool]:
    """Return the role that words before a name give, the rest, and whether there were such words.

    >>> without_prefix("Photos by Tom Asher"), without_prefix("Von Trapp")
    (('photos', 'Tom Asher', True), (None, 'Von Trapp', False))
    """
    role = None
    has_prefix = False
    for _ in range(3):
        found = PREFIX.match(text) or PARTICLE_BYLINE.match(text)
        if found is None or found.end() >= len(text):
            break
        word = found.group().casefold()
        role = role or next((role for start, role in SOURCE_OF_ROLE.items() if word.startswith(start)), None)
        text, has_prefix = text[found.end() :], True
    return role, text, has_prefix


def divide(text: str) -> list[str]:
    """Divide a text at words such as `y` and `e`, if there is a name of two words on both sides.

    >>> divide("Ana Ruiz y Luis Peña"), divide("José Ortega y Gasset")
    (['Ana Ruiz', 'Luis Peña'], ['José Ortega y Gasset'])
    """
    parts: list[str] = WEAK_AND.split(text) if not text.isupper() else regex.split(r"\s+[YEI]\s+", text)
    if len(parts) > 1 and all(len(part.replace(",", " ").split()) >= 2 for part in parts):
        return parts
    return [text]


_INITIALS = regex.compile(r"(?:\p{Lu}\.?[ -]?){1,3}")


def turn_names(parts: list[str]) -> list[str]:
    """Return names with the first name first, if they are written the other way.

    >>> turn_names(["van der Berg", "Jan"]), turn_names(["Petra Quill", "Tom Asher"])
    (['Jan van der Berg'], ['Petra Quill', 'Tom Asher'])
    """
    if len(parts) % 2:
        return parts
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    if all(_is_turned(last, first_name, alone=len(pairs) == 1) for last, first_name in pairs):
        return [f"{first_name} {last}" for last, first_name in pairs]
    return parts


def _is_turned(last: str, first_name: str, *, alone: bool) -> bool:
    if _INITIALS.fullmatch(first_name):
        return True
    words = [word for word in last.split() if not word.islower()]
    if alone:
        return len(words) == 1 or len(first_name.split()) == 1
    return len(words) == 1 and len(first_name.split()) == 1


def without_place(parts: list[str], left_out: list[str]) -> list[str]:
    """Leave out the place behind a name in a byline: "Von Petra Quill, Berlin"."""
    if len(parts) > 1 and len(parts[-1].split()) == 1 and len(parts[-2].split()) > 1:
        left_out.append(f"{shorten(parts[-1])}: a place")
        return parts[:-1]
    return parts

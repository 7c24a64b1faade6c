"""Characters that the rules treat alike: white space, decoration, sentence ends, typography, upper and lower case.

The kernel looks these up in tables, the reference implementation asks these functions; both see the same sets.
"""

from __future__ import annotations

import re

# What is stripped from the ends of a line. Python's white space, and the marks that take no room.
WHITE = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "\u200b\u200e\u200f\u2060\ufeff"

# What may stand around a phrase without changing what it says: bullets, brackets, arrows, icons, punctuation.
_DECORATION_RANGES = (
    (0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0xA1, 0xA9), (0xAB, 0xB1), (0xB4, 0xB4),
    (0xB6, 0xB8), (0xBB, 0xBB), (0xBF, 0xBF), (0xD7, 0xD7), (0x200B, 0x206F), (0x2190, 0x23FF),
    (0x2500, 0x27BF), (0x2900, 0x2BFF), (0x3001, 0x3004), (0x3008, 0x3020), (0x3030, 0x3030), (0xE000, 0xF8FF),
    (0xFE00, 0xFE0F), (0xFE30, 0xFE4F), (0xFF01, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65),
    (0x1F000, 0x1FAFF),
)  # fmt: skip
DECORATION = WHITE + "".join(chr(c) for low, high in _DECORATION_RANGES for c in range(low, high + 1))

# What a line of speech begins with: such a line is no phrase of a site, whatever it says.
QUOTES = "\"'“„‟«»‘‚‹「『"

# What may stand after the mark that ends a sentence.
CLOSERS = WHITE + "\"')]}»›”’“‘*_」』）】"
SENTENCE_END = ".!?…。！？؟।։"
NO_HEADLINE_END = ".,;:…。、：；"

# A line that ends no sentence and looks like more than a label, in bytes of UTF-8: bytes, because they measure how
# much a line says more evenly over scripts than characters do.
PROSE_BYTES = 160
SENTENCE_BYTES = 60


# The letters whose lower case takes more bytes, or more characters, than they do: they stay as they are.
_STAY = "İȺȾ"
_OTHERS = re.compile(f"[^{_STAY}]+")

# Typographic characters, and the plain ones that patterns are written with.
PLAIN = (
    dict.fromkeys((c for c in WHITE if c not in "\n\r\u2028\u2029"), " ")
    | dict.fromkeys("’‘ʼ´`′", "'")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "...", "ς": "σ"}
)
_PLAIN = str.maketrans(PLAIN)
_SPACES = re.compile("  +")


def fold(text: str) -> str:
    """Fold case, one character to one, so that offsets stay what they are.

    >>> fold("ΕΙΔΗΣΕΙΣ Share")
    'ειδησεισ share'
    """
    if text.isascii():
        return text.lower()
    lower = _OTHERS.sub(lambda part: part[0].lower(), text) if any(c in text for c in _STAY) else text.lower()
    return lower.replace("ς", "σ")


def flatten(text: str) -> str:
    r"""Write a text as patterns see it: folded, in plain quotes, hyphens and full stops, one space for white space.

    >>> flatten("“Don’t”  Miss – it…")
    '"don\'t" miss - it...'
    """
    return _SPACES.sub(" ", fold(text).translate(_PLAIN))


def flatten_with_offsets(text: str) -> tuple[str, list[int]]:
    """Flatten a text; also give where each of its characters stood, and the length of the text at the end."""
    flat: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(fold(text)):
        for plain in PLAIN.get(character, character):
            if plain != " " or flat[-1:] != [" "]:
                flat.append(plain)
                offsets.append(offset)
    return "".join(flat), [*offsets, len(text)]


def initial(line: str) -> int:
    """Give the first byte of a line behind its decoration, in lower case; 128 for any that is not ASCII, 0 for none.

    >>> initial("» Share"), initial("été"), initial("***")
    (115, 128, 0)
    """
    core = line.strip(DECORATION)
    return min(ord(core[0].lower()), 128) if core and core[0].isascii() else 128 if core else 0


def is_prose(line: str) -> bool:
    """Say whether a stripped line is prose by its length and its end."""
    size = len(line.encode())
    if size >= PROSE_BYTES:
        return True
    return size >= SENTENCE_BYTES and line.rstrip(CLOSERS)[-1:] in tuple(SENTENCE_END)

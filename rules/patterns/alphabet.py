"""Characters that the rules treat alike: white space, decoration, sentence ends, typography, upper and lower case.

The kernel looks these characters up in tables. The reference implementation in the tests calls the functions below.
"""

from __future__ import annotations

import re

# Stripped from the ends of a line: white space as Python defines it, and marks without a width.
WHITE = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "\u200b\u200e\u200f\u2060\ufeff"

# Around a phrase, these do not change its meaning: bullets, brackets, arrows, icons, punctuation.
_DECORATION_RANGES = (
    (0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0xA1, 0xA9), (0xAB, 0xB1), (0xB4, 0xB4),
    (0xB6, 0xB8), (0xBB, 0xBB), (0xBF, 0xBF), (0xD7, 0xD7), (0x200B, 0x206F), (0x2190, 0x23FF),
    (0x2500, 0x27BF), (0x2900, 0x2BFF), (0x3001, 0x3004), (0x3008, 0x3020), (0x3030, 0x3030), (0xE000, 0xF8FF),
    (0xFE00, 0xFE0F), (0xFE30, 0xFE4F), (0xFF01, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65),
    (0x1F000, 0x1FAFF),
)  # fmt: skip
DECORATION = WHITE + "".join(chr(c) for low, high in _DECORATION_RANGES for c in range(low, high + 1))

# A line that begins with a quotation mark is speech, and never a phrase of a site.
QUOTES = "\"'“„‟«»‘‚‹「『"

# These may follow the mark that ends a sentence.
CLOSERS = WHITE + "\"')]}»›”’“‘*_」』）】"
SENTENCE_END = ".!?…。！？؟।։"
NO_HEADLINE_END = ".,;:…。、：；"
COLONS = ":："
CLOSED_END = ".,:。、：；।۔،؛"  # a line with `ends = "open"` has none of these; ";" is the Greek question mark

# Sizes in bytes of UTF-8: bytes measure the content of a line more evenly over scripts than characters do.
HEADLINE_BYTES = 200  # a first line with more is no headline
PROSE_BYTES = 160  # from here on, a line is prose however it ends
SENTENCE_BYTES = 60  # from here on, a line that ends like a sentence is prose

# The lower case of these letters takes more bytes or more characters: they are left as they are.
_UNFOLDED = "İȺȾ"
_FOLDED = re.compile(f"[^{_UNFOLDED}]+")

# Typographic characters, and the plain ones that stand for them in patterns.
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
    """Fold case, one character to one character, so that offsets do not move.

    >>> fold("ΕΙΔΗΣΕΙΣ Share")
    'ειδησεισ share'
    """
    if text.isascii():
        return text.lower()
    lower = _FOLDED.sub(lambda part: part[0].lower(), text) if any(c in text for c in _UNFOLDED) else text.lower()
    return lower.replace("ς", "σ")


def flatten(text: str) -> str:
    r"""Return a text as patterns see it: folded, plain quotes, hyphens and full stops, one space for white space.

    >>> flatten("“Don’t”  Miss – it…")
    '"don\'t" miss - it...'
    """
    return _SPACES.sub(" ", fold(text).translate(_PLAIN))


def flatten_with_offsets(text: str) -> tuple[str, list[int]]:
    """Flatten a text. Also return the offset in the text of each flattened character, and at the end its length.

    >>> flatten_with_offsets("A …B")
    ('a ...b', [0, 1, 2, 2, 2, 3, 4])
    """
    flat: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(fold(text)):
        for plain in PLAIN.get(character, character):
            if plain != " " or flat[-1:] != [" "]:
                flat.append(plain)
                offsets.append(offset)
    return "".join(flat), [*offsets, len(text)]


def initial(line: str) -> int:
    """Return the first byte of a line behind its decoration, in lower case: 128 if it is not ASCII, 0 if there is none.

    >>> initial("» Share"), initial("été"), initial("***")
    (115, 128, 0)
    """
    core = line.strip(DECORATION)
    return min(ord(core[0].lower()), 128) if core and core[0].isascii() else 128 if core else 0


def is_prose(line: str) -> bool:
    """Return whether a stripped line is prose by its length and its end.

    >>> is_prose("Share"), is_prose("The ferry left the quay an hour late on Monday, because of a key.")
    (False, True)
    """
    size = len(line.encode())
    if size >= PROSE_BYTES:
        return True
    return size >= SENTENCE_BYTES and line.rstrip(CLOSERS)[-1:] in tuple(SENTENCE_END)
